"""What asks for words: the need that speaks of them, an order, a list; and what is only told or planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.reading_match import EVIDENCE

if TYPE_CHECKING:
    from advisor.reading_data import Lexicon
    from advisor.reading_match import Cue, Hit, Matched

_SEVERAL = 2  # kinds of work that may stand behind a colon by chance
_NEAR = 6  # words between a wishing verb and the thing that is wanted
_CLOSE = 2  # words between a relative pronoun and what it tells of a thing
_PERFECT = 3  # words after 'has' in which its participle stands


def needing(found: Matched, hit: Hit) -> Cue | None:
    """Return the nearest need cue that speaks of the words and is no part of them, the same clause first."""
    clause = found.sentence.clause_of(hit.first)
    cues = [c for c in found.cues if c.pattern.means == "need" and not (hit.first <= c.first and c.end <= hit.end)]
    # what stands before a wishing verb tells who wishes, not what is wished for
    cues = [c for c in cues if c.pattern.scope != "after" or c.first <= hit.first]
    return min(cues, key=lambda c: (not clause[0] <= c.first < clause[1], abs(c.first - hit.first), c.first), default=None)


def apart(cue: Cue, hit: Hit) -> int:
    """Return how many words lie between a cue and a hit."""
    return max(cue.first - hit.end, hit.first - cue.end, 0)


def governs(found: Matched, hit: Hit, cue: Cue, lexicon: Lexicon) -> bool:
    """Return whether a cue asks for just these words: no other verb stands between them."""
    words, copulas = found.sentence.words, lexicon.members("tie_copula")
    start, end = (cue.end, hit.first) if cue.first < hit.first else (hit.end, cue.first)
    while start < end and words[start].raw in copulas and cue.first < hit.first:
        start += 1  # 'what we want is ...'
    while start < end and words[end - 1].raw in copulas and cue.first >= hit.first:
        end -= 1  # '... is still wanted'
    if _follows_in_list(found, hit, cue, lexicon):
        return True
    inside = {i for other in found.hits for i in range(other.first, other.end)}  # 'to do the toxicology and to make ...'
    return not any(
        (words[i].raw in lexicon.spelling.verbs and i not in inside)
        or (words[i].raw == ";" and not _begins_entry(found, hit, cue, i, lexicon))
        for i in range(start, end)
    )


def is_object(found: Matched, hit: Hit, lexicon: Lexicon) -> bool:
    """Return whether a thing is itself what is wanted ('we lack plasmid DNA'), not what the wanted work is about."""
    words = found.sentence.words
    ties = frozenset().union(*(lexicon.members(f"tie_{kind}") for kind in ("purpose", "of", "background", "with"))) - {"to"}
    for cue in found.cues:
        if cue.pattern.means != "need":
            continue
        start = cue.end + (words[cue.end].raw == "for" if cue.end < hit.first else 0)  # 'asks for a stable form'
        if start <= hit.first and hit.first - start <= _NEAR and all(word.raw not in ties for word in words[start : hit.first]):
            return True
        if cue.pattern.scope == "sentence" and hit.end <= cue.first <= hit.end + 1:
            return True
    return False


def is_of_another_clause(found: Matched, hit: Hit, cue: Cue, lexicon: Lexicon) -> bool:
    """Return whether a cue asks for what another clause says, and words only stand in a clause of their own."""
    start, end = found.sentence.clause_of(hit.first)
    if start <= cue.first < end or (
        start and found.sentence.words[start - 1].raw == ":" and found.sentence.clause_of(cue.first)[1] == start
    ):
        return False
    if found.sentence.words[start].raw == "whose":
        return True  # it tells of what is asked for
    return hit.service and any(word.raw in lexicon.spelling.verbs for word in found.sentence.words[start:end])


def is_own_step(found: Matched, hit: Hit, cue: Cue, lexicon: Lexicon) -> bool:
    """Return whether a cue only says what the sponsor is about to do: 'we want to file an IND', 'the trial should start in May'."""
    works = {work for name in hit.functions for work in lexicon.catalog.functions[name].work}
    if not works & EVIDENCE and hit.general != "regulatory":
        return False
    words = found.sentence.words
    begun, last = words[cue.first].raw, words[cue.end - 1].raw
    wanted = begun in lexicon.members("tie_wanting") and words[cue.end].raw == "to" and lexicon.acts(words[hit.first].stem)
    return wanted or last in lexicon.members("tie_starting") or (begun == "to" and last in lexicon.members("tie_running"))


def is_order(found: Matched, hit: Hit, lexicon: Lexicon) -> bool:
    """Return whether words begin a sentence or what follows a colon as an order does ('scale up the synthesis')."""
    words, first = found.sentence.words, hit.first
    begins = first == 0 or words[first - 1].raw in {":", ";"} or (first == 1 and words[0].raw in lexicon.members("tie_opening"))
    if not begins or not lexicon.acts(words[first].stem) or first + 1 >= len(words):
        return False
    return words[first].raw in lexicon.members("tie_order") or words[first + 1].raw in lexicon.members("tie_article") | lexicon.members(
        "tie_this"
    )


def is_listed(found: Matched, hit: Hit, lexicon: Lexicon) -> bool:
    """Return whether words stand in a list of several kinds of work after a colon, without any verb."""
    words, (start, end) = found.sentence.words, found.sentence.clause_of(hit.first)
    if start == 0 or words[start - 1].raw != ":" or any(word.raw in lexicon.spelling.verbs for word in words[start:end]):
        return False
    return len({other.functions or other.general for other in found.hits if start <= other.first < end}) > _SEVERAL


def is_description(found: Matched, hit: Hit) -> bool:
    """Return whether words tell of a thing in a relative clause ('a vaccine that turns into a gel')."""
    words, start = found.sentence.words, found.sentence.clause_of(hit.first)[0]
    return words[start].raw == "whose" or bool({word.raw for word in words[max(hit.first - _CLOSE, 0) : hit.first]} & {"that", "which"})


def told(found: Matched, hit: Hit, lexicon: Lexicon) -> tuple[int, int] | None:
    """Return the words by which a clause is told as past ('has been validated', 'a compound, tested in people'), or None."""
    words, (start, end) = found.sentence.words, found.sentence.clause_of(hit.first)
    opening = words[hit.first]
    describes = hit.first == start or words[hit.first - 1].raw == "," or _names_a_product(words[hit.end - 1].stem, lexicon)
    if opening.raw != opening.stem and _is_participle(opening.raw, lexicon) and describes:
        return hit.first, hit.first + 1  # 'a compound, tested in people', 'coated tablets'
    for i in range(start, end):
        if words[i].raw in lexicon.members("tie_past"):
            return i, i + 1
        if words[i].raw in {"has", "have"} and (participle := _participle(found, i + 1, end, lexicon)) is not None:
            return i, participle + 1
    return None


def planned(found: Matched, hit: Hit, lexicon: Lexicon) -> Cue | None:
    """Return the cue in the same clause by which words are planned, or None."""
    start, end = found.sentence.clause_of(hit.first)
    plans = (c for c in found.cues if c.pattern.means == "plan" and start <= c.first < end)
    return next((c for c in plans if c.first < hit.end or found.sentence.words[c.first].raw not in lexicon.members("tie_planning")), None)


def done_by_us(found: Matched, hit: Hit, lexicon: Lexicon) -> tuple[int, int] | None:
    """Return the words by which the sponsor says that it does a thing itself ('we audit ...'), or None."""
    words, place = found.sentence.words, hit.first - 1
    if not lexicon.acts(words[hit.first].stem):
        return None
    while place > 0 and words[place].raw in lexicon.members("tie_adverb"):
        place -= 1
    return (place, hit.first + 1) if place >= 0 and words[place].raw in {"we", "i"} else None


def _follows_in_list(found: Matched, hit: Hit, cue: Cue, lexicon: Lexicon) -> bool:
    """Return whether words only follow others that a cue before them asks for ('..., and making the product')."""
    words, place = found.sentence.words, hit.first
    while place > 0 and words[place - 1].raw in lexicon.members("tie_article"):
        place -= 1
    if place < 1 or words[place - 1].raw != "and":
        return False
    return any(cue.end <= other.first and other.end < place and other is not hit for other in found.hits)


def _begins_entry(found: Matched, hit: Hit, cue: Cue, semicolon: int, lexicon: Lexicon) -> bool:
    """Return whether words stand in the entry of a list that a semicolon begins, after the cue that asks for the list."""
    following = found.sentence.words[semicolon + 1].raw
    return cue.first < hit.first and (semicolon + 1 == hit.first or following in lexicon.members("tie_leading"))


def _names_a_product(stem: str, lexicon: Lexicon) -> bool:
    return stem in lexicon.members("product_noun") or stem in lexicon.members("substance_noun")


def _participle(found: Matched, start: int, end: int, lexicon: Lexicon) -> int | None:
    """Return the place of the participle that makes 'has' tell of the past; None if it tells of a thing, a duty, or what has not been."""
    for i in range(start, min(start + _PERFECT, end)):
        raw = found.sentence.words[i].raw
        if _is_participle(raw, lexicon):
            return i
        if raw in lexicon.members("tie_not_perfect"):
            return None
    return None


def _is_participle(raw: str, lexicon: Lexicon) -> bool:
    return raw in lexicon.members("tie_participle") or (raw.endswith("ed") and len(raw) > 4)  # noqa: PLR2004 - 'need' is none
