"""Exact questions get the answers that going through every completion, one by one, would give.

ADVISOR_LOGIC_BASES=400 python -m pytest tests/test_logic.py     # a long run
"""

from __future__ import annotations

import os
from itertools import combinations
from random import Random
from typing import TYPE_CHECKING

import pytest
from brute import completions, ending, free_facts, possible
from generate import Shape, draw_brief, draw_knowledge

from advisor import Brief, advise, load_knowledge, read_brief
from advisor.circuit import Ending, ending_in, ending_of, row_of
from advisor.clauses import OutOfTimeError
from advisor.completions import CLOSING, Answer
from advisor.logic import Questions
from advisor.planes import evaluate_variants

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from advisor import Knowledge, Verdict
    from advisor.brief import FactValue
    from advisor.verdict import Ladder

BASES = int(os.environ.get("ADVISOR_LOGIC_BASES", "8"))
FIRST_BASE = int(os.environ.get("ADVISOR_LOGIC_FIRST_BASE", "3000"))
BRIEFS = 12
LIMIT = 600  # completions of one brief


def drawn(knowledge: Knowledge, seed: int, briefs: int = BRIEFS) -> Iterator[tuple[Brief, Verdict]]:
    """Yield generated briefs with a verdict for every view."""
    random = Random(seed)
    for _ in range(briefs):
        brief = read_brief(draw_brief(random, knowledge.catalog), knowledge)
        for verdict in advise(brief, knowledge).verdicts.values():
            yield brief, verdict


