"""The README tells the truth: its programs run, and print what it shows."""

from __future__ import annotations

import re
from pathlib import Path

from adcompile.errors import ADError

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"^```(python|text)\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_programs_print_what_is_shown(tmp_path, capsys, monkeypatch):
    """Each Python block is run as the file `model.py`; a text block is what the block before it printed."""
    monkeypatch.chdir(tmp_path)
    space = {"__name__": "model"}
    printed = ""
    for kind, text in BLOCKS:
        if kind == "text":
            assert printed.strip() == text.strip()
            continue
        (tmp_path / "model.py").write_text(text, encoding="utf-8")
        try:
            exec(compile(text, "model.py", "exec"), space)
        except ADError as error:
            print(error)  # noqa: T201  shown below the program
        printed = capsys.readouterr().out.replace(f"{tmp_path}/", "")


def test_commands_stand_in_the_makefile():
    makefile = (README.parent / "Makefile").read_text(encoding="utf-8")
    commands = re.findall(r"^make (\w+)", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert {"demo", "test"} <= set(commands)
    for target in commands:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
