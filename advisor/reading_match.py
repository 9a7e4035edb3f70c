"""What stands in a sentence: the phrases of the catalog, the patterns and the cues, with typing errors repaired in long words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from advisor.reading_text import Coded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.reading_data import CuePattern, FactPattern, Found, Lexicon
    from advisor.reading_text import Sentence

MADE = frozenset({"make_substance", "make_product", "develop", "validate"})
MAKES = frozenset({"make_substance", "make_product"})
_JOINING = frozenset({"and", "or", ",", "plus", "with"})
EVIDENCE = frozenset({"nonclinical", "clinical", "data", "dossier", "safety"})


@dataclass(frozen=True, slots=True)
class Hit:
    """Words that may ask for work.

    Attributes:
        first, end: the first word and the word after the last. functions: what is asked for, if the words say it;
            general: else the general kind of work. service: the words count only in a context of need.
        weak: they count only if the sentence says nothing else; last: only if the whole text does not.
        names: they only name a thing, without a word for work on it. gaps: what stands between words that belong together.
        told: they count though they are told of the past.

    """

    first: int
    end: int
    functions: tuple[str, ...]
    general: str | None
    label: str
    service: bool
    phrase: bool
    weak: bool = False
    last: bool = False
    names: bool = False
    gaps: tuple[tuple[int, int], ...] = ()
    told: bool = False

    def passes_over(self, other: Hit) -> bool:
        """Return whether another hit stands wholly between words of this one."""
        return any(start <= other.first and other.end <= end for start, end in self.gaps)


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue in a sentence."""

    first: int
    end: int
    pattern: CuePattern


@dataclass(frozen=True, slots=True)
class Stated:
    """Words that state a fact."""

    first: int
    end: int
    pattern: FactPattern


@dataclass(frozen=True, slots=True)
class Matched:
    """A sentence with everything found in it."""

    sentence: Sentence
    hits: tuple[Hit, ...]
    cues: tuple[Cue, ...]
    stated: tuple[Stated, ...]


def match(sentence: Sentence, lexicon: Lexicon, *, phrase: bool = False) -> Matched:
    """Return everything found in a sentence; `phrase`: the sentence is a need in a few words."""
    stems = tuple(word.stem for word in sentence.words)
    return Matched(sentence, *_found(lexicon, stems, tuple(word.raw for word in sentence.words), sentence.clauses, phrase))


@lru_cache(maxsize=2048)  # documents repeat themselves: headers, footers, boilerplate
def _found(
    lexicon: Lexicon,
    stems: tuple[str, ...],
    raws: tuple[str, ...],
    clauses: tuple[tuple[int, int], ...],
    phrase: bool,  # noqa: FBT001 - a cached function takes no keywords that may be left out
) -> tuple[tuple[Hit, ...], tuple[Cue, ...], tuple[Stated, ...]]:
    coded, as_they_stand = Coded(stems), Coded(raws)
    within = [hit for hit in dict.fromkeys(_hits(stems, coded, lexicon, phrase=phrase)) if phrase or not _crosses(hit, clauses)]
    kept = list(_kept(sorted(within, key=_order), lexicon))
    hits = tuple(_without_objects(kept, stems) if phrase else kept)
    cues = tuple(
        Cue(cue.first, cue.end, lexicon.cues[cue.number])
        for cue in lexicon.cue_set.find(as_they_stand)
        if not _overruled(lexicon, cue.number, as_they_stand)
        and (lexicon.cues[cue.number].scope == "sentence" or not _crosses(cue, clauses))
    )
    stated = tuple(Stated(fact.first, fact.end, lexicon.facts[fact.number]) for fact in lexicon.fact_set.find(coded))
    return hits, cues, stated


def _crosses(found: Hit | Found, clauses: tuple[tuple[int, int], ...]) -> bool:
    """Return whether words that only seem to belong together stand in different clauses."""
    return any(found.first < start < found.end for start, _ in clauses)


def _without_objects(hits: list[Hit], words: tuple[str, ...]) -> Iterator[Hit]:
    """Yield the hits of a need phrase without names of things that other words of it ask work on ('viral vector logistics')."""
    for hit in hits:
        if not (hit.names and any(not other.names and not other.weak and _asks_work_on(other, hit, words) for other in hits)):
            yield hit


def _asks_work_on(other: Hit, hit: Hit, words: tuple[str, ...]) -> bool:
    """Return whether words beside a name ask for something, and nothing between makes them things of their own."""
    apart = other.end <= hit.first or hit.end <= other.first
    return apart and _JOINING.isdisjoint(words[min(hit.end, other.end) : max(hit.first, other.first)])


def _order(hit: Hit) -> tuple[int, int, str]:
    return hit.first, -hit.end, ",".join(hit.functions) or hit.general or ""


def _overruled(lexicon: Lexicon, number: int, raws: Coded) -> bool:
    unless = lexicon.unless[number]
    return unless is not None and unless.search(raws.text) is not None


