"""Text as the reader sees it: words with their places in the original, in the one form that comparisons use; sentences, clauses."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

MAX_WORDS = 60  # of one sentence; a longer run without a stop is cut, so that time grows with length only
_MAX_LETTERS = 40  # of a word that is worth looking at

# marks of writing direction, joiners and soft hyphens stand inside words without being part of them; accents may be apart
_MARKS = "\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
_INVISIBLE = re.compile(f"[{_MARKS}]")
_PIECE = re.compile(
    rf"(?P<word>[^\W_](?:[^\W_]|[\u0300-\u036f{_MARKS}])*)|(?P<break>\n[ \t\r\f\v\u00a0{_MARKS}]*\n\s*)|(?P<line>\n)|(?P<mark>[^\s\w]|_)"
)
_STOPS = frozenset(".!?\u3002\uff01\uff1f\u2026")
_BULLETS = frozenset("-*\u2022\u2023\u25aa\u25cf\u2013\u2014\u00b7\u25e6>|")
_KEPT = {
    "$": "dollar",  # a sum of money is no volume to be made
    "\u20ac": "euro",
    "\u00a3": "pound",
    ",": ",",
    ";": ";",
    ":": ":",
    "\uff0c": ",",
    "\u3001": ",",
    "(": "(",
    ")": ")",
    "\u2014": ",",
    "\u2013": ",",
}
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "1": "1", "2": "2", "3": "3", "4": "4"}
_PHASE_NUMBER = re.compile(r"(iv|i{1,3}|[1-4])[abc]?\d?")
_PHASE_WORDS = frozenset({"phase", "phases", "ph"})
_PHASE_GLUED = re.compile(r"(?:phase|ph)(iv|i{1,3}|[1-4])[abc]?")
_LINKS = frozenset({"and", "or", "to", "through", ",", "-"})
_NUMBERING = 8  # characters from the start of a line in which the number of an entry stands
_IN_A_LINE = 60  # a line shorter than this, followed by a capital, stands for itself


@dataclass(frozen=True, slots=True)
class Word:
    """One word or mark.

    Attributes:
        raw: folded to small letters without accents; stem: without its ending; start, end: its place in the original text.

    """

    raw: str
    stem: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, a line of a list, or a heading.

    Attributes:
        words: its words. clauses: pairs of first word and word after the last. question: whether it asks something.
        item: whether it begins an entry of a list; inside: whether it stands in one; opens_list: whether a list follows.

    """

    words: tuple[Word, ...]
    clauses: tuple[tuple[int, int], ...]
    question: bool
    item: bool
    inside: bool
    opens_list: bool

    def clause_of(self, index: int) -> tuple[int, int]:
        """Return the clause that a word stands in."""
        return next((clause for clause in self.clauses if clause[0] <= index < clause[1]), (0, len(self.words)))

    def is_list(self, spelling: Spelling) -> bool:
        """Return whether it only lists things: commas, and no verb."""
        raws = {word.raw for word in self.words}
        return "," in raws and raws.isdisjoint(spelling.verbs)


class Coded:
    """The words of a sentence as one string with single spaces, and the way back from its characters to the words."""

    __slots__ = ("_starts", "known", "text")

    def __init__(self, parts: Sequence[str]) -> None:
        """Join the words."""
        self.text = " ".join(parts) + " "
        self.known = frozenset(parts)
        self._starts: list[int] = []
        place = 0
        for part in parts:
            self._starts.append(place)
            place += len(part) + 1

    def words(self, start: int, end: int) -> tuple[int, int]:
        """Return the first word and the word after the last of a piece of the string."""
        return bisect_right(self._starts, start) - 1, bisect_right(self._starts, end - 1)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How words are brought into one form; all of it comes from the catalog.

    Attributes:
        irregular: forms that no rule gives, to their base form; compounds: words written as one, to the words they stand for.
        american: British pieces of words to American ones; prefixes: what may be written apart from its word.
        subjects, verbs: what a new clause shows by; pronouns: subjects that stand alone; joining: words that begin one before a subject; always_joining: always.
        prepositions: short words that tie a noun to another. wishing: verbs that begin a new clause after 'and'. abbreviations: what a full stop stands after without ending the sentence.
        known: the stems that occur in phrases and patterns; repair: brings a mistyped word to a known one.

    """

    irregular: Mapping[str, str]
    compounds: Mapping[str, tuple[str, ...]]
    american: tuple[tuple[str, str], ...]
    prefixes: frozenset[str]
    subjects: frozenset[str] = frozenset()
    verbs: frozenset[str] = frozenset()
    pronouns: frozenset[str] = frozenset()
    joining: frozenset[str] = frozenset()
    always_joining: frozenset[str] = frozenset()
    prepositions: frozenset[str] = frozenset()
    wishing: frozenset[str] = frozenset()
    abbreviations: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    repair: Callable[[str], str] | None = None


def fold(text: str) -> str:
    """Return a word in small letters, without accents, marks of direction and typographic forms."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)).casefold()
    return "".join(char for char in plain if not unicodedata.combining(char))


