"""What somebody typed, read as rows of a page or as a number: the same in every kind of terminal."""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from advisor.interview_pages import Page
    from advisor.questionnaire import Choice

_CLOSE = 0.75
_GROUPED = re.compile(r"[0-9]{1,3}([ ,_'][0-9]{3})+")
_MAX_DIGITS = 12


def printable(text: str) -> str:
    """Return text in the Unicode form that comparisons use, with a space for everything that could move a cursor."""
    return "".join(char if char.isprintable() else " " for char in unicodedata.normalize("NFC", text))


def fold(text: str) -> str:
    """Return text as it is compared: without case and with single spaces."""
    return " ".join(printable(text).casefold().split())


def find_rows(page: Page, typed: str) -> tuple[Choice, ...]:
    """Return the rows of a page that have all words typed in their label, id or other words, the best first; all of them if none is typed.

    Where no row has them, those that the words mean to the reader of prose, else those with words like them.
    """
    listed, words = page.rows, fold(typed).split()
    if not words:
        return listed
    found = [row for row in listed if all(word in _words_of(row) for word in words)]
    if found:
        return tuple(sorted(found, key=lambda row: _rank(row, " ".join(words))))
    meant = page.meant(printable(typed)) if page.meant else frozenset()
    return tuple(row for row in listed if row.id in meant) or _similar(listed, words)


def row_named(rows: Iterable[Choice], typed: str) -> Choice | None:
    """Return the row with exactly this label, id or other name, or the number it is listed under."""
    listed, text = tuple(rows), fold(typed)
    if text.isascii() and text.isdigit() and len(text) < _MAX_DIGITS and 0 < int(text) <= len(listed):
        return listed[int(text) - 1]
    by_name = {fold(word): row for row in reversed(listed) for word in row.words}
    by_name |= {fold(name): row for row in reversed(listed) for name in (row.label, row.id)}
    return by_name.get(text)


def number_in(page: Page, typed: str) -> int | None:
    """Return the number typed, with or without its unit; None if it is none, or not one the page takes."""
    text = fold(typed).removesuffix(fold(page.unit)).strip()
    if _GROUPED.fullmatch(text):
        text = re.sub(r"[ ,_']", "", text)
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        return None
    return int(text) if page.minimum <= int(text) <= page.maximum else None


def number_wanted(page: Page) -> str:
    """Return what a page takes for a number."""
    return f"a whole number of {page.unit or 'units'} from {page.minimum} to {page.maximum}"


def _words_of(row: Choice) -> str:
    return fold(" ".join((row.label, row.id.replace("_", " "), row.id, *row.words)))


def _rank(row: Choice, text: str) -> int:
    label = fold(row.label)
    return 0 if label == text else 1 if label.startswith(text) else 2 if text in label else 3


def _similar(rows: tuple[Choice, ...], words: list[str]) -> tuple[Choice, ...]:
    """Return the rows that have words like those typed, for nobody types without errors."""
    return tuple(row for row in rows if all(get_close_matches(word, _words_of(row).split(), n=1, cutoff=_CLOSE) for word in words))
