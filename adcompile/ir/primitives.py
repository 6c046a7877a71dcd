"""The primitives: every operation an equation can name, with the types of its results and its effect on memory.

One line each. Derivatives are not here (`rules/`), nor how an operation is spelled in Python (`backend/spelling.py`).

Memory. A primitive that writes into an array or list `consumes` that operand and yields its next version, in the
same memory; the operand's content must not be read afterwards (its shape may). A primitive whose result shares
memory with an operand `aliases` it. All others yield fresh values.

Indices. `load`, `view`, `gather`, `store`, `accumulate` and `drain` take the static param `index`, a tuple of one code an
axis, and the run-time parts of the codes as trailing operands, in order:

    "i"      an integer scalar           one operand
    "s011"   a slice                     an operand for each 1: start, stop, step; absent parts are Python's defaults
    "n"      None, a new axis            no operand
    "a"      an integer array            one operand
    "m"      a boolean array             one operand; takes as many axes as it has

There is no ellipsis: it is spelled out as "s000". Trailing axes may be left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adcompile.ir.types import (
    BOOL,
    WEAK_INT,
    Array,
    Lanes,
    List,
    Scalar,
    Stream,
    Type,
    dtype_of,
    fresh,
    is_float,
    is_weak,
    promote,
    rank,
    real_dtype,
    shaped,
    with_dtype,
)

Types = tuple[Type, ...]
Params = dict[str, Any]
Infer = Callable[[Types, Params], Types]


@dataclass(frozen=True, slots=True)
class Primitive:
    """What is known of an operation apart from its derivative.

    `params` are the names of its static parameters, in order. `consumes` is the position of the operand whose memory
    it overwrites, `aliases` that of the operand whose memory its first result shares. `effect` marks what must
    happen even where its results are not used. `elementwise` operations broadcast. `cheap` ones cost no more than
    a load from memory, so that to recompute them beats recording them.
    """

    name: str
    infer: Infer
    params: tuple[str, ...] = ()
    consumes: int | None = None
    aliases: int | None = None
    effect: bool = False
    elementwise: bool = False
    cheap: bool = False
    #: operands from this position on are read for their shape or value, but never differentiated
    shape_only: bool = False


PRIMITIVES: dict[str, Primitive] = {}


def primitive(names: str, infer: Infer, params: str = "", **facts: Any) -> None:
    """Enter primitives that share a line."""
    for name in names.split():
        PRIMITIVES[name] = Primitive(name, infer, tuple(params.split()), **facts)


# -- type rules -------------------------------------------------------------------------------------------------


def broadcast_rank(types: Types) -> int:
    """The rank of an elementwise result."""
    return max(rank(t) for t in types)


def elementwise(types: Types, dtype: str) -> Types:
    """An elementwise result: a scalar, weak where all operands are, lanes, or a fresh array."""
    n = broadcast_rank(types)
    for t in types:
        if isinstance(t, Lanes):
            return (Lanes(dtype, t.width),)
    return (Array(dtype, n) if n else Scalar(dtype, is_weak(*types)),)


def floating(types: Types) -> str:
    """The floating dtype in which NumPy computes a function of these operands."""
    dtype = promote(*types)
    if is_float(dtype):
        return dtype
    return {"int8": "float16", "int16": "float32"}.get(dtype, "float64")


def same(types: Types, params: Params) -> Types:
    return elementwise(types, promote(*types))


def arithmetic(types: Types, params: Params) -> Types:
    """`same`, but Python's flags count as integers."""
    dtype = promote(*types)
    return elementwise(types, "int64" if dtype == "bool" and broadcast_rank(types) == 0 else dtype)


def to_float(types: Types, params: Params) -> Types:
    return elementwise(types, floating(types))


def to_real(types: Types, params: Params) -> Types:
    return elementwise(types, real_dtype(promote(*types)))


def to_bool(types: Types, params: Params) -> Types:
    return elementwise(types, "bool")


def selection(types: Types, params: Params) -> Types:
    """where(flag, x, y): the flag takes part in the shape only."""
    return elementwise(types, promote(*types[1:]))


