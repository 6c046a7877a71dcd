"""Kernels of scientific computing as Numba and NumPy users write them, with their derivatives by every tool at hand."""
