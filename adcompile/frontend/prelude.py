"""Builtins over anything that can be iterated over, as plain Python that is inlined like the user's own code."""

from __future__ import annotations

from typing import Any


def sum_of(values: Any, start: Any = 0) -> Any:
    total = start
    for value in values:
        total = total + value
    return total


def any_of(values: Any) -> Any:
    found = False
    for value in values:
        if value:
            found = True
            break
    return found


def all_of(values: Any) -> Any:
    found = True
    for value in values:
        if not value:
            found = False
            break
    return found


def mapped(function: Any, *columns: Any) -> Any:
    return [function(*row) for row in zip(*columns)]  # noqa: B905 - as `map`, it stops with the shortest


def filtered(function: Any, values: Any) -> Any:
    return [value for value in values if function(value)]


def reduced(function: Any, values: Any, start: Any) -> Any:
    total = start
    for value in values:
        total = function(total, value)
    return total


def reduced_from_first(function: Any, values: Any) -> Any:
    total = values[0]
    for value in values[1:]:
        total = function(total, value)
    return total


def nothing(_: Any) -> Any:
    return None


def some_of(values: Any, start: Any, stop: Any, step: Any) -> Any:
    n = len(values)
    low, high = (0, n) if step > 0 else (-1, n - 1)
    first = (low if step > 0 else high) if start is None else min(max(start + n if start < 0 else start, low), high)
    last = (high if step > 0 else low) if stop is None else min(max(stop + n if stop < 0 else stop, low), high)
    return [values[k] for k in range(first, last, step)]


def largest_by(values: Any, key: Any) -> Any:
    best = values[0]
    top = key(best)
    for value in values[1:]:
        found = key(value)
        if found > top:
            best, top = value, found
    return best


def smallest_by(values: Any, key: Any) -> Any:
    best = values[0]
    top = key(best)
    for value in values[1:]:
        found = key(value)
        if found < top:
            best, top = value, found
    return best


def pairs(values: Any) -> Any:
    return zip(values[:-1], values[1:])  # noqa: B905, RUF007 - `pairwise` is what this stands for


def chained(*columns: Any) -> Any:
    return [value for column in columns for value in column]


def added(a: Any, b: Any) -> Any:
    return a + b


def accumulated(values: Any, function: Any = added) -> Any:
    total = values[0]
    out = [total]
    for value in values[1:]:
        total = function(total, value)
        out.append(total)
    return out
