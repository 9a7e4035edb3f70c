"""Many briefs at once: a table in, a table of answers out, in chunks and in constant memory.

Everything is written into a workspace beside the output and moved into place when it is complete. A journal says after
each chunk how far the run got, so one that was killed goes on where it stopped and ends with the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from advisor.answers import Judge
from advisor.api import load_knowledge, shipped_knowledge
from advisor.columnar import CHUNK
from advisor.errors import BriefError, Issue, Place
from advisor.rows import read_blocks
from advisor.sinks import TEXT_FORMS, Sink, append_rejects, complete_rejects, read_rejects
from advisor.tablefile import Position, Table
from advisor.tables import TableChecker
from advisor.typedrows import text_columns
from advisor.workbook import write_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pyarrow as pa

    from advisor.api import Knowledge
    from advisor.tablefile import Block

_EDGE = 65_536  # bytes at either end of the input that tell it from another


@dataclass(slots=True)
class Progress:
    """How far a run got, and what became of its rows: verdicts by kind are those of the view that comes first."""

    offset: int = 0
    row: int = 0
    chunks: int = 0
    rows: int = 0
    rejected: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    out: int = 0
    rejects: int = 0
    read: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One batch.

    Attributes:
        table: what to read; judge: by what to judge it; sink: how to write it.
        workspace: a directory beside the output. rules: spell out rule ids.
        progress: called with the position after each chunk.

    """

    table: Table
    judge: Judge
    sink: Sink
    workspace: Path
    rules: bool = False
    progress: Callable[[Progress], None] = lambda _: None

    def run(self, *, resume: bool = False) -> Progress:
        """Judge the whole table into the workspace, or what is left of it.

        Raises:
            BriefError: if the input can't be read, or the run to go on with was over another input or knowledge.

        """
        done = self._begin(resume=resume)
        if not done.read:
            for block in read_blocks(self.table, Position(done.offset, done.row)):
                self._take(block, done)
                done.offset, done.row = block.after.offset, block.after.row
                self._note(done)
                self.progress(done)
            if not done.chunks:
                self._write(self._none(), done)
            done.read = True
            self._note(done)
        return done

    def complete(self, output: Path, rejects: Path, done: Progress) -> None:
        """Move the rejects, if any, and then the output into place, and remove the workspace."""
        rejects_told = list(read_rejects(self.workspace)) if self.sink.form == "xlsx" else []
        out = self.sink.complete(self.workspace, lambda path, parts: write_report(path, parts, self.judge, done.verdicts, rejects_told))
        if done.rejected:
            complete_rejects(self.workspace, "jsonl" if rejects.suffix in {".jsonl", ".ndjson"} else "csv").replace(rejects)
        else:
            rejects.unlink(missing_ok=True)  # those of an earlier run would be taken for this one's
        out.replace(output)
        shutil.rmtree(self.workspace)

    def _take(self, block: Block, done: Progress) -> None:
        """Judge one block; write its answers and rejects."""
        rejects = list(block.rejects)
        checker = self.table.checker
        for start in range(0, len(block.frame), CHUNK):
            part = slice(start, start + CHUNK)
            table, found = checker.check(block.frame[part], block.numbers[part], self.table.keep)
            rejects += found
            self._write(self.judge.answers(table, rules=self.rules), done)
        done.rejected += len({reject.row for reject in rejects})
        append_rejects(self.workspace, sorted(rejects), block.places)

    def _write(self, answers: pl.DataFrame, done: Progress) -> None:
        self.sink.take(answers, self.workspace, done.chunks)
        done.chunks += 1
        done.rows += len(answers)
        view = self.judge.views[0]
        unknown = (pl.col(f"{view}_status") == "nothing_needed") & (pl.col(f"{view}_certainty") == "open")
        status = pl.when(unknown).then(pl.lit("needs_unknown")).otherwise(f"{view}_status")
        told = answers.select(
            pl.when(pl.col(f"{view}_recommendation") != "").then(f"{view}_recommendation").otherwise(status).alias("kind")
        )
        done.verdicts.update(dict(told["kind"].value_counts().iter_rows()))

    def _none(self) -> pl.DataFrame:
        """Return the answers to no brief at all: a heading."""
        columns = {"needs": pl.String, **dict.fromkeys(self.table.keep, pl.String)}
        table, _ = self.table.checker.check(pl.DataFrame(schema=columns), np.zeros(0, np.int64), self.table.keep)
        return self.judge.answers(table, rules=self.rules)

    # --- the journal --------------------------------------------------------------------------------------------------

    def _begin(self, *, resume: bool) -> Progress:
        """Return how far an earlier run got, with everything it wrote later cut off; or begin anew."""
        journal = self.workspace / "journal.json"
        if not resume or not journal.is_file():
            shutil.rmtree(self.workspace, ignore_errors=True)
            self.workspace.mkdir(parents=True)
            (self.workspace / "rejects").touch()
            if self.sink.form in TEXT_FORMS:
                (self.workspace / "out").touch()
            return Progress()
        state = json.loads(journal.read_text(encoding="utf-8"))
        if state.pop("fingerprint") != self._fingerprint():
            what = "the run to go on with was over another input, or with other options or knowledge"
            raise BriefError([Issue(Place(str(self.workspace)), what, "begin anew, without `--resume`")])
        done = Progress(**state | {"verdicts": Counter(state["verdicts"])})
        for name, length in (("out", done.out), ("rejects", done.rejects)):
            if (self.workspace / name).is_file():
                with (self.workspace / name).open("r+b") as stream:
                    stream.truncate(length)
        for part in (self.workspace / "parts").glob("*.parquet"):
            if int(part.stem) >= done.chunks:
                part.unlink()
        return done

    def _note(self, done: Progress) -> None:
        """Write the journal; it is always whole, and never ahead of what was written."""
        out, rejects = self.workspace / "out", self.workspace / "rejects"
        done.out, done.rejects = out.stat().st_size if out.is_file() else 0, rejects.stat().st_size
        state = {name: getattr(done, name) for name in Progress.__dataclass_fields__}
        aside = self.workspace / "journal.aside"
        aside.write_text(json.dumps({"fingerprint": self._fingerprint(), **state}), encoding="utf-8")
        aside.replace(self.workspace / "journal.json")

    def _fingerprint(self) -> str:
        """Return what tells this run from others."""
        reader = self.table.checker.reader
        parts: list[Any] = [
            reader.accept if reader else None,
            self.table.form,
            self.table.keep,
            self.table.encoding,
            self.sink.form,
            self.rules,
            self.judge.views,
        ]
        digest = hashlib.sha256(f"{parts}{self.judge.knowledge.sha256}".encode())
        source = self.table.source
        for path in _files(source) if isinstance(source, Path) else ():
            size = path.stat().st_size
            digest.update(f"{path.name} {size} {path.stat().st_mtime_ns}\n".encode())
            with path.open("rb") as stream:
                digest.update(stream.read(_EDGE))
                stream.seek(max(size - _EDGE, 0))
                digest.update(stream.read())
        return digest.hexdigest()


