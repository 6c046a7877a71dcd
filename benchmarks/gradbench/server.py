"""GradBench's protocol: JSON objects, one a line, answered in lockstep.

What is evaluated is in the modules of the evals; everything is compiled when an eval is defined.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from typing import Any, TextIO

from benchmarks.gradbench.evals import Eval, Function

EVALS = ("hello", "llsq", "lse", "gmm", "kmeans", "det", "ode", "lstm", "ba", "ht", "particle", "saddle")


def load(name: str) -> Eval:
    """The eval of a name."""
    found: Eval = importlib.import_module(f"benchmarks.gradbench.{name}").EVAL
    return found


def define(message: dict[str, Any]) -> dict[str, Any]:
    """Load an eval, and compile its functions by calling them."""
    if message["module"] not in EVALS:
        return {"success": False, "error": f"there is no {message['module']}"}
    defined = load(message["module"])
    for name, function in defined.functions.items():
        for given in defined.samples(name):
            function.encode(function.run(*function.decode(given)))
    return {"success": True}


def evaluate(message: dict[str, Any]) -> dict[str, Any]:
    """Run a function until it has run often enough and long enough."""
    function = load(message["module"]).functions[message["function"]]
    given = message["input"]
    bounds = given if isinstance(given, dict) else {"min_seconds": 0}
    args = function.decode(given)
    output, nanoseconds = timed(function, args, bounds.get("min_runs", 1), bounds.get("min_seconds", 1))
    timings = [{"name": "evaluate", "nanoseconds": t} for t in nanoseconds]
    return {"success": True, "output": function.encode(output), "timings": timings}


def timed(function: Function, args: tuple[Any, ...], runs: int, seconds: float) -> tuple[Any, list[int]]:
    """The last result, and the time of each run."""
    times: list[int] = []
    total, output = 0, None
    while len(times) < max(runs, 1) or total < seconds * 1e9:
        start = time.perf_counter_ns()
        output = function.run(*args)
        times.append(time.perf_counter_ns() - start)
        total += times[-1]
    return output, times


def answer(message: dict[str, Any]) -> dict[str, Any]:
    """What to say to a message, without its id."""
    match message["kind"]:
        case "start":
            return {"tool": "adcompile"}
        case "define":
            handle = define
        case "evaluate":
            handle = evaluate
        case _:
            return {}
    try:
        return handle(message)
    except Exception as error:  # noqa: BLE001  whatever went wrong is for the other side to report
        return {"success": False, "error": f"{type(error).__name__}: {error}"}


def serve(lines: TextIO, answers: TextIO) -> None:
    """Answer messages until there are no more; what is printed meanwhile goes to standard error."""
    printed, sys.stdout = sys.stdout, sys.stderr
    try:
        for line in lines:
            message = json.loads(line)
            answers.write(json.dumps({"id": message["id"], **answer(message)}) + "\n")
            answers.flush()
    finally:
        sys.stdout = printed