def _hits(words: tuple[str, ...], stems: Coded, lexicon: Lexicon, *, phrase: bool) -> Iterator[Hit]:
    for number, first, end, gaps in lexicon.need_set.find(stems):
        need = lexicon.needs[number]
        if (need.alone and not phrase) or (need.last and phrase):
            continue
        if need.covers:
            yield Hit(first, end, (), None, need.label, service=False, phrase=False)
        if not need.covers or need.functions or need.general:
            names = need.general is None and _only_names(need.functions, words[first:end], lexicon)
            service = need.service or names or _are_evidence_nouns(need.functions, words[first], lexicon)
            weak = need.weak or need.alone or need.last
            yield Hit(
                first,
                end,
                need.functions,
                need.general,
                need.label,
                service,
                phrase=False,
                weak=weak,
                last=need.last,
                names=names,
                gaps=gaps,
                told=need.told,
            )
    for i, word in enumerate(words):
        for rest, function in lexicon.phrases.get(word, ()):
            if words[i : i + len(rest)] == rest:
                names = _only_names((function,), rest, lexicon)
                yield Hit(
                    i, i + len(rest), (function,), None, lexicon.catalog.functions[function].name, service=True, phrase=True, names=names
                )
                break  # the longest


def _are_evidence_nouns(functions: tuple[str, ...], first: str, lexicon: Lexicon) -> bool:
    """Return whether words are nouns for work that produces evidence; they are spoken of far more often than asked for."""
    return any(EVIDENCE & set(lexicon.catalog.functions[name].work) for name in functions) and not lexicon.acts(first)


def _only_names(functions: tuple[str, ...], words: tuple[str, ...], lexicon: Lexicon) -> bool:
    """Return whether words name something made or developed, without a word for work on it."""
    works = {work for name in functions for work in lexicon.catalog.functions[name].work}
    return bool(works & MADE) and not works & EVIDENCE and lexicon.members("work_words").isdisjoint(words)


def _kept(hits: list[Hit], lexicon: Lexicon) -> Iterator[Hit]:
    """Yield the hits without those that another says better; of two that say each other's better, the longer stays."""
    better = {hit: [other for other in hits if other is not hit and _outdoes(other, hit, lexicon)] for hit in hits}
    for hit in hits:
        # several that each lose to the next in a circle all stay
        circle = better[hit] and not hit.weak and all(better[other] and other.functions for other in better[hit])
        if (hit.functions or hit.general) and (not better[hit] or circle):
            yield hit


def _outdoes(other: Hit, hit: Hit, lexicon: Lexicon) -> bool:
    if not _better(other, hit, lexicon):
        return False
    return not _better(hit, other, lexicon) or (other.end - other.first, other.first) > (hit.end - hit.first, hit.first)


def _better(other: Hit, hit: Hit, lexicon: Lexicon) -> bool:
    """Return whether another hit makes one superfluous."""
    if other.last and not hit.last:
        return False
    inside = other.first <= hit.first and hit.end <= other.end and not other.passes_over(hit)
    if not other.functions and not other.general:
        return inside and other.label != hit.label  # a pattern that covers what stands inside may ask for something itself
    if hit.weak and not other.weak:
        return True
    if hit.service and inside and other.end - other.first > hit.end - hit.first:
        return True
    overlap = other.first < hit.end and hit.first < other.end
    return overlap and _more_precise(other, hit, lexicon)


def _more_precise(other: Hit, hit: Hit, lexicon: Lexicon) -> bool:
    """Return whether another hit says the same in a more precise way."""
    if hit.phrase and (
        other.general in {"bank", "scale_up", "qualified_person"} or (other.general == "make" and _makes_and_develops(hit, lexicon))
    ):
        return True
    if other.general in {"clinical_supply", "regulatory"} and (hit.phrase or hit.general == "make"):
        return hit.end - hit.first <= other.end - other.first
    if hit.general and other.functions:
        return _same_work(hit.general, other.functions, lexicon) and not other.phrase and (hit.service or not other.service)
    under = {lexicon.catalog.functions[name].under for name in other.functions}
    return bool(hit.functions) and set(hit.functions) <= under


def _makes_and_develops(hit: Hit, lexicon: Lexicon) -> bool:
    """Return whether a phrase stands for making and developing together, where only making is spoken of."""
    return any({"make_substance", "develop"} <= set(lexicon.catalog.functions[name].work) for name in hit.functions)


_WORK_OF = {
    "make": {"make_substance", "make_product", "validate"},
    "make_marketed": set(),
    "develop_process": {"develop"},
    "scale_up": {"develop"},
    "develop": {"develop", "clinical", "nonclinical"},
}


def _same_work(general: str, functions: tuple[str, ...], lexicon: Lexicon) -> bool:
    """Return whether functions are a more precise word for a general kind of work."""
    kinds: set[str] = set(_WORK_OF.get(general, set()))
    return any(kinds & set(lexicon.catalog.functions[name].work) for name in functions)