def casting(types: Types, params: Params) -> Types:
    return (with_dtype(types[0], params["dtype"]),)


def first(types: Types, params: Params) -> Types:
    return (types[0],)


def copied(types: Types, params: Params) -> Types:
    return (fresh(types[0]),)


def axes_of(axis: Any, n: int) -> tuple[int, ...]:
    """The axes a reduction runs over, counted from the front, in order."""
    if axis is None:
        return tuple(range(n))
    return tuple(sorted(a % n for a in (axis if isinstance(axis, tuple) else (axis,))))


def reduced(types: Types, params: Params, dtype: str) -> Types:
    n = rank(types[0])
    left = n if params["keepdims"] else n - len(axes_of(params["axis"], n))
    return (shaped(dtype, left),)


def reduction(types: Types, params: Params) -> Types:
    return reduced(types, params, dtype_of(types[0]))


def summation(types: Types, params: Params) -> Types:
    dtype = dtype_of(types[0])
    return reduced(types, params, dtype if is_float(dtype) else "int64")


def flag_reduction(types: Types, params: Params) -> Types:
    return reduced(types, params, "bool")


def index_reduction(types: Types, params: Params) -> Types:
    return reduced(types, params, "int64")


def created(types: Types, params: Params) -> Types:
    return (shaped(params["dtype"], len(types)),)


def filled(types: Types, params: Params) -> Types:
    return (shaped(params["dtype"], len(types) - 1),)


def reshaped(types: Types, params: Params) -> Types:
    return (shaped(dtype_of(types[0]), len(types) - 1),)


def transposed(types: Types, params: Params) -> Types:
    return (Array(dtype_of(types[0]), rank(types[0]), rank(types[0]) == 1),)


def joined(types: Types, params: Params) -> Types:
    return (Array(promote(*types), rank(types[0])),)


def stacked(types: Types, params: Params) -> Types:
    return (Array(promote(*types), rank(types[0]) + 1),)


def multiplied(types: Types, params: Params) -> Types:
    """`@`: vectors count as rows on the left and as columns on the right; leading axes broadcast."""
    a, b = rank(types[0]), rank(types[1])
    n = max(a, b) - (a == 1) - (b == 1) if max(a, b) > 1 else 0
    return (shaped(promote(*types), n),)


def solved(types: Types, params: Params) -> Types:
    return (Array(floating(types), rank(types[1])),)


def matrix_function(types: Types, params: Params) -> Types:
    return (Array(floating(types), rank(types[0])),)


def determinant(types: Types, params: Params) -> Types:
    return (Scalar(floating(types)),)


def sign_and_logarithm(types: Types, params: Params) -> Types:
    dtype = floating(types)
    return (Scalar(dtype), Scalar(real_dtype(dtype)))


def eigen(types: Types, params: Params) -> Types:
    """Eigenvalues, real for `eigh`, and eigenvectors; of a real matrix both are real."""
    dtype = floating(types)
    return (Array(dtype, 1), Array(dtype, 2))


def hermitian_eigen(types: Types, params: Params) -> Types:
    dtype = floating(types)
    return (Array(real_dtype(dtype), 1), Array(dtype, 2))


def singular(types: Types, params: Params) -> Types:
    dtype = floating(types)
    return (Array(dtype, 2), Array(real_dtype(dtype), 1), Array(dtype, 2))


def two_factors(types: Types, params: Params) -> Types:
    dtype = floating(types)
    return (Array(dtype, 2), Array(dtype, 2))


def transformed(types: Types, params: Params) -> Types:
    """A Fourier transform: complex, in the precision of its operand."""
    return (Array("complex64" if real_dtype(floating(types)) == "float32" else "complex128", rank(types[0])),)


def indexed_rank(array: Type, operands: Types, index: tuple[str, ...]) -> int:
    """The rank of what an index selects."""
    left, advanced, position = rank(array), 0, 0
    new = 0
    for code in index:
        part = operands[position] if position < len(operands) else None
        position += {"s": code[1:].count("1"), "n": 0}.get(code[0], 1)
        if code[0] == "n":
            new += 1
        elif code[0] == "s":
            pass
        elif code[0] == "m":
            assert part is not None
            left -= rank(part)
            advanced = max(advanced, 1)
        else:
            assert part is not None
            left -= 1
            advanced = max(advanced, rank(part))
    return left + new + advanced


