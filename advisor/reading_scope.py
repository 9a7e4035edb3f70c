"""How to take what was found: as a need, a wish, work that somebody does already, or no need at all; by the cues around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from advisor.reading_match import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.reading_data import Lexicon, Sureness
    from advisor.reading_match import Cue, Hit, Matched
    from advisor.reading_text import Word

Taken = Literal["need", "wish", "in_house", "not_taken"]

ONLY_SPOKEN_OF = "only spoken of"
TOLD = "told of the past"
LAST = "nothing else is spoken of"
VAGUE = "a vague need phrase"
NEARBY = "asked for nearby"
PLANNED = "a plan"
UNASKED = ("the words themselves", NEARBY, PLANNED)  # reasons to take something for a need though nobody asks for it in so many words

_REJECTS = ("except", "negated", "in_house", "contracted", "done", "question", "description")
_DOUBTFUL = frozenset({"in_house", "contracted", "done"})
_BACK = 8  # words before a study in which the word that ties it to something else must stand
_SEVERAL = 2  # kinds of work that may stand behind a colon by chance
_IF = 5  # words after 'if' in which the condition itself must begin
_NEAR = 6  # words between a wishing verb and the thing that is wanted
_RELATIVE = frozenset({"that", "which", "who"})
_CLOSE = 2  # words between a relative pronoun and what it tells of a thing
_AT_HAND = 4  # words that a cue with a short reach reaches, within one phrase
_COPULAS = frozenset({"is", "are", "was", "were", "be", "been", "has", "have", "will", "would", "also", "now", "still", "to", "must", "should", "shall", "therefore"})
_LEADING = frozenset({"and", "also", "then", "to", "for", "the", "a", "an", "our", "its", ",", "who", "with", "later", "finally", "of", "("})
_WITHIN = frozenset({",", "instead", "rather", "other", "without", "unlike"})  # what these refuse ends at the next comma
_PLANNING = frozenset({"plan", "plans", "intend", "intends", "aim", "aims", "hope", "hopes", "expect", "expects", "prepare", "prepares", "preparing"})
_RUN = frozenset({"run", "conducted", "performed", "done"})
_WANTING = frozenset({"want", "wants", "wish", "wishes"})
_STARTING = frozenset({"start", "begin", "follow"})
_ADVERBS = frozenset({"also", "already", "now", "still", "currently", "always", "usually", "routinely", "just"})
_ARTICLES = frozenset({"the", "a", "an", "our", "its", "another"})


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a hit, how sure that is, why, and the words that decided."""

    taken: Taken
    sure: Sureness
    why: str
    cue: tuple[int, int] | None = None


def decide(found: Matched, hit: Hit, lexicon: Lexicon, *, listed: bool, phrase: bool, ask: bool = False) -> Decision:
    """Return how to take a hit.

    Args:
        found: the sentence that the hit stands in.
        hit: what was found.
        lexicon: what the reader knows.
        listed: whether the sentence is an entry of a list of needs.
        phrase: whether it is a need phrase, given as such.
        ask: whether a need in the same sentence counts more than what speaks against it, as in a text that asks for nothing else.

    """
    opening = _opening(found, lexicon) if phrase else None
    if opening is not None:
        return opening
    rejecting = None if phrase and not _refused(found) else _rejecting(found, hit.first, hit.end)
    if ask and rejecting is not None and rejecting.pattern.means in _DOUBTFUL:
        cue = _needing(found, hit)
        rejecting = None if cue is not None and not _part_of(cue, rejecting) else rejecting
    if rejecting is not None and not phrase and rejecting.pattern.means in _DOUBTFUL | {"description"}:
        near = _needing(found, hit)
        if near is not None and not _part_of(near, rejecting) and _apart(near, hit) + 1 < _apart(rejecting, hit):
            rejecting = None
    if rejecting is not None:
        return _rejected(found, hit, rejecting)
    own = None if phrase else _done_by_us(found, hit, lexicon)
    if own is not None:
        return Decision("in_house", "stated", "in_house", own)
    softening = _softening(found, hit)
    if softening is not None:
        return _softened(found, hit, softening)
    tie = None if hit.last else _tie(found, hit, lexicon)
    if tie is not None and not ((phrase or listed) and tie.sure == "possible"):
        return tie
    if phrase:
        return Decision("need", "stated", VAGUE if hit.weak else "need phrase")
    return _as_need(found, hit, lexicon, listed=listed)