def _files(source: Path) -> Iterable[Path]:
    return sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]


# --- Arrow ------------------------------------------------------------------------------------------------------------


def evaluate_table(table: pa.Table, *, overlays: tuple[str, ...] = (), view: str = "guide") -> pa.Table:
    """Return the verdicts on a table of briefs: one row of answers for each row, in the same order.

    It is pure and can be pickled, so that a distributed engine can map it over partitions. The knowledge is loaded once in
    each process. A row that is no sound brief has no verdict; the column `problem` says what is wrong with it.

    Args:
        table: an Arrow table with the columns of `advisor batch`: needs, wishes, in_house, name, facts by id.
        overlays: knowledge directories on top of the shipped knowledge.
        view: the view whose columns come first.

    Raises:
        BriefError: if a column means nothing.

    """
    frame = pl.DataFrame(table)
    return evaluate_frame(frame, overlays=overlays, view=view).to_arrow()


def evaluate_frame(frame: pl.DataFrame, *, overlays: tuple[str, ...] = (), view: str = "guide") -> pl.DataFrame:
    """Return the same for a table of Polars."""
    judge = _judge(overlays, view)
    checker = TableChecker(judge.knowledge.catalog)
    text = text_columns(frame, Table(Path(), "table", "parquet", checker))
    found = [_evaluated(text[start : start + CHUNK], start, checker, judge) for start in range(0, max(len(text), 1), CHUNK)]
    return pl.concat(found)


def _evaluated(text: pl.DataFrame, start: int, checker: TableChecker, judge: Judge) -> pl.DataFrame:
    numbers = np.arange(start + 1, start + len(text) + 1)
    table, rejects = checker.check(text, numbers)
    answers = judge.answers(table)
    problems: dict[int, str] = {}
    for reject in rejects:
        said = f"{reject.column}: {reject.reason}"
        problems[reject.row] = f"{problems[reject.row]}; {said}" if reject.row in problems else said
    rows = pl.DataFrame({"row": numbers}, schema={"row": pl.Int64})
    wrong = pl.DataFrame({"row": list(problems), "problem": list(problems.values())}, schema={"row": pl.Int64, "problem": pl.String})
    joined = rows.join(answers, on="row", how="left", maintain_order="left").join(wrong, on="row", how="left", maintain_order="left")
    return joined.with_columns(pl.col("problem").fill_null(""))


@cache
def _judge(overlays: tuple[str, ...], view: str) -> Judge:
    knowledge: Knowledge = load_knowledge(*overlays) if overlays else shipped_knowledge()
    return Judge(knowledge, view)
