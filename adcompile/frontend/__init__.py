"""From Python source to the typed program: parsing, the meaning of the language, and the library of known functions.

Knows no derivatives; `lower.py` is the way in.
"""
