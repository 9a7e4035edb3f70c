"""Verdicts on a table of briefs as a table of answers: both views side by side, one row for each brief."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from advisor.bitplanes import Bits
from advisor.certainties import CERTAINTIES, certainties_of
from advisor.columnar import CHUNK, Columnar
from advisor.standings import DECIDED_AT, NONE, STATUSES, ColumnLadder
from advisor.verdict import GRADES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from advisor.api import Knowledge
    from advisor.brieftable import BriefTable
    from advisor.standings import Indexes, Outcomes, Planes

SEPARATOR = ";"


@dataclass(frozen=True, slots=True)
class Judged:
    """The outcomes of a table in one view, and how certain they are."""

    outcomes: Outcomes
    certainties: Indexes


class Judge:
    """Judges tables of briefs by one knowledge, in every view."""

    def __init__(self, knowledge: Knowledge, view: str = "guide") -> None:
        """Plan the work; `view` is the one whose columns come first."""
        self.knowledge = knowledge
        self.views = (view, *(each for each in knowledge.catalog.views if each != view))
        self.evaluators = {each: Columnar(knowledge.engines[each].program) for each in self.views}
        self.ladders = {each: ColumnLadder(knowledge.ladders[each]) for each in self.views}

    def judge(self, table: BriefTable, view: str) -> Judged:
        """Return the outcomes of at most CHUNK rows in one view."""
        rows = len(table.numbers)
        wants = table.wants(Bits(rows))
        evaluator, ladder = self.evaluators[view], self.ladders[view]
        outcomes = ladder.decide(wants, evaluator.evaluate(table.codes(evaluator.program), rows))
        return Judged(outcomes, certainties_of(ladder, wants, outcomes))

    def answers(self, table: BriefTable, *, rules: bool = False) -> pl.DataFrame:
        """Return a row of answers for each of at most CHUNK briefs.

        Args:
            table: the briefs.
            rules: spell out the ids of rules that fire and wait, instead of a bit for each rule.

        """
        assert len(table.numbers) <= CHUNK  # noqa: S101 - callers cut tables
        columns = [pl.Series("row", table.numbers), table.labels.alias("name"), *table.kept.get_columns()]
        for view in self.views:
            columns += self._columns(view, table, self.judge(table, view), rules=rules)
        sha = pl.Series("knowledge", [self.knowledge.sha256], pl.String).new_from_index(0, len(table.numbers))
        return pl.DataFrame([*columns, sha])

    def _columns(self, view: str, table: BriefTable, judged: Judged, *, rules: bool) -> list[pl.Series]:
        """Return the answers of one view, each under the name of the view."""
        outcomes = judged.outcomes
        bits = outcomes.firings.bits
        options = ["+".join(option) for option in self.ladders[view].options]
        decided = outcomes.status == STATUSES.index("decided")
        tie = outcomes.status == STATUSES.index("tie")
        told = table.wants(bits).needs
        uncovered = _of_best(outcomes)
        columns = {
            "status": _words(outcomes.status, STATUSES),
            "recommendation": _words(np.where(decided, outcomes.best, NONE), options),
            "runner_up": _words(outcomes.runner_up, options),
            "tied": names_by_row({name: bits.pack(won & tie) for name, won in sorted(zip(options, outcomes.winners, strict=True))}, bits),
            "certainty": _words(judged.certainties, CERTAINTIES),
            "decided_at": _words(outcomes.decided_at, [rung or "" for rung in DECIDED_AT]),
            "grade": _words(outcomes.decided_at, [GRADES[rung] if rung else "" for rung in DECIDED_AT]),
            "partial": pl.Series(bits.unpack(bits.either(uncovered.values()))),
            "uncovered": names_by_row(uncovered, bits),
            "outside": names_by_row(outcomes.outside, bits),
            "implied": names_by_row({n: bits.without(p, told.get(n, bits.zero)) for n, p in outcomes.needs.items()}, bits),
            "needs": names_by_row(outcomes.needs, bits),
            **self._rules(view, outcomes, spelled=rules),
        }
        return [column.alias(f"{view}_{name}") for name, column in columns.items()]

    def _rules(self, view: str, outcomes: Outcomes, *, spelled: bool) -> dict[str, pl.Series]:
        """Return which rules fire and wait: their ids, or a bit for each rule in the order of their ids, in hexadecimal."""
        bits, ids = outcomes.firings.bits, self.evaluators[view].rule_ids
        firings = {"fired": outcomes.firings.fired, "waiting": outcomes.firings.waiting}
        if spelled:
            return {name: names_by_row(dict(zip(ids, planes, strict=True)), bits) for name, planes in firings.items()}
        return {name: _hexadecimal(bits, planes) for name, planes in firings.items()}


def expand_rules(compact: str, ids: Sequence[str]) -> tuple[str, ...]:
    """Return the ids that a compact column stands for, given the ids of all rules of the view in their order."""
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(compact), np.uint8), count=len(ids))
    return tuple(ids[i] for i in np.flatnonzero(bits).tolist())


def names_by_row(planes: Planes, bits: Bits) -> pl.Series:
    """Return for each row the names whose planes hold there, joined."""
    live = [(name, np.flatnonzero(bits.unpack(plane))) for name, plane in planes.items() if plane is not bits.zero]
    live = [(name, rows) for name, rows in live if len(rows)]
    if not live:
        return pl.Series("names", [""], pl.String).new_from_index(0, bits.rows)
    names = pl.Series([name for name, _ in live])
    found = pl.DataFrame(
        {
            "row": np.concatenate([rows for _, rows in live]),
            "name": names.gather(np.repeat(np.arange(len(live)), [len(rows) for _, rows in live])),
        }
    )
    lists = found.group_by("row", maintain_order=True).agg(pl.col("name").str.join(SEPARATOR))
    return pl.DataFrame({"row": np.arange(bits.rows)}).join(lists, on="row", how="left", maintain_order="left")["name"].fill_null("")


def _of_best(outcomes: Outcomes) -> Mapping[str, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    """Return the must-haves that the best option leaves open."""
    bits = outcomes.firings.bits
    best = [bits.pack(outcomes.best == i) if (outcomes.best == i).any() else bits.zero for i in range(len(outcomes.options))]
    names = {name for option in outcomes.options for name in option.uncovered}
    return {
        name: bits.either(bits.every((mask, option.uncovered[name])) for mask, option in zip(best, outcomes.options, strict=True))
        for name in sorted(names)
    }


def _words(indexes: Indexes, words: Sequence[str]) -> pl.Series:
    """Return the word for each index; NONE stands for no word."""
    return pl.Series([*words, ""]).gather(np.where(indexes == NONE, len(words), indexes))


def _hexadecimal(bits: Bits, planes: Sequence[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]) -> pl.Series:
    table = bits.by_row(planes)
    digits, width = table.tobytes().hex(), 2 * table.shape[1]
    return pl.Series([digits[i : i + width] for i in range(0, bits.rows * width, width)], dtype=pl.String)
