"""Typing errors: a mistyped long word is brought to the one known word that it must be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONG = 7  # letters from which one wrong letter is forgiven, and from which two are
_VERY_LONG = 11


class Repairer:
    """Brings a mistyped long word to the one known word it must be."""

    def __init__(self, known: Iterable[str]) -> None:
        """Sort the known words by their first letter and their length."""
        self._known: dict[tuple[str, int], list[str]] = {}
        for word in sorted(known):
            if len(word) >= _LONG and word.isalpha():
                self._known.setdefault((word[0], len(word)), []).append(word)

    def __call__(self, stem: str) -> str:
        """Return the known word, or the word itself."""
        if len(stem) < _LONG - 1 or not stem.isascii() or not stem.isalpha():
            return stem
        wrong = 2 if len(stem) >= _VERY_LONG else 1
        near = [word for length in range(len(stem) - wrong, len(stem) + wrong + 1) for word in self._known.get((stem[0], length), ())]
        if not near:
            return stem
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        best = process.extract(stem, near, scorer=OSA.distance, score_cutoff=wrong, limit=2)
        if not best or (len(best) > 1 and best[0][1] == best[1][1]):
            return stem
        word = str(best[0][0])
        return stem if word.startswith(stem) or stem.startswith(word) else word  # another ending is another word