def is_contiguous_view(array: Type, index: tuple[str, ...]) -> bool:
    """Whether a basic index of a contiguous array is known to select a contiguous stretch."""
    if not (isinstance(array, Array) and array.contiguous):
        return False
    codes = [c for c in index if c != "n"]
    while codes and codes[-1] == "s000":
        codes.pop()
    leading = len(codes)
    return len(codes) == len([c for c in index if c != "n"][:leading]) and all(c == "i" for c in codes)


def loaded(types: Types, params: Params) -> Types:
    return (Scalar(dtype_of(types[0])),)


def viewed(types: Types, params: Params) -> Types:
    n = indexed_rank(types[0], types[1:], params["index"])
    return (Array(dtype_of(types[0]), n, is_contiguous_view(types[0], params["index"])),)


def gathered(types: Types, params: Params) -> Types:
    return (shaped(dtype_of(types[0]), indexed_rank(types[0], types[1:], params["index"])),)


def drained(types: Types, params: Params) -> Types:
    return (types[0], shaped(dtype_of(types[0]), indexed_rank(types[0], types[1:], params["index"])))


def array_of(types: Types, params: Params) -> Types:
    return (Array(params["dtype"], len(params["shape"])),)


def listed(types: Types, params: Params) -> Types:
    return (List(params["element"]),)


def element(types: Types, params: Params) -> Types:
    assert isinstance(types[0], List)
    return (types[0].element,)


def popped(types: Types, params: Params) -> Types:
    assert isinstance(types[0], List)
    return (types[0], types[0].element)


def array_of_list(types: Types, params: Params) -> Types:
    assert isinstance(types[0], List)
    return (Array(dtype_of(types[0]), rank(types[0].element) + 1),)


def integer(types: Types, params: Params) -> Types:
    """A Python integer: a length."""
    return (WEAK_INT,)


def flag(types: Types, params: Params) -> Types:
    return (BOOL,)


def in_lanes(types: Types, params: Params) -> Types:
    return (Lanes(dtype_of(types[0]), params["width"]),)


def nothing(types: Types, params: Params) -> Types:
    return ()


def drawn(types: Types, params: Params) -> Types:
    """One number for each place, or one that is Python's own."""
    n = len(types) - params["given"] - isinstance(types[0] if types else None, Stream)
    return (Array(params["dtype"], n) if n else Scalar(params["dtype"], weak=True),)


def called(types: Types, params: Params) -> Types:
    return tuple(params["types"])


# -- elementwise ------------------------------------------------------------------------------------------------
# operands broadcast; scalars and arrays alike

primitive("neg", arithmetic, elementwise=True, cheap=True)
primitive("conj", same, elementwise=True, cheap=True)
primitive("abs", to_real, elementwise=True, cheap=True)
primitive("real imag", to_real, elementwise=True, cheap=True)
primitive("add sub mul", arithmetic, elementwise=True, cheap=True)
primitive("div", to_float, elementwise=True, cheap=True)
primitive("floordiv mod fmod", arithmetic, elementwise=True)
primitive("pow", arithmetic, elementwise=True)
primitive("maximum minimum", same, elementwise=True, cheap=True)
primitive("sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh", to_float, elementwise=True)
primitive("sqrt", to_float, elementwise=True, cheap=True)
primitive("exp exp2 expm1 log log2 log10 log1p cbrt", to_float, elementwise=True)
primitive("erf erfc gamma lgamma digamma trigamma tetragamma", to_float, elementwise=True)
primitive("erfinv erfcinv ndtri log_ndtr rgamma erfcx dawsn expi exp1 spence ellipk ellipe", to_float, elementwise=True)
primitive("jv yv iv ive kv kve zeta stdtr stdtrit", to_float, elementwise=True)  # the order first
primitive("gammainc gammaincc gammaincinv gammainccinv betainc betaincinv", to_float, elementwise=True)
primitive(
    "gamma_growth gamma_share mises_growth mises_share", to_float, elementwise=True
)  # orders first, the place last
primitive("beta_growth beta_share noncentral_density noncentral_distribution", to_float, elementwise=True)
# what was drawn, the last operand, as a function of the parameters before it: the quantile of a fixed probability
primitive("gamma_path beta_path mises_path wald_path noncentral_path", to_float, elementwise=True)
primitive("arctan2 hypot copysign nextafter", to_float, elementwise=True)
primitive("floor ceil trunc rint sign", same, elementwise=True, cheap=True)
primitive("lt le gt ge eq ne", to_bool, elementwise=True, cheap=True)
primitive("logical_and logical_or logical_not logical_xor isnan isinf isfinite", to_bool, elementwise=True, cheap=True)
primitive("bit_and bit_or bit_xor shift_left shift_right bit_not", arithmetic, elementwise=True, cheap=True)
primitive("where", selection, elementwise=True, cheap=True)  # where(flag, x, y)
primitive("cast", casting, "dtype", elementwise=True, cheap=True)
primitive("stop_gradient", first, elementwise=True, cheap=True, aliases=0)  # the value, with derivative zero

