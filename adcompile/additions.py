"""`rule`: functions of the user's own as operations of the compiler, with a line in the table of derivatives.

They are called as they are, not read: what is inside may be C, or Python that only Numba knows. Rules for functions that
take apart arrays or structures are `custom_jvp` and `custom_vjp`.
"""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adcompile.errors import RuleError, ShapeError

#: functions by name, and those among them that the tables do not have yet
ADDED: dict[str, Added] = {}
WAITING: dict[str, Added] = {}


class Added:
    """A function with a line of its own in the table of derivatives; made by `rule`."""

    def __init__(
        self,
        f: Callable[..., Any],
        left: Any,
        right: Any,
        compiled: Callable[..., Any],
        intervals: dict[str, tuple[float, float]],
    ) -> None:
        self.f = self.__wrapped__ = f
        self.left, self.right, self.compiled, self.intervals = left, right, compiled, intervals
        self.__doc__ = f.__doc__
        head = left[0].partition("=")[2].partition("(")
        self.__name__ = self.name = head[0].strip()
        self.operands = tuple(p.strip() for p in head[2].rstrip(" )").split(","))
        self.key = f"{self.name}_{hashlib.sha256(repr(self.identity()).encode()).hexdigest()[:12]}"

    def __call__(self, *args: Any) -> Any:
        from adcompile.runtime import added

        return getattr(added, self.key)(*args)

    def __repr__(self) -> str:
        return f"<adcompile rule: {self.left[0]}, {self.right[0]}>"

    def identity(self) -> tuple[Any, ...]:
        """All that a kernel with this function in it depends on."""
        return (self.left[0], self.right[0], source_text(self.f), source_text(self.compiled))

    def __adcompile_lower__(self, lowering: Any, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
        from adcompile.frontend.library.arguments import number, strong
        from adcompile.frontend.library.elementwise import as_float
        from adcompile.frontend.library.registry import Entry

        if kwargs or len(args) != len(self.operands):
            raise ShapeError(f"`{self.name}` takes its {len(self.operands)} operands by position")
        install()

        def emit(b: Any, *operands: Any) -> Any:
            atoms = [as_float(b, number(b, x)) for x in operands]
            return b.emit(self.name, *map(strong, atoms) if all(hasattr(a, "value") for a in atoms) else atoms)

        return lowering.call_entry(Entry(self.name, emit), list(args), {}, node)

    def check(self, order: int = 2, points: int = 3) -> None:
        """Check the rule at random points of the intervals: numbers and arrays, both modes, plain and compiled.

        Parameters
        ----------
        order : int
            How many orders of derivatives.
        points : int
            How many points.

        Raises
        ------
        GradientError
            With both values, where the differential is wrong.
        """
        from adcompile.testing import check_grads

        rng = np.random.default_rng(0)
        for shape in ((), (4,)):
            # a sum of numbers, so that the second derivative is that of one function
            total = whole(self, self.operands, bool(shape))
            for _ in range(points):
                drawn = [rng.uniform(*self.intervals.get(p, (0.3, 1.7)), shape) for p in self.operands]
                check_grads(total, tuple(x if shape else float(x) for x in drawn), order)


def whole(f: Added, operands: Sequence[str], arrays: bool) -> Callable[..., Any]:
    """A function that calls another for numbers, or for arrays and adds up what it gives."""
    if len(operands) == 1:
        return (lambda x: np.sum(f(x))) if arrays else (lambda x: 1.0 * f(x))
    if len(operands) == 2:
        return (lambda x, y: np.sum(f(x, y))) if arrays else (lambda x, y: 1.0 * f(x, y))
    return (lambda x, y, z: np.sum(f(x, y, z))) if arrays else (lambda x, y, z: 1.0 * f(x, y, z))


def source_text(f: Callable[..., Any]) -> str:
    """What there is to tell one version of a function from another."""
    python = getattr(f, "py_func", f)
    try:
        return inspect.getsource(python)
    except (OSError, TypeError):
        return f"{getattr(python, '__module__', '')}.{getattr(python, '__qualname__', type(python).__name__)}"


def rule(
    left: str,
    right: str,
    *,
    compiled: Callable[..., Any] | None = None,
    **intervals: tuple[float, float],
) -> Callable[[Callable[..., Any]], Added]:
    """Give a function of real numbers a line of its own in the table of derivatives.

    The function is called as it is, in plain and in compiled code, for arrays element by element; both modes and all
    orders follow from the one line.

    Parameters
    ----------
    left : str
        The operation, with names for its result and its one to three operands: ``"z = f(x, y)"``. Its name is the
        function's in other rules.
    right : str
        The differential, linear in ``dx``, ``dy``: ``"dz = y * dx + x * dy"``. It may use operands, result, other
        functions with a rule, and the operations of the table, such as ``exp``, ``sqrt``, ``where``.
    compiled : callable, optional
        What compiled code calls, where it is not the function itself: a jitted function, or one that Numba can compile.
    **intervals : (float, float)
        For each operand, where `check` draws it; (0.3, 1.7) unless given.

    Returns
    -------
    callable
        A decorator. What it makes is called as the function, and has a method `check` that tests the rule.

    Raises
    ------
    RuleError
        When it is first used, at the line that is wrong.

    Examples
    --------
    >>> import adcompile as ad
    >>> @ad.rule("y = cube(x)", "dy = 3.0 * x * x * dx")
    ... def cube(x):
    ...     return x**3
    >>> ad.grad(lambda x: 2.0 * cube(x))(3.0)
    54.0
    """
    frame = sys._getframe(1)  # noqa: SLF001 - the place of the line, for messages
    place = (frame.f_code.co_filename, frame.f_lineno)

    def decorate(f: Callable[..., Any]) -> Added:
        from adcompile.runtime import added

        made = Added(f, (left, *place), (right, *place), compiled or f, intervals)
        if not 1 <= len(made.operands) <= 3 or not all(p.isidentifier() for p in (made.name, *made.operands)):
            raise ShapeError("a rule is for an operation with one to three operands", help='write "z = f(x, y)"')
        added.add(made.key, f, compiled or f, len(made.operands))
        ADDED[made.name] = WAITING[made.name] = made
        return made

    return decorate


def install() -> None:
    """Enter all lines that wait into the tables: the operations first, since the lines may name each other."""
    import adcompile.rules  # noqa: F401 - fills the tables
    from adcompile.backend import spelling
    from adcompile.ir import primitives
    from adcompile.notation.check import check_rule
    from adcompile.notation.parse import Text
    from adcompile.notation.tables import TABLES, Domain, Rule

    new = list(WAITING.values())
    for made in new:
        if made.name in TABLES.operations or (made.name in primitives.PRIMITIVES and made.name not in OWN):
            del WAITING[made.name]
            raise RuleError(f"`{made.name}` is an operation of the table already", help="choose another name")
        OWN.add(made.name)
        primitives.primitive(made.name, primitives.to_float, elementwise=True)
        spelling.EXPRESSIONS[made.name] = spelling.added(made.key)
    for made in new:
        del WAITING[made.name]
        domains = {
            p: Domain("REAL", lambda rng, shape: rng.uniform(0.3, 1.7, shape), kind="real") for p in made.operands
        }
        line = Rule(Text(*made.left), Text(*made.right), domains)
        TABLES.rules_of.pop(made.name, None)
        check_rule(line, TABLES)


#: names of operations that stand in the tables for users
OWN: set[str] = set()