class Stemmer:
    """Brings words to their stems, each form once."""

    def __init__(self, spelling: Spelling) -> None:
        """Keep the spelling; what was looked up is remembered, up to a limit."""
        self._spelling = spelling
        self.stem = lru_cache(maxsize=50_000)(self._stem)

    def repairs(self, raw: str) -> bool:
        """Return whether a folded word is taken for another that it must be; the same for a word in every text."""
        return self.stem(raw) != self._written(raw)

    def _stem(self, raw: str) -> str:
        stem = self._written(raw)
        repair = self._spelling.repair
        return repair(stem) if repair and stem not in self._spelling.known else stem

    def _written(self, raw: str) -> str:
        """Return the stem of a folded word as it is written."""
        base = self._spelling.irregular.get(raw, raw)
        for british, american in self._spelling.american:
            if british in base:
                base = base.replace(british, american)
        return _without_ending(base)


def _without_ending(word: str) -> str:
    """Return a word without plural, -ing, -ed and a last e."""
    if len(word) < 4 or not word.isalpha():  # noqa: PLR2004 - shorter words have no ending to lose
        return word
    word = _singular(word)
    for ending in ("ing", "ed"):
        rest = word[: -len(ending)]
        if word.endswith(ending) and len(rest) > 2 and any(vowel in rest for vowel in "aeiouy"):  # noqa: PLR2004
            word = rest[:-1] if rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    if word.endswith("ll") and len(word) > 5:  # noqa: PLR2004 - labelled, labeled
        word = word[:-1]
    return word[:-1] if word.endswith("e") and len(word) > 3 else word  # noqa: PLR2004


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:  # noqa: PLR2004
        return word[:-3] + "y"
    if word.endswith("ied") and len(word) > 4:  # noqa: PLR2004
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def read_sentences(text: str, stemmer: Stemmer, spelling: Spelling) -> Iterator[Sentence]:
    """Yield the sentences of a text, in its order."""
    pending: list[Word] = []
    item = inside = False
    for kind, word in _pieces(text, spelling):
        if word is not None:
            pending.append(word)
        if pending and (word is None or len(pending) >= MAX_WORDS):
            yield _sentence(pending, stemmer, spelling, _Place(item, inside, kind))
            pending = []
        if word is None:
            item = kind == "item"
            inside = item or (inside and kind != "line")
    if pending:
        yield _sentence(pending, stemmer, spelling, _Place(item, inside, "line"))


def _pieces(text: str, spelling: Spelling) -> Iterator[tuple[str, Word | None]]:
    """Yield words and kept marks, and where sentences end: at a stop, a question mark, the end of a line, or a new item of a list."""
    last = ""
    line_start = 0
    for found in _PIECE.finditer(text):
        kind, start, end = found.lastgroup, found.start(), found.end()
        if kind == "word":
            last = fold(found.group())[:_MAX_LETTERS]
            if last:
                yield "word", Word(last, last, start, end)
        elif kind == "break":
            line_start, last = end, ""
            yield ("item" if _starts_item(text, end) else "line"), None
        elif kind == "line":
            if _line_ends(text, line_start, start):
                yield ("item" if _starts_item(text, end) else "line"), None
                last = ""
            line_start = end
        else:
            yield from _mark(text, start, abbreviated=last in spelling.abbreviations)


