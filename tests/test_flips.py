"""Every flip does what it says, nothing smaller does, and none is missed."""

from __future__ import annotations

import os
from itertools import combinations
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
import yaml
from brute import ending
from generate import draw_brief, draw_knowledge

from advisor import advise, read_brief
from advisor.changes import apply_changes, possible_changes
from advisor.circuit import ending_of
from advisor.rules import RuleBase

if TYPE_CHECKING:
    from advisor import Brief, Knowledge, Verdict
    from advisor.changes import Change
    from advisor.circuit import Ending
    from advisor.flips import Flip

ROOT = Path(__file__).parent.parent
BASES = int(os.environ.get("ADVISOR_LOGIC_BASES", "8"))
SHIPPED_BRIEFS = int(os.environ.get("ADVISOR_FLIP_BRIEFS", "12"))


def told(brief: Brief, knowledge: Knowledge, view: str) -> Ending:
    return ending_of(advise(brief, knowledge, view=view).verdict.outcome)


def all_flips(verdict: Verdict) -> list[Flip]:
    return [*verdict.flips.circumstances, *verdict.flips.findings, *verdict.flips.needs]


def assert_true(verdict: Verdict, knowledge: Knowledge) -> None:
    """Every flip, applied, gives the verdict it names, and no part of it does."""
    now = ending_of(verdict.outcome)
    for flip in all_flips(verdict):
        assert flip.ending != now
        for brief in apply_changes(verdict.brief, flip.changes):
            assert told(brief, knowledge, verdict.view) == flip.ending
        if len(flip.changes) == 2:
            for change in flip.changes:
                assert all(told(brief, knowledge, verdict.view) != flip.ending for brief in apply_changes(verdict.brief, [change]))


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*/brief.yaml")), ids=lambda path: path.parent.name)
def test_flips_of_examples(path: Path, shipped: Knowledge) -> None:
    """On every example, in every view."""
    for verdict in advise(read_brief(path, shipped), shipped).verdicts.values():
        assert_true(verdict, shipped)


@pytest.mark.volume
def test_flips_of_shipped_knowledge(shipped: Knowledge) -> None:
    """On generated briefs by the shipped knowledge."""
    random = Random(7)
    for _ in range(SHIPPED_BRIEFS):
        for verdict in advise(read_brief(draw_brief(random, shipped.catalog), shipped), shipped).verdicts.values():
            assert_true(verdict, shipped)


@pytest.mark.parametrize("seed", range(5000, 5000 + BASES))
def test_no_flip_is_missed(seed: int, tmp_path: Path) -> None:
    """Trying every change and every pair of changes by the plain evaluator finds the same flips."""
    knowledge = draw_knowledge(seed, tmp_path)
    random = Random(seed)
    for _ in range(2):
        brief = read_brief(draw_brief(random, knowledge.catalog), knowledge)
        for verdict in advise(brief, knowledge).verdicts.values():
            found = {(one, flip.ending) for flip in all_flips(verdict) for one in single_values(flip)}
            assert found == by_trying(knowledge, verdict)


def single_values(flip: Flip) -> list[frozenset[tuple[str, str, object]]]:
    """Return what a flip says, once for every choice among the values of its changes."""
    choices: list[list[tuple[str, str, object]]] = [[]]
    for change in flip.changes:
        choices = [[*choice, (change.kind, change.name, value)] for choice in choices for value in change.values or (None,)]
    return [frozenset(choice) for choice in choices]


def by_trying(knowledge: Knowledge, verdict: Verdict) -> set[tuple[frozenset[tuple[str, str, object]], Ending]]:
    changes = list(possible_changes(verdict.brief, verdict._ladder.program))
    now = ending(knowledge, verdict.view, verdict.brief)
    found = set()
    single = {i: ends(knowledge, verdict, [change]) for i, change in enumerate(changes)}
    for i, change in enumerate(changes):
        found |= {(key, end) for key, end in single[i].items() if end != now and end.status != "contradictory"}
        assert len(set(single[i].values())) == 1, change
    for i, j in combinations(range(len(changes)), 2):
        a, b = changes[i], changes[j]
        if a.kind == b.kind == "circumstance" and a.name != b.name:
            smaller = {*single[i].values(), *single[j].values(), now}
            found |= {(k, e) for k, e in ends(knowledge, verdict, [a, b]).items() if e not in smaller and e.status != "contradictory"}
    return found


def ends(knowledge: Knowledge, verdict: Verdict, changes: list[Change]) -> dict[frozenset[tuple[str, str, object]], Ending]:
    from advisor.flips import Flip

    keys = single_values(Flip(tuple(changes), ending_of(verdict.outcome)))
    briefs = apply_changes(verdict.brief, changes)
    return {key: ending(knowledge, verdict.view, brief) for key, brief in zip(keys, briefs, strict=True)}


@pytest.mark.parametrize("seed", range(6000, 6000 + BASES))
def test_critical_rules(seed: int, tmp_path: Path) -> None:
    """A rule is critical if and only if the brief ends otherwise by a rule base without it."""
    knowledge = draw_knowledge(seed, tmp_path)
    random = Random(seed)
    for _ in range(3):
        brief = read_brief(draw_brief(random, knowledge.catalog), knowledge)
        for view, verdict in advise(brief, knowledge).verdicts.items():
            wanted = set()
            for rule in knowledge.rules.by_view[view]:
                others = {**knowledge.rules.by_view, view: tuple(r for r in knowledge.rules.by_view[view] if r is not rule)}
                from plain import judge

                end = judge(knowledge.catalog, RuleBase(others, {}), view, brief)
                if (end.status, end.winners) != (ending_of(verdict.outcome).status, ending_of(verdict.outcome).winners):
                    wanted.add(rule.id)
            assert set(verdict.critical_rules) == wanted


@pytest.mark.volume
def test_fixed_facts_are_held(shipped: Knowledge) -> None:
    """Facts that nobody can change are never changed; unknown ones may turn out, one at a time."""
    random = Random(8)
    fixed = {name for name, fact in shipped.catalog.facts.items() if not fact.changeable}
    for _ in range(20):
        brief = read_brief(draw_brief(random, shipped.catalog), shipped)
        for verdict in advise(brief, shipped).verdicts.values():
            assert not {change.name for flip in verdict.flips.circumstances for change in flip.changes} & fixed
            assert all(flip.changes[0].name in fixed for flip in verdict.flips.findings)


def test_unknown_is_not_filled_in(shipped: Knowledge) -> None:
    """Answering an open question counts as a change: with one change named, the rest of the brief stays as it is told."""
    brief = read_brief(yaml.safe_load((ROOT / "examples" / "api-only" / "brief.yaml").read_text(encoding="utf-8")), shipped)
    for verdict in advise(brief, shipped).verdicts.values():
        for flip in verdict.flips.circumstances:
            assert len({change.name for change in flip.changes}) == len(flip.changes) <= 2