def _done_by_us(found: Matched, hit: Hit, lexicon: Lexicon) -> tuple[int, int] | None:
    """Return the words by which the sponsor says that it does a thing itself ('we audit ...'), or None."""
    words, place = found.sentence.words, hit.first - 1
    if not lexicon.acts(words[hit.first].stem):
        return None
    while place > 0 and words[place].raw in _ADVERBS:
        place -= 1
    return (place, hit.first + 1) if place >= 0 and words[place].raw in {"we", "i"} else None


def _apart(cue: Cue, hit: Hit) -> int:
    """Return how many words lie between a cue and a hit."""
    return max(cue.first - hit.end, hit.first - cue.end, 0)


def _opening(found: Matched, lexicon: Lexicon) -> Decision | None:
    """Return what becomes of all words of a need phrase by its first word, or None."""
    first = found.sentence.words[0].raw
    for name, why in (("tie_refusing", "negated"), ("tie_quality", "a quality of the partner")):
        if first in lexicon.members(name):
            return Decision("not_taken", "stated", why, (0, 1))
    return None


def _rejected(found: Matched, hit: Hit, cue: Cue) -> Decision:
    """Return what becomes of words by a cue that speaks against them; an exception from what is not needed is a need."""
    place, means = (cue.first, cue.end), cue.pattern.means
    if means == "except" and any(c.pattern.means in {"negated", "in_house", "contracted"} and c.first < cue.first for c in found.cues):
        return Decision("need", "likely", "excepted from what is not needed", place)
    taken: Taken = "in_house" if means in {"in_house", "contracted"} else "not_taken"
    sure: Sureness = "possible" if means == "contracted" and hit.service else "stated"
    return Decision(taken, sure, "negated" if means == "except" else means, place)


def _softened(found: Matched, hit: Hit, cue: Cue) -> Decision:
    """Return what becomes of words that are only wished for or depend on something; the condition itself is neither."""
    if _is_condition(found, hit, cue):
        return Decision("not_taken", "stated", "a condition", (cue.first, cue.end))
    return Decision("wish", "likely", cue.pattern.means, (cue.first, cue.end))


def _as_need(found: Matched, hit: Hit, lexicon: Lexicon, *, listed: bool) -> Decision:
    if hit.last:
        return Decision("need", "possible", LAST)
    if listed:
        return Decision("need", "stated", "entry of a list of needs")
    cue = _needing(found, hit)
    inside = next((c for c in found.cues if c.pattern.means == "need" and hit.first <= c.first and c.end <= hit.end), None)
    if inside is not None and (cue is None or hit.names):
        return Decision("need", "likely", "need", (inside.first, inside.end))
    return _unasked(found, hit, lexicon) if cue is None else _asked(found, hit, cue, lexicon)


def _is_listed(found: Matched, hit: Hit, lexicon: Lexicon) -> bool:
    """Return whether words stand in a list of several kinds of work after a colon, without any verb."""
    words, (start, end) = found.sentence.words, found.sentence.clause_of(hit.first)
    if start == 0 or words[start - 1].raw != ":" or any(word.raw in lexicon.spelling.verbs for word in words[start:end]):
        return False
    return len({other.functions or other.general for other in found.hits if start <= other.first < end}) > _SEVERAL


def _unasked(found: Matched, hit: Hit, lexicon: Lexicon) -> Decision:
    """Return what words are that nothing asks for."""
    if _is_order(found, hit, lexicon):
        return Decision("need", "likely", "need", (hit.first, hit.first + 1))
    if {word.raw for word in found.sentence.words[max(hit.first - _CLOSE, 0) : hit.first]} & {"that", "which"}:
        return Decision("need", "possible", ONLY_SPOKEN_OF)  # 'a vaccine that turns into a gel'
    told = None if hit.last else _told(found, hit, lexicon)
    if told is not None:
        return Decision("need", "possible", TOLD, told)
    plan = _planned(found, hit)
    if plan is not None and not (hit.general and hit.service):
        return Decision("need", "likely", PLANNED, (plan.first, plan.end))
    if _is_listed(found, hit, lexicon):
        return Decision("need", "likely", "one of a list")
    return Decision("need", "possible", ONLY_SPOKEN_OF) if hit.service else Decision("need", "likely", UNASKED[0])


