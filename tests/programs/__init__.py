"""Ordinary plain Python functions, each with sample arguments, that the tests take through every mode.

Only those that take derivatives themselves know adcompile: these are the programs of its users.
"""

from importlib import import_module
from pkgutil import iter_modules

from programs.case import CASES


def load():
    """All cases, in the order of the files and of their lines."""
    for module in sorted(found.name for found in iter_modules(__path__)):
        import_module(f"{__name__}.{module}")
    return CASES
