"""The command line: listings, comparisons, checks and explanations of functions in files.

Finds the function, evaluates the arguments, paints and counts exits; everything else is the public API.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import io
import keyword
import math
import os
import re
import sys
import sysconfig
import tokenize
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

import numpy as np

from adcompile.errors import ADError

OK, FAILED, USAGE = 0, 1, 2

DESCRIPTION = """\
Derivatives of Python functions, compiled and readable.

Commands take a function as FILE:FUNCTION (or MODULE:FUNCTION), and the arguments to call it with as Python, in
which np, math and everything in that file can be used."""

EXAMPLES = """\
examples:
  adcompile demo
  adcompile dump model.py:loss --mode reverse --args "2.0, 3.0"
  adcompile dump model.py:loss --mode kernel --args "np.ones((4, 3)), weights" > loss_grad.py
  adcompile compare model.py:loss --args "2.0, 3.0" --argnums 0,1
  adcompile check model.py:loss --args "np.linspace(0.0, 1.0, 5)" --order 2
  adcompile explain model.py:loss weights --args "np.ones((4, 3)), weights"

exit codes:
  0  done; for check: the derivatives agree
  1  the program was refused, failed while it ran, or has a derivative that is wrong
  2  the command was wrong: no such file, function or option

Colours are used on a terminal only, and never where NO_COLOR is set."""

MODES = {
    "ssa": "the function as it is understood: typed, calls inlined, one operation a line",
    "forward": "the tangent program: derivatives carried along with values",
    "reverse": "the adjoint program: values forward, then derivatives back",
    "kernel": "the program that is compiled",
}


#: what `check` runs
SWEEPS = {"forward": ("fwd",), "reverse": ("rev",), "both": ("fwd", "rev")}


class UsageError(Exception):
    """A command that cannot be carried out as it was written."""


# -- what the user names --------------------------------------------------------------------------------------------


def load(where: str) -> tuple[Any, ModuleType]:
    """The function that FILE:FUNCTION or MODULE:FUNCTION means, and the module it is in."""
    place, colon, name = where.rpartition(":")
    if not colon or not place or not name:
        raise UsageError(f"{where!r} is not of the form FILE:FUNCTION")
    module = load_file(Path(place)) if place.endswith(".py") else load_module(place)
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            own = {n: value for n, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__}
            functions = [n for n, value in own.items() if callable(value) and not n.startswith("_")]
            known = f"; it has {', '.join(functions)}" if functions else ""
            raise UsageError(f"there is no function {name!r} in {place}{known}")
        found = getattr(found, part)
    if not callable(found):
        raise UsageError(f"{name!r} in {place} is no function but {type(found).__name__}")
    return found, module


def load_file(path: Path) -> ModuleType:
    """A file as a module; what it imports is looked for beside it first."""
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.resolve().parent))
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def load_module(name: str) -> ModuleType:
    """A module by its dotted name, from the current folder or installed."""
    sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise UsageError(f"there is no module {name}; a file is named with its .py") from None


def arguments(text: str | None, module: ModuleType) -> tuple[Any, ...] | None:
    """The arguments that a text of Python means, with what the module defines at hand; None for none."""
    if text is None:
        return None
    scope = {"np": np, "numpy": np, "math": math, **vars(module)}
    try:
        return tuple(eval(f"({text},)" if text.strip() else "()", scope))  # noqa: S307 - it is the user's own command
    except Exception as error:  # noqa: BLE001 - whatever the user's own program raises
        raise UsageError(f"--args {text!r}: {type(error).__name__}: {error}") from None


def argnums(text: str) -> int | str | tuple[int | str, ...]:
    """Positions and names from a text such as ``0`` or ``0,w``."""
    entries = [int(part) if re.fullmatch(r"-?\d+", part) else part for part in text.replace(" ", "").split(",") if part]
    if not entries:
        raise argparse.ArgumentTypeError("positions or names of arguments, such as 0 or 0,w")
    return entries[0] if len(entries) == 1 and "," not in text else tuple(entries)


# -- commands -------------------------------------------------------------------------------------------------------


def run_demo(options: argparse.Namespace, out: Painter) -> int:
    """Run the demonstration."""
    from adcompile import demo

    demo.run(options.pictures)
    return OK


def run_dump(options: argparse.Namespace, out: Painter) -> int:
    """Print a listing."""
    import adcompile as ad

    f, module = load(options.function)
    out.listing(ad.dump(f, options.mode, args=arguments(options.args, module)))
    return OK


def run_compare(options: argparse.Namespace, out: Painter) -> int:
    """Print forward against reverse mode."""
    import adcompile as ad

    f, module = load(options.function)
    out.write(str(ad.compare(f, *needed(options, module), argnums=options.argnums)))
    return OK


def run_check(options: argparse.Namespace, out: Painter) -> int:
    """Check derivatives against differences and each other; an error says where they disagree."""
    import adcompile as ad

    f, module = load(options.function)
    ad.check_grads(f, needed(options, module), order=options.order, modes=SWEEPS[options.mode])
    orders = "derivatives" if options.order == 1 else f"derivatives up to order {options.order}"
    both = "forward and reverse mode" if options.mode == "both" else f"{options.mode} mode"
    out.write(out.paint("agree", "green") + f": {orders} of {options.function}, {both}")
    return OK


def run_explain(options: argparse.Namespace, out: Painter) -> int:
    """Follow one variable through every stage."""
    from adcompile.explain import explain

    f, module = load(options.function)
    found = explain(f, options.name, args=arguments(options.args, module), argnums=options.argnums)
    out.explanation(str(found))
    return OK


def needed(options: argparse.Namespace, module: ModuleType) -> tuple[Any, ...]:
    """The arguments, without which the command makes no sense."""
    found = arguments(options.args, module)
    if found is None:
        raise UsageError(f'{options.command} runs the function: give its arguments, such as --args "2.0, 3.0"')
    return found


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    text = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser("adcompile", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=text)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, run: Callable[..., int], help: str, example: str) -> argparse.ArgumentParser:
        epilog = f"example:\n  adcompile {example}"
        sub = commands.add_parser(name, help=help, description=help, epilog=epilog, formatter_class=text)
        sub.set_defaults(run=run)
        return sub

    def function(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("function", metavar="FILE:FUNCTION", help="the function, such as model.py:loss")

    def values(sub: argparse.ArgumentParser, help: str) -> None:
        sub.add_argument("--args", metavar="PYTHON", help=help)

    def wrt(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--argnums", type=argnums, default=0, metavar="WHICH", help="positions or names (default: 0)")

    demo = command("demo", run_demo, "show what adcompile does: an example, two classifiers, a simulation", "demo")
    demo.add_argument("--pictures", default="demo-pictures", metavar="FOLDER", help="where pictures of the fits go")

    dump = command("dump", run_dump, "print a program as Python", 'dump model.py:loss --mode forward --args "2.0, 3.0"')
    function(dump)
    modes = "; ".join(f"{name}: {meaning}" for name, meaning in MODES.items())
    dump.add_argument("--mode", choices=MODES, default="reverse", help=f"{modes} (default: reverse)")
    values(dump, "arguments whose types the program is for (default: numbers, where the function takes them)")

    compare = command(
        "compare", run_compare, "compare forward with reverse mode", 'compare model.py:loss --args "2.0, 3.0"'
    )
    function(compare)
    values(compare, "the arguments to compare at")
    wrt(compare)

    check = command(
        "check", run_check, "check derivatives against differences", 'check model.py:loss --args "2.0, 3.0" --order 2'
    )
    function(check)
    values(check, "the arguments to check at")
    check.add_argument(
        "--order", type=int, default=1, choices=(1, 2, 3), help="derivatives up to this order (default: 1)"
    )
    check.add_argument("--mode", choices=SWEEPS, default="both", help="default: both")

    explain = command(
        "explain", run_explain, "follow one variable to its derivatives", 'explain model.py:loss w --args "2.0, 3.0"'
    )
    function(explain)
    explain.add_argument("name", metavar="NAME", help="the variable, as it is called in the function")
    values(explain, "arguments whose types the program is for (default: numbers, where the function takes them)")
    explain.add_argument(
        "--argnums",
        type=argnums,
        default=None,
        metavar="WHICH",
        help="differentiate with respect to these (default: all)",
    )
    return top


# -- painting -------------------------------------------------------------------------------------------------------

COLOURS = {"red": "31", "green": "32", "blue": "34", "dim": "2", "bold": "1"}


class Painter:
    """Writes to a stream, in colours if that is a terminal whose user wants them."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self.coloured = wanted and stream.isatty()

    def paint(self, text: str, colour: str) -> str:
        """The text in a colour, or as it is."""
        return f"\033[{COLOURS[colour]}m{text}\033[0m" if self.coloured and text else text

    def write(self, text: str) -> None:
        """A line or several."""
        print(text, file=self.stream)

    def listing(self, text: str) -> None:
        """Python, with its comments dimmed and its keywords bold."""
        lines = text.splitlines()
        for token in reversed(list(tokenize.generate_tokens(io.StringIO(text).readline))):
            colour = "dim" if token.type == tokenize.COMMENT else "bold" if keyword.iskeyword(token.string) else ""
            if colour:
                row, (start, end) = token.start[0] - 1, (token.start[1], token.end[1])
                lines[row] = lines[row][:start] + self.paint(token.string, colour) + lines[row][end:]
        self.write("\n".join(lines))

    def explanation(self, text: str) -> None:
        """An explanation, with its labels blue and its places dimmed."""
        head, *rows = text.splitlines()
        self.write(self.paint(head, "bold"))
        for row in rows:
            label, place = row[:13], re.search(r"  \S+:\d+$", row)
            middle = row[13 : place.start() if place else len(row)]
            self.write(self.paint(label, "blue") + middle + self.paint(place[0] if place else "", "dim"))

    def error(self, text: str) -> None:
        """What went wrong, its first line red."""
        head, newline, rest = text.partition("\n")
        self.write(self.paint("error: ", "red") + self.paint(head, "bold") + newline + rest)


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out a command; the exit code."""
    options = parser().parse_args(argv)
    errors = Painter(sys.stderr)
    try:
        code: int = options.run(options, Painter(sys.stdout))
        sys.stdout.flush()
    except UsageError as error:
        errors.error(f"{error}")
        return USAGE
    except ADError as error:
        errors.error(str(error))
        return FAILED
    except BrokenPipeError:
        # whoever read our output has seen enough; Python must not complain when it closes what is left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:  # noqa: BLE001 - whatever the user's own program raises
        errors.error(f"{type(error).__name__}: {error}{where_raised(error)}")
        return FAILED
    return code


def where_raised(error: Exception) -> str:
    """The place that an exception from a kernel notes, or the innermost of the user's that it passed through."""
    notes = getattr(error, "__notes__", [])
    if notes:
        return f"\n{notes[-1]}"
    from adcompile.backend.folder import cache_folder

    place, trace = "", error.__traceback__
    others = (str(Path(__file__).parent), str(cache_folder()), *sysconfig.get_paths().values(), "<")
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        place = place if file.startswith(others) else f"\n --> {file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


if __name__ == "__main__":
    sys.exit(main())
