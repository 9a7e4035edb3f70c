"""An interview loses no answer, asks nothing twice and nothing that cannot matter, and ends in the verdict of its brief.

`ADVISOR_WALKS=5000` walks as often as that through interviews instead of a few times.
"""

from __future__ import annotations

import os
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from interviews import draw_truth

from advisor import advise, load_knowledge, read_brief
from advisor.answersfile import answers_text, brief_text, read_answers
from advisor.catalog import LISTS
from advisor.facts import NOT_KNOWN
from advisor.interview import Found, Interview
from advisor.interview_pages import help_of, move, page_of, standing_of, summary_of
from advisor.questionnaire import Questionnaire
from advisor.yamlfile import load_bytes

if TYPE_CHECKING:
    from advisor.api import Knowledge
    from advisor.questionnaire import Question, Said

WALKS = int(os.environ.get("ADVISOR_WALKS", "150"))
PATIENCE = 25  # moves, after which a walker only goes forward
SETTINGS: tuple[dict[str, Any], ...] = (
    {"view": "industry"},
    {"view": "industry"},
    {"view": "guide"},
    {"view": "industry", "both_views": True},
    {"view": "industry", "thorough": True},
)


@cache
def knowledge() -> Knowledge:
    return load_knowledge()


@cache
def questionnaire(number: int = 0) -> Questionnaire:
    return Questionnaire(knowledge(), **SETTINGS[number])


def begin(**answers: Said) -> Interview:
    return Interview(questionnaire(), answers)


def some_answer(question: Question, random: Random) -> Said:
    """Return an answer as a sponsor might give it; few needs, and now and then "I don't know"."""
    if random.random() < 0.15:
        return NOT_KNOWN
    ids = [choice.id for choice in question.choices]
    match question.kind:
        case "functions":
            return frozenset(random.sample(ids, random.randint(1, 4) if question.id == "needs" else random.choice((0, 0, 1, 2))))
        case "several":
            return frozenset(random.sample(ids, random.randint(0, min(2, len(ids)))))
        case "one":
            return random.choice(ids)
        case "yes_no":
            return random.random() < 0.5
        case "number":
            return random.choice((question.minimum, question.maximum, random.randint(question.minimum, question.maximum)))


def mapping_of(answers: dict[str, Said]) -> dict[str, Any]:
    """Return answers as a brief, put together without the program: what is needed is neither done in house nor a wish."""
    taken: frozenset[str] = frozenset()
    brief: dict[str, Any] = {"needs": "unknown", "facts": {}}
    for key in LISTS:
        said = answers.get(key, NOT_KNOWN)
        if isinstance(said, frozenset):
            brief[key] = sorted(said - taken)
            taken |= said
    for key, said in answers.items():
        if key not in LISTS and said is not NOT_KNOWN:
            brief["facts"][key] = sorted(said) if isinstance(said, frozenset) else said
    return brief


def ending(verdict: Any) -> tuple[object, ...]:
    return verdict.status, verdict.recommendation, verdict.tied