def _mark(text: str, start: int, *, abbreviated: bool) -> Iterator[tuple[str, Word | None]]:
    """Yield what a mark means: the end of a sentence, a mark that clauses need, or nothing."""
    mark = text[start]
    after = text[start + 1 : start + 2]
    if mark in _STOPS:
        inside = mark == "." and (
            abbreviated or not (after == "" or after.isspace() or after in "\"')\u201d\u00bb") or _numbers_item(text, start)
        )
        if not inside:
            yield ("question" if mark in "?\uff1f" else "stop"), None
    elif mark in _KEPT:
        before = text[start - 1 : start]
        if mark in ",:" and before.isdigit() and after.isdigit():
            return
        if mark in "\u2013\u2014" and not (before.isspace() and after.isspace()):
            return
        yield "word", Word(_KEPT[mark], _KEPT[mark], start, start + 1)
    elif mark == "&":
        yield "word", Word("and", "and", start, start + 1)


def _line_ends(text: str, start: int, end: int) -> bool:
    """Return whether the end of a line is also the end of what it says."""
    rest = text[end + 1 : end + 80].lstrip(" \t")
    first = rest[:1]
    if not first or first == "\n" or _starts_item(text, end + 1):
        return True
    if text[max(start, end - 2) : end].rstrip().endswith((":", ";")):
        return True
    return end - start < _IN_A_LINE and first.isupper() and not rest[:2].isupper()


def _numbers_item(text: str, stop: int) -> bool:
    """Return whether all that stands before a stop in its line is the number of an entry ('2. Packaging')."""
    before = text[max(stop - _NUMBERING, 0) : stop]
    line = before.rfind("\n")
    return (line >= 0 or stop < _NUMBERING) and bool(re.fullmatch(r"\s*(?:\d{1,2}|[a-zA-Z])", before[line + 1 :]))


def _starts_item(text: str, start: int) -> bool:
    rest = text[start : start + 12].lstrip(" \t")
    bullet = rest[:1] in _BULLETS and (not rest.isascii() or rest[1:2].isspace()) if rest else False
    return bullet or bool(re.match(r"(?:\d{1,2}|[a-z])[.)]\s", rest))


class _Place(NamedTuple):
    """Where a sentence stands: at the beginning of an entry of a list or anywhere inside one, and what ends it."""

    item: bool
    inside: bool
    end: str


def _sentence(words: list[Word], stemmer: Stemmer, spelling: Spelling, place: _Place) -> Sentence:
    whole = tuple(_phases(list(_joined(words, stemmer, spelling))))
    opens = words[-1].raw == ":" or (place.end == "item" and not place.inside)
    return Sentence(whole, tuple(_clauses(whole, spelling)), place.end == "question", place.item, place.inside, opens)


def _joined(words: list[Word], stemmer: Stemmer, spelling: Spelling) -> Iterator[Word]:
    """Yield the words with stems; what is written apart joined (pre-clinical), what is written as one split (scaleup)."""
    skip = False
    for i, word in enumerate(words):
        if skip:
            skip = False
            continue
        following = words[i + 1] if i + 1 < len(words) else None
        near = following is not None and 0 <= following.start - word.end <= 2  # noqa: PLR2004 - a hyphen, perhaps with a line break
        if following is not None and near and (word.raw in spelling.prefixes or following.start - word.end == 2):  # noqa: PLR2004
            both = word.raw + following.raw
            stem = stemmer.stem(both) if both.isalpha() else both
            if stem in spelling.known:
                skip = True
                yield Word(both, stem, word.start, following.end)
                continue
        if word.raw in spelling.compounds:
            yield from (Word(part, stemmer.stem(part), word.start, word.end) for part in spelling.compounds[word.raw])
            continue
        if word.raw == "s" and i and word.start - words[i - 1].end == 1:
            continue  # of a genitive
        yield Word(word.raw, stemmer.stem(word.raw), word.start, word.end)


def _phases(words: list[Word]) -> Iterator[Word]:
    """Yield the words with the number of a phase as a digit: Phase IIb, Ph 2, phase I/II, phases 1 and 2."""
    counting = False
    for i, word in enumerate(words):
        glued = _PHASE_GLUED.fullmatch(word.raw)
        if glued:
            yield Word("phase", "phase"[:-1], word.start, word.end)
            yield Word(_ROMAN[glued.group(1)], _ROMAN[glued.group(1)], word.start, word.end)
            counting = True
            continue
        number = _PHASE_NUMBER.fullmatch(word.raw)
        if number and i and words[i - 1].raw == "," and not _continues(words, i):
            number = None  # 'Phase 2, 3 kg'
        if word.raw in _PHASE_WORDS and i + 1 < len(words) and _PHASE_NUMBER.fullmatch(words[i + 1].raw):
            counting = True
            yield Word("phase", "phas", word.start, word.end)
        elif counting and number:
            digit = _ROMAN[number.group(1)]
            if words[i - 1].raw not in _PHASE_WORDS:
                yield Word("phase", "phas", word.start, word.end)  # of several phases each is one
            yield Word(digit, digit, word.start, word.end)
        else:
            counting = counting and (word.raw in _LINKS or word.raw in _PHASE_WORDS)
            yield word