def _told(found: Matched, hit: Hit, lexicon: Lexicon) -> tuple[int, int] | None:
    """Return the words by which a clause is told as past ('has been validated', 'we reformulated'), or None."""
    words, (start, end) = found.sentence.words, found.sentence.clause_of(hit.first)
    opening = words[hit.first]
    if opening.raw != opening.stem and _is_participle(opening.raw, lexicon) and (hit.first == start or words[hit.first - 1].raw == ","):
        return hit.first, hit.first + 1  # 'a compound, tested in people'
    for i in range(start, end):
        raw, rest = words[i].raw, words[i + 1 : min(i + 4, end)]
        if raw in lexicon.members("tie_past"):
            return i, i + 1
        if raw in {"has", "have"} and (place := next((j for j, word in enumerate(rest) if _is_participle(word.raw, lexicon)), None)) is not None:
            if not any(word.raw in {"to", "a", "an", "the", "no", "not", "never", "two"} for word in rest[:place]):
                return i, i + place + 2
    return None


def _is_order(found: Matched, hit: Hit, lexicon: Lexicon) -> bool:
    """Return whether words begin a sentence or what follows a colon as an order does ('scale up the synthesis')."""
    words, first = found.sentence.words, hit.first
    begins = first == 0 or words[first - 1].raw in {":", ";"} or (first == 1 and words[0].raw in {"then", "next", "first", "so", "please"})
    if not begins or not lexicon.acts(words[first].stem) or first + 1 >= len(words):
        return False
    return words[first].raw in lexicon.members("tie_order") or words[first + 1].raw in _ARTICLES | {"all", "it", "them", "this", "these", "up"}


def _is_participle(raw: str, lexicon: Lexicon) -> bool:
    return raw in lexicon.members("tie_participle") or (raw.endswith("ed") and len(raw) > 4)  # noqa: PLR2004 - 'need' is none


def _asked(found: Matched, hit: Hit, cue: Cue, lexicon: Lexicon) -> Decision:
    """Return what words are that a cue asks for: a need, unless the cue asks for something else."""
    if hit.names and not _is_object(found, hit, lexicon):
        return Decision("need", "possible", ONLY_SPOKEN_OF)
    start, end = found.sentence.clause_of(hit.first)
    if found.sentence.words[start].raw == "whose" and not start <= cue.first < end:
        return Decision("need", "possible", ONLY_SPOKEN_OF)
    same = start <= cue.first < end or not hit.service
    if not same and any(word.raw in lexicon.spelling.verbs for word in found.sentence.words[start:end]):
        return Decision("need", "possible", ONLY_SPOKEN_OF)
    works = {work for name in hit.functions for work in lexicon.catalog.functions[name].work}
    begun, last = found.sentence.words[cue.first].raw, found.sentence.words[cue.end - 1].raw
    own = begun in _WANTING and found.sentence.words[cue.end].raw == "to" and lexicon.acts(found.sentence.words[hit.first].stem)
    if (works & EVIDENCE or hit.general == "regulatory") and (own or last in _STARTING or (begun == "to" and last in _RUN)):
        return Decision("need", "likely", PLANNED, (cue.first, cue.end))  # 'the trial should start in May' asks for nothing
    why = "need" if _governs(found, hit, cue, lexicon) else NEARBY
    return Decision("need", "stated" if same else "likely", why, (cue.first, cue.end))


def _governs(found: Matched, hit: Hit, cue: Cue, lexicon: Lexicon) -> bool:
    """Return whether a cue asks for just these words: no other verb stands between them."""
    words, start, end = found.sentence.words, cue.end, hit.first
    if cue.first < hit.first:
        while start < end and words[start].raw in _COPULAS:
            start += 1  # 'what we want is ...'
    else:
        start, end = hit.end, cue.first
        while start < end and words[end - 1].raw in _COPULAS:
            end -= 1  # '... is still wanted'
    if _is_listed_with(found, hit, cue):
        return True
    inside = {i for other in found.hits for i in range(other.first, other.end)}  # 'to do the toxicology and to make ...'
    for i in range(start, end):
        if words[i].raw == ";" and (hit.first < cue.first or (i + 1 < hit.first and words[i + 1].raw not in _LEADING)):
            return False
        if words[i].raw in lexicon.spelling.verbs and i not in inside:
            return False
    return True


