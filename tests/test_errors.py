"""Wrong programs: each file of `errors/` is one, with the types it is called with above it and its exact message below it.

``pytest tests/test_errors.py --regold`` writes the messages as they are now; what has changed is then read in the difference.
"""

from __future__ import annotations

import linecache
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from adcompile.errors import ADError
from adcompile.frontend.lower import lower
from adcompile.ir.types import Array, Scalar, Type

pytestmark = pytest.mark.core

FOLDER = Path(__file__).parent / "errors"
MARK = "\n# the message:\n"


def described(text: str) -> Type:
    """A type from its text, such as ``float64[:, :]``."""
    dtype, _, axes = text.partition("[")
    return Array(dtype, axes.count(":")) if axes else Scalar(dtype)


def types_of(first_line: str) -> list[Type]:
    """The types in a line such as ``# f(float64, float64[:])``."""
    inside = re.fullmatch(r"# f\((.*)\)", first_line)
    assert inside, "the first line gives the types of the arguments"
    return [described(t) for t in re.findall(r"\w+(?:\[[^]]*\])?", inside[1])]


def message_of(path: Path) -> str:
    """What lowering the function `f` of a file raises."""
    source = path.read_text().partition(MARK)[0] + "\n"
    linecache.cache[path.name] = (len(source), None, source.splitlines(keepends=True), path.name)
    module = ModuleType(path.stem)
    with pytest.MonkeyPatch.context() as patch:
        # dataclasses look their module up
        patch.setitem(sys.modules, path.stem, module)
        exec(compile(source, path.name, "exec"), vars(module))
    with pytest.raises(ADError) as caught:
        lower(module.f, types_of(source.splitlines()[0]))
    return caught.value.render()


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_a_wrong_program_gets_its_message(path: Path, request: pytest.FixtureRequest) -> None:
    message = message_of(path)
    source, _, expected = path.read_text().partition(MARK)
    if request.config.getoption("regold", default=False):
        path.write_text(
            source.rstrip("\n") + "\n" + MARK + "".join(f"# {row}".rstrip() + "\n" for row in message.splitlines())
        )
    else:
        assert "".join(f"# {row}".rstrip() + "\n" for row in message.splitlines()) == expected


def test_the_catalogue_is_large_enough() -> None:
    assert len(list(FOLDER.glob("*.py"))) >= 40
