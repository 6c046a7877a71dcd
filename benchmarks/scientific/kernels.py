"""All kernels that are measured."""

from __future__ import annotations

from benchmarks.scientific import arrays

KERNELS = [*arrays.KERNELS]
