"""The interview line by line: for pipes, screen readers and terminals that can do no more; no escape codes at all."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.facts import NOT_KNOWN
from advisor.interview_input import find_rows, fold, number_in, number_wanted, printable, row_named
from advisor.interview_pages import DONT_KNOW_LABEL, help_of, move, page_of, said_of, standing_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.interview import Interview
    from advisor.interview_pages import Page
    from advisor.questionnaire import Choice, Said

INTRODUCTION = (
    "Answer with the number or the name of a choice; where several are possible, with commas between them.",
    'Words you can always use: "?" (why it is asked), "unknown" (you do not know), "back", "review" (all answers), "save", "quit".',
)
_UNKNOWN = {"unknown", fold(DONT_KNOW_LABEL), "dont know", "don't know", "not known"}
_MAX_LISTED = 25
_FIRST = 12
_MAX_FOUND = 10


@dataclass(slots=True)
class Lines:
    """Where lines come from and go to.

    Attributes:
        read: the next line; None at the end of the input. write: takes a line.
        save: saves and tells how it went. keep: is told of every new state; returns a problem, or nothing. width: of the lines written.

    """

    read: Callable[[], str | None]
    write: Callable[[str], None]
    save: Callable[[Interview], str]
    keep: Callable[[Interview], str]
    width: int = 80

    def say(self, text: str, indent: str = "", hang: str = "") -> None:
        """Write text, broken between words."""
        lines = textwrap.wrap(printable(text), self.width, initial_indent=indent, subsequent_indent=indent + hang, break_on_hyphens=False)
        for line in lines or [""]:
            self.write(line)


def converse(interview: Interview, lines: Lines) -> Interview:
    """Hold an interview; return it finished, or as it was when the input ended.

    Raises:
        KeyboardInterrupt: if the sponsor stops it.

    """
    for text in INTRODUCTION:
        lines.say(text)
    shown: Interview | None = None
    while interview.stage != "finished":
        if interview is not shown:
            _show(interview, lines)
            shown = interview
        typed = lines.read()
        if typed is None:
            return interview
        if fold(typed) in {"quit", "exit"}:
            raise KeyboardInterrupt
        interview = _take(interview, typed, lines)
        if interview is not shown and (problem := lines.keep(interview)):
            lines.say(problem)
    return interview


# --- showing ----------------------------------------------------------------------------------------------------------


def _show(interview: Interview, lines: Lines) -> None:
    page = page_of(interview)
    lines.write("")
    if interview.answers and page.kind != "menu":
        lines.say(standing_of(interview))
    number = list(interview.answers).index(interview.changing) if interview.changing in interview.answers else len(interview.answers)
    lines.say(page.title if page.kind == "menu" else f"Question {number + 1}. {page.title}")
    for text in page.text:
        lines.say(text)
    _list(page, lines, everything=len(page.rows) <= _MAX_LISTED)
    if page.said:
        lines.say(f"Your answer so far: {page.said}. An empty line keeps it.")
    lines.say(_wanted(page))


def _list(page: Page, lines: Lines, *, everything: bool) -> None:
    first = [row for row in page.rows if row.group == page.rows[0].group] if page.rows and page.rows[0].group else page.rows[:_FIRST]
    group = ""
    for number, row in enumerate(page.rows, 1):
        if not everything and row not in first:
            continue
        if row.group != group:
            group = row.group
            lines.say(f"{group}:")
        note = {"one": f": {row.note}", "menu": f" ({row.note})"}.get(page.kind, "") if row.note else ""
        label = f"{row.label}{note}"
        lines.say(f"{number}. {label}", "  ", "   ")
    if not everything:
        left = len(page.rows) - len(first)
        lines.say(f'{left} more: type words to search them, or "list" to see them all.')


def _wanted(page: Page) -> str:
    match page.kind:
        case "number":
            wanted = number_wanted(page)
            return f'{wanted[:1].upper()}{wanted[1:]}, or "unknown":'
        case "several":
            return 'Numbers or names with commas between them, "none", or "unknown":'
        case "one":
            return 'Number or name, or "unknown":'
        case _:
            return "Number:"


# --- taking -----------------------------------------------------------------------------------------------------------


def _take(interview: Interview, typed: str, lines: Lines) -> Interview:
    """Return the interview after a line; the same one if the line changed nothing."""
    page = page_of(interview)
    match fold(typed):
        case "":
            return interview if interview.preset is None else interview.answer(interview.preset)
        case "back":
            return _back(interview, lines)
        case "review":
            return interview.review()
        case "?" | "help" | "save" | "list" as word:
            _tell(word, interview, page, lines)
            lines.say(_wanted(page))
            return interview
        case _:
            return _choose(interview, page, typed, lines)


def _back(interview: Interview, lines: Lines) -> Interview:
    earlier = interview.back()
    if earlier is interview:
        lines.say("This is the beginning.")
    return earlier


def _tell(word: str, interview: Interview, page: Page, lines: Lines) -> None:
    if word == "save":
        for text in lines.save(interview).splitlines():
            lines.write(printable(text))  # whole, so that it can be copied
    elif word == "list":
        _list(page, lines, everything=True)
    else:
        for text in help_of(interview) or INTRODUCTION:
            lines.say(text)


def _choose(interview: Interview, page: Page, typed: str, lines: Lines) -> Interview:
    if page.kind == "menu":
        row = row_named(page.rows, typed)
        if row is None:
            lines.say(f"'{printable(typed).strip()}' is none of these; type a number from 1 to {len(page.rows)}.")
        return move(interview, row.id) if row else interview
    said = _said(page, typed, lines)
    return interview if said is None else interview.answer(said)


def _said(page: Page, typed: str, lines: Lines) -> Said | None:
    """Return the answer in a line; None after telling what is wrong with it."""
    text = fold(typed)
    if text in _UNKNOWN:
        return NOT_KNOWN
    if page.kind == "number":
        number = number_in(page, typed)
        if number is None:
            lines.say(f"'{printable(typed).strip()}' is not {number_wanted(page)}.")
        return number
    if page.kind == "several" and text == "none":
        return frozenset()
    several = page.kind == "several" and row_named(page.rows, typed) is None  # a name may have a comma in it
    parts = [part for part in typed.split(",") if part.strip()] if several else [typed]
    rows = [row_named(page.rows, part) for part in parts]
    if rows and all(rows):
        chosen = [row.id for row in rows if row]
        return frozenset(chosen) if page.kind == "several" else said_of(page, chosen[0])
    for problem in _problems(page, parts, rows):
        lines.say(problem)
    return None


def _problems(page: Page, parts: list[str], rows: list[Choice | None]) -> Iterator[str]:
    """Yield what was not understood, with what it may mean."""
    for part, row in zip(parts, rows, strict=True):
        if row is None:
            typed, found = printable(part).strip(), find_rows(page, part)
            names = "; ".join(f"{page.rows.index(each) + 1}. {each.label}" for each in found[:_MAX_FOUND])
            more = f"; and {len(found) - _MAX_FOUND} more" if len(found) > _MAX_FOUND else ""
            yield f"Found with '{typed}': {names}{more}." if found else f"Nothing found with '{typed}'."
    yield "Nothing is taken yet: answer with numbers or whole names."