def _is_listed_with(found: Matched, hit: Hit, cue: Cue) -> bool:
    """Return whether words only follow others that a cue before them asks for ('..., and making the product')."""
    words, place = found.sentence.words, hit.first
    while place > 0 and words[place - 1].raw in _ARTICLES:
        place -= 1
    if place < 1 or words[place - 1].raw != "and":
        return False
    return any(cue.end <= other.first and other.end < place and other is not hit for other in found.hits)


def _begins(words: Sequence[Word]) -> bool:
    """Return whether words only lead up to the next entry of a list."""
    return all(word.raw in _LEADING for word in words)


def negated(found: Matched, first: int, end: int) -> Cue | None:
    """Return the cue by which words do not hold of the sponsor, or None."""
    cue = _rejecting(found, first, end)
    return cue if cue is not None and cue.pattern.means in {"negated", "question", "except"} else None


def past(found: Matched, first: int, end: int) -> Cue | None:
    """Return the cue by which words speak of the past, or None."""
    cue = _rejecting(found, first, end)
    return cue if cue is not None and cue.pattern.means == "done" else None


def _refused(found: Matched) -> bool:
    """Return whether a need phrase refuses something ('no trials', 'without packaging')."""
    return any(cue.pattern.means == "negated" for cue in found.cues)


def _rejecting(found: Matched, first: int, end: int) -> Cue | None:
    """Return the cue by which words are no need: the nearest of the strongest kind, unless a need stands between."""
    clause = found.sentence.clause_of(first)
    overruled = any(c.pattern.means == "need" and c.pattern.scope == "clause" and clause[0] <= c.first < clause[1] for c in found.cues)
    best: tuple[int, int, Cue] | None = None
    for cue in found.cues:
        means = cue.pattern.means
        if means not in _REJECTS or (overruled and means in {"in_house", "contracted", "negated"}):
            continue
        distance = _distance(found, cue, first, end, clause)
        if distance is None:
            continue
        key = (_REJECTS.index(means), distance, cue)
        if best is None or key[:2] < best[:2]:
            best = key
    return best[2] if best else None


def _distance(found: Matched, cue: Cue, first: int, end: int, clause: tuple[int, int]) -> int | None:
    """Return how many words lie between a cue and the words it speaks of; None if it does not speak of them."""
    if cue.pattern.scope == "sentence" and cue.first < first:
        return None if any(word.raw == ";" for word in found.sentence.words[cue.first : first]) else 0
    if not clause[0] <= cue.first < clause[1]:
        return 0 if _tells_of(found, cue, first, clause) else None
    if cue.pattern.means == "contracted" and _is_wanted(found, cue, first, clause):
        return None
    if cue.pattern.means == "in_house" and end <= cue.first and _accompanies(found, cue, clause):
        return None
    if cue.pattern.scope == "clause" or (cue.first <= first and end <= cue.end and cue.pattern.scope == "after"):
        return 0
    between = _between(cue, first, end)
    if between is None or between[1] - between[0] > cue.pattern.reach or _stands_apart(found, cue, between, clause):
        return None
    return max(between[1] - between[0], 0)


def _tells_of(found: Matched, cue: Cue, first: int, clause: tuple[int, int]) -> bool:
    """Return whether a cue stands in a relative clause about words ('the trial, which our partner runs, ...')."""
    start, end = found.sentence.clause_of(cue.first)
    if start != clause[1] or found.sentence.words[start].raw != "which" or cue.pattern.scope not in {"clause", "before", "after"}:
        return False
    if cue.pattern.scope == "after" and not any(word.raw == "," for word in found.sentence.words[cue.end : end]) and cue.end < end - 1:
        return False  # it speaks of what follows it
    return not any(first < other.first < start for other in found.hits)


def _accompanies(found: Matched, cue: Cue, clause: tuple[int, int]) -> bool:
    """Return whether one's own people only take part in what is asked for before ('..., with our own scientists contributing')."""
    before = found.sentence.words[cue.first - 1].raw if cue.first else ""
    here = before in {"with", "alongside", "beside", "together"} or found.sentence.words[cue.first].raw == "with"
    return here and any(c.pattern.means == "need" and clause[0] <= c.first < cue.first for c in found.cues)


def _is_wanted(found: Matched, cue: Cue, first: int, clause: tuple[int, int]) -> bool:
    """Return whether it is wanted that somebody else does the work ('wants it made by another firm')."""
    return any(c.pattern.means == "need" and clause[0] <= c.first < first and not _part_of(c, cue) for c in found.cues)


