"""Reading CSV: records checked line by line, so that a broken one spoils no other, then read as a whole."""

from __future__ import annotations

import codecs
import re
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
import polars as pl

from advisor.columnar import CHUNK
from advisor.tablefile import LONGEST, Block, Position
from advisor.tables import Reject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.tablefile import Table

_QUOTED = re.compile(rb'"(?:[^"]|"")*"')
_SPAN = 50  # lines of one record
_SAMPLE = 1_000_000


def read_csv(table: Table, start: Position) -> Iterator[Block]:
    """Yield the blocks of a CSV file from a position on."""
    with table.open(0) as stream:
        heading = stream.readline()
        while heading.count(b'"') % 2 and (more := stream.readline()):
            heading += more
        decode = _decoder(table, heading)
        separator = max(b",;\t", key=lambda c: _QUOTED.sub(b"", heading).count(bytes([c])))
        names = _columns(table, decode(heading), chr(separator))
        offset, row = len(heading) + (3 if table.marked() else 0), 1
        if start.offset:
            stream.seek(start.offset)
            offset, row = start.offset, start.row
        schema = dict.fromkeys(names, pl.String)
        while lines := _lines(stream):
            offset += sum(map(len, lines))
            records, numbers, rejects = _records(lines, row, (separator, len(names)), decode)
            text = BytesIO(b"".join(records))
            frame = pl.read_csv(text, has_header=False, schema=schema, separator=chr(separator)) if records else pl.DataFrame(schema=schema)
            row += len(lines)
            yield Block(frame, np.array(numbers, np.int64), rejects, Position(offset, row))


def _columns(table: Table, heading: bytes, separator: str) -> list[str]:
    """Return the columns that the heading names."""
    read = pl.read_csv(BytesIO(heading), has_header=False, infer_schema=False, separator=separator) if heading.strip() else pl.DataFrame()
    headings = [str(cell or "").removeprefix("\ufeff").strip() for row in read.rows() for cell in row]
    return table.checker.columns_of(headings, table.name, table.keep)


def _lines(stream: IO[bytes]) -> list[bytes]:
    """Return the lines of the next block; it ends outside of quotes."""
    lines = list(islice(stream, CHUNK))
    for _ in range(_SPAN):
        if not b"".join(lines).count(b'"') % 2 or not (more := stream.readline()):
            break
        lines.append(more)
    return lines


def _records(
    lines: list[bytes], before: int, shape: tuple[int, int], decode: Callable[[bytes], bytes]
) -> tuple[list[bytes], list[int], list[Reject]]:
    """Return the records in lines of CSV with the numbers of their first lines, and rejects for lines that are none."""
    records, numbers, rejects = list[bytes](), list[int](), list[Reject]()
    separator, width = bytes([shape[0]]), shape[1]
    i = 0
    while i < len(lines):
        end = i + 1
        if lines[i].count(b'"') % 2:
            closing = (j for j in range(i + 1, min(i + _SPAN, len(lines))) if lines[j].count(b'"') % 2)
            end = next(closing, i) + 1
        record = b"".join(lines[i:end])
        problem, text = _problem_of(record, separator, width, decode)
        if problem and end > i + 1:  # the quote belongs to this line only; what follows are rows of their own
            record, end = lines[i], i + 1
            problem = ("a quote is opened and never closed", "close it, or double a quote that is meant")
        if problem:
            rejects.append(Reject(before + i + 1, "", record.decode("utf-8", "replace").strip()[:80], *problem))
        elif text.strip():
            records.append(text.rstrip(b"\r\n") + b"\n")
            numbers.append(before + i + 1)
        i = end
    return records, numbers, rejects


def _problem_of(record: bytes, separator: bytes, width: int, decode: Callable[[bytes], bytes]) -> tuple[tuple[str, str] | None, bytes]:
    """Return what is wrong with a record of CSV, and its text in UTF-8."""
    if not record.strip():
        return None, b""
    if len(record) > LONGEST:
        return ("longer than 2 MB", "is a quote missing?"), b""
    bare = _QUOTED.sub(b"", record) if b'"' in record else record
    cells = bare.count(separator) + 1
    problem = None
    if b'"' in bare:
        problem = ("a quote is opened and never closed", "close it, or double a quote that is meant")
    elif cells != width:
        hint = (
            f"put text with '{separator.decode()}' in quotes"
            if cells > width
            else "every row has a cell, even an empty one, in each column"
        )
        problem = (f"{cells} cells where the heading has {width}", hint)
    elif b"\x00" in record:
        problem = ("a null character in the text", "remove it; is this really a text file?")
    if problem:
        return problem, b""
    try:
        return None, decode(record)
    except UnicodeDecodeError as bad:
        return (f"not {_spoken(bad.encoding)}: byte 0x{record[bad.start]:02x} cannot be read", "save the file as UTF-8"), b""


def _spoken(encoding: str) -> str:
    return "UTF-8" if encoding.lower().replace("-", "") == "utf8" else encoding


def _decoder(table: Table, heading: bytes) -> Callable[[bytes], bytes]:
    """Return what turns bytes of the file into UTF-8; the encoding is the given one, or found in the first megabyte."""
    encoding = table.encoding or _sniffed(table, heading)
    if encoding == "cp1252":
        if not table.encoding:
            table.tell(f"{table.name}: not UTF-8; read as cp1252 (Windows). `--encoding` says otherwise")
        return lambda data: data.decode("cp1252").encode()

    def check(data: bytes) -> bytes:
        if not data.isascii():
            data.decode()
        return data

    return check


def _sniffed(table: Table, heading: bytes) -> str:
    """Return `cp1252` for a text with bytes of that encoding and not one character of UTF-8."""
    sample = heading
    if isinstance(table.source, Path):
        with table.source.open("rb") as stream:
            sample = stream.read(_SAMPLE)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise table.error("the text is UTF-16", "save it as UTF-8; in Excel: CSV UTF-8")
    wide = re.search(rb"[\xc3-\xf4][\x80-\xbf]", sample)
    if sample.isascii() or wide or sample.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if re.search(rb"[\x81\x8d\x8f\x90\x9d]", sample):
        raise table.error("neither UTF-8 nor cp1252", "save it as UTF-8")
    return "cp1252"
