"""What the reader knows: patterns, cues, spellings and words from `catalog/reading/`, checked and made ready for matching."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from advisor.catalog import Ids, Texts
from advisor.errors import DataError, Issue, Place, suggest
from advisor.reading_repair import Repairer
from advisor.reading_text import Spelling, Stemmer, read_sentences
from advisor.records import SnakeId, Text, record
from advisor.validation import validate
from advisor.yamlfile import knowledge_directory, load_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from advisor.catalog import Catalog
    from advisor.reading_text import Coded
    from advisor.yamlfile import Document, Key

Sureness = Literal["stated", "likely", "possible"]
Means = Literal["need", "wish", "negated", "in_house", "done", "contracted", "description", "question", "plan", "conditional", "except"]
Scope = Literal["before", "after", "clause", "sentence"]

_ABOUT = ("product_noun", "substance_noun")
_GAPS = {"..": 4, "...": 10}
_PLAIN_GAP = "((?:(?!(?:for|before|after|until|in|from|during|toward|since|to|and|or|that|which) )[^ ;:,]+ ){0,6}?)"  # over words of the same phrase only
_NO_ENTRY = "(?!and (?:the|a|an|our|its|to|then) )"  # what begins so is the next entry of a list
_COMMON = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "do",
        "for",
        "from",
        "has",
        "have",
        "in",
        "is",
        "it",
        "not",
        "no",
        "of",
        "on",
        "or",
        "our",
        "that",
        "the",
        "their",
        "they",
        "this",
        "to",
        "we",
        "will",
        "with",
    ]
)
_JOINS = re.compile(r" (?:and|or|nor|plus|but|as well as|together with|along with|,|;|:) ")
_CLASS = re.compile(r"<([a-z_]+)>(\??)")


@record
class NeedPattern:
    """Words that ask for work: for functions, or for a general kind of work that the context makes precise; or for neither."""

    any: Texts
    functions: Ids = ()
    general: SnakeId | None = None
    label: Text
    without: Texts = ()
    service: bool = False
    alone: bool = False
    weak: bool = False
    covers: bool = False
    last: bool = False
    told: bool = False


@record
class FactPattern:
    """Words that state a fact; of several findings of one fact the one with the highest rank counts."""

    fact: SnakeId
    value: str | bool
    any: Texts
    without: Texts = ()
    sure: Sureness = "stated"
    rank: int = 0


@record
class CuePattern:
    """Words that say how to take what stands near them."""

    means: Means
    scope: Scope
    reach: int = 16
    any: Texts
    unless: Texts = ()


@record
class Choice:
    """One way to make a general kind of work precise: the functions, and the context they need."""

    when: dict[SnakeId, Ids] = field(default_factory=dict)
    functions: Ids
    sure: Sureness = "likely"


@record
class SpellingFile:
    """How words are brought into one form."""

    irregular: dict[str, str] = field(default_factory=dict)
    compounds: dict[str, str] = field(default_factory=dict)
    american: dict[str, str] = field(default_factory=dict)
    prefixes: Texts = ()
    never_repaired: Texts = ()
    subjects: Texts = ()
    verbs: Texts = ()
    pronouns: Texts = ()
    joining: Texts = ()
    always_joining: Texts = ()
    prepositions: Texts = ()
    wishing: Texts = ()
    abbreviations: Texts = ()


@record
class ReadingFile:
    """A file of `catalog/reading/`; each may hold any of these."""

    classes: dict[SnakeId, Texts] = field(default_factory=dict)
    spelling: SpellingFile | None = None
    needs: list[NeedPattern] = field(default_factory=list)
    facts: list[FactPattern] = field(default_factory=list)
    cues: list[CuePattern] = field(default_factory=list)
    general: dict[SnakeId, list[Choice]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shape:
    """One pattern made ready: what has to be there, and the expression that finds it in coded words."""

    needed: tuple[frozenset[str], ...]
    expression: re.Pattern[str]

    def can_be_in(self, words: frozenset[str]) -> bool:
        """Return whether every needed word is among some words; the rarest was looked up already."""
        for needed in self.needed[1:]:  # noqa: SIM110 - a plain loop is half as slow, and this is where the time goes
            if needed.isdisjoint(words):
                return False
        return True


class Found(NamedTuple):
    """A pattern in a sentence: its number, the first word and the word after the last, and the same for what its gaps pass over."""

    number: int
    first: int
    end: int
    gaps: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class PatternSet:
    """Patterns of one kind with an index, so that a sentence is compared only with those that can occur in it."""

    shapes: tuple[tuple[Shape, int], ...]
    without: tuple[re.Pattern[str] | None, ...]
    index: Mapping[str, tuple[int, ...]]

    def find(self, coded: Coded) -> Iterator[Found]:
        """Yield everything found in a sentence."""
        candidates = {number for word in coded.known for number in self.index.get(word, ())}
        for number in sorted(candidates):
            shape, pattern = self.shapes[number]
            if not shape.can_be_in(coded.known):
                continue
            for found in shape.expression.finditer(coded.text):
                first, end = coded.words(found.start(), found.end())
                if not self._excluded(pattern, coded, found.start(), found.end()):
                    gaps = (found.span(i) for i in range(1, shape.expression.groups + 1))
                    yield Found(pattern, first, end, tuple(coded.words(*gap) for gap in gaps if gap[0] < gap[1]))

    def _excluded(self, pattern: int, coded: Coded, start: int, end: int) -> bool:
        """Return whether words that a pattern must not be near stand in it or at its side."""
        expression = self.without[pattern]
        if expression is None:
            return False
        left = coded.text.rfind(" ", 0, max(start - 24, 0)) + 1 if start > 24 else 0  # noqa: PLR2004 - about three words
        right = coded.text.find(" ", end + 24)
        for near in expression.finditer(coded.text, left, right + 1 if right >= 0 else len(coded.text)):
            between = coded.text[near.end() : start] if near.end() <= start else coded.text[end : near.start()]
            if _JOINS.search(f" {between}") is None:  # beyond 'and' stands something of its own
                return True
        return False


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Everything the reader matches with."""

    catalog: Catalog
    spelling: Spelling
    stemmer: Stemmer
    needs: Sequence[NeedPattern]
    need_set: PatternSet
    facts: Sequence[FactPattern]
    fact_set: PatternSet
    cues: Sequence[CuePattern]
    cue_set: PatternSet
    unless: Sequence[re.Pattern[str] | None]
    general: Mapping[str, Sequence[Choice]]
    phrases: Mapping[str, Sequence[tuple[tuple[str, ...], str]]]
    classes: Mapping[str, frozenset[tuple[str, ...]]]
    expressions: Mapping[str, re.Pattern[str]]

    def acts(self, stem: str) -> bool:
        """Return whether a word says what is to be done."""
        return stem in self.members("acts")

    def members(self, name: str) -> frozenset[str]:
        """Return the single words of a class, as stems (as they stand for the short words that tie things together)."""
        return _single_words(self, name)

    def mentions(self, name: str, coded: str) -> bool:
        """Return whether any entry of a class stands in coded words."""
        return self.expressions[name].search(coded) is not None


