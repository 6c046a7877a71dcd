"""Simple statements: assignments of every form, assertions, exceptions, messages, nested definitions.

Branches and loops are in `control`.
"""

from __future__ import annotations

import builtins
import importlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gast
import numpy as np

from adcompile.errors import Unsupported
from adcompile.frontend import library
from adcompile.frontend.calls import Calls
from adcompile.frontend.core import BREAK, CONTINUE, RESULT, RETURN, TRUE, Unreachable, is_const
from adcompile.frontend.operators import is_sequence, static_key
from adcompile.frontend.structure import ArrayRef, BoundMethod, Ref
from adcompile.frontend.subset import refuse_syntax
from adcompile.ir.build import const
from adcompile.ir.nodes import Const
from adcompile.ir.types import dtype_of, promote, rank
from adcompile.span import Span


class Statements(Calls):
    """Adds simple statements to the lowering."""

    def statement(self, stmt: Any) -> None:
        """Carry out one statement."""
        handler: Callable[[Any], None] | None = getattr(self, f"execute_{type(stmt).__name__}", None)
        if handler is None:
            refuse_syntax(stmt, self.keyword(stmt))
        with self.at(stmt):
            handler(stmt)

    def keyword(self, stmt: Any) -> Span:
        """The place of the word a statement begins with."""
        span = self.span(stmt)
        line = span.source_line.encode()[span.column :]
        word = next(iter(line.split()), b"").rstrip(b":")
        return replace(span, end_line=span.line, end_column=span.column + len(word))

    def execute_Expr(self, stmt: Any) -> None:
        if not isinstance(stmt.value, gast.Constant):
            self.evaluate(stmt.value)

    def execute_Pass(self, stmt: Any) -> None:
        pass

    # -- assignment ---------------------------------------------------------------------------------------------

    def execute_Assign(self, stmt: Any) -> None:
        value = self.evaluate(stmt.value)
        for target in stmt.targets:
            self.assign(target, value)

    def execute_AnnAssign(self, stmt: Any) -> None:
        if stmt.value is not None:
            self.assign(stmt.target, self.evaluate(stmt.value))

    def assign(self, target: Any, value: Any) -> None:
        """Bind a name, a part of something, or several targets at once."""
        with self.at(target):
            match target:
                case gast.Name():
                    self.bind(target.id, value)
                case gast.Tuple() | gast.List():
                    self.unpack(target, value)
                case gast.Subscript():
                    self.assign_item(target, value)
                case gast.Attribute():
                    self.assign_field(target, value)
                case _:
                    refuse_syntax(target, self.span(target))

    def unpack(self, target: Any, value: Any) -> None:
        """Bind several targets to the items of a value."""
        starred = [k for k, t in enumerate(target.elts) if isinstance(t, gast.Starred)]
        count = len(target.elts)
        if isinstance(value, ArrayRef) and not starred:
            items: tuple[Any, ...] = tuple(self.read(value, const(k)) for k in range(count))
        else:
            items = self.known_items(value, "unpacking")
        if len(items) != count and not (starred and len(items) >= count - 1):
            self.refuse(target, f"{count} variables cannot be assigned from {len(items)} values")
        if starred:
            k, extra = starred[0], len(items) - count + 1
            items = (*items[:k], self.new_object("list", items[k : k + extra]), *items[k + extra :])
        for part, item in zip(target.elts, items, strict=True):
            self.assign(part.value if isinstance(part, gast.Starred) else part, item)

    def assign_item(self, target: Any, value: Any) -> None:
        """Carry out ``owner[subscript] = value``."""
        owner = self.evaluate(target.value)
        with self.at(target.slice):
            subscript = self.evaluate(target.slice)
        match owner:
            case ArrayRef():
                self.write(owner, subscript, value)
            case Ref(obj) if obj.kind == "dict":
                self.check_writable(owner)
                with self.at(target.slice):
                    key = static_key(subscript)
                self.state.heap[obj] = {**self.content(owner), key: value}
            case Ref(obj) if obj.kind == "list" and not isinstance(subscript, slice):
                self.set_item(owner, self.index_integer(subscript), value)
            case _:
                self.refuse(target, f"parts of {self.describe(owner)} cannot be assigned")

    def assign_field(self, target: Any, value: Any) -> None:
        """Carry out ``owner.field = value``."""
        owner = self.evaluate(target.value)
        if not (isinstance(owner, Ref) and owner.obj.kind == "record"):
            self.refuse(target, f"attributes of {self.describe(owner)} cannot be assigned")
        cls, content = owner.obj.cls, self.content(owner)
        assert cls is not None
        if (params := getattr(cls, "__dataclass_params__", None)) is not None:
            if params.frozen:
                self.refuse(target, f"`{cls.__name__}` is frozen", help="use `dataclasses.replace`")
            if target.attr not in content:
                self.refuse(target, f"{self.describe(owner)} has no field `{target.attr}`")
        elif isinstance(getattr(cls, target.attr, None), property):
            self.refuse(target, f"the property `{target.attr}` cannot be assigned", help="assign what it is made of")
        self.check_writable(owner)
        self.state.heap[owner.obj] = {**content, target.attr: value}

    def execute_AugAssign(self, stmt: Any) -> None:
        """``target op= value``: arrays change in place, everything else is bound anew."""
        op = type(stmt.op).__name__
        target = stmt.target
        if isinstance(target, gast.Subscript):
            owner = self.evaluate(target.value)
            if isinstance(owner, ArrayRef):
                with self.at(target.slice):
                    subscript = self.evaluate(target.slice)
                self.update(owner, subscript, op, self.evaluate(stmt.value))
                return
        place = as_read(target)
        old = self.evaluate(place)
        value = self.evaluate(stmt.value)
        if isinstance(old, ArrayRef):
            self.update(old, (Ellipsis,), op, value)
        elif isinstance(old, Ref) and is_sequence(old) and op == "Add":
            self.extend(old, value)
        elif isinstance(old, Ref) and old.obj.kind == "dict" and op == "BitOr":
            self.call(BoundMethod(old, "update"), [value], {}, stmt)
        else:
            self.assign(target, self.binary(op, old, value))

    def update(self, ref: ArrayRef, subscript: Any, op: str, value: Any) -> None:
        """Carry out ``array[subscript] op= value``; sums with basic indices are one operation."""
        codes, _ = self.index(ref, subscript)
        self.check_update(ref, op, value)
        if op in ("Add", "Sub") and not {"a", "m"} & set(codes) and dtype_of(self.materialised_type(ref)) != "bool":
            atom = library.number(self.b, self.plain(value))
            if op == "Sub":
                atom = self.b.emit("neg", atom)
                value = self.new_array(atom) if rank(atom.type) else atom
            self.write(ref, subscript, value, "accumulate")
            return
        self.write(ref, subscript, self.binary(op, self.read(ref, subscript), value))

    def check_update(self, ref: ArrayRef, op: str, value: Any) -> None:
        """Refuse what NumPy refuses: a floating-point result in an array of integers."""
        dtype = self.materialised_type(ref).dtype
        type_ = library.number(self.b, self.plain(value)).type
        result = np.dtype(promote(self.materialised_type(ref), type_))
        if op == "Div" and result.kind in "biu":
            result = np.dtype("float64")
        if not np.can_cast(result, np.dtype(dtype), "same_kind"):
            raise Unsupported(
                f"an array of {dtype} cannot hold the result, which is of {result}",
                help="make the array a floating-point one",
            )

    def execute_Nonlocal(self, stmt: Any) -> None:
        for name in stmt.names:
            scope = self.scope_of(name)
            if name not in scope.locals or scope in self.outer:
                self.refuse(
                    stmt,
                    f"`{name}` cannot be assigned here",
                    note="it is a variable outside of what is differentiated, or of a function that calls itself",
                    help="return the value instead",
                )

    def execute_Delete(self, stmt: Any) -> None:
        for target in stmt.targets:
            if not isinstance(target, gast.Name):
                refuse_syntax(stmt, self.span(target))
            self.read_name(target.id)
            del self.variables[target.id]

    # -- leaving ------------------------------------------------------------------------------------------------

    def execute_Return(self, stmt: Any) -> None:
        value = None if stmt.value is None else self.evaluate(stmt.value)
        self.set_flag(RESULT, value)
        self.set_flag(RETURN, TRUE)

    def execute_Break(self, stmt: Any) -> None:
        self.set_flag(BREAK, TRUE)

    def execute_Continue(self, stmt: Any) -> None:
        self.set_flag(CONTINUE, TRUE)

    def execute_Raise(self, stmt: Any) -> None:
        if stmt.exc is None:
            self.refuse(stmt, "`raise` needs an exception here", help="write `raise ValueError(...)`")
        call = stmt.exc if isinstance(stmt.exc, gast.Call) else None
        cls = self.evaluate(call.func if call else stmt.exc)
        if not (isinstance(cls, type) and issubclass(cls, BaseException)):
            self.refuse(stmt.exc, f"only exceptions can be raised, not {self.describe(cls)}")
        # compiled code can raise Python's own exceptions only
        name = next(c.__name__ for c in cls.__mro__ if getattr(builtins, c.__name__, None) is c)
        message = " ".join(self.message(arg) for arg in call.args) if call else ""
        self.b.emit("raise", exception=name, message=message)
        self.state.dead = True

    def message(self, node: Any) -> str:
        """The text of a message; what is known at run time only is left as the user wrote it, in braces."""
        if not isinstance(node, gast.JoinedStr):
            if isinstance(node, gast.BinOp) or (isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute)):
                return str(
                    next(
                        (n.value for n in gast.walk(node) if isinstance(n, gast.Constant) and isinstance(n.value, str)),
                        "",
                    )
                )
            value = self.evaluate(node)
            return (
                str(value.value)
                if isinstance(value, Const)
                else value
                if isinstance(value, str)
                else f"{{{self.span(node).text}}}"
            )
        parts = []
        for part in node.values:
            try:
                text = self.evaluate(part)
            except Unsupported:
                text = f"{{{self.span(part.value).text}}}"
            parts.append(text)
        return "".join(parts)

    def execute_Assert(self, stmt: Any) -> None:
        flag = self.condition(stmt.test)
        message = self.message(stmt.msg) if stmt.msg is not None else ""
        if is_const(flag, True):
            return
        if is_const(flag, False):
            self.b.emit("raise", exception="AssertionError", message=message)
            raise Unreachable
        self.b.emit("assert", flag, message=message)

    # -- definitions --------------------------------------------------------------------------------------------

    def execute_FunctionDef(self, stmt: Any) -> None:
        for node in gast.walk(stmt):
            if isinstance(node, gast.Yield | gast.YieldFrom):
                refuse_syntax(node, self.span(node))
        value: Any = self.closure(stmt.name, stmt)
        for decorator in reversed(stmt.decorator_list):
            value = self.decorated(decorator, value)
        self.bind(stmt.name, value)

    def decorated(self, decorator: Any, value: Any) -> Any:
        """A nested function behind one of its decorators."""
        made = self.evaluate(decorator)
        module = getattr(made, "__module__", "") or ""
        if module.split(".")[0] == "numba":
            return value
        return self.call(made, [value], {}, decorator)

    def execute_Import(self, stmt: Any) -> None:
        for alias in stmt.names:
            module = importlib.import_module(alias.name)
            top = importlib.import_module(alias.name.split(".")[0])
            self.bind(alias.asname or top.__name__, module if alias.asname else top)

    def execute_ImportFrom(self, stmt: Any) -> None:
        module = importlib.import_module(
            "." * stmt.level + (stmt.module or ""), self.here.scope.source.globals.get("__package__")
        )
        for alias in stmt.names:
            self.bind(alias.asname or alias.name, self.lift(getattr(module, alias.name), alias.name))

    def execute_With(self, stmt: Any) -> None:
        for item in stmt.items:
            call = item.context_expr
            if (
                item.optional_vars is not None
                or not isinstance(call, gast.Call)
                or self.evaluate(call.func) is not np.errstate
            ):
                refuse_syntax(stmt, self.keyword(stmt))
        self.execute(stmt.body)


def as_read(target: Any) -> Any:
    """The expression that reads what a target names."""
    read = gast.copy_location(type(target)(*(getattr(target, f) for f in target._fields)), target)
    read.ctx = gast.Load()
    return read
