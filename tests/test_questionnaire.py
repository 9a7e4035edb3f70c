"""The questionnaire asks only what can change the verdict, proves that the rest cannot, and ends where the full brief ends.

ADVISOR_INTERVIEWS=10000 python -m pytest tests/test_questionnaire.py -k truthful     # a long run
"""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import combinations
from math import log2
from random import Random
from typing import TYPE_CHECKING

import pytest
from brute import completions, ending, possible
from generate import draw_knowledge
from interviews import draw_truth, interview

from advisor import DataError, advise, load_knowledge
from advisor.circuit import ending_of
from advisor.information import Sample
from advisor.questionnaire import DONT_KNOW, Questionnaire

if TYPE_CHECKING:
    from pathlib import Path

    from advisor import Knowledge, Verdict
    from advisor.circuit import Ending
    from advisor.questionnaire import Said, Step

INTERVIEWS = int(os.environ.get("ADVISOR_INTERVIEWS", "80"))
BASES = int(os.environ.get("ADVISOR_LOGIC_BASES", "8"))
FIRST_BASE = 7000
LIMIT = 600  # completions of one brief
VIEWS = ("guide", "industry")


@pytest.fixture(scope="module")
def shipped() -> Knowledge:
    return load_knowledge()


@pytest.fixture(params=range(FIRST_BASE, FIRST_BASE + BASES))
def base(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[int, Knowledge]:
    return request.param, draw_knowledge(request.param, tmp_path)


def end_of(verdict: Verdict) -> Ending:
    return ending_of(verdict.outcome)


def sound_truth(knowledge: Knowledge, needs: frozenset[str]) -> dict[str, Said]:
    """Return answers that do not contradict each other."""
    random = Random(5)
    while True:
        truth = draw_truth(random, knowledge.catalog, needs)
        brief = Questionnaire(knowledge).brief(truth)
        if all(verdict.status != "contradictory" for verdict in advise(brief, knowledge).verdicts.values()):
            return truth


@pytest.mark.volume
@pytest.mark.parametrize("view", VIEWS)
def test_truthful_answers_end_as_the_full_brief(shipped: Knowledge, view: str) -> None:
    """Whoever answers truthfully gets the verdict of the full brief, and what is left out is settled."""
    questionnaire, random, held = Questionnaire(shipped, view=view), Random(11), 0
    while held < INTERVIEWS:
        truth = draw_truth(random, shipped.catalog)
        full = advise(questionnaire.brief(truth), shipped, view=view).verdict
        if full.status == "contradictory":
            continue  # nobody can truthfully say so
        held += 1
        answers, steps = interview(questionnaire, truth)
        assert end_of(steps[-1].advice.verdict) == end_of(full), answers
        assert steps[-1].unknown == ()
        assert {*answers, *steps[-1].left_out} >= shipped.catalog.facts.keys()


@pytest.mark.volume
def test_both_views_end_as_the_full_brief(shipped: Knowledge) -> None:
    """With both views, the verdict of each is the one of the full brief."""
    questionnaire, random, held = Questionnaire(shipped, both_views=True), Random(12), 0
    while held < INTERVIEWS // 4:
        truth = draw_truth(random, shipped.catalog)
        full = advise(questionnaire.brief(truth), shipped).verdicts
        if any(verdict.status == "contradictory" for verdict in full.values()):
            continue
        held += 1
        _, steps = interview(questionnaire, truth)
        assert {view: end_of(v) for view, v in steps[-1].advice.verdicts.items()} == {view: end_of(v) for view, v in full.items()}


@pytest.mark.volume
def test_left_out_by_brute_force(base: tuple[int, Knowledge]) -> None:
    """At the end every completion ends as told, and every question asked could change the verdict when it was asked."""
    seed, knowledge = base
    random = Random(seed)
    for view in VIEWS:
        questionnaire = Questionnaire(knowledge, view=view)
        for _ in range(8):
            truth = draw_truth(random, knowledge.catalog)
            unsure = frozenset(fact for fact in knowledge.catalog.facts if random.random() < 0.15)
            answers, steps = interview(questionnaire, truth, unsure)
            assert_ended_rightly(questionnaire, answers, steps[-1])
            for step in steps[:-1]:
                assert_worth_asking(questionnaire, answers, step)


def assert_ended_rightly(questionnaire: Questionnaire, answers: dict[str, Said], last: Step) -> None:
    completed = completions(questionnaire.knowledge, questionnaire.view, questionnaire.brief(answers), LIMIT)
    if completed is None or not answers["needs"]:
        return
    endings = {end for _, end in possible(questionnaire.knowledge, questionnaire.view, completed)}
    if last.conflict:
        assert not endings
    elif not last.unknown:
        assert endings <= {end_of(last.advice.verdict)}
    else:
        assert len(endings) > 1 or endings != {end_of(last.advice.verdict)}


def assert_worth_asking(questionnaire: Questionnaire, answers: dict[str, Said], step: Step) -> None:
    """The fact asked for separates two completions that differ in nothing else, but for what contradictions tie to it."""
    question = step.question
    assert question is not None
    if question.kind == "functions":
        return
    assert question.id == step.open[0]
    before = {each: said for each, said in answers.items() if each in list(answers)[: list(answers).index(question.id)]}
    completed = completions(questionnaire.knowledge, questionnaire.view, questionnaire.brief(before), LIMIT // 10)
    if completed is None:
        return
    ended = possible(questionnaire.knowledge, questionnaire.view, completed)
    linked = {link for link in step.advice.verdict.open.facts if link.fact == question.id for link in link.together}
    separated = any(
        end != other and completion[question.id] != another[question.id]
        for (completion, end), (another, other) in combinations(ended, 2)
        if {fact for fact in completion if completion[fact] != another[fact]} <= {question.id, *linked}
    )
    told = end_of(step.advice.verdict)
    assert separated or {end for _, end in ended} != {told}


def test_same_answers_same_step(base: tuple[int, Knowledge]) -> None:
    """The order of the answers, and what was asked of the same questionnaire before, are of no account."""
    seed, knowledge = base
    random = Random(seed)
    shared = Questionnaire(knowledge, view="industry")
    for _ in range(6):
        answers, _ = interview(shared, draw_truth(random, knowledge.catalog))
        some = random.sample(sorted(answers), random.randint(0, len(answers)))
        one, other = ({key: answers[key] for key in keys} for keys in (some, sorted(some)))
        steps = shared.step(one), Questionnaire(knowledge, view="industry").step(other)
        assert len({(s.question, s.rules, s.open, s.left_out, tuple(sorted(s.unknown)), s.conflict) for s in steps}) == 1


@pytest.mark.volume
def test_gains_are_the_information(base: tuple[int, Knowledge]) -> None:
    """What the sample expects a question to tell is close to what every completion, one by one, says."""
    seed, knowledge = base
    random = Random(seed)
    compared = 0
    for _ in range(40):
        truth = draw_truth(random, knowledge.catalog)
        known = random.sample(sorted(knowledge.catalog.facts), max(0, len(knowledge.catalog.facts) - 2))
        questionnaire = Questionnaire(knowledge)
        brief = questionnaire.brief({key: truth[key] for key in ("needs", "in_house", "wishes", *known)})
        completed = completions(knowledge, "guide", brief, 300)
        free = [f for f in knowledge.catalog.facts if f not in brief.facts and knowledge.catalog.facts[f].type != "set"]
        if (
            completed is None
            or not free
            or any(knowledge.catalog.facts[f].type == "set" for f in knowledge.catalog.facts if f not in known)
        ):
            continue
        ended = possible(knowledge, "guide", completed)
        gains = Sample(knowledge.ladders["guide"]).gains(brief, free, {end for _, end in ended})
        for fact, gain in gains.items():
            assert gain == pytest.approx(information(ended, fact), abs=0.08)
            compared += gain > 0.1
    assert compared or seed != FIRST_BASE


def information(ended: list[tuple[dict[str, object], Ending]], fact: str) -> float:
    groups: dict[object, list[Ending]] = {}
    for completion, end in ended:
        groups.setdefault(completion[fact], []).append(end)
    left = sum(len(group) / len(ended) * entropy(group) for group in groups.values())
    return entropy([end for _, end in ended]) - left


def entropy(endings: list[Ending]) -> float:
    shares = [endings.count(end) / len(endings) for end in set(endings)]
    return -sum(share * log2(share) for share in shares)


def test_unknown_needs_end_the_interview(shipped: Knowledge) -> None:
    """Who does not know what is needed is asked nothing more: nothing can settle it."""
    step = Questionnaire(shipped).step({"needs": DONT_KNOW})
    assert step.question is None
    assert step.unknown == ("needs",)
    assert step.advice.verdict.certainty == "open"


def test_nothing_needed(shipped: Knowledge) -> None:
    """Without any need the other lists are not asked for."""
    step = Questionnaire(shipped, view="industry").step({"needs": frozenset()})
    assert step.question is None
    assert step.advice.verdict.status == "nothing_needed"


def test_thorough_goes_on_with_what_rules_can_use(shipped: Knowledge) -> None:
    """A thorough interview asks on when the verdict is settled, but nothing that no waiting rule reads."""
    truth = sound_truth(shipped, frozenset({"clinical_trials"}))
    short = interview(Questionnaire(shipped, view="industry"), truth)[1]
    steps = interview(Questionnaire(shipped, view="industry", thorough=True), truth)[1]
    assert len(steps) > len(short)
    for step in steps[3:-1]:
        assert step.question is not None
        assert step.question.id in {fact for waiting in step.advice.verdict.waiting for fact in waiting.open_facts}
        assert step.rules
    assert not [w for w in steps[-1].advice.verdict.waiting if w.open_facts]


def test_conflicting_answers_are_named(shipped: Knowledge) -> None:
    """Answers that cannot hold together end the interview, and are named."""
    random = Random(3)
    questionnaire = Questionnaire(shipped, view="industry")
    found = 0
    for _ in range(30):
        truth = draw_truth(random, shipped.catalog)
        if advise(questionnaire.brief(truth), shipped, view="industry").verdict.status == "contradictory":
            step = questionnaire.step(truth)
            assert step.conflict
            assert step.question is None
            found += 1
    assert found


def test_a_function_counts_once(shipped: Knowledge) -> None:
    """A function in several lists is needed first, then done in house, then wished for: no answer makes an unsound brief."""
    one, two, three = sorted(shipped.catalog.functions)[:3]
    every = frozenset({one, two, three})
    brief = Questionnaire(shipped).brief({"needs": frozenset({one}), "in_house": frozenset({one, two}), "wishes": every})
    assert (brief.needs, brief.in_house, brief.wishes) == ({one}, {two}, {three})


def test_answers_no_longer_used(shipped: Knowledge) -> None:
    """An answer that cannot change the verdict any more is listed; one that does, is not."""
    questionnaire = Questionnaire(shipped, view="industry")
    opening: dict[str, Said] = {"needs": frozenset({"clinical_trials"}), "in_house": frozenset(), "wishes": frozenset()}
    assert questionnaire.no_longer_used(opening | {"exit_wish": True, "budget": DONT_KNOW}) == ("exit_wish",)
    making = opening | {"needs": frozenset({"api_development"})}
    decisive = questionnaire.step(making).question
    assert decisive is not None
    assert questionnaire.no_longer_used(making | {decisive.id: decisive.choices[0].id}) == ()


def test_questions_of_the_catalog(shipped: Knowledge) -> None:
    """Every fact has a question; functions come with those of the guide first; values known in part come last."""
    questions = Questionnaire(shipped).questions
    assert set(questions) == {"needs", "in_house", "wishes", *shipped.catalog.facts}
    guide = [name for name, entry in shipped.catalog.functions.items() if entry.guide]
    assert [choice.id for choice in questions["needs"].choices[: len(guide)]] == guide
    assert {choice.id for choice in questions["needs"].choices} == set(shipped.catalog.functions)
    assert questions["phase"].choices[-1].id == "clinical_unspecified"
    assert "clinical_unspecified" not in [choice.id for q in questions.values() if q.kind == "several" for choice in q.choices]
    assert all(question.text and question.why and question.help for question in questions.values())


def test_a_catalog_without_opening_questions(shipped: Knowledge) -> None:
    """A catalog that does not say how to ask for needs is refused, by name."""
    bare = replace(shipped, catalog=replace(shipped.catalog, lists={}))
    with pytest.raises(DataError, match="asks for 'needs'"):
        Questionnaire(bare)


def test_there_is_no_such_view(shipped: Knowledge) -> None:
    """A view that does not exist is refused."""
    with pytest.raises(ValueError, match="no view 'gide'"):
        Questionnaire(shipped, view="gide")


def test_a_coarse_answer_is_an_answer(shipped: Knowledge) -> None:
    """A value known in part is not asked for again, and the truth may be any of what it stands for."""
    questionnaire = Questionnaire(shipped, view="industry")
    answers: dict[str, Said] = {"needs": frozenset({"api_development"}), "in_house": frozenset(), "wishes": frozenset()}
    answers["phase"] = "clinical_unspecified"
    asked = []
    while (question := questionnaire.step(answers).question) is not None:
        asked.append(question.id)
        answers[question.id] = DONT_KNOW
    assert asked
    assert "phase" not in asked
    assert ending(shipped, "industry", questionnaire.brief(answers)) == end_of(questionnaire.step(answers).advice.verdict)
