"""Rules of the user's own: derivatives given by hand, stopped, or computed by running a function again.

Both a forward and a reverse rule may stand on one function. Where only one is given, the other is its transpose.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from adcompile.errors import NoRule, ShapeError
from adcompile.ir.nodes import Value
from adcompile.ir.types import differentiable

if TYPE_CHECKING:
    from adcompile.frontend.lower import Closed, Lowering


def stop_gradient(x: Any) -> Any:
    """The argument itself, taken as a constant by every derivative.

    Parameters
    ----------
    x : number, array or structure

    Returns
    -------
    The same.

    Examples
    --------
    >>> import adcompile as ad
    >>> ad.grad(lambda x: x * ad.stop_gradient(x))(3.0)
    3.0
    """
    return x


def lower_stop(lowering: Lowering, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
    (x,) = args
    return lowering.map_atoms(x, lambda atom: lowering.b.emit("stop_gradient", atom))


stop_gradient.__adcompile_lower__ = lower_stop  # type: ignore[attr-defined]


class Kept:
    """A function that is called, not taken apart: the base of checkpoints and of functions with rules of their own."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.f = f
        self.__wrapped__ = f
        self.__name__ = getattr(f, "__name__", "f")
        self.__doc__ = getattr(f, "__doc__", None)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.f(*args, **kwargs)

    def __adcompile_lower__(self, lowering: Lowering, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
        closed = lowering.close(self.f, args, kwargs, hand_back=True)
        name = lowering.add_function(closed.function)
        self.add_rules(lowering, closed, name, args)
        types = tuple(r.type for r in closed.function.body.results)
        atoms = lowering.b.emit("call", *closed.operands, function=name, types=types)
        return lowering.handed_back(closed, atoms if isinstance(atoms, tuple) else [atoms])

    def identity(self) -> tuple[Any, ...]:
        """All that a kernel with this function in it depends on."""
        return (type(self).__name__, self.f)

    def add_rules(self, lowering: Lowering, closed: Closed, name: str, args: Sequence[Any]) -> None:
        """Give the function in the program the rules that go with it."""


class Checkpoint(Kept):
    """See `checkpoint`."""

    def __repr__(self) -> str:
        return f"<adcompile.checkpoint of {self.__name__}>"


def checkpoint(f: Callable[..., Any]) -> Checkpoint:
    """Make the same function, of which reverse mode keeps only the arguments: it runs again on the way back.

    Parameters
    ----------
    f : callable
        A function called inside one that is differentiated.

    Returns
    -------
    callable
        As `f`. Its reverse sweep takes the time of one more run and no memory in between.

    Source
    ------
    A. Griewank, A. Walther, *Evaluating Derivatives*, 2nd ed., SIAM 2008, chapter 12 (joint reversal of calls).
    """
    return Checkpoint(f)


def lower_checkpoint(lowering: Lowering, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
    (f,) = args
    return Checkpoint(f)


checkpoint.__adcompile_lower__ = lower_checkpoint  # type: ignore[attr-defined]


class CustomRule(Kept):
    """A function with rules of its own; made by `custom_jvp` and `custom_vjp`."""

    def __init__(self, f: Callable[..., Any]) -> None:
        super().__init__(f.f if isinstance(f, CustomRule) else f)
        self.forward: Callable[..., Any] | None = f.forward if isinstance(f, CustomRule) else None
        self.reverse: tuple[Callable[..., Any], Callable[..., Any]] | None = (
            f.reverse if isinstance(f, CustomRule) else None
        )

    def __repr__(self) -> str:
        given = [w for w, rule in (("forward", self.forward), ("reverse", self.reverse)) if rule]
        return f"<adcompile custom rule of {self.__name__}: {' and '.join(given) or 'none given yet'}>"

    def identity(self) -> tuple[Any, ...]:
        return (*super().identity(), self.forward, self.reverse)

    def defjvp(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Set the forward rule: ``rule(primals, tangents) -> (result, tangent of the result)``."""
        self.forward = rule
        return rule

    def defvjp(self, forward: Callable[..., Any], backward: Callable[..., Any]) -> None:
        """Set the reverse rule.

        Parameters
        ----------
        forward : callable
            ``forward(*args) -> (result, residuals)``.
        backward : callable
            ``backward(residuals, result_bar) -> tuple``: one cotangent for each argument, None where it has none.
        """
        self.reverse = (forward, backward)

    def add_rules(self, lowering: Lowering, closed: Closed, name: str, args: Sequence[Any]) -> None:
        if self.forward is None and self.reverse is None:
            raise NoRule(
                f"`{self.__name__}` was declared to have a rule of its own, but none is given",
                help=f"write {self.__name__}.defjvp(rule) or {self.__name__}.defvjp(forward, backward)",
            )
        if closed.written:
            raise ShapeError(
                f"`{self.__name__}` has a rule of its own, and writes into its arguments",
                closed.function.span,
                help="let it write into a copy, and return that",
            )
        if len(closed.operands) != sum(map(len, closed.leaves_of)):
            raise ShapeError(
                f"`{self.__name__}` has a rule of its own and reads variables of the function around it",
                help="pass them as arguments",
            )
        if self.forward is not None:
            self.add_forward(lowering, closed, name, args)
        if self.reverse is not None:
            self.add_reverse(lowering, closed, name, args)

    def add_forward(self, lowering: Lowering, closed: Closed, name: str, args: Sequence[Any]) -> None:
        tangents = tuple(lowering.placeholder_tangent(a) for a in args)
        rule = lowering.close(self.forward, [tuple(args), tangents], {})
        expected = len(closed.function.body.results)
        moving = sum(differentiable(r.type) for r in closed.function.body.results)
        if len(rule.function.body.results) != expected + moving:
            raise ShapeError(
                f"the forward rule of `{self.__name__}` must return the result and its tangent",
                rule.function.span,
                help="return (y, y_dot), the tangent in the structure of the result",
            )
        from adcompile.transforms.calls import custom_rule

        lowering.add_function(rule.function, custom_rule(name, "jvp"))

    def add_reverse(self, lowering: Lowering, closed: Closed, name: str, args: Sequence[Any]) -> None:
        assert self.reverse is not None
        forward, backward = self.reverse

        class Adjoint:
            def __adcompile_lower__(
                self, inner: Lowering, given: Sequence[Any], kwargs: dict[str, Any], node: Any
            ) -> Any:
                pair = inner.call(forward, list(given[0]), {}, node)
                if not (isinstance(pair, tuple) and len(pair) == 2):
                    raise ShapeError("the first part of a reverse rule returns a pair: the result, and residuals")
                bars = inner.call(backward, [pair[1], given[1]], {}, node)
                if not isinstance(bars, tuple) or len(bars) != len(given[0]):
                    raise ShapeError(
                        f"the second part of a reverse rule returns a tuple of {len(given[0])}: a cotangent an argument"
                    )
                return tuple(inner.fit_cotangent(a, bar) for a, bar in zip(given[0], bars, strict=True))

        seed = closed.rebuild([lowering.placeholder(r) for r in closed.function.body.results if isinstance(r, Value)])
        rule = lowering.close(Adjoint(), [tuple(args), seed], {})
        from adcompile.transforms.calls import custom_rule

        lowering.add_function(rule.function, custom_rule(name, "vjp"))


def custom_jvp(f: Callable[..., Any]) -> CustomRule:
    """Make a function whose forward rule is given by ``f.defjvp(rule)``; reverse mode transposes it.

    Parameters
    ----------
    f : callable
        The function, or one made by `custom_vjp`, which then has both rules.

    Returns
    -------
    CustomRule
        Called as `f`.

    Examples
    --------
    >>> import adcompile as ad
    >>> @ad.custom_jvp
    ... def square(x):
    ...     return x * x
    >>> @square.defjvp
    ... def rule(primals, tangents):
    ...     (x,), (x_dot,) = primals, tangents
    ...     return x * x, 2.0 * x * x_dot
    >>> ad.grad(square)(3.0)
    6.0
    """
    return CustomRule(f)


def custom_vjp(f: Callable[..., Any]) -> CustomRule:
    """Make a function whose reverse rule is given by ``f.defvjp(forward, backward)``; forward mode transposes it.

    Parameters
    ----------
    f : callable
        The function, or one made by `custom_jvp`, which then has both rules.

    Returns
    -------
    CustomRule
        Called as `f`.
    """
    return CustomRule(f)