@lru_cache(maxsize=512)
def _single_words(lexicon: Lexicon, name: str) -> frozenset[str]:
    names = _JOINED.get(name, (name,))
    return frozenset(words[0] for each in names for words in lexicon.classes[each] if len(words) == 1)


_JOINED: Mapping[str, tuple[str, ...]] = {"helpers": ("help", "partner"), "acts": ("run", "do", "make", "improve", "acting")}


@dataclass(slots=True)
class _Draft:
    """The files of `catalog/reading/` put together."""

    classes: dict[str, Texts] = field(default_factory=dict)
    spelling: SpellingFile = field(default_factory=SpellingFile)
    needs: list[NeedPattern] = field(default_factory=list)
    facts: list[FactPattern] = field(default_factory=list)
    cues: list[CuePattern] = field(default_factory=list)
    general: dict[str, list[Choice]] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    def take(self, document: Document, catalog: Catalog) -> None:
        """Add one file."""
        found = validate(document, ReadingFile)
        if isinstance(found, list):
            self.issues.extend(found)
            return
        self.classes.update(found.classes)
        self.spelling = found.spelling or self.spelling
        self.needs.extend(found.needs)
        self.facts.extend(found.facts)
        self.cues.extend(found.cues)
        self.general.update(found.general)
        self.issues.extend(_unknown_names(document, found, catalog))


