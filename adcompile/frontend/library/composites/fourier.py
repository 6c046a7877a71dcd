"""The functions of `np.fft`, made of one transform without a factor. Source of the conventions: NumPy's manual."""

from __future__ import annotations

from typing import Any

import numpy as np

from adcompile.frontend.library.fourier import transform
from adcompile.frontend.library.markers import refuse


def resized(a: Any, n: Any, axis: Any) -> Any:
    """The array cut, or filled up with zeros, to a length along an axis."""
    x = np.asarray(a)
    if n is None:
        return x
    rows = np.moveaxis(x, axis, -1)
    kept = min(n, rows.shape[-1])
    out = np.zeros((*rows.shape[:-1], n), dtype=rows.dtype)
    out[..., :kept] = rows[..., :kept]
    return np.moveaxis(out, -1, axis)


def scaled(y: Any, n: Any, norm: Any, inverse: Any) -> Any:
    """A transform of length `n` with the factor that the convention asks for."""
    if norm not in (None, "backward", "ortho", "forward"):
        refuse(f"`norm={norm!r}` is not a convention of `np.fft`", "use 'backward', 'ortho' or 'forward'")
    if norm == "ortho":
        return y * (1.0 * n) ** -0.5
    return y / n if inverse == (norm != "forward") else y


def real_floats(a: Any, name: Any) -> Any:
    if np.iscomplexobj(a):
        refuse(f"`np.fft.{name}` takes real numbers", "use the transform without the `r`")
    return np.asarray(a)


def fft(a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    x = resized(a, n, axis)
    return scaled(transform(x, axis, False), x.shape[axis], norm, False)


def ifft(a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    x = resized(a, n, axis)
    return scaled(transform(x, axis, True), x.shape[axis], norm, True)


def rfft(a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    x = resized(real_floats(a, "rfft"), n, axis)
    half = np.moveaxis(fft(x, None, axis, norm), axis, -1)[..., : x.shape[axis] // 2 + 1]
    return np.moveaxis(half, -1, axis)


def irfft(a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    # the other half of the spectrum is the conjugate; of the first number and the middle one the real part counts
    length = 2 * (np.shape(a)[axis] - 1) if n is None else n
    half = np.moveaxis(resized(a, length // 2 + 1, axis), axis, -1)
    rest = np.conj(half[..., 1 : length - length // 2][..., ::-1])
    whole = np.concatenate((half, rest), axis=-1)
    return np.moveaxis(np.real(ifft(whole, None, -1, norm)), -1, axis)


def hfft(a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    return irfft(np.conj(a), n, axis, opposite(norm))


def ihfft(a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    return np.conj(rfft(a, n, axis, opposite(norm)))


def opposite(norm: Any) -> Any:
    """The convention whose factor stands in the other direction."""
    if norm == "forward":
        return "backward"
    return "ortho" if norm == "ortho" else "forward"


# -- several axes -----------------------------------------------------------------------------------------------


def chosen_axes(a: Any, s: Any, axes: Any) -> Any:
    """The axes that are transformed: those given, else the last ones, one for each length, else all."""
    if axes is not None:
        return axes
    n = np.ndim(a)
    return tuple(range(n)) if s is None else tuple(range(n - len(s), n))


def fftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    y = np.asarray(a)
    for k, axis in enumerate(chosen_axes(a, s, axes)):
        y = fft(y, None if s is None else s[k], axis, norm)
    return y


def ifftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    y = np.asarray(a)
    for k, axis in enumerate(chosen_axes(a, s, axes)):
        y = ifft(y, None if s is None else s[k], axis, norm)
    return y


def rfftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    along = chosen_axes(a, s, axes)
    y = rfft(a, None if s is None else s[-1], along[-1], norm)
    return fftn(y, None if s is None else s[:-1], along[:-1], norm)


def irfftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    along = chosen_axes(a, s, axes)
    y = ifftn(a, None if s is None else s[:-1], along[:-1], norm)
    return irfft(y, None if s is None else s[-1], along[-1], norm)


def fft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
    return fftn(a, s, axes, norm)


def ifft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
    return ifftn(a, s, axes, norm)


def rfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
    return rfftn(a, s, axes, norm)


def irfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
    return irfftn(a, s, axes, norm)


# -- frequencies ------------------------------------------------------------------------------------------------


def shifted_axes(x: Any, axes: Any) -> Any:
    if axes is None:
        return tuple(range(np.ndim(x)))
    return (axes,) if np.ndim(axes) == 0 else axes


def fftshift(x: Any, axes: Any = None) -> Any:
    y = np.asarray(x)
    for axis in shifted_axes(x, axes):
        y = np.roll(y, y.shape[axis] // 2, axis=axis)
    return y


def ifftshift(x: Any, axes: Any = None) -> Any:
    y = np.asarray(x)
    for axis in shifted_axes(x, axes):
        y = np.roll(y, -(y.shape[axis] // 2), axis=axis)
    return y


def fftfreq(n: Any, d: Any = 1.0) -> Any:
    places = np.concatenate((np.arange(0, (n - 1) // 2 + 1), np.arange(-(n // 2), 0)))
    return places / (n * d)


def rfftfreq(n: Any, d: Any = 1.0) -> Any:
    return np.arange(0, n // 2 + 1) / (n * d)
