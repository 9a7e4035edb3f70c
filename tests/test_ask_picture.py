"""At any size of the terminal the screen fits, and what matters most is on it."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import TYPE_CHECKING

import pytest

from advisor import load_knowledge
from advisor.ask_picking import Picking
from advisor.ask_picture import Look, Picture, draw, help_lines
from advisor.facts import NOT_KNOWN
from advisor.interview import Found, Interview
from advisor.interview_pages import page_of
from advisor.questionnaire import Questionnaire

if TYPE_CHECKING:
    from advisor.questionnaire import Said

LISTS: dict[str, Said] = {"needs": frozenset({"api_development", "finished_dosage_forms"}), "in_house": frozenset(), "wishes": frozenset()}


@cache
def interviews() -> dict[str, Interview]:
    """Return an interview at every kind of page."""
    questionnaire = Questionnaire(load_knowledge(), view="industry")
    asked = Interview(questionnaire, LISTS)
    contradiction: dict[str, Said] = {"modality": "cell_therapy_autologous", "batch_litres": 10000}
    therapy = {**LISTS, "needs": frozenset({"cell_therapy_manufacturing"})}
    return {
        "functions": Interview(questionnaire),
        "one": asked,
        "number": Interview(questionnaire, {**LISTS, "weeks_to_start": 12}).change("weeks_to_start"),
        "several": Interview(questionnaire, {**LISTS, "handling": frozenset({"sterile"})}).change("handling"),
        "yes_no": Interview(questionnaire, {**LISTS, "own_plant_full": NOT_KNOWN}).change("own_plant_full"),
        "review": Interview(questionnaire, {**LISTS, "phase": "phase_2"}).review(),
        "end": asked.answer("developed"),
        "confirm": Interview(questionnaire, unconfirmed={"phase": Found("phase_2", 'from your text: "in the clinic"')}),
        "conflict": Interview(questionnaire, {**therapy, **contradiction}),
    }


def picture(interview: Interview, columns: int, lines: int, *, typed: str = "", at: int = 0) -> Picture:
    picking = Picking(page_of(interview), typed=typed)
    picking.move(at)
    return draw(Look(interview, picking, min(picking.at, len(picking.found)), None, columns, lines))


def shown(drawn: Picture) -> str:
    return "\n".join(line.text for part in (drawn.top, drawn.middle, drawn.bottom) for line in part)


@pytest.mark.parametrize("kind", ["functions", "one", "number", "several", "yes_no", "review", "end", "confirm", "conflict"])
def test_every_page_fits_every_size(kind: str) -> None:
    """No line is wider than the terminal; from 40 x 10 on, at least three lines, or all there are, are left for the list."""
    random, interview = Random(kind), interviews()[kind]
    for _ in range(200):
        columns, lines = random.randint(20, 130), random.randint(10, 50)
        typed = random.choice(("", "", "cl", "xyzzy" * 12)) if page_of(interview).kind != "menu" else ""
        drawn = picture(interview, columns, lines, typed=typed, at=random.randint(0, 90))
        assert all(len(line.text) <= columns for part in (drawn.top, drawn.middle, drawn.bottom) for line in part)
        if columns >= 40:
            assert lines - len(drawn.top) - len(drawn.bottom) >= min(3, len(drawn.middle)), (columns, lines)


def test_nothing_is_left_out_where_there_is_room() -> None:
    """On a terminal of the usual size there are the question, its help, the search, the choices, the standing and the keys."""
    text = " ".join(shown(picture(interviews()["one"], 80, 24)).split())
    for part in (
        "Question 4",
        "How far is the process",
        "The same question for tablets",
        "( ) Locked",
        "I don't know",
        "Leaning CDMO",
        "Ctrl-C",
    ):
        assert part in text
    assert "Search: cl_" in shown(picture(interviews()["functions"], 80, 24, typed="cl"))


def test_rows_that_are_always_there() -> None:
    """The rows that are always there follow a list that fits, and stay in sight at the bottom below one that does not."""
    short, long = picture(interviews()["one"], 80, 24), picture(interviews()["functions"], 80, 24)
    assert [line.text.strip() for line in short.middle][-2:] == [
        "( ) Validated: shown to perform in the validation batches",
        "( ) I don't know",
    ]
    assert [line.text.strip() for line in long.bottom][:2] == ["None of these", "( ) I don't know"]


def test_small_terminal_keeps_the_question_and_the_choices() -> None:
    """Where there is little room, help text and keys go first; the question and "I don't know" stay, and more is told by `?`."""
    text = shown(picture(interviews()["functions"], 40, 12))
    assert "What should somebody else do for you?" in text
    assert "I don't know" in text
    assert "Tick everything" not in text
    middling = shown(picture(interviews()["functions"], 40, 18))
    assert "(more with ?)" in middling


def test_help_has_what_the_screen_leaves_out() -> None:
    """Help has the whole text of a page and all keys, whatever the size."""
    for name, part in (("functions", "Tick everything"), ("conflict", "- Batch size: 10000 litres"), ("end", "questions left out")):
        interview = interviews()[name]
        look = Look(interview, Picking(page_of(interview)), 0, 0, 30, 8)
        text = " ".join(" ".join(help_lines(look)).split())
        assert part in text
        assert "Ctrl-S: save" in text


def test_note_of_the_row_pointed_at() -> None:
    """What a function is, is told for the one pointed at, always in as many lines, so that nothing jumps."""
    first, second = (picture(interviews()["functions"], 110, 24, at=at) for at in (0, 1))
    assert "Develop and produce the active ingredient" in shown(first)
    assert "Produce intermediates" in shown(second)
    assert len(first.bottom) == len(second.bottom)
