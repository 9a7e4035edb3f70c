"""Choosing on a page with keys: what is typed, ticked and pointed at, and what that answers; it knows keys, but no terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from advisor.facts import NOT_KNOWN
from advisor.interview_input import find_rows, number_in, number_wanted, printable
from advisor.interview_pages import DONT_KNOW_LABEL, said_of
from advisor.questionnaire import Choice

if TYPE_CHECKING:
    from advisor.interview_pages import Page
    from advisor.questionnaire import Said

_UNKNOWN = Choice("?", DONT_KNOW_LABEL)  # no id of a choice has such a character
_ALL_TICKED = "="
_FIELD = "#"
_MAX_TYPED = 60


@dataclass
class Picking:
    """One page being answered.

    Attributes:
        page: what is asked. typed: search words, or the digits of a number.
        at: the row pointed at. ticked: ids of the rows ticked. notice: what to tell about the last key.

    """

    page: Page
    typed: str = ""
    at: int = 0
    ticked: set[str] = field(default_factory=set)
    notice: str = ""

    def __post_init__(self) -> None:
        """Begin with the answer so far."""
        self.ticked = set(self.page.chosen) if self.page.kind == "several" else set()
        wanted = _UNKNOWN.id if self.page.said == DONT_KNOW_LABEL else next(iter(self.page.chosen), "")
        if self.page.kind != "several":
            self._point_at(wanted)

    @property
    def rows(self) -> tuple[Choice, ...]:
        """The rows that can be pointed at: those found with what is typed, then those that are always there."""
        return (*self.found, *self.fixed)

    @property
    def found(self) -> tuple[Choice, ...]:
        """The rows found with what is typed."""
        if self.page.kind == "number":
            so_far = f" (so far: {self.page.said})" if self.page.said and not self.typed else ""
            return (Choice(_FIELD, f"{self.typed}_ {self.page.unit}{so_far}"),)
        return self.page.rows if self.page.kind == "menu" else find_rows(self.page, self.typed)

    @property
    def fixed(self) -> tuple[Choice, ...]:
        """The rows that are always there."""
        if self.page.kind == "menu":
            return ()
        if self.page.kind != "several":
            return (_UNKNOWN,)
        labels = [row.label for row in self.page.rows if row.id in self.ticked]
        go_on = f"Go on with {len(labels)} ticked: {'; '.join(labels)}" if labels else "None of these"
        return (Choice(_ALL_TICKED, go_on), _UNKNOWN)

    def mark(self, row: Choice) -> str:
        """Return the mark before a row: a box that can be ticked, or whether it is the answer so far."""
        if self.page.kind == "menu" or row.id in {_FIELD, _ALL_TICKED}:
            return ""
        if self.page.kind == "several" and row is not _UNKNOWN:
            return "[x] " if row.id in self.ticked else "[ ] "
        chosen = row.id in self.page.chosen or (row is _UNKNOWN and self.page.said == DONT_KNOW_LABEL)
        return "(x) " if chosen else "( ) "

    def type(self, text: str) -> None:
        """Add text to what is typed; whatever could move a cursor becomes a space."""
        self.notice = ""
        if self.page.kind == "menu":
            return
        self.typed = (self.typed + printable(text)).lstrip()[:_MAX_TYPED]
        self.at = 0

    def erase(self, *, everything: bool = False) -> None:
        """Take back the last character typed, or all."""
        self.notice, self.at = "", 0
        self.typed = "" if everything else self.typed[:-1]

    def move(self, by: int) -> None:
        """Point at another row; it stops at both ends."""
        self.notice = ""
        self.at = max(0, min(len(self.rows) - 1, self.at + by))

    def space(self) -> None:
        """Tick the row pointed at; within a search, a space is a space."""
        if self.page.kind != "several" or self.typed:
            self.type(" ")
            return
        row = self.rows[self.at]
        if row.id in {_UNKNOWN.id, _ALL_TICKED}:
            self.notice = "Press Enter for this one."
            return
        self.notice = ""
        self.ticked ^= {row.id}

    def enter(self) -> Said | Choice | None:
        """Return the answer, or the row of a page that asks nothing; None if there is no answer yet."""
        self.notice = ""
        row = self.rows[self.at]
        if self.page.kind == "menu":
            return row
        if not self.found:
            self.notice = f"Nothing found for '{self.typed}'; nothing is answered."
            return None
        if row.id == _UNKNOWN.id:
            return NOT_KNOWN
        if self.page.kind == "number":
            return self._number()
        if self.page.kind == "one":
            return said_of(self.page, row.id)
        return self._several(row)

    def _several(self, row: Choice) -> Said | None:
        if row.id == _ALL_TICKED or (self.ticked and not self.typed):
            return frozenset(self.ticked)
        if not self.typed:
            self._point_at(_ALL_TICKED)
            self.notice = "Nothing is ticked. Space ticks a line; Enter once more says that there is none."
            return None
        self.ticked ^= {row.id}
        self.typed = ""
        self._point_at(row.id)
        done = "Ticked" if row.id in self.ticked else "No longer ticked"
        self.notice = f"{done}: {row.label}. Type to find more; Enter goes on."
        return None

    def _number(self) -> Said | None:
        typed = self.typed or (self.page.said if self.page.said != DONT_KNOW_LABEL else "")
        number = number_in(self.page, typed)
        if number is None:
            self.notice = f"Type {number_wanted(self.page)}."
        return number

    def to_end(self) -> None:
        """Point at the row that goes on."""
        self.move(len(self.found) - self.at)

    def _point_at(self, row: str) -> None:
        self.at = next((i for i, each in enumerate(self.rows) if each.id == row), 0)
