"""Reading tables of briefs: files of any kind become blocks of text columns, and rejects for rows that are none.

A block is a fixed number of lines or rows, so memory stays constant, and reading can begin anew at a block's end.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import polars as pl

from advisor.columnar import CHUNK
from advisor.errors import AdvisorError, BriefError, Issue, Place, suggest
from advisor.tables import LISTS, TEXTS, Reject, TableChecker
from advisor.validation import describe
from advisor.yamlfile import load_documents, load_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from advisor.yamlfile import Document

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
ENCODINGS = ("utf-8", "cp1252")

_QUOTED = re.compile(rb'"(?:[^"]|"")*"')
_LONGEST = 2_000_000  # bytes of one line
_SPAN = 50  # lines of one record
_SAMPLE = 1_000_000
_SNIFFED = 50  # lines whose keys are looked at


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

    def blocks(self, start: Position = START) -> Iterator[Block]:
        """Yield the blocks from a position on.

        Raises:
            BriefError: if the input cannot be read, or its columns mean nothing.

        """
        readers = {"csv": _csv, "jsonl": _jsonl, "json": _json, "yaml": _yaml, "xlsx": _xlsx, "parquet": _parquet}
        try:
            yield from readers[self.form](self, start)
        except (OSError, pl.exceptions.PolarsError) as problem:
            reason = getattr(problem, "strerror", None) or str(problem).splitlines()[0]
            raise self.error(f"cannot be read: {reason}", f"is it really {self.form}? `--from` names another format") from None

    def error(self, what: str, hint: str = "") -> BriefError:
        """Return a problem of the file as a whole."""
        return BriefError([Issue(Place(self.name), what, hint)])

    def open(self, offset: int) -> IO[bytes]:
        """Return the bytes of a text from an offset on, without a byte order mark."""
        if not isinstance(self.source, Path):
            return self.source
        stream = self.source.open("rb")
        mark = stream.read(4)
        if mark.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise self.error("the text is UTF-16", "save it as UTF-8; in Excel: CSV UTF-8")
        stream.seek(offset or (3 if mark.startswith(codecs.BOM_UTF8) else 0))
        return stream


# --- lines ------------------------------------------------------------------------------------------------------------


def _csv(table: Table, start: Position) -> Iterator[Block]:
    stream = table.open(0)
    heading = stream.readline()
    while heading.count(b'"') % 2 and (more := stream.readline()):
        heading += more
    decode = _decoder(table, heading)
    separator = max(b",;\t", key=lambda c: _QUOTED.sub(b"", heading).count(bytes([c])))
    headings = next(iter(pl.read_csv(BytesIO(decode(heading)), has_header=False, infer_schema=False, separator=chr(separator)).rows()), ())
    names = table.checker.columns_of([str(h or "").removeprefix("\ufeff").strip() for h in headings], table.name, table.keep)
    offset, row = len(heading) + (3 if _marked(table) else 0), 1
    if start.offset:
        stream.seek(start.offset)
        offset, row = start.offset, start.row
    while lines := _lines(stream):
        offset += sum(map(len, lines))
        records, numbers, rejects = _records(lines, row, (separator, len(names)), decode)
        schema = dict.fromkeys(names, pl.String)
        text = BytesIO(b"".join(records))
        frame = pl.read_csv(text, has_header=False, schema=schema, separator=chr(separator)) if records else pl.DataFrame(schema=schema)
        row += len(lines)
        yield Block(frame, np.array(numbers, np.int64), rejects, Position(offset, row))


def _marked(table: Table) -> bool:
    if not isinstance(table.source, Path):
        return False
    with table.source.open("rb") as stream:
        return stream.read(3) == codecs.BOM_UTF8


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
    if len(record) > _LONGEST:
        return ("longer than 2 MB", "is a quote missing?"), b""
    bare = _QUOTED.sub(b"", record) if b'"' in record else record
    if b'"' in bare:
        return ("a quote is opened and never closed", "close it, or double a quote that is meant"), b""
    cells = bare.count(separator) + 1
    if cells != width:
        hint = f"put text with '{separator.decode()}' in quotes" if cells > width else "every row has a cell, even an empty one, in each column"
        return (f"{cells} cells where the heading has {width}", hint), b""
    if b"\x00" in record:
        return ("a null character in the text", "remove it; is this really a text file?"), b""
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


# --- JSON -------------------------------------------------------------------------------------------------------------


def _jsonl(table: Table, start: Position) -> Iterator[Block]:
    stream = table.open(start.offset)
    offset = start.offset or (3 if _marked(table) else 0)
    row = start.row
    while lines := list(islice(stream, CHUNK)):
        offset += sum(map(len, lines))
        if row == 0:
            lines[0] = lines[0].removeprefix(codecs.BOM_UTF8)
        block = _Lines(table, lines, row).block(Position(offset, row + len(lines)))
        row += len(lines)
        yield block


class _Lines:
    """A block of JSON lines. Polars reads it as a whole; lines in which it saw less than there is are read one by one."""

    def __init__(self, table: Table, lines: list[bytes], before: int) -> None:
        self._table = table
        self._lines = lines
        self._before = before
        self._keys = _Keys(table)
        self._schema = self._keys.schema(lines[:_SNIFFED])

    def block(self, after: Position) -> Block:
        rows = [i for i, line in enumerate(self._lines) if line.strip()]
        slow: list[int] = []
        try:
            frame = self._read([self._lines[i] for i in rows])
            doubtful = set(self._doubtful(frame, rows))
            slow = [rows[k] for k in sorted(doubtful)]
            if slow:
                frame = frame.filter(pl.Series([k not in doubtful for k in range(len(rows))]))
                rows = [row for k, row in enumerate(rows) if k not in doubtful]
        except (pl.exceptions.PolarsError, UnicodeDecodeError):
            frame, slow, rows = self._read([]), rows, []
        sound, rejects = self._one_by_one(slow)
        if sound:
            frame = pl.concat([frame, self._read(list(sound.values()))])
        numbers = np.array([*rows, *sound], np.int64) + self._before + 1
        order = np.argsort(numbers, kind="stable")
        return Block(self._keys.flat(frame[order] if sound else frame), numbers[order], rejects, after)

    def _read(self, lines: list[bytes]) -> pl.DataFrame:
        data = b"".join(line if line.endswith(b"\n") else line + b"\n" for line in lines)
        if not data.isascii():
            data.decode()
        return pl.read_ndjson(BytesIO(data), schema=self._schema) if lines else pl.DataFrame(schema=self._schema)

    def _doubtful(self, frame: pl.DataFrame, rows: list[int]) -> list[int]:
        """Return the lines in which there are more keys than values were read: an unknown key, a key twice, a wrong place."""
        data = np.frombuffer(b"".join(self._lines[i] for i in rows), np.uint8)
        ends = np.cumsum([len(self._lines[i]) for i in rows])
        keys = np.flatnonzero((data[:-1] == ord('"')) & (data[1:] == ord(":")))
        follows = data[np.minimum(keys + 2, len(data) - 1)]
        follows = np.where(follows == ord(" "), data[np.minimum(keys + 3, len(data) - 1)], follows)
        said = np.bincount(np.searchsorted(ends, keys[follows != ord("n")], side="right"), minlength=len(rows))
        heard = np.zeros(len(rows), np.int64)
        for column in frame.drop("facts").get_columns() + frame["facts"].struct.unnest().get_columns():
            heard += column.is_not_null().to_numpy()
        heard += frame["facts"].is_not_null().to_numpy()
        return np.flatnonzero(said != heard).tolist()

    def _one_by_one(self, slow: list[int]) -> tuple[dict[int, bytes], list[Reject]]:
        sound, rejects = dict[int, bytes](), list[Reject]()
        for i in slow:
            number = self._before + i + 1
            try:
                if len(self._lines[i]) > _LONGEST:
                    rejects.append(Reject(number, "", "", "longer than 2 MB", "a brief is a page of text"))
                    continue
                value = json.loads(self._lines[i].decode(), object_pairs_hook=_pairs)
            except (ValueError, RecursionError) as problem:
                rejects.append(Reject(number, "", self._lines[i].decode("utf-8", "replace").strip()[:80], _json_problem(problem), ""))
                continue
            line, found = self._keys.line(value, number)
            rejects += found
            if not found:
                sound[i] = line
        return sound, rejects


class _Pairs(dict[str, Any]):
    """An object of JSON that remembers a key that stands in it twice."""

    twice = ""


def _pairs(pairs: list[tuple[str, Any]]) -> _Pairs:
    found = _Pairs(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        found.twice = next(name for name in names if names.count(name) > 1)
    return found


def _json_problem(problem: Exception) -> str:
    if isinstance(problem, UnicodeDecodeError):
        return f"not UTF-8: byte 0x{problem.object[problem.start]:02x} cannot be read"
    if isinstance(problem, json.JSONDecodeError):
        return f"not valid JSON: {problem.msg.lower()} at character {problem.pos + 1}"
    return "nested too deep" if isinstance(problem, RecursionError) else f"not valid JSON: {problem}"


class _Keys:
    """The keys of briefs in JSON or YAML: those of a brief file, or those of a table."""

    def __init__(self, table: Table) -> None:
        catalog = table.checker.catalog
        self._facts = tuple(catalog.facts)
        self._keep = table.keep
        self._known = {*LISTS, *TEXTS, *catalog.functions, *catalog.facts, *table.keep}
        self._top: tuple[str, ...] = ()

    def schema(self, sample: Iterable[bytes]) -> dict[str, Any]:
        """Return the columns to read: those of a brief, and others that the first lines have."""
        found = {*LISTS, *TEXTS, *self._keep}
        for line in sample:
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                continue
            found |= self._known & value.keys() if isinstance(value, dict) else set()
        return self.schema_of(found)

    def schema_of(self, keys: Iterable[str]) -> dict[str, Any]:
        """Return the columns to read for some keys at the top."""
        self._top = tuple(sorted(keys))
        return {**dict.fromkeys(self._top, pl.String), "facts": pl.Struct(dict.fromkeys(self._facts, pl.String))}

    def flat(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the frame with its facts as columns beside the others; columns without any value are left out."""
        facts = frame["facts"].struct.unnest()
        both = [name for name in self._top if name in facts.columns]
        top = frame.drop("facts", *both)
        joined = [pl.select(pl.coalesce(facts[name], frame[name]).alias(name)).to_series() for name in both]
        found = top.hstack(facts.drop(both)).hstack(joined)
        return found.select([c for c in found.get_columns() if c.name in self._keep or c.null_count() < len(c) or c.name == "needs"])

    def line(self, value: object, number: int) -> tuple[bytes, list[Reject]]:
        """Return a brief as a line of JSON that has only known keys, or what is wrong with it."""
        if not isinstance(value, dict):
            what = f"a brief is a mapping (key: value), not {describe(value)}"
            return b"", [Reject(number, "", str(value)[:60], what, "begin with `needs`")]
        facts = value.get("facts")
        rejects = list(self._wrong({k: v for k, v in value.items() if k != "facts"}, self._known | {"facts"}, "key", number))
        if isinstance(facts, dict):
            rejects += self._wrong(facts, set(self._facts), "fact", number)
            if both := sorted(facts.keys() & value.keys()):
                rejects.append(Reject(number, both[0], str(value[both[0]])[:60], "stands under `facts` and beside it", "keep one of the two"))
        elif facts is not None and facts != "unknown":
            rejects.append(Reject(number, "facts", str(facts)[:60], f"expected a mapping, found {describe(facts)}", "write {\"id\": value}"))
        for each in (value, facts):
            if isinstance(each, _Pairs) and each.twice:
                rejects.append(Reject(number, each.twice, "", f"the key '{each.twice}' stands here a second time", "keep one of the two"))
        top = {k: v for k, v in value.items() if k in self._top}
        under = {**(facts if isinstance(facts, dict) else {}), **{k: v for k, v in value.items() if k in self._facts and k not in self._top}}
        for k in value.keys() - set(self._top) - {"facts"} - set(self._facts):  # a function's column that the first lines lack
            if not rejects:
                rejects += self._late(k, value[k], number)
        return json.dumps({**top, "facts": under}, ensure_ascii=False).encode() + b"\n", rejects

    @staticmethod
    def _late(key: str, value: object, number: int) -> Iterator[Reject]:
        if value is not None:
            hint = f"name '{key}' in the first {_SNIFFED} lines, too, or list it under `needs`"
            yield Reject(number, key, str(value)[:60], "this column begins too late", hint)

    @staticmethod
    def _wrong(entries: dict[str, Any], known: set[str], kind: str, number: int) -> Iterator[Reject]:
        for key, value in entries.items():
            if key not in known:
                yield Reject(number, key, str(value)[:60], f"unknown {kind} {describe(key)}", suggest(key, known) or "remove it")
            elif isinstance(value, dict) or (isinstance(value, list) and any(not isinstance(each, str) for each in value)):
                yield Reject(number, key, str(value)[:60], "expected a word, a number or a list of words", "write it without nesting")