def _continues(words: list[Word], i: int) -> bool:
    """Return whether more phases, or the word itself, follow a number after a comma: 'phases 1, 2 and 3'."""
    following = words[i + 1].raw if i + 1 < len(words) else ""
    return following in _LINKS or following in _PHASE_WORDS


_SUBJECT = 3  # words of a first subject without a verb
_REACH = 6  # words in which the verb of a new clause has to show


def _clauses(words: tuple[Word, ...], spelling: Spelling) -> Iterator[tuple[int, int]]:
    """Yield the clauses: cut at semicolons and colons, at `but` and the like, and where a new subject with its verb begins."""
    start = 0
    for i in range(len(words)):
        if i > start and _cuts(words, start, i, spelling):
            yield start, i
            start = i
    if start < len(words):
        yield start, len(words)


def _cuts(words: tuple[Word, ...], start: int, i: int, spelling: Spelling) -> bool:
    """Return whether a new clause begins with a word; start: where the one before it began."""
    raw, before = words[i].raw, words[i - 1].raw
    following = words[i + 1].raw if i + 1 < len(words) else ""
    if before in {";", ":"} or raw in spelling.always_joining or (raw, before) == ("then", ",") or (raw, following) == ("so", "that"):
        return True
    if raw == "and":
        return not _is_first_subject(words, start, i, spelling) and _joins_clauses(words, start, i, spelling)
    if raw in spelling.joining:
        return following in spelling.subjects and _has_verb(words, i + 2, spelling)
    after_comma = before == "," or (words[start].raw == "to" and i - start >= _SUBJECT)  # 'to start the trial we need ...'
    return after_comma and raw in spelling.subjects and _has_verb(words, i + 1, spelling)


def _joins_clauses(words: tuple[Word, ...], start: int, i: int, spelling: Spelling) -> bool:
    """Return whether 'and' joins two clauses, not two things."""
    following = words[i + 1].raw if i + 1 < len(words) else ""
    if following in spelling.wishing and i - start > 1:
        return True  # 'we make the substance and need ...'
    if words[i - 1].raw == "," and _begins_clause(words, start, i, spelling):
        return True
    return following in spelling.subjects and _has_verb(words, i + 2, spelling)


def _begins_clause(words: tuple[Word, ...], start: int, i: int, spelling: Spelling) -> bool:
    """Return whether after ', and' a subject with its own verb follows, and before it a clause is complete."""
    following = [word.raw for word in words[i + 1 : i + 2 + _REACH]]
    verb = next((k for k, raw in enumerate(following) if raw in spelling.verbs), None)
    if not verb or not any(word.raw in spelling.verbs for word in words[start:i]):
        return False
    return not set(following[:verb]) & (spelling.joining | spelling.prepositions | {",", ";", ":", "to"})


def _is_first_subject(words: tuple[Word, ...], start: int, end: int, spelling: Spelling) -> bool:
    """Return whether words before 'and' are but the first of two subjects ('statistics and the protocol are ours')."""
    short = words[start:end]
    return len(short) <= _SUBJECT and start == 0 and not any(word.raw in spelling.verbs or word.raw in spelling.pronouns for word in short)


def _has_verb(words: tuple[Word, ...], start: int, spelling: Spelling) -> bool:
    for word in words[start : start + _REACH]:
        if word.raw in {",", ";", ":"}:
            return False
        if word.raw in spelling.verbs:
            return True
    return False


def line_of(starts: Sequence[int], place: int) -> int:
    """Return the line of a place, counted from 1, by the places where lines start."""
    return bisect_right(starts, place)


def line_starts(text: str) -> list[int]:
    """Return the places where the lines of a text start."""
    return [0, *(found.end() for found in re.finditer("\n", text))]
