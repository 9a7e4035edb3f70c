"""How to take what was found: as a need, a wish, work that somebody does already, or no need at all; by the cues around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from advisor.reading_asking import (
    apart,
    done_by_us,
    governs,
    is_description,
    is_listed,
    is_object,
    is_of_another_clause,
    is_order,
    is_own_step,
    needing,
    planned,
    told,
)
from advisor.reading_refusal import is_condition, part_of, refuses, rejecting, softening
from advisor.reading_tie import tie

if TYPE_CHECKING:
    from advisor.reading_data import Lexicon, Sureness
    from advisor.reading_match import Cue, Hit, Matched

Taken = Literal["need", "wish", "in_house", "not_taken"]

ONLY_SPOKEN_OF = "only spoken of"
TOLD = "told of the past"
LAST = "nothing else is spoken of"
VAGUE = "a vague need phrase"
NEARBY = "asked for nearby"
PLANNED = "a plan"
UNASKED = ("the words themselves", NEARBY, PLANNED)  # reasons to take something for a need though nobody asks for it in so many words

_DOUBTFUL = frozenset({"in_house", "contracted", "done"})


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a hit, how sure that is, why, and the words that decided."""

    taken: Taken
    sure: Sureness
    why: str
    cue: tuple[int, int] | None = None


_HEADINGS = {
    "negated": Decision("not_taken", "stated", "negated"),
    "contracted": Decision("in_house", "stated", "contracted"),
    "in_house": Decision("in_house", "stated", "in_house"),
    "wish": Decision("wish", "likely", "wish"),
    "need": Decision("need", "stated", "entry of a list of needs"),
}


class Setting(NamedTuple):
    """Where a sentence stands.

    Attributes:
        heading: what the heading of the list says that it is an entry of: need, wish, negated, in_house or contracted; empty if nothing.
        phrase: it is a need phrase, given as such.
        insist: a need in it counts more than what speaks against it, as in a text that asks for nothing else.

    """

    heading: str = ""
    phrase: bool = False
    insist: bool = False


def decide(found: Matched, hit: Hit, lexicon: Lexicon, setting: Setting) -> Decision:
    """Return how to take a hit.

    Args:
        found: the sentence that the hit stands in.
        hit: what was found.
        lexicon: what the reader knows.
        setting: where the sentence stands.

    """
    against = _of_phrase(found, hit, lexicon) if setting.phrase else _refused(found, hit, lexicon, insist=setting.insist)
    if against is not None:
        return against
    soft = softening(found, hit, lexicon)
    if soft is not None:
        return _softened(found, hit, soft)
    tied = None if hit.last else tie(found, hit, lexicon)
    if tied is not None and not ((setting.phrase or setting.heading == "need") and tied.background):
        place = (tied.place, tied.place + 1)
        why = "background of something else" if tied.background else "purpose of something else"
        return Decision("not_taken", "possible" if tied.background else "stated", why, place)
    if setting.phrase:
        return Decision("need", "stated", VAGUE if hit.weak else "need phrase")
    if setting.heading in _HEADINGS and not hit.last:
        return _HEADINGS[setting.heading]
    return _as_need(found, hit, lexicon)


def heading_of(found: Matched) -> str:
    """Return what the heading of a list says of its entries: that they are needed, or what else; empty if it says nothing."""
    other = [cue for cue in found.cues if cue.pattern.means in _HEADINGS and cue.pattern.means != "need"]
    needs = (cue for cue in found.cues if cue.pattern.means == "need")
    if any(not any(part_of(cue, each) or each.first < cue.first for each in other) for cue in needs):
        return "need"
    return min((cue.pattern.means for cue in other), key=list(_HEADINGS).index, default="")


def _of_phrase(found: Matched, hit: Hit, lexicon: Lexicon) -> Decision | None:
    """Return why words of a need phrase are no need: its first word, or what it refuses."""
    first = found.sentence.words[0].raw
    for name, why in (("tie_refusing", "negated"), ("tie_quality", "a quality of the partner")):
        if first in lexicon.members(name):
            return Decision("not_taken", "stated", why, (0, 1))
    cue = rejecting(found, hit.first, hit.end, lexicon) if refuses(found) else None
    return None if cue is None else _rejected(found, hit, cue)


def _refused(found: Matched, hit: Hit, lexicon: Lexicon, *, insist: bool) -> Decision | None:
    """Return why words of a text are no need: a cue speaks against them, and nothing nearer asks for them."""
    cue = rejecting(found, hit.first, hit.end, lexicon)
    if cue is None:
        own = done_by_us(found, hit, lexicon)
        return None if own is None else Decision("in_house", "stated", "in_house", own)
    need = needing(found, hit) if cue.pattern.means in _DOUBTFUL | {"description"} else None
    if need is not None and not part_of(need, cue):
        start, end = found.sentence.clause_of(hit.first)
        beside = insist and cue.pattern.means in _DOUBTFUL and start <= need.first < end
        if beside or apart(need, hit) + 1 < apart(cue, hit):
            return None
    return _rejected(found, hit, cue)


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
    if is_condition(found, hit, cue):
        return Decision("not_taken", "stated", "a condition", (cue.first, cue.end))
    return Decision("wish", "likely", cue.pattern.means, (cue.first, cue.end))


def _as_need(found: Matched, hit: Hit, lexicon: Lexicon) -> Decision:
    if hit.last:
        return Decision("need", "possible", LAST)
    cue = needing(found, hit)
    inside = next((c for c in found.cues if c.pattern.means == "need" and hit.first <= c.first and c.end <= hit.end), None)
    if inside is not None and (cue is None or hit.names):
        return Decision("need", "likely", "need", (inside.first, inside.end))
    return _unasked(found, hit, lexicon) if cue is None else _asked(found, hit, cue, lexicon)


def _unasked(found: Matched, hit: Hit, lexicon: Lexicon) -> Decision:
    """Return what words are that nothing asks for."""
    if is_order(found, hit, lexicon):
        return Decision("need", "likely", "need", (hit.first, hit.first + 1))
    if is_description(found, hit):
        return Decision("need", "possible", ONLY_SPOKEN_OF)
    past = None if hit.told else told(found, hit, lexicon)
    if past is not None:
        return Decision("need", "possible", TOLD, past)
    plan = planned(found, hit, lexicon)
    if plan is not None and not (hit.general and hit.service):
        return Decision("need", "likely", PLANNED, (plan.first, plan.end))
    if is_listed(found, hit, lexicon):
        return Decision("need", "likely", "one of a list")
    return Decision("need", "possible", ONLY_SPOKEN_OF) if hit.service else Decision("need", "likely", UNASKED[0])


def _asked(found: Matched, hit: Hit, cue: Cue, lexicon: Lexicon) -> Decision:
    """Return what words are that a cue asks for: a need, unless the cue asks for something else."""
    if (hit.names and not is_object(found, hit, lexicon)) or is_of_another_clause(found, hit, cue, lexicon):
        return Decision("need", "possible", ONLY_SPOKEN_OF)
    place = (cue.first, cue.end)
    if is_own_step(found, hit, cue, lexicon):
        return Decision("need", "likely", PLANNED, place)
    start, end = found.sentence.clause_of(hit.first)
    sure: Sureness = "stated" if start <= cue.first < end or not hit.service else "likely"
    return Decision("need", sure, "need" if governs(found, hit, cue, lexicon) else NEARBY, place)
