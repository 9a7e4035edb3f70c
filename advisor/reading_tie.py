"""How a study is tied to something else: 'material for a trial' asks for no trial, and 'data from a trial' are of the past."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from advisor.reading_match import EVIDENCE

if TYPE_CHECKING:
    from advisor.reading_data import Lexicon
    from advisor.reading_match import Hit, Matched

_BACK = 8  # words before a study in which the word that ties it to something else must stand
_GOODS = ("product_noun", "substance_noun", "goods", "capacity")


class Tie(NamedTuple):
    """The place of the word that ties a study to something else, and whether the study is only its background."""

    place: int
    background: bool


def tie(found: Matched, hit: Hit, lexicon: Lexicon) -> Tie | None:
    """Return how a study is tied to something else, or None."""
    works = {work for name in hit.functions for work in lexicon.catalog.functions[name].work}
    place = _tie_word(found, hit, lexicon) if works & EVIDENCE else None
    if place is None or _ties_nothing(found, place, lexicon):
        return None
    if found.sentence.words[place].raw in lexicon.members("tie_background"):
        return Tie(place, background=True)
    return Tie(place, background=False) if _is_purpose(found, hit, place, lexicon) else None


def _ties_nothing(found: Matched, place: int, lexicon: Lexicon) -> bool:
    """Return whether a short word belongs to what stands before it ('help for', 'a study in'), or repeats the 'for' of a need."""
    words, start = found.sentence.words, found.sentence.clause_of(place)[0]
    if words[place].raw in {"from", "to"} and any(word.raw == "everything" for word in words[start:place]):
        return True  # 'everything from randomisation to database lock'
    before, raw = words[place - 1] if place else None, words[place].raw
    if before is None:
        return False
    if before.stem in lexicon.members("helpers") or (raw != "for" and before.raw in lexicon.members("tie_after")):
        return True
    if raw != "for" or before.raw not in {"and", "or", ",", "nor", "also"}:
        return False
    return any(c.pattern.means == "need" and start <= c.first < place and words[c.end - 1].raw == "for" for c in found.cues)


def _is_purpose(found: Matched, hit: Hit, place: int, lexicon: Lexicon) -> bool:
    """Return whether something else stands before the word that ties a study to it."""
    words, clause = found.sentence.words, found.sentence.clause_of(hit.first)
    if words[place].raw == "for" and _has_object(found, place, clause, lexicon):
        return True
    if words[place].raw == "to" and lexicon.acts(words[hit.first].stem):
        return False
    if place and words[place - 1].stem in _goods(lexicon):
        return True
    # "for the trial we need tablets" says the same as "tablets for the trial"
    before = place if place != clause[0] else clause[1] if place else len(words)
    return any(clause[0] <= other.first < before and _is_else(other, hit) for other in found.hits)


def _has_object(found: Matched, place: int, clause: tuple[int, int], lexicon: Lexicon) -> bool:
    """Return whether goods are asked for between the need and its 'for' ('we need product of the right quality for the trials')."""
    asked = [c for c in found.cues if c.pattern.means == "need" and c.pattern.scope == "after" and clause[0] <= c.first and c.end <= place]
    between = found.sentence.words[max((c.end for c in asked), default=place) : place]
    if any(word.stem in lexicon.members("helpers") or word.raw in {"and", ",", ";"} for word in between):
        return False
    return any(word.stem in _goods(lexicon) or word.raw == "it" for word in between)


def _goods(lexicon: Lexicon) -> frozenset[str]:
    return frozenset().union(*(lexicon.members(name) for name in _GOODS))


def _tie_word(found: Matched, hit: Hit, lexicon: Lexicon) -> int | None:
    """Return the place of the short word that ties a study to what stands before it."""
    words, start = found.sentence.words, found.sentence.clause_of(hit.first)[0]
    kinds: tuple[str, ...] = ("purpose", "background", "of")
    for i in range(hit.first - 1, max(start, hit.first - _BACK) - 1, -1):
        raw = words[i].raw
        if words[i + 1].raw in lexicon.members("tie_part"):
            continue
        if any(c.pattern.means == "need" and c.end - 1 == i for c in found.cues):
            return None  # 'a partner for the trial'
        if raw in lexicon.members("tie_end") or (raw == "," and (i < hit.first - 1 or lexicon.acts(words[hit.first].stem))):
            return None  # beyond it stands something else; 'the supply, do the toxicology' is a list of things to do
        if raw in {"and", "or"}:
            if words[i + 1].raw in lexicon.members("tie_article"):
                return None  # something of its own stands beside
            kinds = ("purpose", "background")
        counts = words[i + 1].raw in lexicon.members("tie_time") or words[i + 1].raw.isdigit()
        of_time = counts and i + 2 < hit.first  # "for two trials" counts the trials themselves
        if not of_time and any(raw in lexicon.members(f"tie_{kind}") for kind in kinds):
            return i
    return None


def _is_else(other: Hit, hit: Hit) -> bool:
    """Return whether a hit is about other work than the study that may be its purpose."""
    return other is not hit and (other.general is not None or not set(other.functions) & set(hit.functions))