def _between(cue: Cue, first: int, end: int) -> tuple[int, int] | None:
    """Return the words between a cue and the words on the side it speaks of; None if they stand on the other side."""
    if cue.pattern.scope == "after" and cue.first <= first and cue.end <= end:
        return cue.end, first + 1
    if cue.pattern.scope == "before" and first < cue.first and cue.end >= end:
        return end, cue.first
    if cue.pattern.means == "done" and cue.first <= first < cue.end:
        return first, first  # 'made' in 'have been made' asks for nothing
    return None


def _stands_apart(found: Matched, cue: Cue, between: tuple[int, int], clause: tuple[int, int]) -> bool:
    """Return whether something between a cue and the words takes the cue away from them."""
    raws = {word.raw for word in found.sentence.words[between[0] : between[1]]}
    if cue.pattern.means == "negated" and cue.pattern.scope == "after" and found.sentence.words[cue.first].raw in _WITHIN and "," in raws:
        return True  # 'not grown in eggs, to be given ...'
    if cue.pattern.means == "done" and cue.pattern.scope == "after" and cue.pattern.reach <= _AT_HAND and raws & {"and", ","}:
        return True
    softens = cue.pattern.means in {"wish", "conditional"} and cue.pattern.scope == "before"
    if softens and cue.end < clause[1] and "," in raws:
        return True  # after a comma it speaks of what follows
    if _within_making(found, cue):
        return True
    if cue.pattern.scope == "before" and cue.first > 0 and found.sentence.words[cue.first - 1].raw in _RELATIVE:
        return True  # it speaks of a thing, not of the work on it
    if cue.pattern.means not in _REJECTS or cue.pattern.means == "question":
        return False
    start = between[0] + (2 if cue.pattern.means == "negated" else 0)  # "we do not want to outsource" is one refusal
    return any(c.pattern.means == "need" and start <= c.first < between[1] and not _part_of(c, cue) for c in found.cues)


def _within_making(found: Matched, cue: Cue) -> bool:
    """Return whether a possession is only a word of the work itself ('keep making our product')."""
    return cue.pattern.means == "in_house" and any(
        hit.general is not None
        and hit.first <= cue.first < hit.end
        and hit.end > cue.end - 1
        and "keep" in found.sentence.words[hit.first].raw
        for hit in found.hits
    )


def _part_of(cue: Cue, other: Cue) -> bool:
    return cue.first < other.end and other.first < cue.end


def _softening(found: Matched, hit: Hit) -> Cue | None:
    clause = found.sentence.clause_of(hit.first)
    for cue in found.cues:
        if cue.pattern.means in {"wish", "conditional"} and _distance(found, cue, hit.first, hit.end, clause) is not None:
            return cue
    return None


def _is_condition(found: Matched, hit: Hit, cue: Cue) -> bool:
    """Return whether words are the condition itself ('if the trials go well'), not what depends on it."""
    if cue.pattern.means != "conditional" or not cue.first <= hit.first <= cue.first + _IF:
        return False
    return not any(word.raw in {",", "then"} for word in found.sentence.words[cue.first : hit.first])


def _needing(found: Matched, hit: Hit) -> Cue | None:
    """Return the nearest need cue that speaks of the words and is no part of them, the same clause first."""
    clause = found.sentence.clause_of(hit.first)
    cues = [c for c in found.cues if c.pattern.means == "need" and not (hit.first <= c.first and c.end <= hit.end)]
    # what stands before a wishing verb tells who wishes, not what is wished for
    cues = [c for c in cues if c.pattern.scope != "after" or c.first <= hit.first]
    return min(cues, key=lambda c: (not clause[0] <= c.first < clause[1], abs(c.first - hit.first), c.first), default=None)


def _is_object(found: Matched, hit: Hit, lexicon: Lexicon) -> bool:
    """Return whether a thing is itself what is wanted ('we lack plasmid DNA'), not what the wanted work is about."""
    words = found.sentence.words
    ties = frozenset().union(*(lexicon.members(f"tie_{kind}") for kind in ("purpose", "of", "background", "with"))) - {"to"}
    for cue in found.cues:
        if cue.pattern.means != "need":
            continue
        if cue.end <= hit.first and hit.first - cue.end <= _NEAR and all(word.raw not in ties for word in words[cue.end : hit.first]):
            return True
        if cue.pattern.scope == "sentence" and hit.end <= cue.first <= hit.end + 1:
            return True
    return False


