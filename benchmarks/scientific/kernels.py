"""All kernels that are measured."""

from __future__ import annotations

from benchmarks.scientific import arrays, loops

KERNELS = [*arrays.KERNELS, *loops.KERNELS]
