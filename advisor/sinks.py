"""Writing answers and rejects: into a workspace chunk by chunk, and from there into place as one complete file."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import asdict, astuple
from typing import IO, TYPE_CHECKING, Any

import polars as pl

from advisor.tables import Reject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

TEXT_FORMS = ("csv", "jsonl", "json", "yaml")
REJECT_COLUMNS = ("row", "column", "value", "reason", "hint")

_RUNS = r"^([=+\-@\t\r])"  # what a spreadsheet takes for the beginning of a formula
_ROW_GROUP = 65_536


def neutral(column: str) -> pl.Expr:
    """Return a text column in which no cell is taken for a formula by a spreadsheet: such a cell gets an apostrophe."""
    return pl.col(column).str.replace(_RUNS, "'${1}")


class Sink:
    """The answers of one run in a workspace; text is appended to one file, chunks of other formats are files of their own."""

    def __init__(self, form: str, own_text: tuple[str, ...] = ("name",)) -> None:
        """Take the format, and which columns hold text of the user."""
        self.form = form
        self._own_text = own_text

    def take(self, answers: pl.DataFrame, workspace: Path, chunk: int) -> None:
        """Write the answers of one chunk."""
        if self.form not in TEXT_FORMS:
            parts = workspace / "parts"
            parts.mkdir(exist_ok=True)
            answers.write_parquet(parts / f"{chunk:08}.parquet")
            return
        with (workspace / "out").open("ab") as stream:
            first = stream.tell() == 0
            if self.form == "csv":
                own = [neutral(name) for name in self._own_text if answers.schema[name] == pl.String]
                stream.write(answers.with_columns(own).write_csv(include_header=first).encode())
            elif self.form == "jsonl":
                answers.write_ndjson(stream)
            elif len(answers):
                stream.writelines(self._framed(answers, first=first))

    def _framed(self, answers: pl.DataFrame, *, first: bool) -> Iterator[bytes]:
        """Yield the items of a JSON array, or documents of YAML; a value of JSON is one of YAML, too."""
        for line in io.BytesIO(answers.write_ndjson().encode()):
            if self.form == "json":
                yield (b"[\n" if first else b",\n") + line.rstrip(b"\n")
                first = False
            else:
                pairs = json.loads(line).items()
                yield b"---\n" + "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in pairs).encode()

    def complete(self, workspace: Path, write_workbook: Callable[[Path, Iterable[Path]], None]) -> Path:
        """Return the complete file, made of what was written."""
        if self.form in TEXT_FORMS:
            out = workspace / "out"
            if self.form == "json":
                final = workspace / "final"
                final.unlink(missing_ok=True)
                os.link(out, final)  # a second name until the end is written: the journal knows the length without it
                _end_array(final)
            return out
        final = workspace / "final"
        parts = sorted((workspace / "parts").glob("*.parquet"))
        if self.form == "xlsx":
            write_workbook(final, parts)
        else:
            pl.scan_parquet(parts, glob=False).sink_parquet(final, row_group_size=_ROW_GROUP, maintain_order=True)
        return final


def _end_array(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.seek(0, os.SEEK_END)
        length = stream.tell()
        if length == 0:
            stream.write(b"[]\n")
            return
        stream.seek(length - 1)
        if stream.read(1) != b"\n":
            stream.write(b"\n]\n")


def append_rejects(workspace: Path, rejects: Iterable[Reject], places: Mapping[str, str]) -> None:
    """Write rejects aside; of a spreadsheet the place is a cell."""
    with (workspace / "rejects").open("a", encoding="utf-8", newline="\n") as stream:
        for reject in rejects:
            entry = asdict(reject)
            if reject.column in places:
                entry["column"] = f"{places[reject.column]}{reject.row}"
            stream.write(json.dumps(entry, ensure_ascii=False) + "\n")


def read_rejects(workspace: Path) -> Iterator[Reject]:
    """Yield the rejects written aside."""
    with (workspace / "rejects").open(encoding="utf-8") as stream:
        for line in stream:
            yield Reject(**json.loads(line))


def complete_rejects(workspace: Path, form: str) -> Path:
    """Return the file of rejects, as CSV or JSON lines."""
    if form == "jsonl":
        return workspace / "rejects"
    final = workspace / "rejects.final"
    with final.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(REJECT_COLUMNS)
        writer.writerows([_neutral_cell(cell) for cell in astuple(reject)] for reject in read_rejects(workspace))
    return final


def _neutral_cell(cell: Any) -> Any:  # noqa: ANN401 - cells are of any kind
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def copy(path: Path, stream: IO[bytes]) -> None:
    """Write a file to a stream."""
    with path.open("rb") as source:
        while data := source.read(1 << 20):
            stream.write(data)
