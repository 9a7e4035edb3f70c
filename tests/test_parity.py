"""The engine and a second, plain evaluator agree on everything, on shipped and on generated knowledge.

The sizes can be raised from outside, so that the same file serves a long run:

    ADVISOR_PARITY_BASES=200 ADVISOR_PARITY_BRIEFS=500 python -m pytest tests/test_parity.py
"""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

import pytest
from generate import draw_brief, draw_knowledge, files_of, load_files
from plain import PlainVerdict, judge

from advisor import advise, read_brief
from advisor.check import brief_of_case
from advisor.rulebase import load_cases

if TYPE_CHECKING:
    from pathlib import Path

    from advisor import Brief, Knowledge, Verdict

BASES = int(os.environ.get("ADVISOR_PARITY_BASES", "15"))
FIRST_BASE = int(os.environ.get("ADVISOR_PARITY_FIRST_BASE", "1000"))
BRIEFS = int(os.environ.get("ADVISOR_PARITY_BRIEFS", "60"))
SHIPPED_BRIEFS = int(os.environ.get("ADVISOR_PARITY_SHIPPED_BRIEFS", "1500"))


def told(verdict: Verdict) -> PlainVerdict:
    """Return a verdict of the product in the terms of the plain evaluator."""
    rules, outcome = verdict._ladder.program.rules, verdict.outcome
    return PlainVerdict(
        fired=frozenset(rules[i].rule.id for i in verdict._evaluation.fired),
        waiting=frozenset(rules[i].rule.id for i in verdict._evaluation.waiting),
        status=verdict.status,
        needs=outcome.needs,
        outside=outcome.outside,
        winners=tuple(sorted(standing.option for standing in outcome.winners)),
        runner_up=verdict.runner_up,
        decided_at=verdict.decided_at,
        uncovered=frozenset(verdict.uncovered),
    )


def assert_parity(knowledge: Knowledge, brief: Brief) -> None:
    for view, verdict in advise(brief, knowledge).verdicts.items():
        assert told(verdict) == judge(knowledge.catalog, knowledge.rules, view, brief), (view, brief)


@pytest.mark.volume
def test_rule_cases(shipped: Knowledge) -> None:
    """On the brief of every rule case, both evaluators find the same, in every view."""
    for located in load_cases(list(shipped.directories)):
        assert_parity(shipped, brief_of_case(located, shipped.catalog))


@pytest.mark.volume
def test_shipped_knowledge(shipped: Knowledge) -> None:
    """On generated briefs, both evaluators find the same by the shipped knowledge, in every view."""
    random = Random(2026)
    for _ in range(SHIPPED_BRIEFS):
        assert_parity(shipped, read_brief(draw_brief(random, shipped.catalog), shipped))


def test_conclusion_of_another_view(tmp_path: Path) -> None:
    """A conclusion that only rules of another view draw is false here, not open: nothing could ever make it true."""
    rules = [
        {"id": "t.draws", "when": {"fact": "needs", "has": "function_0"}, "then": [{"derive": "big"}], "view": "industry"},
        {"id": "t.reads", "when": {"fact": "big"}, "then": [{"warn": "big"}]},
        {"id": "t.reads-not", "when": {"not": {"fact": "big"}}, "then": [{"warn": "not big"}]},
    ]
    knowledge = load_files(files_of({}, rules), tmp_path)
    guide = told(advise({"needs": ["function_0"]}, knowledge).verdicts["guide"])
    assert (guide.fired, guide.waiting) == ({"t.reads-not"}, set())
    assert_parity(knowledge, read_brief({"needs": ["function_0"]}, knowledge))


@pytest.mark.parametrize("seed", range(FIRST_BASE, FIRST_BASE + BASES))
def test_generated_knowledge(seed: int, tmp_path: Path) -> None:
    """On generated briefs, both evaluators find the same by a generated rule base, in every view."""
    knowledge = draw_knowledge(seed, tmp_path)
    random = Random(seed)
    for _ in range(BRIEFS):
        assert_parity(knowledge, read_brief(draw_brief(random, knowledge.catalog), knowledge))
