"""`advisor batch`: a table of briefs in, a table of answers out."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from advisor.cli_options import EXIT_FINDINGS, knowledge_option, load
from advisor.errors import BriefError, Issue, Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.api import Knowledge
    from advisor.batch import Job, Progress
    from advisor.catalog import Catalog
    from advisor.reading_stated import StatedReader

_FORMS = ("csv", "jsonl", "json", "yaml", "xlsx", "parquet")
_SHOWN = 20  # rejects told on stderr where they are not written to a file


@click.command()
@click.argument("source", metavar="IN", required=False)
@click.option("-o", "--output", metavar="OUT", help="Where to write the answers; - for stdout.")
@click.option("--from", "from_", type=click.Choice(_FORMS), help="Format of IN, where its ending does not say so.")
@click.option("--to", "to", type=click.Choice(_FORMS), help="Format of OUT, where its ending does not say so.")
@click.option("--rejects", metavar="FILE", type=click.Path(path_type=Path), help="Where rejected rows go; beside OUT if not said.")
@click.option("--resume", is_flag=True, help="Go on with a run that was stopped.")
@click.option("--template", metavar="FILE", type=click.Path(path_type=Path), help="Write an empty table to fill in (.xlsx or .csv).")
@click.option("--view", type=click.Choice(["guide", "industry"]), default="guide", show_default=True, help="The view that comes first.")
@click.option("--rules", is_flag=True, help="Spell out the ids of rules, instead of one bit for each rule in hexadecimal.")
@click.option("--keep", multiple=True, metavar="COLUMN", help="Take a column of your own along; repeatable.")
@click.option(
    "--accept",
    type=click.Choice(["stated", "likely", "all"]),
    help="Read needs and facts in other words than the catalog's, such as `run US Phase 3 trial`, and take what is this sure.",
)
@click.option("--encoding", type=click.Choice(["utf-8", "cp1252"]), help="Encoding of CSV, where it is not found out.")
@knowledge_option
def batch(
    source: str | None,
    output: str | None,
    from_: str | None,
    to: str | None,
    rejects: Path | None,
    resume: bool,
    template: Path | None,
    view: str,
    rules: bool,
    keep: tuple[str, ...],
    accept: str | None,
    encoding: str | None,
    overlays: tuple[Path, ...],
) -> None:
    """Judge many briefs: a table IN (CSV, JSON lines, JSON, YAML, a folder of briefs, Excel, Parquet), a table OUT.

    Rows that are no sound brief go into the rejects, and the exit code is 1; all others are judged.
    """
    knowledge = load(overlays)
    if template is not None:
        _write_template(template, knowledge)
        return
    if source is None or output is None:
        raise click.UsageError("name a table IN and an OUT (-o), or --template FILE")
    if resume and "-" in {source, output}:
        raise click.UsageError("--resume needs files, not stdin or stdout")
    from advisor.answers import Judge
    from advisor.batch import Job
    from advisor.sinks import Sink
    from advisor.tablefile import Table
    from advisor.tables import TableChecker

    stream: Path | IO[bytes] = sys.stdin.buffer if source == "-" else Path(source)
    form = from_ or _form_of(source)
    checker = TableChecker(knowledge.catalog, _reader(knowledge, accept))
    table = Table(stream, "<stdin>" if source == "-" else source, form, checker, keep, encoding or "", _say)
    target = Path(output)
    workspace = Path(tempfile.mkdtemp()) / "batch" if output == "-" else target.parent / f".{target.name}.partial"
    progress = _bar(source)
    job = Job(table, Judge(knowledge, view), Sink(to or _form_of(output), ("name", *keep)), workspace, rules, progress)
    _run(job, output, rejects or (target.with_name(f"{target.stem}.rejects.csv") if output != "-" else None), resume=resume)


def _reader(knowledge: Knowledge, accept: str | None) -> StatedReader | None:
    if accept is None:
        return None
    from advisor.reading_stated import StatedReader

    return StatedReader(knowledge.catalog, accept, knowledge.directories)


def _tell_readings(reader: StatedReader | None) -> None:
    """Say what the first phrases were read as; nobody confirmed it."""
    read = reader.read if reader else {}
    if read:
        _say(f"Rests on an unconfirmed reading of {len(read)} phrases:")
        for phrase, functions in list(read.items())[:_SHOWN]:
            _say(f"  {phrase}: {', '.join(functions)}")


def _run(job: Job, output: str, rejects: Path | None, *, resume: bool) -> None:
    """Run a job, put its output into place, tell what became of it."""
    from advisor.sinks import copy, read_rejects

    began = time.monotonic()
    try:
        done = job.run(resume=resume)
        if rejects is None:
            for i, reject in enumerate(read_rejects(job.workspace)):
                if i < _SHOWN:
                    _say(f"row {reject.row}{f', {reject.column}' if reject.column else ''}: {reject.reason}")
        if output == "-":
            copy(job.sink.complete(job.workspace, lambda *_: None), sys.stdout.buffer)
            if rejects is not None and done.rejected:
                from advisor.sinks import complete_rejects

                shutil.move(complete_rejects(job.workspace, "csv"), rejects)
            shutil.rmtree(job.workspace.parent)
        else:
            assert rejects is not None  # noqa: S101 - a file beside OUT is the default
            job.complete(Path(output), rejects, done)
    except OSError as problem:
        place = Place(str(problem.filename or output))
        raise BriefError([Issue(place, f"cannot be written: {problem.strerror}", "name another file")]) from None
    _tell_readings(job.table.checker.reader)
    _summarize(done, time.monotonic() - began, rejects, job.judge.knowledge.catalog)


def _summarize(done: Progress, seconds: float, rejects: Path | None, catalog: Catalog) -> None:
    """Print what became of the rows; exit with 1 if any was rejected."""
    from advisor.wording import kind_name

    counts = sorted(done.verdicts.items(), key=lambda item: (-item[1], item[0]))
    kinds = ", ".join(f"{kind_name(kind, catalog)} {count}" for kind, count in counts)
    if sys.stderr.isatty():
        _say("\r" + " " * 60 + "\r", end="")
    _say(f"{done.rows} briefs judged in {seconds:.1f} s" + (f": {kinds}" if kinds else ""))
    if done.rejected:
        _say(f"{done.rejected} rows rejected" + (f", see {rejects}" if rejects else ""))
        sys.exit(EXIT_FINDINGS)


def _write_template(path: Path, knowledge: Knowledge) -> None:
    from advisor.workbook import csv_template, xlsx_template

    makers = {".csv": csv_template, ".xlsx": xlsx_template}
    if path.suffix.lower() not in makers:
        message = "a template is .xlsx or .csv"
        raise click.UsageError(message)
    try:
        with path.open("xb") as stream:  # a table that somebody filled in is never replaced
            stream.write(makers[path.suffix.lower()](knowledge.catalog))
    except FileExistsError:
        raise BriefError([Issue(Place(str(path)), "is there already", "name another file, or remove this one")]) from None
    except OSError as problem:
        raise BriefError([Issue(Place(str(path)), f"cannot be written: {problem.strerror}", "name another file")]) from None
    _say(f"{path}: one row for each brief; then: advisor batch {path} -o answers{path.suffix.lower()}")


def _form_of(name: str) -> str:
    """Return the format that a file's ending, or a folder, stands for."""
    from advisor.tablefile import FORMATS

    if Path(name).is_dir():
        return "yaml"
    form = FORMATS.get(Path(name).suffix.lower())
    if form is None:
        message = f"{name}: the ending says no format; use --from or --to ({', '.join(_FORMS)})"
        raise click.UsageError(message)
    return form


def _bar(source: str) -> Callable[[Progress], None]:
    """Return what shows the progress; nothing where nobody looks."""
    if not sys.stderr.isatty():
        return lambda _: None
    size = Path(source).stat().st_size if source != "-" and Path(source).is_file() else 0

    def show(done: Progress) -> None:
        share = f"{min(done.offset / size, 1):4.0%}  " if size and done.offset > done.row else ""
        _say(f"\r{share}{done.rows:,} briefs judged, {done.rejected:,} rejected", end="")

    return show


def _say(text: str, end: str = "\n") -> None:
    click.echo(text + end, err=True, nl=False)
