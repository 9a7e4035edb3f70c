"""What the screen shows of an interview, line by line for a given size; it knows no terminal.

Where there is no room for everything, what can be done without goes first: the help text, the note, the keys, the standing.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.interview_input import printable
from advisor.interview_pages import help_of, standing_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from advisor.ask_picking import Picking
    from advisor.interview import Interview
    from advisor.interview_pages import Page
    from advisor.questionnaire import Choice

_SEARCHED = 9  # a list this long shows that it can be searched
_LIST_LINES = 6  # that are kept for the rows if there are so many
_NOTE_LINES = 2
_NARROW = 60  # columns; below it the keys are told by help
_KEYS: Mapping[str, tuple[str, ...]] = {
    "one": ("Up/Down: choose", "Enter: answer", "letters: search"),
    "several": ("Space: tick", "Enter: go on", "Tab: end of list", "letters: search"),
    "number": ("digits: type it", "Enter: answer"),
    "menu": ("Up/Down: choose", "Enter: do it"),
}
_ALWAYS = ("?: why", "Left: back", "Ctrl-R: review", "Ctrl-S: save", "Ctrl-C: stop")
_ALWAYS_NARROW = ("?: help", "Left: back", "Ctrl-C: stop")
_IN_HELP = ("Up/Down: scroll", "any other key: close")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the screen, and how it is set off: `head`, `title`, `group`, `at`, `notice`, `standing` or not at all."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A whole screen: what stays at the top and at the bottom, and between them lines that scroll so that `at` is visible."""

    top: tuple[Line, ...]
    middle: tuple[Line, ...]
    bottom: tuple[Line, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at, and at what size.

    Attributes:
        interview, picking: where things stand. seen: the row of the list last pointed at.
        help_at: the first line of help shown; None if help is closed. columns, lines: the size.

    """

    interview: Interview
    picking: Picking
    seen: int
    help_at: int | None
    columns: int
    lines: int

    def wrap(self, text: str, first: str = " ", rest: str = "") -> list[str]:
        """Return text as lines that fit."""
        width = max(self.columns - 1, len(first) + 4)
        return textwrap.wrap(printable(text), width, initial_indent=first, subsequent_indent=rest or first, break_on_hyphens=False)


def draw(look: Look) -> Picture:
    """Return the screen."""
    top = [_head(look), *(Line(text, "title") for text in look.wrap(look.picking.page.title))]
    fixed = list(_fixed_rows(look))
    notice = [Line(text, "notice") for part in look.picking.notice.splitlines() for text in look.wrap(part)]
    middle, at = _middle(look)
    room = max(0, look.lines - len(top) - len(fixed) - len(notice) - min(_LIST_LINES, len(middle)))
    fitting = []
    for part in _extras(look):
        fitting.append(part if len(part) <= room else [])
        room -= len(fitting[-1])
    search, standing, keys, note = fitting
    text = _text(look, room)
    room -= len(text)
    above, below = [Line("")] * (room > 0), [Line("")] * (room > 1)
    head, foot = (top[0], *above, *top[1:], *text, *search, *below), (*note, *notice, *standing, *keys)
    if look.help_at is None and len(head) + len(middle) + len(fixed) + len(foot) <= look.lines:
        return Picture(head, (*middle, *fixed), foot)  # everything is visible: what is always there follows the list
    return Picture(head, tuple(middle), (*fixed, *foot), at)


def help_lines(look: Look) -> list[str]:
    """Return the text of help."""
    page = look.picking.page
    paragraphs = help_of(look.interview) or (*page.text, "Choose a line with Up and Down, and press Enter.")
    lines = [line for text in paragraphs for line in look.wrap(text, " ", "   " if text.startswith("- ") else " ")]
    return [*lines, " Keys:", *_key_lines((*_KEYS[page.kind], *_ALWAYS), look)]


# --- the parts --------------------------------------------------------------------------------------------------------


def _head(look: Look) -> Line:
    answers, changing = list(look.interview.answers), look.interview.changing
    number = answers.index(changing) if changing in answers else len(answers)
    left, right = f" Question {number + 1}" if look.interview.question else " Interview", "advisor ask "
    space = look.columns - len(left) - len(right)
    return Line(left + " " * space + right if space > 0 else left.ljust(look.columns), "head")


def _middle(look: Look) -> tuple[list[Line], int]:
    """Return the list, or help, and the line of it that must be visible."""
    if look.help_at is not None:
        return [Line(text) for text in help_lines(look)[look.help_at :]], 0
    picking, found, group, at = look.picking, list[Line](), "", 0
    for i, row in enumerate(picking.found):
        if row.group != group and not picking.typed:
            group = row.group
            found += [Line(text, "group") for text in look.wrap(group)]
        found += _row(i, row, look)
        at = len(found) - 1 if i == look.seen else at
    return found or [Line(text) for text in look.wrap("Nothing found. Backspace or Esc takes it back.")], at


def _row(at: int, row: Choice, look: Look) -> Iterator[Line]:
    here = at == look.picking.at
    mark = f" {'>' if here else ' '} {look.picking.mark(row)}"
    label = f"{row.label}: {row.note}" if row.note and look.picking.page.kind == "one" else row.label
    yield from (Line(text, "at" if here else "") for text in look.wrap(label, mark, " " * len(mark)))


def _fixed_rows(look: Look) -> Iterator[Line]:
    """Yield the rows that are always there, the first line of each."""
    for i, row in enumerate(look.picking.fixed if look.help_at is None else ()):
        line, *more = _row(len(look.picking.found) + i, row, look)
        yield Line(f"{line.text[: look.columns - 5]} ...", line.style) if more else line


def _extras(look: Look) -> Iterator[list[Line]]:
    """Yield what is shown where there is room for it, the most useful first: search, standing, keys, the note on a row."""
    page, interview = look.picking.page, look.interview
    asked = look.help_at is None and page.kind in {"one", "several"}
    searching = asked and (look.picking.typed or len(page.rows) >= _SEARCHED)
    head = " Search: "
    typed = f"{look.picking.typed}_"[-max(look.columns - len(head) - 1, 1) :]  # the end of it is what is being typed
    yield [Line(head + typed)] if searching else []
    told = interview.answers and interview.stage != "end"
    yield [Line(text, "standing") for text in look.wrap(standing_of(interview))] if told else []
    keys = (*_KEYS[page.kind], *_ALWAYS) if look.columns >= _NARROW else _ALWAYS_NARROW
    yield [Line(text) for text in _key_lines(keys if look.help_at is None else _IN_HELP, look)]
    yield _note(page, look) if look.help_at is None else []


def _note(page: Page, look: Look) -> list[Line]:
    """Return what there is to say about the row pointed at, always in as many lines, so that nothing jumps."""
    if page.kind not in {"several", "menu"} or not any(row.note for row in page.rows):
        return []
    note = look.wrap(look.picking.rows[look.picking.at].note, "   ")[:_NOTE_LINES]
    return [Line(text) for text in [*note, *[""] * (_NOTE_LINES - len(note))]]


def _text(look: Look, room: int) -> list[Line]:
    """Return as much of the page's text as there is room for."""
    lines = [line for part in look.picking.page.text for line in look.wrap(part)] if look.help_at is None else []
    if len(lines) > room:
        lines = [*lines[: room - 1], " (more with ?)"] if room else []
    return [Line(text) for text in lines]


def _key_lines(keys: tuple[str, ...], look: Look) -> list[str]:
    """Return what keys do, a line broken between two keys only."""
    fixed = "  ".join(key.replace(" ", "\N{NO-BREAK SPACE}") for key in keys)
    lines = textwrap.wrap(fixed, max(look.columns - 1, 5), initial_indent=" ", subsequent_indent=" ")
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]