@lru_cache(maxsize=8)
def load_lexicon(catalog: Catalog, directories: tuple[Path, ...] = ()) -> Lexicon:
    """Load what the reader knows.

    Args:
        catalog: functions and facts that the patterns speak of.
        directories: knowledge directories; the shipped one if none is given.

    Raises:
        DataError: with every problem in all files.

    """
    draft = _Draft()
    for directory in directories or (knowledge_directory(),):
        for path in sorted((directory / "catalog" / "reading").glob("*.yaml")):
            draft.take(load_file(path), catalog)
    if not draft.issues:
        draft.issues.extend(_unknown_classes(draft))
    if draft.issues:
        raise DataError(draft.issues)
    return _compiled(draft, catalog)


def _unknown_names(document: Document, file: ReadingFile, catalog: Catalog) -> Iterator[Issue]:
    """Yield every function, fact and value that the catalog does not have."""
    named: list[tuple[tuple[Key, ...], str]] = [
        (("needs", i, "functions"), name) for i, need in enumerate(file.needs) for name in need.functions
    ]
    named += [
        (("general", key, i, "functions"), name)
        for key, rows in file.general.items()
        for i, row in enumerate(rows)
        for name in row.functions
    ]
    for path, name in named:
        if name not in catalog.functions:
            yield document.issue(path, f"'{name}' is not a function of the catalog", suggest(name, catalog.functions))
    for i, fact in enumerate(file.facts):
        if fact.fact not in catalog.facts:
            yield document.issue(("facts", i, "fact"), f"unknown fact '{fact.fact}'", suggest(fact.fact, catalog.facts))
        elif isinstance(fact.value, str) and fact.value not in catalog.terms(fact.fact):
            yield document.issue(("facts", i, "value"), f"'{fact.value}' is not a value of '{fact.fact}'", "see `advisor facts`")


def _unknown_classes(draft: _Draft) -> Iterator[Issue]:
    """Yield every class of words, and every general kind of work, that is used without being defined."""
    patterns: list[NeedPattern | FactPattern | CuePattern] = [*draft.needs, *draft.facts, *draft.cues]
    for pattern in patterns:
        for text in pattern.any:
            for name, _ in _CLASS.findall(text):
                if name not in draft.classes:
                    yield Issue(Place("catalog/reading"), f"no class of words '{name}' for '{text}'", suggest(name, draft.classes))
    for need in draft.needs:
        if need.general is not None and need.general not in draft.general:
            yield Issue(Place("catalog/reading"), f"no general work '{need.general}'", suggest(need.general, draft.general))


def _compiled(draft: _Draft, catalog: Catalog) -> Lexicon:
    file = draft.spelling
    base = Spelling(
        irregular=file.irregular,
        compounds={word: tuple(parts.split()) for word, parts in file.compounds.items()},
        american=tuple(file.american.items()),
        prefixes=frozenset(file.prefixes),
        subjects=frozenset(file.subjects),
        verbs=frozenset(file.verbs),
        pronouns=frozenset(file.pronouns),
        joining=frozenset(file.joining),
        always_joining=frozenset(file.always_joining),
        prepositions=frozenset(file.prepositions),
        wishing=frozenset(file.wishing),
        abbreviations=frozenset(file.abbreviations),
    )
    stemmer = Stemmer(base)
    patterns: list[NeedPattern | FactPattern] = [*draft.needs, *draft.facts]
    texts = [t for record in patterns for t in record.any] + [t for texts in draft.classes.values() for t in texts]
    texts += [phrase for function in catalog.functions.values() for phrase in function.phrases]
    plain = {word for text in texts for word in re.findall(r"[a-z]+", text.lower())}
    known = frozenset(stemmer.stem(word) for word in plain)
    base = replace(base, known=known)
    repairer = Repairer(known - {stemmer.stem(word) for word in file.never_repaired})
    coder = _Coder(base, Stemmer(base), draft.classes)
    repairing = replace(base, repair=repairer)
    needs, facts, cues = tuple(draft.needs), tuple(draft.facts), tuple(draft.cues)
    return Lexicon(
        catalog=catalog,
        spelling=repairing,
        stemmer=Stemmer(repairing),
        needs=needs,
        need_set=_pattern_set(needs, coder.stems),
        facts=facts,
        fact_set=_pattern_set(facts, coder.stems),
        cues=cues,
        cue_set=_pattern_set(cues, coder.raws),
        unless=[_either(cue.unless, coder.raws) for cue in cues],
        general=draft.general,
        phrases=_phrases(catalog, coder),
        classes={
            name: frozenset(coder.words(text, stems=not name.startswith("tie_")) for text in texts) for name, texts in draft.classes.items()
        },
        expressions={
            name: coder.stems(f"<{name}>").expression for name in draft.classes if name.startswith(("about_", "stage_")) or name in _ABOUT
        },
    )


