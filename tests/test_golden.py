"""The answers that experts agreed on beforehand: short ones by the guide, and worked examples with plans and conditions."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from advisor import advise
from advisor.api import shipped_knowledge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor import Verdict

GOLDEN = yaml.safe_load((Path(__file__).parent / "data" / "golden.yaml").read_text(encoding="utf-8"))

# For each aspect that an example may name: what is missing or wrong, by verdict and expectation; empty if it holds.
ASPECTS: dict[str, Callable[[Verdict, Any], set[str]]] = {
    "status": lambda verdict, wanted: {str(verdict.status)} - {wanted},
    "recommendation": lambda verdict, wanted: set(wanted) ^ set(verdict.recommendation),
    "runner_up": lambda verdict, wanted: set(wanted) ^ set(verdict.runner_up),
    "outside": lambda verdict, wanted: set(wanted) ^ set(verdict.outside),
    "implied": lambda verdict, wanted: set(wanted) - set(verdict.implied_needs),
    "plans": lambda verdict, wanted: set(wanted) - plans_of(verdict),
    "no_plans": lambda verdict, wanted: set(wanted) & plans_of(verdict),
    "requires": lambda verdict, wanted: set(wanted) - required_of(verdict),
    "no_requires": lambda verdict, wanted: set(wanted) & required_of(verdict),
    "contradictions": lambda verdict, wanted: set(wanted) - {note.rule for note in verdict.contradictions},
    "warns": lambda verdict, wanted: set(wanted) - {note.rule for note in verdict.warnings},
}


@cache
def plan_ids() -> dict[str, str]:
    return {plan.title: name for name, plan in shipped_knowledge().catalog.plans.items()}


def plans_of(verdict: Verdict) -> set[str]:
    return {plan_ids()[note.title] for note in verdict.plans}


def required_of(verdict: Verdict) -> set[str]:
    return {owed.duty for owed in verdict.duties if owed.kind == "requirement"}


@cache
def verdict_of(name: str) -> Verdict:
    golden = next(golden for golden in GOLDEN if golden["id"] == name)
    return advise(golden["brief"], view=golden["view"]).verdict


def aspects() -> Iterator[Any]:
    for golden in GOLDEN:
        gaps = golden.get("known_gaps", {})
        for aspect, wanted in {"status": "decided", **golden["expect"]}.items():
            marks = [pytest.mark.xfail(reason=gaps[aspect])] if aspect in gaps else []
            yield pytest.param(golden["id"], aspect, wanted, id=f"{golden['id']}-{aspect}", marks=marks)


@pytest.mark.parametrize(("name", "aspect", "wanted"), list(aspects()))
def test_golden_answer_holds(name: str, aspect: str, wanted: Any) -> None:
    """Every aspect of every golden answer holds."""
    wrong = ASPECTS[aspect](verdict_of(name), wanted)
    assert not wrong, f"{name}: {aspect} should be {wanted}; missing or wrong: {sorted(wrong)}"


def test_golden_answers_are_complete() -> None:
    """The nine short answers and the twenty worked examples are all there, once each, and every gap is about something expected."""
    names = [golden["id"] for golden in GOLDEN]
    assert len(names) == len(set(names))
    assert {f"G{i:02}" for i in range(1, 10)} | {f"W{i:02}" for i in range(1, 21)} <= set(names)
    for golden in GOLDEN:
        assert "recommendation" in golden["expect"], golden["id"]
        assert set(golden.get("known_gaps", {})) <= {"status", *golden["expect"]}, golden["id"]
