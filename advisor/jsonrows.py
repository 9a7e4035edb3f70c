"""Reading JSON lines: a block as a whole, and one by one only the lines in which something is wrong."""

from __future__ import annotations

import codecs
import json
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from advisor.briefkeys import SNIFFED, Keys, json_problem, pairs_of
from advisor.columnar import CHUNK
from advisor.tablefile import LONGEST, Block, Position
from advisor.tables import Reject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.tablefile import Table


def read_jsonl(table: Table, start: Position) -> Iterator[Block]:
    """Yield the blocks of JSON lines from a position on."""
    offset = start.offset or (3 if table.marked() else 0)
    row = start.row
    with table.open(start.offset) as stream:
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
        self._keys = Keys(table)
        self._schema = self._keys.schema(lines[:SNIFFED])

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
                if len(self._lines[i]) > LONGEST:
                    rejects.append(Reject(number, "", "", "longer than 2 MB", "a brief is a page of text"))
                    continue
                value = json.loads(self._lines[i].decode(), object_pairs_hook=pairs_of)
            except (ValueError, RecursionError) as problem:
                rejects.append(Reject(number, "", self._lines[i].decode("utf-8", "replace").strip()[:80], json_problem(problem), ""))
                continue
            line, found = self._keys.line(value, number)
            rejects += found
            if not found:
                sound[i] = line
        return sound, rejects
