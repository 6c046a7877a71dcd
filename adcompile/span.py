"""Places in source text, and the excerpt that shows one with carets under it.

Knows nothing of programs: it is what every value, equation and error carries to say where it came from.
"""

from __future__ import annotations

import linecache
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of source text, first character included, last excluded.

    Lines count from 1 and columns from 0, as in Python's own syntax trees.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column + 1}"

    @property
    def source_line(self) -> str:
        """The first line of the stretch as it stands in the file, without its line end."""
        return linecache.getline(self.file, self.line).rstrip("\n")

    @property
    def text(self) -> str:
        """What the stretch covers, on one line, cut after its first line where it goes on."""
        line = self.source_line.encode()
        end = self.end_column if self.end_line == self.line else len(line)
        return line[self.column : end].decode(errors="replace").strip()

    def excerpt(self) -> str:
        """The place, its source line, and carets under what is meant.

        The path is printed as given; a line that cannot be found any more leaves only the place.
        """
        source = self.source_line
        gutter = len(str(self.line))
        rows = [f"{' ' * gutter}--> {self}"]
        if source:
            raw = source.encode()
            start = len(raw[: self.column].decode(errors="replace"))
            end_column = self.end_column if self.end_line == self.line else len(raw.rstrip())
            width = max(1, len(raw[self.column : end_column].decode(errors="replace")))
            rows += [
                f"{' ' * gutter} |",
                f"{self.line}| {source}",
                f"{' ' * gutter} | {' ' * start}{'^' * width}",
            ]
        return "\n".join(rows)