@pytest.fixture(params=range(FIRST_BASE, FIRST_BASE + BASES))
def base(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[int, Knowledge]:
    return request.param, draw_knowledge(request.param, tmp_path)


def test_circuit_is_the_ladder(base: tuple[int, Knowledge]) -> None:
    """The circuit over bits ends like the ladder on every brief, known or not."""
    seed, knowledge = base
    for _, verdict in drawn(knowledge, seed, 40):
        result = evaluate_variants(verdict._ladder, verdict._facts, [], 1)
        assert ending_in([bool(signal) for signal in result.signals()], verdict._ladder) == ending_of(verdict.outcome)


def test_completions(base: tuple[int, Knowledge]) -> None:
    """Possible endings, certainty, open facts and conflicts are what every completion, one by one, says."""
    seed, knowledge = base
    for brief, verdict in drawn(knowledge, seed):
        completed = completions(knowledge, verdict.view, brief, LIMIT)
        if completed is not None:
            ended = possible(knowledge, verdict.view, completed)
            endings = {end for _, end in ended}
            questions = knowledge.questions[verdict.view]
            assert set(questions.possible_endings(brief)) == endings
            assert (questions.conflict(brief) is None) == bool(endings)
            assert_certain(verdict, endings)
            assert_open(knowledge, verdict, ended)


def assert_certain(verdict: Verdict, endings: set[Ending]) -> None:
    told = ending_of(verdict.outcome)
    if verdict.status == "contradictory":
        assert not endings
    elif verdict._facts.needs_known and verdict.status != "tie":
        wanted = "open" if told not in endings else "settled" if endings == {told} else "provisional"
        assert verdict.certainty == wanted


def assert_open(knowledge: Knowledge, verdict: Verdict, ended: list[tuple[dict[str, object], Ending]]) -> None:
    found = knowledge.questions[verdict.view].open_facts(verdict.brief)
    assert found.complete
    names = {fact for completion, _ in ended for fact in completion}
    alone = {fact for fact in names if not alike(ended, names - {fact})}
    assert {open_.fact for open_ in found.facts if not open_.together} == alone
    assert alike(ended, {open_.fact for open_ in found.facts}), "what is left out cannot matter, jointly"
    for open_ in found.facts:
        assert open_.endings[0] != open_.endings[1]
        for completion, end in zip(open_.completions, open_.endings, strict=True):
            assert ending(knowledge, verdict.view, completion) == end
        changed = {fact for fact in free_facts(knowledge, verdict.view, verdict.brief) if differs(open_.completions, fact)}
        assert changed == {open_.fact, *open_.together}


def differs(pair: tuple[Brief, Brief], fact: str) -> bool:
    a, b = ((brief.needs if fact == "needs" else brief.facts[fact]) for brief in pair)
    return a != b


def alike(ended: list[tuple[dict[str, object], Ending]], facts: set[str]) -> bool:
    """Return whether completions that agree on some facts always end alike."""
    groups: dict[object, set[Ending]] = {}
    for completion, end in ended:
        groups.setdefault(tuple(completion[fact] for fact in sorted(facts)), set()).add(end)
    return all(len(endings) == 1 for endings in groups.values())


# --- what an ending rests on --------------------------------------------------------------------------------------------


def without(brief: Brief, answers: set[Answer], knowledge: Knowledge) -> list[Brief]:
    """Return the briefs that keep some answers of a brief: lists that lost an answer are gone through, facts are left out."""
    lists = {"need": brief.needs or frozenset(), "wish": brief.wishes, "in_house": brief.in_house}
    sure = {kind: {a.name for a in answers if a.kind == kind} for kind in lists}
    facts: dict[str, FactValue] = {fact: value for fact, value in brief.facts.items() if Answer("fact", fact) in answers}
    open_ = {kind: (set(knowledge.catalog.functions) if CLOSING not in answers else set(lists[kind])) - sure[kind] for kind in lists}
    found = []
    for places in _placings(sorted(set().union(*open_.values()) - set().union(*sure.values())), open_):
        needs, wishes, in_house = ({*sure[kind], *(f for f, place in places.items() if place == kind)} for kind in lists)
        found.append(Brief(frozenset(needs), frozenset(wishes), frozenset(in_house), facts))
    return found


def _placings(functions: list[str], lists: dict[str, set[str]]) -> Iterator[dict[str, str]]:
    """Yield every way to put functions into one of the lists that may have them, or into none."""
    if not functions:
        yield {}
        return
    for rest in _placings(functions[1:], lists):
        for kind in ["", *(kind for kind in lists if functions[0] in lists[kind])]:
            yield {**rest, functions[0]: kind}


def forces(knowledge: Knowledge, view: str, brief: Brief, answers: set[Answer], told: Ending) -> bool | None:
    """Return whether every completion of some answers ends as told; None if there are too many to go through."""
    left = without(brief, answers, knowledge) if CLOSING in answers or len(knowledge.catalog.functions) <= 4 else []
    if not left or len(left) > 30:
        return None
    for each in left:
        completed = completions(knowledge, view, each, 300 // len(left))
        if completed is None:
            return None
        if any(end != told for _, end in possible(knowledge, view, completed)):
            return False
    return True


@pytest.mark.slow
def test_sufficient_sets(tmp_path: Path) -> None:
    """A sufficient set forces the ending; dropping any member, some completion ends otherwise; no other minimal set was missed."""
    checked = dropped = 0
    for seed in range(200, 200 + 2 * BASES):
        knowledge = draw_knowledge(seed, tmp_path, Shape(rules=(3, 10)))
        for brief, verdict in drawn(knowledge, seed, 8):
            told = ending_of(verdict.outcome)
            if verdict.certainty == "settled" and verdict.status != "contradictory" and brief.needs is not None:
                rests_on = knowledge.questions[verdict.view].rests_on(brief, told, limit=1000)
                assert rests_on.complete
                assert rests_on.sets
                assert set(rests_on.core) == set(rests_on.sets[0]).intersection(*map(set, rests_on.sets))
                for answers in map(set, rests_on.sets):
                    checked += forces(knowledge, verdict.view, brief, answers, told) is True
                    assert forces(knowledge, verdict.view, brief, answers, told) is not False
                    for answer in answers:
                        forced = forces(knowledge, verdict.view, brief, answers - {answer}, told)
                        assert forced is not True
                        dropped += forced is False
                assert_none_missed(knowledge, verdict, [set(s) for s in rests_on.sets])
    assert checked > 10
    assert dropped > 10


def assert_none_missed(knowledge: Knowledge, verdict: Verdict, sets: list[set[Answer]]) -> None:
    """No set of up to two answers forces the ending unless it holds one of the sets found."""
    single = knowledge.questions[verdict.view]._single
    answers = list(single.copy.answers(verdict.brief))
    for size in range(min(2, len(answers)) + 1):
        for some in map(set, combinations(answers, size)):
            if CLOSING in some and not any(s <= some for s in sets):
                assert forces(knowledge, verdict.view, verdict.brief, some, ending_of(verdict.outcome)) is not True


# --- the shipped knowledge, and what may go wrong ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> Knowledge:
    return load_knowledge()


def test_contradictory_answers_are_named(shipped: Knowledge) -> None:
    """Of answers that cannot hold together, a smallest set is named, and nothing else."""
    brief = read_brief(
        {"needs": ["api_development"], "facts": {"phase": "commercial", "milestone": "first_in_human", "budget": "tight"}}, shipped
    )
    assert shipped.questions["guide"].conflict(brief) == (Answer("fact", "milestone"), Answer("fact", "phase"))


def test_time_bound(shipped: Knowledge) -> None:
    """A search that meets its bound says so and claims nothing."""
    questions = shipped.questions["industry"]
    brief = read_brief({"needs": ["api_development"]}, shipped)
    told = ending_of(advise(brief, shipped, view="industry").verdict.outcome)
    questions._single.clauses.satisfiable = lambda _signals, _deadline: (_ for _ in ()).throw(OutOfTimeError)  # type: ignore[method-assign]
    try:
        assert not questions.rests_on(brief, told).complete
        assert questions.certainty(brief, told, "provisional") == "provisional"
    finally:
        del questions._single.clauses.satisfiable
    few = questions.rests_on(read_brief({"needs": ["clinical_trials"]}, shipped), Ending("decided", (("cro",),)), limit=0)
    assert not few.complete
    assert few.core


def test_rows_are_endings(shipped: Knowledge) -> None:
    """An ending and its row say the same."""
    ladder: Ladder = shipped.ladders["guide"]
    for end in (Ending("outside"), Ending("contradictory"), Ending("decided", (("cdmo",),)), Ending("tie", (("cmo",), ("cro",)))):
        assert ending_in(row_of(end, ladder), ladder) == end


def test_few_briefs_and_many(base: tuple[int, Knowledge]) -> None:
    """The first briefs, encoded one by one, get the answers that they get later, when all briefs are encoded at once."""
    seed, knowledge = base
    for view, questions in knowledge.questions.items():
        briefs = [brief for brief, verdict in drawn(knowledge, seed) if verdict.view == view]
        for brief in briefs:
            alone = Questions(knowledge.ladders[view])
            assert alone.possible_endings(brief) == questions.possible_endings(brief)
            for end in questions.possible_endings(brief):
                for otherwise in (False, True):
                    assert alone.can_end(brief, end, otherwise=otherwise) == questions.can_end(brief, end, otherwise=otherwise)
