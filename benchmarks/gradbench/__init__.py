"""The twelve problems of GradBench as Numba users write them, and a tool process that solves them for it."""
