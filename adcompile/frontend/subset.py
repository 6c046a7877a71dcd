"""The parts of Python that are refused, each with the reason or remedy that its error gives."""

from __future__ import annotations

from typing import Any, NoReturn

from adcompile.errors import Unsupported
from adcompile.span import Span

#: kind of syntax node -> what it is called, and what to do instead
REFUSED = {
    "Try": ("`try` is not supported", "test for the condition with `if`"),
    "TryStar": ("`try` is not supported", "test for the condition with `if`"),
    "With": ("`with` is not supported", "do what it does outside of the function"),
    "AsyncWith": ("`with` is not supported", "do what it does outside of the function"),
    "ClassDef": ("a class cannot be defined inside a differentiated function", "define it outside"),
    "AsyncFunctionDef": ("coroutines are not supported", "write a plain function"),
    "AsyncFor": ("coroutines are not supported", "write a plain `for`"),
    "Await": ("coroutines are not supported", "write a plain function"),
    "Yield": ("generators are not supported", "return a list or an array"),
    "YieldFrom": ("generators are not supported", "return a list or an array"),
    "Global": ("assigning to a global variable is not supported", "return the value instead"),
    "Set": ("sets are not supported", "use a tuple"),
    "SetComp": ("sets are not supported", "use a list"),
    "Delete": ("only names can be deleted", "assign the remaining part to a new variable"),
    "Starred": ("`*` is not supported here", "write the elements out"),
    "Match": ("this form of `match` is not supported", "use `if` and `elif`"),
    "ImportFrom": ("only modules can be imported inside a function", "import outside of the function"),
    "TypeAlias": ("type aliases are not supported inside a function", "define it outside"),
}


def refuse_syntax(node: Any, span: Span) -> NoReturn:
    """Refuse a kind of syntax."""
    kind = type(node).__name__
    message, remedy = REFUSED.get(kind, (f"`{kind}` is not supported", ""))
    raise Unsupported(message, span, help=remedy)
