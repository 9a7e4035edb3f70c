"""Reading briefs that are documents: a JSON array, YAML of many documents, a folder of brief files."""

from __future__ import annotations

import codecs
import json
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from advisor.briefkeys import Keys, json_problem, pairs_of
from advisor.columnar import CHUNK
from advisor.errors import AdvisorError, BriefError
from advisor.rules import NEED_FACTS
from advisor.tablefile import Block, Position
from advisor.tables import TEXTS, Reject
from advisor.yamlfile import load_documents, load_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.tablefile import Table
    from advisor.yamlfile import Document


def read_json(table: Table, start: Position) -> Iterator[Block]:
    """A JSON array is read as a whole; for tables larger than memory there are JSON lines."""
    with table.open(0) as stream:
        try:
            values = json.loads(stream.read().removeprefix(codecs.BOM_UTF8).decode(), object_pairs_hook=pairs_of)
        except (ValueError, RecursionError) as problem:
            raise table.error(json_problem(problem), "one brief in a line? Then it is `--from jsonl`") from None
    if isinstance(values, dict):
        values = [values]
    if not isinstance(values, list):
        raise table.error("expected a list of briefs", "write [{...}, {...}]")
    yield from _values(table, ((value, []) for value in values), start)


def read_yaml(table: Table, start: Position) -> Iterator[Block]:
    """Yield the blocks of a YAML file of many documents, or of a folder of briefs."""
    if isinstance(table.source, Path) and table.source.is_dir():
        yield from _values(table, map(_document, _folder(table.source)), start)
        return
    with table.open(0) as stream:
        yield from _values(table, map(_document, load_documents(stream, table.name, BriefError)), start)


def _folder(folder: Path) -> Iterator[Document | AdvisorError]:
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {".yaml", ".yml"}):
        try:
            document = load_file(path, BriefError)
            if isinstance(document.value, dict):
                document.value.setdefault("name", path.stem if path.stem != "brief" else path.parent.name)
            yield document
        except BriefError as problem:
            yield problem


def _document(document: Document | AdvisorError) -> tuple[object, list[tuple[str, str, str]]]:
    if isinstance(document, AdvisorError):
        return None, [(str(issue.where), issue.what, issue.hint) for issue in document.issues]
    return document.value, []


def _values(table: Table, values: Iterator[tuple[object, list[tuple[str, str, str]]]], start: Position) -> Iterator[Block]:
    """Yield blocks of plain values; each comes with what kept it from being read."""
    keys = Keys(table)
    row = 0
    while some := list(islice(values, CHUNK)):
        row += len(some)
        if row <= start.row:
            continue
        tops = {key for value, _ in some if isinstance(value, dict) for key in value}
        schema = keys.schema_of(
            {*NEED_FACTS, *TEXTS, *table.keep} | (tops & {*table.checker.catalog.functions, *table.checker.catalog.facts})
        )
        lines, numbers, rejects = list[bytes](), list[int](), list[Reject]()
        for number, (value, problems) in enumerate(some, start=row - len(some) + 1):
            line, found = (b"", [Reject(number, *problem) for problem in _placed(problems)]) if problems else keys.line(value, number)
            rejects += found
            if not found:
                lines.append(line)
                numbers.append(number)
        frame = pl.read_ndjson(BytesIO(b"".join(lines)), schema=schema) if lines else pl.DataFrame(schema=schema)
        yield Block(keys.flat(frame), np.array(numbers, np.int64), rejects, Position(row, row))


def _placed(problems: list[tuple[str, str, str]]) -> Iterator[tuple[str, str, str, str]]:
    for where, what, hint in problems:
        yield "", where, what, hint
