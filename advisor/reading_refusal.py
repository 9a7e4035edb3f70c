"""What speaks against taking words for a need: that they are denied, done, done by others or by oneself, asked about, or wished for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.reading_data import Lexicon
    from advisor.reading_match import Cue, Hit, Matched

_REJECTS = ("except", "negated", "in_house", "contracted", "done", "question", "description")
_OVERRULED = frozenset({"in_house", "contracted", "negated"})  # by 'we have no ...' and the like in the same clause
_AT_HAND = 4  # words that a cue with a short reach reaches, within one phrase
_IF = 5  # words after 'if' in which the condition itself must begin


def rejecting(found: Matched, first: int, end: int, lexicon: Lexicon) -> Cue | None:
    """Return the cue by which words are no need: the nearest of the strongest kind, unless a need stands between."""
    clause = found.sentence.clause_of(first)
    overruled = any(c.pattern.means == "need" and c.pattern.scope == "clause" and clause[0] <= c.first < clause[1] for c in found.cues)
    best: tuple[int, int, Cue] | None = None
    for cue in found.cues:
        means = cue.pattern.means
        if means not in _REJECTS or (overruled and means in _OVERRULED):
            continue
        distance = _distance(found, cue, first, end, lexicon)
        if distance is None:
            continue
        key = (_REJECTS.index(means), distance, cue)
        if best is None or key[:2] < best[:2]:
            best = key
    return best[2] if best else None


def softening(found: Matched, hit: Hit, lexicon: Lexicon) -> Cue | None:
    """Return the cue by which words are only wished for or depend on something, or None."""
    soft = (cue for cue in found.cues if cue.pattern.means in {"wish", "conditional"})
    return next((cue for cue in soft if _distance(found, cue, hit.first, hit.end, lexicon) is not None), None)


def is_condition(found: Matched, hit: Hit, cue: Cue) -> bool:
    """Return whether words are the condition itself ('if the trials go well'), not what depends on it."""
    if cue.pattern.means != "conditional" or not cue.first <= hit.first <= cue.first + _IF:
        return False
    return not any(word.raw in {",", "then"} for word in found.sentence.words[cue.first : hit.first])


def negated(found: Matched, first: int, end: int, lexicon: Lexicon) -> Cue | None:
    """Return the cue by which words do not hold of the sponsor, or None."""
    cue = rejecting(found, first, end, lexicon)
    return cue if cue is not None and cue.pattern.means in {"negated", "question", "except"} else None


def past(found: Matched, first: int, end: int, lexicon: Lexicon) -> Cue | None:
    """Return the cue by which words speak of the past, or None."""
    cue = rejecting(found, first, end, lexicon)
    return cue if cue is not None and cue.pattern.means == "done" else None


def refuses(found: Matched) -> bool:
    """Return whether a need phrase refuses something ('no trials', 'without packaging')."""
    return any(cue.pattern.means == "negated" for cue in found.cues)


def part_of(cue: Cue, other: Cue) -> bool:
    """Return whether two cues share words."""
    return cue.first < other.end and other.first < cue.end


def _distance(found: Matched, cue: Cue, first: int, end: int, lexicon: Lexicon) -> int | None:
    """Return how many words lie between a cue and the words it speaks of; None if it does not speak of them."""
    clause = found.sentence.clause_of(first)
    if cue.pattern.scope == "sentence" and cue.first < first:
        return None if any(word.raw == ";" for word in found.sentence.words[cue.first : first]) else 0
    if not clause[0] <= cue.first < clause[1]:
        return 0 if _tells_of(found, cue, first, clause) else None
    aside = cue.pattern.scope == "clause" and _is_aside(found, cue, first, clause)
    if aside or _serves_a_need(found, cue, first, end, clause):
        return None
    if cue.pattern.scope == "clause" or (cue.first <= first and end <= cue.end and cue.pattern.scope == "after"):
        return 0
    between = _between(cue, first, end)
    if between is None or between[1] - between[0] > cue.pattern.reach or _stands_apart(found, cue, between, lexicon):
        return None
    return max(between[1] - between[0], 0)


def _tells_of(found: Matched, cue: Cue, first: int, clause: tuple[int, int]) -> bool:
    """Return whether a cue stands in a relative clause about words ('the trial, which our partner runs, ...')."""
    start, end = found.sentence.clause_of(cue.first)
    if start != clause[1] or found.sentence.words[start].raw != "which" or cue.pattern.scope == "sentence":
        return False
    if cue.pattern.scope == "after" and not any(word.raw == "," for word in found.sentence.words[cue.end : end]) and cue.end < end - 1:
        return False  # it speaks of what follows it
    return not any(first < other.first < start for other in found.hits)


def _serves_a_need(found: Matched, cue: Cue, first: int, end: int, clause: tuple[int, int]) -> bool:
    """Return whether others, or one's own people, are only named in what is wanted.

    Others: 'wants it made by another firm'. One's own people: 'want ... from one team, with our own scientists contributing'.
    """
    needs = [c for c in found.cues if c.pattern.means == "need" and clause[0] <= c.first]
    if cue.pattern.means == "contracted":
        return any((c.first < first and not part_of(c, cue)) or (c.first < cue.first and cue.end <= c.end) for c in needs)
    if cue.pattern.means != "in_house" or end > cue.first:
        return False
    beside = {found.sentence.words[max(cue.first - 1, 0)].raw, found.sentence.words[cue.first].raw}
    return bool(beside & {"with", "alongside", "beside", "together"}) and any(c.first < cue.first for c in needs)


def _is_aside(found: Matched, cue: Cue, first: int, clause: tuple[int, int]) -> bool:
    """Return whether a cue stands in an aside before words: 'the study, to be run by our own team, calls for a tablet'."""
    words = found.sentence.words
    aside = any(word.raw == "," for word in words[clause[0] : cue.first]) and any(word.raw == "," for word in words[cue.end : first])
    return aside and cue.end <= first


def _between(cue: Cue, first: int, end: int) -> tuple[int, int] | None:
    """Return the words between a cue and the words on the side it speaks of; None if they stand on the other side."""
    if cue.pattern.scope == "after" and cue.first <= first and cue.end <= end:
        return cue.end, first + 1
    if cue.pattern.scope == "before" and first < cue.first and cue.end >= end:
        return end, cue.first
    if cue.pattern.means == "done" and cue.first <= first < cue.end:
        return first, first  # 'made' in 'have been made' asks for nothing
    return None


def _stands_apart(found: Matched, cue: Cue, between: tuple[int, int], lexicon: Lexicon) -> bool:
    """Return whether something between a cue and the words takes the cue away from them."""
    means, passed = cue.pattern.means, {word.raw for word in found.sentence.words[between[0] : between[1]]}
    if "," in passed and _ends_at_comma(found, cue, lexicon):
        return True
    if means == "done" and cue.pattern.scope == "after" and cue.pattern.reach <= _AT_HAND:
        return not passed.isdisjoint({"and", ","})
    if _within_making(found, cue) or _speaks_of_a_thing(found, cue, lexicon):
        return True
    if means not in _REJECTS or means == "question":
        return False
    start = between[0] + (2 if means == "negated" else 0)  # "we do not want to outsource" is one refusal
    return any(c.pattern.means == "need" and start <= c.first < between[1] and not part_of(c, cue) for c in found.cues)


def _speaks_of_a_thing(found: Matched, cue: Cue, lexicon: Lexicon) -> bool:
    """Return whether a cue after words speaks of a thing, not of the work on it: '... that is finished', '..., demonstrated at 20 kg'."""
    if cue.pattern.scope != "before" or cue.first == 0:
        return False
    before = found.sentence.words[cue.first - 1].raw
    alone = cue.pattern.means == "done" and cue.end - cue.first == 1
    return before in lexicon.members("tie_relative") or (alone and before == ",")


def _ends_at_comma(found: Matched, cue: Cue, lexicon: Lexicon) -> bool:
    """Return whether what a cue speaks of ends at a comma: 'instead of the suspension, ...', and a wish that stands behind."""
    if cue.pattern.means == "negated":
        return cue.pattern.scope == "after" and found.sentence.words[cue.first].raw in lexicon.members("tie_within")
    softens = cue.pattern.means in {"wish", "conditional"} and cue.pattern.scope == "before"
    return softens and cue.end < found.sentence.clause_of(cue.first)[1]


def _within_making(found: Matched, cue: Cue) -> bool:
    """Return whether a possession is only a word of the work itself ('keep making our product')."""
    return cue.pattern.means == "in_house" and any(
        hit.general is not None
        and hit.first <= cue.first < hit.end
        and hit.end > cue.end - 1
        and "keep" in found.sentence.words[hit.first].raw
        for hit in found.hits
    )
