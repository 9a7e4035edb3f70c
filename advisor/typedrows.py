"""Reading tables whose cells have types: Excel and Parquet; all cells become text, or lists of text."""

from __future__ import annotations

from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from advisor.columnar import CHUNK
from advisor.errors import BriefError, Issue, Place
from advisor.tablefile import Block, Position

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.tablefile import Table


def read_xlsx(table: Table, start: Position) -> Iterator[Block]:
    """Yield the blocks of a sheet of briefs: the one called so, or the first."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_object(table.source if isinstance(table.source, Path) else BytesIO(table.source.read()))
    except CalamineError as problem:
        raise table.error(f"no Excel workbook: {problem}", "save it as .xlsx, without a password") from None
    name = "briefs" if "briefs" in book.sheet_names else book.sheet_names[0]
    rows = iter(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
    headings = [_cell(cell).strip() for cell in next(rows, [])]
    while headings and not headings[-1]:
        headings.pop()
    names = table.checker.columns_of(headings, f"{table.name}, sheet {name}", table.keep)
    places = {column: f"{name}!{_letters(i)}" for i, column in enumerate(names)}
    row = 1
    while some := list(islice(rows, CHUNK)):
        cells = [[_cell(cell) for cell in line[: len(names)]] for line in some]
        filled = [i for i, line in enumerate(cells) if any(cell.strip() for cell in line)]
        row += len(some)
        if row > start.row:
            columns = {column: [cells[i][j] for i in filled] for j, column in enumerate(names)}
            frame = pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))
            numbers = np.array(filled, np.int64) + row - len(some) + 1
            yield Block(frame, numbers, [], Position(row, row), places)


def _cell(value: object) -> str:
    """Return what a cell says; Excel keeps all numbers as fractions."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _letters(column: int) -> str:
    """Return the letters of a spreadsheet's column, counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def read_parquet(table: Table, start: Position) -> Iterator[Block]:
    """Yield the blocks of a Parquet file from a row on."""
    if not isinstance(table.source, Path):
        raise table.error("Parquet cannot be read from a stream", "name a file")
    lazy = pl.scan_parquet(table.source, glob=False)
    row = start.row
    while len(rows := lazy.slice(row, CHUNK).collect()):
        numbers = np.arange(row + 1, row + len(rows) + 1)
        row += len(rows)
        yield Block(text_columns(rows, table), numbers, [], Position(row, row))


def text_columns(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Return typed columns as text and lists of text, under the names they stand for.

    Raises:
        BriefError: for a column that means nothing, or of a type that no brief has.

    """
    if "facts" in rows.columns and isinstance(rows.schema["facts"], pl.Struct):
        rows = rows.unnest("facts")
    names = table.checker.columns_of(rows.columns, table.name, table.keep)
    issues = []
    columns = []
    for name, column in zip(names, rows.get_columns(), strict=True):
        if name in table.keep:
            columns.append(column)
        elif isinstance(column.dtype, pl.List) and column.dtype.inner in {pl.String, pl.Null, pl.Categorical}:
            columns.append(column.cast(pl.List(pl.String)).alias(name))
        elif column.dtype.is_float():
            whole = column.is_null() | column.is_nan() | (column == column.floor())
            text = pl.select(
                pl.when(whole).then(column.fill_nan(None).cast(pl.Int64, strict=False).cast(pl.String)).otherwise(column.cast(pl.String))
            )
            columns.append(text.to_series().alias(name))
        elif column.dtype.is_integer() or column.dtype in {pl.String, pl.Boolean, pl.Categorical, pl.Enum, pl.Null}:
            columns.append(column.cast(pl.String).alias(name))
        else:
            issues.append(
                Issue(Place(f"{table.name}, column '{name}'"), f"a column of type {column.dtype}", "write text, numbers or lists of text")
            )
    if issues:
        raise BriefError(issues)
    return pl.DataFrame(columns)