def _json(table: Table, start: Position) -> Iterator[Block]:
    """A JSON array is read as a whole; for tables larger than memory there are JSON lines."""
    with table.open(0) as stream:
        try:
            values = json.loads(stream.read().removeprefix(codecs.BOM_UTF8).decode(), object_pairs_hook=_pairs)
        except (ValueError, RecursionError) as problem:
            raise table.error(_json_problem(problem), "one brief in a line? Then it is `--from jsonl`") from None
    if isinstance(values, dict):
        values = [values]
    if not isinstance(values, list):
        raise table.error("expected a list of briefs", "write [{...}, {...}]")
    yield from _values(table, ((value, []) for value in values), start)


def _yaml(table: Table, start: Position) -> Iterator[Block]:
    documents: Iterable[Document | AdvisorError]
    if isinstance(table.source, Path) and table.source.is_dir():
        documents = _folder(table.source)
    else:
        documents = load_documents(table.open(0), table.name, BriefError)
    yield from _values(table, (_document(each) for each in documents), start)


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
    keys = _Keys(table)
    row = 0
    while some := list(islice(values, CHUNK)):
        row += len(some)
        if row <= start.row:
            continue
        tops = {key for value, _ in some if isinstance(value, dict) for key in value}
        schema = keys.schema_of({*LISTS, *TEXTS, *table.keep} | (tops & {*table.checker.catalog.functions, *table.checker.catalog.facts}))
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


# --- spreadsheets and Parquet -----------------------------------------------------------------------------------------


def _xlsx(table: Table, start: Position) -> Iterator[Block]:
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


def _parquet(table: Table, start: Position) -> Iterator[Block]:
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
            text = pl.select(pl.when(whole).then(column.fill_nan(None).cast(pl.Int64, strict=False).cast(pl.String)).otherwise(column.cast(pl.String)))
            columns.append(text.to_series().alias(name))
        elif column.dtype.is_integer() or column.dtype in {pl.String, pl.Boolean, pl.Categorical, pl.Enum, pl.Null}:
            columns.append(column.cast(pl.String).alias(name))
        else:
            issues.append(Issue(Place(f"{table.name}, column '{name}'"), f"a column of type {column.dtype}", "write text, numbers or lists of text"))
    if issues:
        raise BriefError(issues)
    return pl.DataFrame(columns)

