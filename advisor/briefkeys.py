"""The keys of briefs in JSON and YAML: values of one brief become a line of known keys, or rejects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

from advisor.errors import suggest
from advisor.rules import NEED_FACTS
from advisor.tables import TEXTS, Reject
from advisor.validation import describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from advisor.tablefile import Table

SNIFFED = 50  # lines whose keys are looked at


class _Pairs(dict[str, Any]):
    """An object of JSON that remembers a key that stands in it twice."""

    twice = ""


def pairs_of(pairs: list[tuple[str, Any]]) -> _Pairs:
    """Return an object of JSON; for `object_pairs_hook`."""
    found = _Pairs(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        found.twice = next(name for name in names if names.count(name) > 1)
    return found


def json_problem(problem: Exception) -> str:
    """Return what is wrong with a text that is no JSON."""
    if isinstance(problem, UnicodeDecodeError):
        return f"not UTF-8: byte 0x{problem.object[problem.start]:02x} cannot be read"
    if isinstance(problem, json.JSONDecodeError):
        return f"not valid JSON: {problem.msg.lower()} at character {problem.pos + 1}"
    return "nested too deep" if isinstance(problem, RecursionError) else f"not valid JSON: {problem}"


class Keys:
    """The keys of briefs in JSON or YAML: those of a brief file, or those of a table."""

    def __init__(self, table: Table) -> None:
        catalog = table.checker.catalog
        self._facts = tuple(catalog.facts)
        self._functions = catalog.functions.keys()
        self._keep = table.keep
        self._known = {*NEED_FACTS, *TEXTS, *catalog.functions, *catalog.facts, *table.keep}
        self._top: tuple[str, ...] = ()

    def schema(self, sample: Iterable[bytes]) -> dict[str, Any]:
        """Return the columns to read: those of a brief, and others that the first lines have."""
        found = {*NEED_FACTS, *TEXTS, *self._keep}
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
        rejects = [*self._misplaced(value, facts, number), *self._late(value, number)]
        top = {k: v for k, v in value.items() if k in self._top}
        under = {
            **(facts if isinstance(facts, dict) else {}),
            **{k: v for k, v in value.items() if k in self._facts and k not in self._top},
        }
        return json.dumps({**top, "facts": under}, ensure_ascii=False).encode() + b"\n", rejects

    def _misplaced(self, value: dict[str, Any], facts: object, number: int) -> Iterator[Reject]:
        """Yield what is wrong with the keys of a brief."""
        yield from self._wrong({k: v for k, v in value.items() if k != "facts"}, self._known | {"facts"}, "key", number)
        if isinstance(facts, dict):
            yield from self._wrong(facts, set(self._facts), "fact", number)
            for key in sorted(facts.keys() & value.keys() & set(self._facts)):
                yield Reject(number, key, str(value[key])[:60], "stands under `facts` and beside it", "keep one of the two")
        elif facts is not None and facts != "unknown":
            yield Reject(number, "facts", str(facts)[:60], f"expected a mapping, found {describe(facts)}", 'write {"id": value}')
        for each in (value, facts):
            if isinstance(each, _Pairs) and each.twice:
                yield Reject(number, each.twice, "", f"the key '{each.twice}' stands here a second time", "keep one of the two")

    def _late(self, value: dict[str, Any], number: int) -> Iterator[Reject]:
        """Yield the columns of functions that the first lines of a block lack."""
        for key in sorted(value.keys() & self._functions - set(self._top)):
            if value[key] is not None:
                hint = f"name '{key}' in the first {SNIFFED} lines, too, or list it under `needs`"
                yield Reject(number, key, str(value[key])[:60], "this column begins too late", hint)

    @staticmethod
    def _wrong(entries: dict[str, Any], known: set[str], kind: str, number: int) -> Iterator[Reject]:
        for key, value in entries.items():
            if key not in known:
                yield Reject(number, key, str(value)[:60], f"unknown {kind} {describe(key)}", suggest(key, known) or "remove it")
            elif isinstance(value, dict) or (isinstance(value, list) and any(not isinstance(each, str) for each in value)):
                yield Reject(number, key, str(value)[:60], "expected a word, a number or a list of words", "write it without nesting")
