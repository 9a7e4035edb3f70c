"""Answers survive being saved, whatever becomes of the knowledge; and a file that is wrong is refused with place and remedy."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from advisor import advise, load_knowledge, read_brief
from advisor.answersfile import answers_text, brief_text, read_answers
from advisor.errors import BriefError
from advisor.facts import NOT_KNOWN
from advisor.interview import Found, Interview
from advisor.questionnaire import Questionnaire
from advisor.yamlfile import load_bytes

if TYPE_CHECKING:
    from advisor.answersfile import Saved
    from advisor.api import Knowledge

OVERLAY = """\
facts:
  moon_base:
    type: bool
    label: Moon base
    question: Is there a base on the moon?
    help: Look up.
    why: It is far.
    changeable: false
    order: 3
    sources: [own]
"""


@cache
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """Return the knowledge with one more fact: what is answered there has no place here."""
    directory = tmp_path_factory.mktemp("other")
    (directory / "catalog").mkdir()
    (directory / "catalog" / "facts.yaml").write_text(OVERLAY, encoding="utf-8")
    return load_knowledge(directory)


def begin(by: Knowledge, **answers: object) -> Interview:
    return Interview(Questionnaire(by, view="industry"), answers, name="Tëst: #1 'x' \N{GRINNING FACE}")  # type: ignore[arg-type]


def read(text: str, by: Knowledge | None = None) -> Saved:
    return read_answers(load_bytes(text.encode(), "answers.yaml"), by or knowledge())


def refused(text: str) -> str:
    with pytest.raises(BriefError) as caught:
        read(text)
    return str(caught.value)


def test_everything_comes_back() -> None:
    """Answers of every kind, those not known, their order, the name and what is unconfirmed come back as they were."""
    answers = {
        "needs": frozenset({"clinical_trials", "biostatistics"}),
        "in_house": frozenset({"biostatistics", "quality_control"}),  # one is needed by now
        "wishes": NOT_KNOWN,
        "weeks_to_start": 12,
        "phase": "phase_2",
        "own_plant_full": False,
        "handling": frozenset({"sterile"}),
        "excluded_regions": frozenset(),
        "modality": NOT_KNOWN,
        "substance_process_state": "none",
    }
    begun = begin(knowledge(), **answers)
    interview = Interview(begun.questionnaire, begun.answers, {"scale": Found("pilot", 'from: "x" \x1b#1')}, name=begun.name)
    saved = read(answers_text(interview, {}))
    assert list(saved.answers.items()) == list(answers.items())
    assert saved.name == interview.name
    assert saved.unconfirmed == {"scale": Found("pilot", 'from: "x"  #1')}  # no control character gets into a file
    assert (saved.view, saved.both_views, saved.thorough, saved.changes) == ("industry", False, False, ())


def test_every_choice_can_be_written_and_read() -> None:
    """Whatever a question offers comes back from a file and from a brief as the same answer."""
    questionnaire = Questionnaire(knowledge(), view="industry")
    needs = frozenset({"clinical_trials"})
    for question in questionnaire.questions.values():
        for choice in question.choices if question.kind == "one" else ():
            interview = Interview(questionnaire, {"needs": needs, question.id: choice.id})
            assert read(answers_text(interview, {})).answers == interview.answers
            assert read_brief(brief_text(interview).encode(), knowledge()).facts == {question.id: choice.id}


def test_brief_says_the_same() -> None:
    """A brief keeps what is not known as unknown, and has no function in two lists."""
    answers = {"needs": frozenset({"clinical_trials"}), "in_house": frozenset({"clinical_trials", "quality_control"}), "phase": NOT_KNOWN}
    interview = begin(knowledge(), **answers)
    text = brief_text(interview)
    assert "phase: unknown" in text
    assert read_brief(text.encode(), knowledge()) == interview.brief
    empty = begin(knowledge(), needs=NOT_KNOWN)
    assert read_brief(brief_text(empty).encode(), knowledge()).needs is None


def test_answers_of_another_knowledge_are_kept(other: Knowledge) -> None:
    """A question that is gone is told, its answer set aside in the file, and taken back under the knowledge that has it."""
    there = begin(other, needs=frozenset({"clinical_trials"}), moon_base=True, phase="phase_2")
    here = read(answers_text(there, {}))
    assert here.answers == {"needs": frozenset({"clinical_trials"}), "phase": "phase_2"}
    assert here.set_aside == {"facts": {"moon_base": True}}
    assert any("'moon_base' is not asked for any more" in change for change in here.changes)
    kept = answers_text(Interview(Questionnaire(knowledge(), view="industry"), here.answers), here.set_aside)
    assert read(kept).set_aside == here.set_aside
    back = read(kept, other)
    assert back.unconfirmed["moon_base"].said is True
    assert not any(back.set_aside.values())


def test_nothing_is_said_to_be_lost_if_nothing_is(other: Knowledge) -> None:
    """Under another knowledge that takes every answer, only this is said."""
    saved = read(answers_text(begin(other, needs=frozenset({"clinical_trials"})), {}))
    assert saved.changes[1:] == ("All your answers still hold.",)
    assert saved.issues == ()


def test_what_is_left_of_a_list_is_to_be_confirmed() -> None:
    """If a function of a list is gone, the list is asked for again, with the rest of it filled in; the old list is kept."""
    text = answers_text(begin(knowledge(), needs=frozenset({"clinical_trials"}), phase="phase_2", scale="pilot"), {})
    old = text.replace(knowledge().sha256, "0" * 64).replace("    - clinical_trials", "    - clinical_trials\n    - moon_trials")
    saved = read(old.replace("scale: pilot", "scale: moon_sized"))
    assert saved.answers == {"phase": "phase_2"}
    assert saved.unconfirmed["needs"].said == {"clinical_trials"}
    assert saved.set_aside == {"needs": ["clinical_trials", "moon_trials"], "facts": {"scale": "moon_sized"}}
    assert [change.partition(":")[0] for change in saved.changes[1:]] == ["What you need", "Scale"]


@pytest.mark.parametrize(
    ("change", "messages"),
    [
        (("phase: phase_2", "phase: phase_9\n    weeks_to_start: soon"), ["12:12: error: 'phase_9' is not a value of 'phase'", "13:21"]),
        (("questionnaire: 1", "questionnaire: 2"), ["'2' is not allowed here"]),
        (("view: industry", "view: industrial"), ["no view 'industrial'", "did you mean 'industry'?"]),
        (("both_views: false", "both_views: perhaps"), ["expected true or false, found 'perhaps'"]),
        (("facts:", "fact:"), ["unknown key 'fact'", "did you mean 'facts'?"]),
        (("answers:", "answer:"), ["the key 'answers' is missing", "unknown key 'answer'"]),
    ],
)
def test_wrong_files_are_refused(change: tuple[str, str], messages: list[str]) -> None:
    """Every problem is told at once, with its place and what to do."""
    needs: frozenset[str] = frozenset()
    interview = Interview(Questionnaire(knowledge(), view="industry"), {"needs": needs, "phase": "phase_2"})
    text = answers_text(interview, {})
    assert change[0] in text
    found = refused(text.replace(*change))
    assert all(message in found for message in messages), found


def test_brief_is_told_apart() -> None:
    """Who gives a brief for answers is told what to do with it."""
    assert "use it with `advisor recommend`" in refused("needs: [clinical_trials]\n")


def test_written_brief_gives_the_same_advice() -> None:
    """The file written at the end gives the advice that was told at the end."""
    needs = frozenset({"api_development", "finished_dosage_forms"})
    interview = begin(knowledge(), needs=needs, in_house=frozenset(), wishes=frozenset(), product_process_state="developed")
    told = interview.step.advice.verdict
    again = advise(read_brief(brief_text(interview).encode(), knowledge()), knowledge(), view="industry").verdict
    assert (again.recommendation, again.certainty) == (told.recommendation, told.certainty) == (("cdmo",), "settled")