# -- reductions and scans ---------------------------------------------------------------------------------------
# axis: None, an integer, or a tuple of integers; keepdims: a flag

primitive("sum prod", summation, "axis keepdims")
primitive("max min", reduction, "axis keepdims")
primitive("any all", flag_reduction, "axis keepdims")
primitive("argmax argmin", index_reduction, "axis keepdims")  # axis: None or an integer
primitive("cumsum cumprod", copied, "axis")  # axis: an integer
primitive("sort", copied, "axis")
primitive("searchsorted", lambda types, params: (shaped("int64", rank(types[1])),), "side")  # searchsorted(a, v)
primitive("take_along", lambda types, params: (Array(dtype_of(types[0]), rank(types[1])),), "axis")  # take_along(x, i)
primitive("put_along", copied, "axis")  # put_along(v, i, *dims): zeros of these dims, with v added at i along the axis
primitive("recurrence", joined, "axis")  # recurrence(a, c): s[k] = a[k] * s[k - 1] + c[k] along the axis, s[-1] = 0
primitive("argpartition", lambda types, params: (Array("int64", rank(types[0])),), "kth axis")
primitive("argsort", lambda types, params: (Array("int64", rank(types[0])),), "axis")

# -- shape and creation -----------------------------------------------------------------------------------------
# dims are trailing integer operands, one an axis

primitive("shape", integer, "axis", cheap=True, shape_only=True)  # x.shape[axis]
primitive("reshape", reshaped, aliases=0, cheap=True)  # reshape(x, *dims); x contiguous; no -1 among the dims
primitive("transpose", transposed, "axes", aliases=0, cheap=True)  # axes: a tuple
# these two may hand back their operand where its shape fits already
primitive("broadcast_to", reshaped, aliases=0)  # broadcast_to(x, *dims)
primitive(
    "unbroadcast", reshaped, aliases=0
)  # unbroadcast(g, *dims): sums g over the axes along which dims was repeated
primitive("concatenate", joined, "axis")
primitive("stack", stacked, "axis")
primitive("flip", copied, "axis")  # a fresh array; axis: an integer
primitive("roll", copied, "axis")  # roll(x, shift); axis: an integer
primitive("tril triu", copied, "k")
primitive("zeros empty", created, "dtype")  # zeros(*dims)
primitive("full", filled, "dtype")  # full(v, *dims)
primitive("arange", lambda types, params: (Array(params["dtype"], 1),), "dtype")  # arange(start, stop, step)
primitive("eye", lambda types, params: (Array(params["dtype"], 2),), "k dtype")  # eye(n, m)
primitive("array", array_of, "shape dtype")  # array(*scalars), row by row; shape: a static tuple
primitive("copy", copied)
primitive("contiguous", copied)  # x in C order; NumPy may give a view here, so that the user may not write into it
primitive("let", first, aliases=0, cheap=True)  # the operand under another name

# -- memory -----------------------------------------------------------------------------------------------------

