"""Reading tables of briefs of any format, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from advisor.csvrows import read_csv
from advisor.documents import read_json, read_yaml
from advisor.jsonrows import read_jsonl
from advisor.tablefile import START, Block, Position, Table
from advisor.typedrows import read_parquet, read_xlsx

if TYPE_CHECKING:
    from collections.abc import Iterator

_READERS = {
    "csv": read_csv,
    "jsonl": read_jsonl,
    "json": read_json,
    "yaml": read_yaml,
    "xlsx": read_xlsx,
    "parquet": read_parquet,
}


def read_blocks(table: Table, start: Position = START) -> Iterator[Block]:
    """Yield the blocks of a table from a position on.

    Raises:
        BriefError: if the input cannot be read, or its columns mean nothing.

    """
    try:
        yield from _READERS[table.form](table, start)
    except (OSError, pl.exceptions.PolarsError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem).splitlines()[0]
        raise table.error(f"cannot be read: {reason}", f"is it really {table.form}? `--from` names another format") from None
