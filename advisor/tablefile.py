"""A table of briefs as a file: what is known about it before it is read, and the blocks it is read in.

A block is a fixed number of lines or rows, so memory stays constant, and reading can begin anew at a block's end.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from advisor.errors import BriefError, Issue, Place

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from advisor.tables import Reject, TableChecker

FORMATS = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".xlsx": "xlsx",
    ".parquet": "parquet",
}
LONGEST = 2_000_000  # bytes of one line


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading goes on: a byte or a row of the input, and the number of the last row before it."""

    offset: int = 0
    row: int = 0


START = Position()


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a table as text columns, those that could not be read, and where the next block begins."""

    frame: pl.DataFrame
    numbers: NDArray[np.int64]
    rejects: list[Reject]
    after: Position
    places: dict[str, str] = field(default_factory=dict)
    """For a spreadsheet: sheet and column letter of each column."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table to be read.

    Attributes:
        source: a path, or an open stream of bytes that can be read once; name: what to call it in messages.
        form: one of FORMATS' values. keep: columns to take along. encoding: of a text; empty to find out.

    """

    source: Path | IO[bytes]
    name: str
    form: str
    checker: TableChecker
    keep: tuple[str, ...] = ()
    encoding: str = ""
    tell: Callable[[str], None] = print

    def error(self, what: str, hint: str = "") -> BriefError:
        """Return a problem of the file as a whole."""
        return BriefError([Issue(Place(self.name), what, hint)])

    def open(self, offset: int) -> IO[bytes]:
        """Return the bytes of a text from an offset on, without a byte order mark."""
        if not isinstance(self.source, Path):
            return self.source
        with self.source.open("rb") as stream:
            mark = stream.read(4)
        if mark.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise self.error("the text is UTF-16", "save it as UTF-8; in Excel: CSV UTF-8")
        stream = self.source.open("rb")
        stream.seek(offset or (3 if mark.startswith(codecs.BOM_UTF8) else 0))
        return stream

    def marked(self) -> bool:
        """Return whether the file begins with a byte order mark of UTF-8."""
        if not isinstance(self.source, Path):
            return False
        with self.source.open("rb") as stream:
            return stream.read(3) == codecs.BOM_UTF8
