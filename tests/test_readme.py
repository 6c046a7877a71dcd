"""The README and the list of limits tell the truth: their programs run, and print what is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adcompile.errors import ADError

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", ["README.md", "docs/limits.md"])
def test_programs_print_what_is_shown(name, tmp_path, capsys, monkeypatch):
    """Each Python block is run as the file `model.py`; a text block is what the block before it printed."""
    monkeypatch.chdir(tmp_path)
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^```(python|text)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert blocks
    space = {"__name__": "model"}
    printed = ""
    for kind, block in blocks:
        if kind == "text":
            assert printed.strip() == block.strip()
            continue
        (tmp_path / "model.py").write_text(block, encoding="utf-8")
        try:
            exec(compile(block, "model.py", "exec"), space)
        except ADError as error:
            print(error)  # noqa: T201  shown below the program
        printed = capsys.readouterr().out.replace(f"{tmp_path}/", "")


def test_commands_stand_in_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = re.findall(r"^make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {"demo", "test"} <= set(commands)
    for target in commands:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