class Walker:
    """Goes through one interview at random, and keeps its own book of what it answered."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.questionnaire = questionnaire(self.random.randrange(len(SETTINGS)))
        self.interview = Interview(self.questionnaire)
        self.said: dict[str, Said] = {}

    def walk(self) -> None:
        moves = 0
        while self.interview.stage != "finished":
            moves += 1
            self.check()
            self.forward() if moves > PATIENCE or self.random.random() < 0.6 else self.aside()
        self.check_end()

    def check(self) -> None:
        """Check that nothing is lost, and that what is asked is either new and wanted, or chosen to be changed."""
        interview = self.interview
        assert interview.answers == self.said
        page = page_of(interview)
        assert page.title
        if interview.stage == "question":
            assert interview.question is not None
            wanted = interview.changing or getattr(interview.step.question, "id", "")
            assert interview.question.id == wanted
            assert (wanted in self.said) == bool(interview.changing), "asked twice"

    def forward(self) -> None:
        interview = self.interview
        match interview.stage:
            case "question":
                assert interview.question is not None
                self.answer(interview.question)
            case "review":
                self.interview = interview.go_on()
            case _:
                self.interview = interview.finish()

    def answer(self, question: Question) -> None:
        said = some_answer(question, self.random)
        own = self.said.get("in_house")
        if question.id == "needs" and isinstance(said, frozenset) and isinstance(own, frozenset) and own:
            said |= {self.random.choice(sorted(own))}  # what was done in house is needed after all
        before = self.said.get(question.id)
        hidden = frozenset[str]()
        if isinstance(said, frozenset) and isinstance(before, frozenset):
            hidden = before - {choice.id for choice in question.choices}
        self.interview = self.interview.answer(said)
        self.said[question.id] = said | hidden if isinstance(said, frozenset) else said

    def aside(self) -> None:
        """Do something else than going on."""
        choice = self.random.randrange(5)
        if choice == 0:
            self.interview = self.interview.back()
        elif choice == 1:
            self.interview = self.interview.review()
        elif choice == 2 and self.said:
            self.interview = self.interview.change(self.random.choice(list(self.said)))
        elif choice == 3:
            self.save_and_resume()
        else:
            assert standing_of(self.interview)
            assert bool(help_of(self.interview)) == (self.interview.question is not None)

    def save_and_resume(self) -> None:
        text = answers_text(self.interview, {})
        saved = read_answers(load_bytes(text.encode(), "answers.yaml"), knowledge())
        assert not saved.changes
        self.interview = Interview(self.questionnaire, saved.answers, saved.unconfirmed, name=saved.name)
        assert answers_text(self.interview, {}) == text

    def check_end(self) -> None:
        """Check that the advice is that of the brief written, and of the answers put together by hand."""
        interview = self.interview
        assert interview.answers == self.said
        written = read_brief(brief_text(interview).encode(), knowledge())
        for view in self.questionnaire.views:
            told = ending(interview.step.advice.verdicts[view])
            for brief in (written, mapping_of(self.said)):
                assert ending(advise(brief, knowledge(), view=view).verdicts[view]) == told
        if not interview.step.unknown and not interview.step.conflict and interview.step.advice.brief.needs is not None:
            self.check_completion()

    def check_completion(self) -> None:
        """Check that the facts that were not asked for change nothing, whatever they are."""
        drawn = draw_truth(self.random, knowledge().catalog)
        open_ = {key: said for key, said in drawn.items() if key not in LISTS and self.said.get(key, NOT_KNOWN) is NOT_KNOWN}
        complete = advise(self.questionnaire.brief({**self.said, **open_}), knowledge())
        for view in self.questionnaire.views:
            if complete.verdicts[view].status != "contradictory":
                assert ending(complete.verdicts[view]) == ending(self.interview.step.advice.verdicts[view])


@pytest.mark.volume
@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_random_walks(part: int) -> None:
    """Back, change, unknown, review, save and resume in any order: see the module."""
    for seed in range(part, WALKS, 10):
        try:
            Walker(seed).walk()
        except Exception as problem:
            message = f"walk {seed}"
            raise AssertionError(message) from problem


# --- single moves -----------------------------------------------------------------------------------------------------


def test_needs_come_first() -> None:
    """An interview begins with the needs, and cannot be finished before everything that matters was asked."""
    interview = Interview(questionnaire())
    assert interview.question is not None
    assert interview.question.id == "needs"
    with pytest.raises(ValueError, match="not everything is asked"):
        interview.finish()


def test_answer_that_does_not_fit_is_refused() -> None:
    """A question takes its own choices only, and a number only within its limits."""
    interview = Interview(questionnaire())
    for said in ("clinical_trials", frozenset({"moon_landing"}), True, 3):
        with pytest.raises(ValueError, match="does not take"):
            interview.answer(said)
    weeks = begin(needs=frozenset({"clinical_trials"}), weeks_to_start=5).change("weeks_to_start")
    assert weeks.answer(520).answers["weeks_to_start"] == 520
    for said in (-1, 521, True):
        with pytest.raises(ValueError, match="does not take"):
            weeks.answer(said)


def test_back_keeps_every_answer() -> None:
    """Back goes to the answer before, again and again up to the first; every answer stays, and is shown as it was."""
    interview = begin(needs=frozenset({"api_development"}), in_house=frozenset(), wishes=NOT_KNOWN)
    seen = []
    for _ in range(5):
        interview = interview.back()
        seen.append(interview.changing)
    assert seen == ["wishes", "in_house", "needs", "needs", "needs"]
    assert interview.preset == {"api_development"}
    assert len(interview.answers) == 3


def test_moves_without_an_answer_work_nothing_out_again() -> None:
    """Going back, and looking through the answers, does not wait for what is known already; an answer does."""
    interview = begin(needs=frozenset({"api_development"}), in_house=frozenset(), wishes=frozenset())
    step = interview.step
    moved = interview.back().back().review().go_on()
    assert moved.step is step
    assert moved.change("needs").answer(frozenset({"clinical_trials"})).step is not step


def test_needed_functions_are_not_offered_again() -> None:
    """What is needed is not asked for as done in house; but it comes back when it is no longer needed."""
    interview = begin(needs=frozenset({"clinical_trials"}), in_house=frozenset({"biostatistics"}), wishes=frozenset())
    changed = interview.change("needs").answer(frozenset({"clinical_trials", "biostatistics"})).change("in_house")
    assert changed.question is not None
    assert "biostatistics" not in {choice.id for choice in changed.question.choices}
    assert changed.preset == frozenset()
    again = changed.answer(frozenset({"quality_control"}))
    assert again.brief.in_house == {"quality_control"}
    assert again.change("needs").answer(frozenset({"clinical_trials"})).brief.in_house == {"quality_control", "biostatistics"}


def test_found_answers_count_only_when_confirmed() -> None:
    """Answers found elsewhere are shown with where they come from, count for nothing before, and are taken one by one or all."""
    found = {"needs": Found(frozenset({"clinical_trials"}), 'from your text: "a trial"'), "phase": Found("phase_2", 'from your text: "II"')}
    interview = Interview(questionnaire(), unconfirmed=found)
    assert interview.stage == "confirm"
    assert interview.step.advice.brief.needs is None
    page = page_of(interview)
    assert [row.label for row in page.rows[2:]] == ["What you need: Clinical Trials", "Programme phase: Phase II"]
    assert page.rows[2].note == 'from your text: "a trial"'
    assert interview.confirm().answers == {"needs": frozenset({"clinical_trials"}), "phase": "phase_2"}
    one = move(interview, "change:needs")
    assert any('from your text: "a trial"' in text for text in page_of(one).text)
    assert one.back().stage == "confirm"
    after = one.answer(frozenset({"biostatistics"}))
    assert (after.stage, after.answers, list(after.unconfirmed)) == ("confirm", {"needs": frozenset({"biostatistics"})}, ["phase"])
    assert "phase" not in after.discard().answers


def test_contradiction_names_the_answers_and_can_be_changed() -> None:
    """Answers that cannot hold together are named by their labels; each can be changed, or the interview finished all the same."""
    brief = {"modality": "cell_therapy_autologous", "batch_litres": 10000}
    interview = begin(needs=frozenset({"cell_therapy_manufacturing"}), in_house=frozenset(), wishes=frozenset(), **brief)
    page = page_of(interview)
    assert interview.stage == "end"
    assert "cannot hold together" in page.title
    assert "- Batch size: 10000 litres" in page.text
    assert "cannot hold together" in standing_of(interview)
    assert move(interview, "change:batch_litres").question is not None
    assert interview.finish().stage == "finished"
    assert summary_of(interview) == ()


def test_end_tells_what_was_left_out_and_what_is_open() -> None:
    """At the end it is said how many questions were left out, and which answers are missing that matter."""
    needs = frozenset({"api_development", "finished_dosage_forms"})
    interview = begin(needs=needs, in_house=frozenset(), wishes=frozenset())
    while interview.stage == "question":
        interview = interview.answer(NOT_KNOWN)
    left, open_ = summary_of(interview)
    assert left.endswith("questions left out: none can change the advice.")
    assert "State of the drug-product process" in open_
    assert any(row.label.startswith("Answer after all: How far is the process") for row in page_of(interview).rows)


def test_review_marks_what_is_no_longer_used() -> None:
    """An answer that makes no difference any more is kept, and marked in the review."""
    interview = begin(
        needs=frozenset({"clinical_trials"}), in_house=frozenset(), wishes=frozenset(), product_process_state="locked"
    ).review()
    labels = [row.label for row in page_of(interview).rows]
    assert "State of the drug-product process: Locked (not used)" in labels


def test_help_says_why_and_names_the_rules() -> None:
    """Help has the reason for the question and the titles of waiting rules, also when a question is answered once more."""
    interview = begin(needs=frozenset({"api_development", "finished_dosage_forms"}), in_house=frozenset(), wishes=frozenset())
    assert interview.question is not None
    first = help_of(interview)
    assert any(text.startswith("Why this is asked:") for text in first)
    assert "- A finished process calls for a maker, not a developer" in first
    again = interview.answer("developed").back()  # settles it, so that no other question has rules
    assert "- A finished process calls for a maker, not a developer" in help_of(again)
