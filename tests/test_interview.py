"""An interview loses no answer, asks nothing twice and nothing that cannot matter, and ends in the verdict of its brief.

`ADVISOR_WALKS=5000` walks as often as that through interviews instead of a few times.
"""

from __future__ import annotations

import os
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from advisor import advise, load_knowledge, read_brief
from advisor.answersfile import answers_text, brief_text, read_answers
from advisor.catalog import LISTS
from advisor.facts import NOT_KNOWN
from advisor.interview import Interview
from advisor.interview_pages import help_of, page_of, standing_of
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
            assert all(interview.step.advice.verdicts[view].certainty == "settled" for view in self.questionnaire.views)


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