primitive("load", loaded, "index", cheap=True)  # a[i, j]: all axes "i"
primitive("view", viewed, "index", aliases=0, cheap=True)  # basic indices
primitive("gather", gathered, "index")  # with "a" or "m": a fresh array
primitive("store", first, "index", consumes=0)  # a[index] = v; store(a, v, *index)
primitive("accumulate", first, "index", consumes=0)  # a[index] += v, repeated indices add up; accumulate(a, v, *index)
primitive(
    "drain", drained, "index", consumes=0
)  # v = a[index]; a[index] = 0, backwards; yields (a, v); transposes store
primitive("overlap", flag, cheap=True, shape_only=True)  # overlap(a, b): whether two arrays share memory
primitive("reserve", first, consumes=0)  # reserve(a, n): a, or where it has fewer than n elements a longer one

# -- lanes: a few numbers in a register; made after derivation, see `transforms/lanes.py` ------------------------

primitive("lanes", in_lanes, "width", cheap=True)  # lanes(x): the numbers of a short vector, or one number in all
primitive("lanes_array", lambda types, params: (Array(dtype_of(types[0]), 1),))
primitive("lanes_sum", lambda types, params: (Scalar(dtype_of(types[0])),), cheap=True)

# -- linear algebra ---------------------------------------------------------------------------------------------

primitive("matmul", multiplied)
primitive("solve", solved)
primitive("inv cholesky", matrix_function)
primitive("det", determinant)
primitive("slogdet", sign_and_logarithm)
primitive("eigh", hermitian_eigen)  # eigh(a): eigenvalues, upwards, and eigenvectors; reads the lower triangle
primitive("eig", eigen)
primitive("svd", singular)  # the thin one: u, s, v.T
primitive("qr", two_factors)  # the thin one, of a matrix with at least as many rows as columns
primitive("pinv", matrix_function, "rcond")  # rcond: a number, or None for what rounding loses in a matrix of this size
primitive("fft", transformed, "axis inverse")  # without a factor in either direction; inverse: a flag

# -- lists ------------------------------------------------------------------------------------------------------

primitive("list_new", listed, "element")  # list_new(*elements)
primitive("list_add", first)  # list_add(l, m): the sums of their elements
primitive("list_zeros", first)  # list_zeros(l): as many elements, of the same shapes, all zero
primitive("advance", integer)  # advance(steps, snapshots): iterations to the next state that is kept
primitive("list_len", integer, cheap=True, shape_only=True)
primitive("list_get", element, aliases=0, cheap=True)  # list_get(l, k)
primitive("list_append", first, consumes=0)  # list_append(l, v)
primitive("list_set", first, consumes=0)  # list_set(l, v, k)
primitive("list_accumulate", first, consumes=0)  # list_accumulate(l, v, k): l[k] += v
primitive("list_drain", popped, consumes=0)  # list_drain(l, k): yields (l with zero at k, what was there)
primitive("list_pop", popped, consumes=0)  # yields (l without its last element, that element)
primitive("list_to_array", array_of_list)  # scalars to a vector, arrays stacked along a new first axis
primitive("array_to_list", lambda types, params: (List(shaped(dtype_of(types[0]), rank(types[0]) - 1)),))

# -- calls and effects ------------------------------------------------------------------------------------------
# call: `function` names a function of the program, `types` are the types of its results
# call_into: so does this one, and the function writes into its first argument, whose next version is its first result

primitive("call", called, "function types", effect=True)
primitive("call_into", called, "function types", consumes=0, effect=True)
# draw(*parameters, *dims) from NumPy's own stream, or from a generator that comes before them; family: NumPy's name for it
# given: the number of parameters; settings: more of NumPy's arguments, as a tuple. What was drawn depends on nothing.
primitive("draw", drawn, "family given dtype settings", effect=True)
primitive("seed", nothing, effect=True)  # seed(n): NumPy's own stream starts anew
primitive("print", nothing, "parts", effect=True)  # parts: a tuple, text or None where the next operand goes
primitive("raise", nothing, "exception message", effect=True)  # raise(*integers that follow the message)
primitive("assert", nothing, "message", effect=True)  # assert(flag)

#: what runs a function of the program
CALLS = ("call", "call_into")
