"""The errors of adcompile and the one way they are rendered: what, where, and what to do instead.

What is raised while a program *runs* (an assertion of the user's, an index out of range) is not here, except what its
arguments are refused with.
"""

from __future__ import annotations

from adcompile.span import Span

#: what compiled code says where it refuses its arguments; a call from Python says more (see `dispatch`)
SHARED = "two arguments of a derivative share memory, and its function writes into one of them: pass a copy of one"
MISFIT = "a gradient has another shape than its argument: arrays that do not fit together meet in the function"
BUFFER = "the buffer for a derivative has another shape than the derivative"
UNLIKE = "arrays of different lengths meet: one of them may have to be repeated"
BUDGET = "the budget of a derivative does not hold the state of a loop once"
TANGENT = "a tangent has another shape than what it belongs to"


class ADError(Exception):
    """A program, table or call that adcompile refuses, with its place and a remedy.

    Parameters
    ----------
    message : str
        What is wrong, in the user's words, without a full stop.
    span : Span, optional
        The smallest stretch of source that is wrong.
    note : str, optional
        A second fact, such as another place.
    help : str, optional
        One thing to do.
    """

    def __init__(self, message: str, span: Span | None = None, *, note: str = "", help: str = "") -> None:
        self.message = message
        self.span = span
        self.note = note
        self.help = help
        super().__init__(self.render())

    def render(self) -> str:
        """Message, excerpt, note and help, as they are shown."""
        gutter = " " * (len(str(self.span.line)) if self.span else 1)
        rows = [self.message]
        if self.span:
            rows.append(self.span.excerpt())
        if self.span and (self.note or self.help):
            rows.append(f"{gutter} |")
        if self.note:
            rows.append(f"{gutter} = note: {self.note}")
        if self.help:
            rows.append(f"{gutter} = help: {self.help}")
        return "\n".join(rows)


class Unsupported(ADError):
    """A construct of Python, or a use of one, that adcompile does not take."""


class NoRule(ADError):
    """An operation whose derivative is not known."""


class ShapeError(ADError):
    """Ranks, dtypes or structures that do not fit together."""


def too_small(budget: int, needed: int, span: Span | None) -> ShapeError:
    """What to raise where a budget does not hold the state of a loop."""
    return ShapeError(
        f"a budget of {budget:,} bytes does not hold the state of this loop once, with what one iteration records",
        span,
        help=f"give at least {needed:,} bytes",
    )


class RuleError(ADError):
    """A line of a rule table that is wrong."""


class GradientError(ADError, AssertionError):
    """A derivative that a check found to disagree with differences or with the other mode."""


class InternalError(ADError):
    """A mistake of ours: a pass left an invalid program behind."""
