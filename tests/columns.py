"""What tests of the columnar evaluator share: briefs as columns, and one comparison with the engine's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from advisor.bitplanes import Bits
from advisor.certainties import CERTAINTIES, certainties_of
from advisor.certainty import certainty_of
from advisor.columnar import Columnar
from advisor.facts import facts_of
from advisor.standings import DECIDED_AT, NONE, STATUSES, ColumnLadder, Wants

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from advisor import Brief, Knowledge
    from advisor.compiler import Program
    from advisor.facts import Facts
    from advisor.standings import Outcomes


def codes_of(program: Program, facts: Sequence[Facts]) -> dict[int, Any]:
    rows = np.array([program.encode(each.values) for each in facts]).T
    return {i: np.ascontiguousarray(column).astype(np.uint16) for i, column in enumerate(rows)}


def wants_of(facts: Sequence[Facts], functions: Sequence[str]) -> Wants:
    bits = Bits(len(facts))

    def planes(which: Callable[[Facts], frozenset[str]]) -> dict[str, Any]:
        return {name: bits.pack(np.array([name in which(each) for each in facts])) for name in functions}

    known = bits.pack(np.array([each.needs_known for each in facts]))
    return Wants(planes(lambda f: f.needs), planes(lambda f: f.wishes), planes(lambda f: f.in_house), known)


def assert_parity(knowledge: Knowledge, briefs: Sequence[Brief]) -> None:
    """Engine and columnar agree on everything they both report, in every view."""
    facts = [facts_of(brief, knowledge.catalog) for brief in briefs]
    wants = wants_of(facts, list(knowledge.catalog.functions))
    for view, engine in knowledge.engines.items():
        ladder = knowledge.ladders[view]
        firings = Columnar(engine.program).evaluate(codes_of(engine.program, facts), len(facts))
        columns = ColumnLadder(ladder)
        outcomes = columns.decide(wants, firings)
        certainties = certainties_of(columns, wants, outcomes)
        fired, waiting = (Unpacked(planes) for planes in (firings.fired, firings.waiting))
        told = Told(outcomes, columns)
        for row, each in enumerate(facts):
            evaluation = engine.evaluate(each.values)
            assert (evaluation.fired, evaluation.waiting) == (fired.of_row(row), waiting.of_row(row)), (view, row, briefs[row])
            outcome = ladder.decide(each, evaluation)
            certainty = certainty_of(ladder, each, evaluation, outcome)
            assert told.of_row(row, CERTAINTIES[certainties[row]]) == as_told(outcome, certainty), (view, row, briefs[row])


class Unpacked:
    """Planes by row."""

    def __init__(self, planes: Sequence[Any]) -> None:
        self._matrix = np.stack([np.unpackbits(plane) for plane in planes])

    def of_row(self, row: int) -> frozenset[int]:
        return frozenset(np.flatnonzero(self._matrix[:, row]).tolist())


class Named:
    """Planes by name."""

    def __init__(self, planes: dict[str, Any]) -> None:
        self._names = list(planes)
        self._rows = Unpacked(list(planes.values())) if planes else None

    def of_row(self, row: int) -> frozenset[str]:
        return frozenset(self._names[i] for i in self._rows.of_row(row)) if self._rows else frozenset()


class Told:
    """The outcomes of many rows, one row at a time, in the terms of the engine's."""

    def __init__(self, outcomes: Outcomes, ladder: ColumnLadder) -> None:
        self.outcomes = outcomes
        self.options = ladder.options
        self.sets = [Named(dict(planes)) for planes in (outcomes.needs, outcomes.wishes, outcomes.outside)]
        self.covers = {role: Named(dict(planes)) for role, planes in outcomes.covers.items()}
        self.uncovered = [Named(dict(option.uncovered)) for option in outcomes.options]
        unpack = outcomes.firings.bits.unpack
        self.flags = [(unpack(option.idle), unpack(option.ruled_out)) for option in outcomes.options]

    def of_row(self, row: int, certainty: str) -> dict[str, Any]:
        o = self.outcomes
        status = STATUSES[o.status[row]]
        answer: dict[str, Any] = {"status": status, "certainty": certainty, "sets": [named.of_row(row) for named in self.sets]}
        answer["covers"] = {role: named.of_row(row) for role, named in self.covers.items()}
        answer["winners"] = {option for option, won in zip(self.options, o.winners, strict=True) if won[row]}
        answer["best"] = self.options[o.best[row]] if o.best[row] != NONE else None
        answer["runner_up"] = self.options[o.runner_up[row]] if o.runner_up[row] != NONE else None
        answer["decided_at"] = DECIDED_AT[o.decided_at[row]]
        if status in {"decided", "tie", "ruled_out"}:
            answer["standings"] = [
                (self.uncovered[i].of_row(row), bool(idle[row]), bool(out[row]), int(c.gaps[row]), *(int(-b[row]) for b in c.balances))
                for i, (c, (idle, out)) in enumerate(zip(o.options, self.flags, strict=True))
            ]
        return answer


def as_told(outcome: Any, certainty: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"status": outcome.status, "certainty": certainty}
    answer["sets"] = [outcome.needs, outcome.wishes, outcome.outside]
    answer["covers"] = dict(outcome.covers)
    answer["winners"] = {s.option for s in outcome.winners}
    answer["best"] = outcome.winners[0].option if outcome.winners else None
    answer["runner_up"] = outcome.runner_up.option if outcome.runner_up else None
    answer["decided_at"] = outcome.decided_at
    if outcome.standings:
        answer["standings"] = [(s.uncovered, bool(s.idle), bool(s.ruled_out_by), *s.vector[:4]) for s in outcome.standings]
    return answer