class _Coder:
    """Codes the words of patterns as the words of texts are coded."""

    def __init__(self, spelling: Spelling, stemmer: Stemmer, classes: Mapping[str, Texts]) -> None:
        self.stemmer = stemmer
        self._spelling = spelling
        self._classes = classes
        self._members: dict[tuple[str, bool], list[tuple[str, ...]]] = {}

    def stems(self, text: str) -> Shape:
        """Return a pattern over stems."""
        return self._shape(text, stems=True)

    def raws(self, text: str) -> Shape:
        """Return a pattern over words as they stand."""
        return self._shape(text, stems=False)

    def words(self, text: str, *, stems: bool) -> tuple[str, ...]:
        """Return the coded words of a plain piece of text."""
        sentences = read_sentences(text, self.stemmer, self._spelling)
        return tuple(word.stem if stems else word.raw for sentence in sentences for word in sentence.words)

    def _shape(self, text: str, *, stems: bool) -> Shape:
        needed: list[frozenset[str]] = []
        parts: list[str] = []
        for part in text.split():
            if part == "~":
                parts.append(_PLAIN_GAP)
                continue
            if part in _GAPS:
                parts.append(f"((?:{_NO_ENTRY}[^ ;:]+ ){{0,{_GAPS[part]}}}?)")
                continue
            optional = part.endswith("?") and len(part) > 1
            choices = [words for one in part.removesuffix("?").split("|") for words in self._alternatives(one, stems=stems) if words]
            choices.sort(key=len, reverse=True)
            body = "|".join(re.escape(" ".join(words)) for words in choices)
            parts.append(f"(?:(?:{body}) ){'?' if optional else ''}")
            if not optional:
                needed.append(frozenset(words[0] for words in choices))
        needed.sort(key=_commonness)
        return Shape(tuple(needed), re.compile("(?<![^ ])" + "".join(parts)))

    def _alternatives(self, token: str, *, stems: bool) -> list[tuple[str, ...]]:
        named = _CLASS.fullmatch(token)
        if not named:
            return [self.words(token.replace("_", " "), stems=stems)]
        key = (named.group(1), stems)
        if key not in self._members:
            self._members[key] = [self.words(text, stems=stems) for text in self._classes[named.group(1)]]
        return self._members[key]


def _pattern_set(records: Sequence[NeedPattern | FactPattern | CuePattern], code: Callable[[str], Shape]) -> PatternSet:
    shapes = tuple((code(text), i) for i, record in enumerate(records) for text in record.any)
    index: dict[str, list[int]] = {}
    for number, (shape, _) in enumerate(shapes):
        for word in shape.needed[0]:
            index.setdefault(word, []).append(number)
    without = tuple(_either(record.without if not isinstance(record, CuePattern) else (), code) for record in records)
    return PatternSet(shapes, without, {word: tuple(numbers) for word, numbers in index.items()})


def _commonness(words: frozenset[str]) -> int:
    """Return roughly how often any of some words stands in a sentence; patterns are looked up by their rarest words."""
    return sum(50 if word in _COMMON else 1 for word in words)


def _either(texts: Iterable[str], code: Callable[[str], Shape]) -> re.Pattern[str] | None:
    """Return one expression for any of several patterns, or None if there are none."""
    expressions = [code(text).expression.pattern for text in texts]
    return re.compile("|".join(f"(?:{expression})" for expression in expressions)) if expressions else None


def _phrases(catalog: Catalog, coder: _Coder) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """Return the phrases and names of the catalog by their first word, longest first."""
    found: dict[str, dict[tuple[str, ...], str]] = {}
    for name, function in catalog.functions.items():
        for phrase in (*function.phrases, function.name):
            words = tuple(word for word in coder.words(phrase, stems=True) if word not in "(),;:")
            if words:
                found.setdefault(words[0], {}).setdefault(words, name)
    return {first: sorted(rows.items(), key=lambda row: -len(row[0])) for first, rows in found.items()}
