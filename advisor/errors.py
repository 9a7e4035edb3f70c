"""Problems found in data or in a brief, and the exceptions that carry them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning"]

MAX_ISSUES = 50  # who finds that many problems in one file stops looking
_WIDTH = 120  # of a source line in a message


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands: a file, and in it a line and a column, both counted from 1 (0: the whole file)."""

    file: str
    line: int = 0
    column: int = 0
    text: str = ""

    def __str__(self) -> str:
        """Return `file:line:column`, as far as known."""
        return ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])


@dataclass(frozen=True, order=True, slots=True)
class Issue:
    """One problem: where it stands, what was found, and what to do about it."""

    where: Place
    what: str
    hint: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        """Return the problem as compilers print it: place, sentence, source line with caret, help."""
        lines = [f"{self.where}: {self.severity}: {_printable(self.what)}"]
        if self.where.text.strip():
            column = max(self.where.column - 1, 0)
            start = max(column - _WIDTH // 2, 0) if column >= _WIDTH else 0
            lines.append(f"    {_printable(self.where.text[start : start + _WIDTH])}")
            lines.append(" " * (4 + column - start) + "^")
        if self.hint:
            lines.append(f"  help: {_printable(self.hint)}")
        return "\n".join(lines)


class AdvisorError(Exception):
    """Something the caller has to know; carries every problem found, not only the first."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        """Keep the issues in the order of their places."""
        self.issues = tuple(sorted(set(issues)))
        super().__init__("\n".join(str(issue) for issue in self.issues))


class DataError(AdvisorError):
    """The catalog or the rules are not sound."""


class BriefError(AdvisorError):
    """A brief cannot be read or does not make sense."""


class EvaluationError(AdvisorError):
    """The engine broke a promise; a fault of ours, never of the user."""

    def __init__(self, what: str) -> None:
        """Name the rule or the part at fault."""
        super().__init__([Issue(Place("advisor"), what, "please keep the brief; this is a fault of the program")])


def suggest(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return a did-you-mean for a word that is not known, or the allowed words when they are few, or something else."""
    import difflib  # only a mistake needs it

    words = sorted(set(known))
    close = difflib.get_close_matches(word.lower(), [w.lower() for w in words], n=2, cutoff=0.6)
    if close:
        by_lower = {w.lower(): w for w in words}
        return "did you mean " + " or ".join(f"'{by_lower[c]}'" for c in close) + "?"
    few = 12
    return "allowed: " + ", ".join(words) if 0 < len(words) <= few else otherwise


def _printable(text: str) -> str:
    """Return the text with everything that could move the cursor of a terminal replaced."""
    return "".join(c if c.isprintable() else " " for c in text)
