"""Whole-array operations as loops over their elements: which run in the same loops, and how these are written."""