def _planned(found: Matched, hit: Hit) -> Cue | None:
    """Return the cue in the same clause by which words are planned, or None."""
    start, end = found.sentence.clause_of(hit.first)
    plans = (c for c in found.cues if c.pattern.means == "plan" and start <= c.first < end)
    return next((c for c in plans if c.first < hit.end or found.sentence.words[c.first].raw not in _PLANNING), None)


def _tie(found: Matched, hit: Hit, lexicon: Lexicon) -> Decision | None:
    """Return how a study is tied to something else: 'material for a trial' is no trial, 'data from a trial' is the past."""
    works = {work for name in hit.functions for work in lexicon.catalog.functions[name].work}
    clause = found.sentence.clause_of(hit.first)
    place = _tie_word(found, hit, lexicon, clause) if works & EVIDENCE else None
    if place is None:
        return None
    words = found.sentence.words
    raw = words[place].raw
    if place > 0 and (words[place - 1].stem in lexicon.members("helpers") or (raw != "for" and words[place - 1].raw in lexicon.members("tie_after"))):
        return None
    if raw == "for" and _repeats(found, place, clause):
        return None
    if raw in lexicon.members("tie_background"):
        return Decision("not_taken", "possible", "background of something else", (place, place + 1))
    acts = raw == "to" and lexicon.acts(words[hit.first].stem)
    # "for the trial we need tablets" says the same as "tablets for the trial"
    before = place if place != clause[0] else clause[1] if place else len(words)
    goods = frozenset().union(*(lexicon.members(name) for name in ("product_noun", "substance_noun", "goods", "capacity")))
    if raw == "for" and _has_object(found, place, clause, lexicon):
        return Decision("not_taken", "stated", "purpose of something else", (place, place + 1))
    if not acts and place and words[place - 1].stem in goods:
        return Decision("not_taken", "stated", "purpose of something else", (place, place + 1))
    if not acts and any(clause[0] <= other.first < before and _is_else(other, hit) for other in found.hits):
        return Decision("not_taken", "stated", "purpose of something else", (place, place + 1))
    return None


def _has_object(found: Matched, place: int, clause: tuple[int, int], lexicon: Lexicon) -> bool:
    """Return whether goods are asked for between the need and its 'for' ('we need product of the right quality for the trials')."""
    goods = frozenset().union(*(lexicon.members(name) for name in ("product_noun", "substance_noun", "goods", "capacity")))
    words = found.sentence.words
    asked = [c.end for c in found.cues if c.pattern.means == "need" and c.pattern.scope == "after" and clause[0] <= c.first and c.end <= place]
    if not asked:
        return False
    between = words[max(asked) : place]
    return any(word.stem in goods or word.raw == "it" for word in between) and not any(
        word.stem in lexicon.members("helpers") or word.raw in {"and", ",", ";"} for word in between
    )


def _repeats(found: Matched, place: int, clause: tuple[int, int]) -> bool:
    """Return whether a 'for' only repeats that of a need ('a partner for the supply and for the study')."""
    words = found.sentence.words
    if words[place - 1].raw not in {"and", "or", ",", "nor", "also"}:
        return False
    return any(c.pattern.means == "need" and clause[0] <= c.first < place and words[c.end - 1].raw == "for" for c in found.cues)


def _tie_word(found: Matched, hit: Hit, lexicon: Lexicon, clause: tuple[int, int]) -> int | None:
    """Return the place of the short word that ties a study to what stands before it."""
    words = found.sentence.words
    kinds: tuple[str, ...] = ("purpose", "background", "of")
    for i in range(hit.first - 1, max(clause[0], hit.first - _BACK) - 1, -1):
        raw = words[i].raw
        if words[i + 1].raw in lexicon.members("tie_part"):
            continue
        if any(c.pattern.means == "need" and c.end - 1 == i for c in found.cues):
            return None  # 'a partner for the trial'
        if raw in lexicon.members("tie_end") or (raw == "," and (i < hit.first - 1 or lexicon.acts(words[hit.first].stem))):
            return None  # beyond it stands something else; 'the supply, do the toxicology' is a list of things to do
        if raw in {"and", "or"}:
            if words[i + 1].raw in _ARTICLES:
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
