"""What users call: the derivatives of a function, as functions.

Each is an object that compiles itself for the types of the arguments it meets, that can be called inside another
function that is differentiated, and inside the user's own ``@njit`` functions. How a derivative is made is in `derive.py`.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from adcompile import tree
from adcompile.dispatch import Dispatcher
from adcompile.errors import ADError, ShapeError
from adcompile.into import Into, parameter_names
from adcompile.unit import Argnums, Options, positions

FastMath = bool | Iterable[str]


class Derivative(Dispatcher):
    """A function made from another: called with the same arguments, it gives a derivative of it.

    Made by `grad` and its siblings, not directly.
    """

    what = "derivative"

    def __init__(self, f: Any, argnums: Argnums, options: Options) -> None:
        if not callable(f) and not hasattr(f, "scope"):
            raise ShapeError(
                f"`{self.what}` takes a function, not {type(f).__name__}",
                help=f"write ad.{self.what}(f), and call the result: ad.{self.what}(f)(x)",
            )
        check_argnums(argnums)
        super().__init__(options)
        self.f = f
        self.argnums = argnums
        self.__wrapped__ = f
        self.__name__ = f"{getattr(f, '__name__', 'f')}_{self.what}"
        self.__doc__ = getattr(f, "__doc__", None)

    def __repr__(self) -> str:
        name = getattr(self.f, "__qualname__", None) or repr(self.f)
        try:
            parameters = list(inspect.signature(self.f).parameters)
            shown = f"{name}({', '.join(parameters)})"
            wrt = ", ".join(
                str(parameters[a]) if isinstance(a, int) and a < len(parameters) else str(a)
                for a in (self.argnums if isinstance(self.argnums, tuple) else (self.argnums,))
            )
        except (TypeError, ValueError):
            shown, wrt = name, str(self.argnums)
        return f"<adcompile.{self.what} of {shown} with respect to {wrt}; {self.compiled_for()}>"

    def identity(self) -> tuple[Any, ...]:
        return (self.what, self.f, self.argnums)

    def call(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        if "out" in kwargs and not self.has_out:
            return self.into(kwargs.pop("out"), args, kwargs)
        return super().call(args, kwargs)

    @functools.cached_property
    def has_out(self) -> bool:
        """Whether `out` is a parameter of the function itself."""
        return "out" in parameter_names(self.f)

    @functools.cached_property
    def into(self) -> Into:
        """The same derivative, written into arrays of the caller's."""
        return Into(self)

    def derivative_in(self, result: Any) -> tuple[Any, Any]:
        """What comes before the derivative in a result, and the derivative."""
        return (), result


class Grad(Derivative):
    """See `grad`."""

    what = "grad"

    def __init__(
        self, f: Any, argnums: Argnums, has_aux: bool, mode: str, options: Options, holomorphic: bool = False
    ) -> None:
        super().__init__(f, argnums, options)
        self.has_aux = has_aux
        self.mode = mode
        self.holomorphic = holomorphic

    def identity(self) -> tuple[Any, ...]:
        return (*super().identity(), self.has_aux, self.mode, self.holomorphic, self.options.budget)

    def __adcompile_lower__(self, lowering: Any, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
        from adcompile import derive

        value, gradient = derive.gradient(
            lowering,
            self.f,
            args,
            kwargs,
            self.argnums,
            has_aux=self.has_aux,
            mode=self.mode,
            holomorphic=self.holomorphic,
            what=self.what,
            budget=self.options.budget,
        )
        return self.shown(value, gradient)

    def shown(self, value: Any, gradient: Any) -> Any:
        return (gradient, value[1]) if self.has_aux else gradient

    def derivative_in(self, result: Any) -> tuple[Any, Any]:
        return (), result[0] if self.has_aux else result


class ValueAndGrad(Grad):
    """See `value_and_grad`."""

    what = "value_and_grad"

    def shown(self, value: Any, gradient: Any) -> Any:
        return value, gradient

    def derivative_in(self, result: Any) -> tuple[Any, Any]:
        value, gradient = result
        return value, gradient


class Jacobian(Derivative):
    """See `jacobian`, `jacfwd` and `jacrev`."""

    def __init__(self, f: Any, argnums: Argnums, what: str, options: Options, holomorphic: bool = False) -> None:
        self.what = what
        super().__init__(f, argnums, options)
        self.holomorphic = holomorphic

    def identity(self) -> tuple[Any, ...]:
        return (*super().identity(), self.holomorphic)

    def __adcompile_lower__(self, lowering: Any, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
        from adcompile import derive

        return derive.jacobian(lowering, self.f, args, kwargs, self.argnums, self.what, node, self.holomorphic)


class Hessian(Derivative):
    """See `hessian`."""

    what = "hessian"

    def __init__(self, f: Any, argnums: Argnums, options: Options, holomorphic: bool = False) -> None:
        super().__init__(f, argnums, options)
        self.holomorphic = holomorphic

    def identity(self) -> tuple[Any, ...]:
        return (*super().identity(), self.holomorphic)

    def __adcompile_lower__(self, lowering: Any, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
        from adcompile import derive

        return derive.hessian(lowering, self.f, args, kwargs, self.argnums, node, self.holomorphic)


class PushForward(Derivative):
    """The kernel behind `jvp`: of the primals, then of a tangent, or None, for each of them."""

    what = "jvp"

    def __call__(self, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
        return Dispatcher.__call__(self, *primals, *tangents)

    def __adcompile_lower__(self, lowering: Any, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
        from adcompile import derive

        n = len(args) // 2
        return derive.push_forward(lowering, self.f, args[:n], args[n:], kwargs)


class PullBack(Derivative):
    """The kernel behind `vjp`: of the primals, then of the cotangent of the result."""

    what = "vjp"

    def identity(self) -> tuple[Any, ...]:
        return (*super().identity(), self.options.budget)

    def __call__(self, primals: Sequence[Any], cotangent: Any) -> Any:
        return super().__call__(*primals, cotangent)

    def __adcompile_lower__(self, lowering: Any, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
        from adcompile import derive

        *primals, cotangent = args
        _, pullback = derive.pull_back(lowering, self.f, primals, kwargs, self.options.budget)
        return pullback.__adcompile_lower__(lowering, [cotangent], {}, node)


class Plain(Derivative):
    """The function itself, compiled: what `vjp` hands back first."""

    what = "value"

    def __adcompile_lower__(self, lowering: Any, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
        return lowering.call(self.f, list(args), kwargs, node)


class HessianVector(Derivative):
    """The kernel behind `hvp`: of the primals, then of the direction."""

    what = "hvp"

    def __call__(self, primals: Sequence[Any], v: Any) -> Any:
        return super().__call__(*primals, v)

    def __adcompile_lower__(self, lowering: Any, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
        from adcompile import derive

        *primals, v = args
        return derive.hessian_vector(lowering, self.f, primals, v, kwargs, self.argnums)


MODES = ("auto", "forward", "reverse")
#: LLVM's floating-point flags
FLAGS = frozenset({"nnan", "ninf", "nsz", "arcp", "contract", "afn", "reassoc", "fast"})


def options_of(jit: bool, fastmath: FastMath | None, parallel: bool, cache: bool) -> Options:
    """The options a user's keywords mean."""
    if fastmath is None:
        return Options(jit=jit, parallel=parallel, cache=cache)
    flags = fastmath if isinstance(fastmath, bool) else frozenset([fastmath] if isinstance(fastmath, str) else fastmath)
    if isinstance(flags, frozenset) and not flags <= FLAGS:
        raise ShapeError(
            f"there is no floating-point flag {min(flags - FLAGS)!r}",
            help=f"write True, False, or a set of some of {', '.join(map(repr, sorted(FLAGS)))}",
        )
    return Options(jit=jit, fastmath=flags, parallel=parallel, cache=cache)


def check_argnums(argnums: Any) -> None:
    """Refuse what cannot name arguments."""
    entries = argnums if isinstance(argnums, tuple) else (argnums,)
    if not entries or not all(isinstance(e, int | str) and not isinstance(e, bool) for e in entries):
        raise ShapeError(
            f"`argnums` names arguments by position or name, not by {argnums!r}",
            help='write 0, "x", or a tuple of them such as (0, "x")',
        )


def checked_budget(budget: Any) -> int | None:
    """The bytes that a budget means."""
    if budget is not None and (isinstance(budget, bool) or not isinstance(budget, int | float) or budget < 1):
        raise ShapeError(f"`budget` is a number of bytes, not {budget!r}", help="write budget=1_000_000, or 1e6")
    return None if budget is None else int(budget)


def check_mode(mode: str) -> None:
    if mode not in MODES:
        raise ShapeError(f"there is no mode {mode!r}", help=f"write one of {', '.join(map(repr, MODES))}")


def grad(
    f: Callable[..., Any] | None = None,
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    mode: str = "auto",
    holomorphic: bool = False,
    jit: bool = True,
    fastmath: FastMath | None = None,
    parallel: bool = False,
    cache: bool = True,
    budget: int | None = None,
) -> Any:
    """Make the function that gives the gradient of a real scalar result.

    Parameters
    ----------
    f : callable
        A Python function, ``@njit`` or not, of numbers, arrays and structures of them, with one real number as its
        result. Where left out, a decorator is returned: ``@grad(argnums=1)``.
    argnums : int, str, or tuple of them
        Which arguments to differentiate with respect to: positions, names, or a mix.
    has_aux : bool
        Whether `f` returns a pair ``(value, aux)``, of which only the value is differentiated.
    mode : {"auto", "forward", "reverse"}
        Forward mode runs one sweep for each number; reverse mode runs one for all. "auto" is reverse.
    holomorphic : bool
        Whether `f` has one complex number as its result, and is differentiable in the complex sense: the result is its
        complex derivative. Without it, of a real result with respect to ``z = x + iy``: ``df/dx - i df/dy``.
    jit : bool
        Whether Numba compiles the kernel; without it the same module runs as plain NumPy.
    fastmath : bool or set of str, optional
        LLVM's floating-point flags. By default sums may be reordered, NaN and infinity keep their meaning; False
        keeps results bitwise those of the order written.
    parallel : bool
        Whether ``prange`` loops and their derivatives run in parallel; results are the same for any number of threads.
    cache : bool
        Whether generated modules and machine code are kept on disk for other processes.
    budget : int, optional
        How many bytes reverse mode may take to record long loops. Within it, loops keep some of their states, and run
        again from there on the way back: twice if many fit, more often if few do. Without it they keep all they need on tapes.

    Returns
    -------
    Derivative
        ``df(*args)`` gives the derivative in the structure of the chosen arguments: a number, an array of the same shape, a tuple,
        namedtuple, list, dict or dataclass; a tuple of those where `argnums` is one; ``(derivative, aux)`` with `has_aux`.
        ``df(*args, out=buffer)`` writes arrays of the derivative into `buffer`, which is nested like the derivative
        (None where there is to be no buffer), and gives it back. Unit: result per argument.

    Raises
    ------
    Unsupported
        At the first call, if `f` uses what cannot be differentiated.
    ShapeError
        If the result is not one real number, or a chosen argument holds no floating-point number.

    Source
    ------
    A. Griewank, A. Walther, *Evaluating Derivatives*, 2nd ed., SIAM 2008, chapters 3 and 4.

    Examples
    --------
    >>> from math import sin
    >>> @grad
    ... def f(x):
    ...     return x * sin(x)
    >>> round(f(2.0), 12)
    0.077003753731
    """
    check_mode(mode)
    options = replace(options_of(jit, fastmath, parallel, cache), budget=checked_budget(budget))
    if f is None:
        return lambda g: Grad(g, argnums, has_aux, mode, options, holomorphic)
    return Grad(f, argnums, has_aux, mode, options, holomorphic)


def value_and_grad(
    f: Callable[..., Any] | None = None,
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    mode: str = "auto",
    holomorphic: bool = False,
    jit: bool = True,
    fastmath: FastMath | None = None,
    parallel: bool = False,
    cache: bool = True,
    budget: int | None = None,
) -> Any:
    """Make the function that gives the value and the gradient, from one run of one kernel.

    Parameters, errors and source are those of `grad`.

    Returns
    -------
    Derivative
        ``vg(*args)`` gives ``(value, derivative)``; the value is ``(value, aux)`` with `has_aux`. ``out=`` is as in `grad`.

    Examples
    --------
    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """
    check_mode(mode)
    options = replace(options_of(jit, fastmath, parallel, cache), budget=checked_budget(budget))
    if f is None:
        return lambda g: ValueAndGrad(g, argnums, has_aux, mode, options, holomorphic)
    return ValueAndGrad(f, argnums, has_aux, mode, options, holomorphic)


def make_jacobian(what: str) -> Callable[..., Any]:
    """One of the three Jacobian transformations; they differ in the sweeps they run."""

    def transform(
        f: Callable[..., Any] | None = None,
        argnums: Argnums = 0,
        *,
        holomorphic: bool = False,
        jit: bool = True,
        fastmath: FastMath | None = None,
        parallel: bool = False,
        cache: bool = True,
    ) -> Any:
        options = options_of(jit, fastmath, parallel, cache)
        if f is None:
            return lambda g: Jacobian(g, argnums, what, options, holomorphic)
        return Jacobian(f, argnums, what, options, holomorphic)

    sweeps = {
        "jacfwd": "forward sweeps, each for up to eight numbers of the argument where the function allows it",
        "jacrev": "one reverse sweep for each number of the result",
        "jacobian": "forward or reverse sweeps, whichever take less",
    }[what]
    transform.__name__ = transform.__qualname__ = what
    transform.__doc__ = f"""Make the function that gives the full Jacobian, by {sweeps}.

    Parameters
    ----------
    f : callable
        A function of numbers and arrays whose result is a number or an array.
    argnums : int, str, or tuple of them
        Which arguments to differentiate with respect to; numbers or arrays.
    holomorphic : bool
        As in `grad`; needed where both an argument and the result are complex.
    jit, fastmath, parallel, cache
        As in `grad`.

    Returns
    -------
    Derivative
        ``J(*args)`` gives an array of shape ``result.shape + argument.shape`` (a number where both are), or a tuple of
        them where `argnums` is one. ``out=`` is as in `grad`. Unit: result per argument.

    Raises
    ------
    ShapeError
        If the result or a chosen argument is not one number or array.

    Source
    ------
    A. Griewank, A. Walther, *Evaluating Derivatives*, 2nd ed., SIAM 2008, chapter 3.
    """
    return transform


jacfwd = make_jacobian("jacfwd")
jacrev = make_jacobian("jacrev")
jacobian = make_jacobian("jacobian")


def hessian(
    f: Callable[..., Any] | None = None,
    argnums: Argnums = 0,
    *,
    holomorphic: bool = False,
    jit: bool = True,
    fastmath: FastMath | None = None,
    parallel: bool = False,
    cache: bool = True,
) -> Any:
    """Make the function that gives the matrix of second derivatives, by forward over reverse mode.

    Parameters
    ----------
    f : callable
        A function with one real number as its result.
    argnums : int, str, or tuple of them
        Which arguments to differentiate with respect to; numbers or arrays.
    holomorphic : bool
        As in `grad`; needed where an argument is complex.
    jit, fastmath, parallel, cache
        As in `grad`.

    Returns
    -------
    Derivative
        ``H(*args)`` gives an array of shape ``argument.shape + argument.shape``; nested tuples of blocks where `argnums`
        is a tuple. ``out=`` is as in `grad`. Unit: result per argument squared.

    Source
    ------
    A. Griewank, A. Walther, *Evaluating Derivatives*, 2nd ed., SIAM 2008, chapter 5.
    """
    options = options_of(jit, fastmath, parallel, cache)
    if f is None:
        return lambda g: Hessian(g, argnums, options, holomorphic)
    return Hessian(f, argnums, options, holomorphic)


# -- one-shot forms: the kernel is kept with the function ---------------------------------------------------------

#: by kind, function, `argnums` and budget: the kernel, and what the variables around the function were
KERNELS: dict[tuple[type[Derivative], Any, Argnums, int | None], tuple[Derivative, tuple[Any, ...]]] = {}
EMPTY = types.CellType()
SEQUENCE = (tuple, list)


def kernel(cls: type[Derivative], f: Any, argnums: Argnums = 0, budget: int | None = None) -> Derivative:
    """The kernel of a kind for a function, made once, and again where a variable around the function has changed."""
    key = cls, f, argnums, budget
    try:
        found = KERNELS.get(key)
    except TypeError:
        return cls(f, argnums, Options(budget=budget))
    around = surroundings(f) if getattr(f, "__closure__", None) else ()
    if found is None or (found[1] is not around and list(map(id, found[1])) != list(map(id, around))):
        found = KERNELS[key] = cls(f, argnums, Options(budget=budget)), around
    return found[0]


def surroundings(f: Any) -> tuple[Any, ...]:
    """What the variables of enclosing functions are now, for a function that reads some."""
    return tuple(cell.cell_contents if cell != EMPTY else EMPTY for cell in f.__closure__)


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of ``f(*primals)`` and its derivative along `tangents`, by one forward sweep.

    Parameters
    ----------
    f : callable
        A function of numbers, arrays and structures of them.
    primals : sequence
        Its arguments.
    tangents : sequence
        For each argument a tangent of the same structure and shapes, or None where it is not differentiated.

    Returns
    -------
    (y, y_dot)
        The result, and its derivative in the direction; the tangent of an integer or flag is None.

    Raises
    ------
    ShapeError
        If a tangent does not fit its primal.

    Examples
    --------
    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
    (6.0, 3.0)
    """
    if type(primals) is not tuple or type(tangents) is not tuple or len(primals) != len(tangents):
        check_number(primals, tangents)
    try:
        result: tuple[Any, Any] = Dispatcher.__call__(kernel(PushForward, f), *primals, *tangents)
    except (ADError, ValueError) as error:
        failure = error
    else:
        return result
    for k, (p, t) in enumerate(zip(primals, tangents, strict=True)):
        check_fits(p, t, f"tangent {k}", "its primal")
    raise failure


def check_number(primals: Sequence[Any], tangents: Sequence[Any]) -> None:
    """Refuse tangents that are not as many as the primals."""
    if not (isinstance(primals, SEQUENCE) and isinstance(tangents, SEQUENCE)):
        raise ShapeError(
            "primals and tangents are sequences, one entry an argument", help="write ad.jvp(f, (x,), (x_dot,))"
        )
    if len(primals) != len(tangents):
        raise ShapeError(f"jvp got {len(primals)} primals and {len(tangents)} tangents", help="one tangent a primal")


def check_fits(like: Any, given: Any, what: str, of: str) -> None:
    """Refuse a tangent or cotangent of another shape than what it belongs to, down to each array of a structure."""
    if given is None:
        return
    if tree.is_leaf(like):
        wanted, found = getattr(like, "shape", ()), getattr(given, "shape", ()) if tree.is_leaf(given) else None
        if found is not None and found != wanted:
            raise ShapeError(f"{what} has shape {found}, {of} {wanted}", help=f"{what} has the shape of {of}")
        return
    inner, other = tree.children_of(like), tree.children_of(given)
    if inner is None:
        return
    if other is None or set(inner[0]) != set(other[0]):
        raise ShapeError(f"{what} must be nested like {of}", help="give None where there is none")
    parts = dict(zip(*other, strict=True))
    for key, part in zip(*inner, strict=True):
        check_fits(part, parts[key], what, of)


def vjp(
    f: Callable[..., Any], *primals: Any, budget: int | None = None
) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of ``f(*primals)`` and its pullback, by reverse mode.

    Parameters
    ----------
    f : callable
        A function of numbers, arrays and structures of them.
    *primals
        Its arguments. The pullback keeps them, and runs `f` again each time it is called.
    budget : int, optional
        As in `grad`.

    Returns
    -------
    (y, pullback)
        ``pullback(y_bar)`` takes a cotangent of the structure and shapes of `y` and gives a tuple with one cotangent
        for each argument: None for integers, flags and strings.

    Examples
    --------
    >>> y, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> pullback(1.0)
    (3.0, 2.0)
    """
    y = kernel(Plain, f)(*primals)
    pull = kernel(PullBack, f, budget=checked_budget(budget))

    def pullback(y_bar: Any) -> tuple[Any, ...]:
        """The cotangents of the arguments for a cotangent of the result."""
        check_fits(y, y_bar, "the cotangent", "the result")
        result: tuple[Any, ...] = pull(primals, y_bar)
        return result

    return y, pullback


def hvp(f: Callable[..., Any], primals: Sequence[Any], v: Any, argnums: Argnums = 0) -> Any:
    """The product of the Hessian of ``f(*primals)`` with a direction, by one forward over one reverse sweep.

    Parameters
    ----------
    f : callable
        A function with one real number as its result.
    primals : sequence
        Its arguments.
    v : number, array or structure
        The direction: of the structure and shapes of the chosen argument, a tuple of them where `argnums` is one.
    argnums : int, str, or tuple of them
        Which arguments the Hessian is taken with respect to.

    Returns
    -------
    number, array or structure
        Of the structure and shapes of `v`. Unit: result per argument squared, times that of `v`.

    Examples
    --------
    >>> hvp(lambda x: x * x * x, (2.0,), 1.0)
    12.0
    """
    if not isinstance(primals, SEQUENCE):
        raise ShapeError("primals are a sequence, one entry an argument", help="write ad.hvp(f, (x,), v)")
    try:
        return kernel(HessianVector, f, argnums)(primals, v)
    except (ADError, ValueError) as error:
        failure = error
    which = positions(argnums, parameter_names(f), len(primals))
    belongs_to = tuple(primals[k] for k in which) if isinstance(argnums, tuple) else primals[which[0]]
    check_fits(belongs_to, v, "the direction", "what it belongs to")
    raise failure


def lowers(transform: Callable[..., Any]) -> Callable[[Callable[..., Any]], None]:
    """Say what a call of one of these functions becomes inside a program that is being lowered."""

    def register(implementation: Callable[..., Any]) -> None:
        transform.__adcompile_lower__ = implementation  # type: ignore[attr-defined]

    return register


def inner(transform: Callable[..., Any]) -> None:
    """Let a program make a derivative of a function it defines: ``grad(lambda y: g(x, y))``."""

    def implementation(lowering: Any, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
        from adcompile import derive

        static = {k: derive.static(v) for k, v in kwargs.items()}
        return transform(args[0], *map(derive.static, args[1:]), **static)

    lowers(transform)(implementation)


for function in (grad, value_and_grad, jacfwd, jacrev, jacobian, hessian):
    inner(function)


@lowers(jvp)
def lower_jvp(lowering: Any, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
    from adcompile import derive

    f, primals, tangents = args
    return derive.push_forward(
        lowering,
        f,
        derive.items_of(lowering, primals, "primals"),
        derive.items_of(lowering, tangents, "tangents"),
        kwargs,
    )


@lowers(vjp)
def lower_vjp(lowering: Any, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
    from adcompile import derive

    f, *primals = args
    given = dict(kwargs)
    budget = checked_budget(derive.static(given.pop("budget", None)))
    return derive.pull_back(lowering, f, primals, given, budget)


@lowers(hvp)
def lower_hvp(lowering: Any, args: Sequence[Any], kwargs: dict[str, Any], node: Any) -> Any:
    from adcompile import derive

    f, primals, v, *rest = args
    argnums = derive.static(rest[0] if rest else kwargs.get("argnums", 0))
    return derive.hessian_vector(lowering, f, derive.items_of(lowering, primals, "primals"), v, {}, argnums)
