"""The facts that a text states: from patterns, from numbers, and the phase from everything said about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.reading_refusal import negated, past

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from advisor.reading_data import Lexicon, Sureness
    from advisor.reading_match import Matched

_ORDER = (
    "discovery",
    "preclinical",
    "phase_1",
    "phase_2",
    "phase_3",
    "clinical_unspecified",
    "registration",
    "commercial",
    "late_lifecycle",
)
_CLINICAL = frozenset({"phase_1", "phase_2", "phase_3", "clinical_unspecified"})
_OEL = re.compile(r"\boel\b[^.;\n]{0,40}?(\d+(?:[.,]\d+)?)\s*(ng|\u00b5g|\u03bcg|ug|mcg|microgram|nanogram)", re.IGNORECASE)
_LITRES = re.compile(r"\b(\d{1,3}(?:[ ,]\d{3})+|\d{2,6})[\s-]?(?:l|litres?|liters?)\b(?![/\w])", re.IGNORECASE)
_WEEKS = re.compile(
    r"\b(?:start|starts|begin|begins|starting|kick[- ]?off)\b[^.;\n]{0,30}?\b(?:in|within)\s+(\d{1,3})\s+(weeks?|months?)\b", re.IGNORECASE
)
_STAFF = re.compile(r"\b(\d{1,6}|\d{1,3}(?:[ ,]\d{3})+)[\s-](?:employees|people|staff|person)\b(?:\s+company)?", re.IGNORECASE)
_OURS = re.compile(r"\b(?:we (?:are|have)|company (?:of|with)|our team of|team of|biotech with|firm with)\b[^.;\n]{0,30}$", re.IGNORECASE)
_BANDS = ((1.0, "oeb5"), (10.0, "oeb4"), (100.0, "oeb3"), (1000.0, "oeb2"))
_SMALL, _MID = 50, 1000


@dataclass(frozen=True, slots=True)
class FactFound:
    """A fact that words state, and whether it counts."""

    fact: str
    value: str | bool | int
    start: int
    end: int
    sure: Sureness
    rank: int
    taken: bool
    why: str
    cue: tuple[int, int] | None = None


def facts_in(matched: Sequence[Matched], text: str, lexicon: Lexicon) -> list[FactFound]:
    """Return every fact the words state, those that do not count included."""
    found = [fact for sentence in matched for fact in _from_patterns(sentence, lexicon)]
    found.extend(fact for fact in _from_numbers(text) if fact.fact in lexicon.catalog.facts)
    return _chosen(found, lexicon)


def _from_patterns(found: Matched, lexicon: Lexicon) -> Iterator[FactFound]:
    words = found.sentence.words
    seen: set[tuple[str, str | bool, bool]] = set()
    for stated in found.stated:
        cue = negated(found, stated.first, stated.end, lexicon)
        why = "negated" if cue else ""
        if cue is None and stated.pattern.fact == "phase":
            cue = past(found, stated.first, stated.end, lexicon)
            why = "done" if cue else ""
        pattern = stated.pattern
        place = (words[stated.first].start, words[stated.end - 1].end)
        of_cue = (words[cue.first].start, words[cue.end - 1].end) if cue else None
        negative = pattern.fact in _NEGATIVE and (pattern.fact, pattern.value) not in _POSITIVE
        key = (pattern.fact, pattern.value, cue is None)
        if key in seen:
            continue  # once in a sentence is enough
        seen.add(key)
        yield FactFound(
            pattern.fact, pattern.value, *place, pattern.sure, pattern.rank, cue is None or negative, why or "the words themselves", of_cue
        )


# facts whose values are themselves said with a no
_POSITIVE = frozenset({("second_source", "needed_now"), ("second_source", "planned")})  # values of such facts that a denial does end
_NEGATIVE = frozenset(
    {
        "in_house_cmc",
        "in_house_clinical",
        "transfer_package",
        "oversight",
        "funding",
        "excluded_regions",
        "own_plant_full",
        "pressure",
        "substance_process_state",
        "product_process_state",
        "second_source",
        "clinical_partner_can_launch",
        "first_time",
    }
)


def _from_numbers(text: str) -> Iterator[FactFound]:
    """Yield facts that stand in the text as numbers with units."""
    for found in _OEL.finditer(text):
        limit = float(found.group(1).replace(",", ".")) / (1000 if found.group(2).lower().startswith("n") else 1)
        band = next((name for top, name in _BANDS if limit < top or (limit == top and name != "oeb5")), "oeb1")
        yield FactFound("containment", band, *found.span(), "stated", 1, taken=True, why="exposure limit")
    for found in _LITRES.finditer(text):
        litres = int(re.sub(r"\D", "", found.group(1)))
        if litres <= 100_000:  # noqa: PLR2004 - the largest reactors
            yield FactFound("batch_litres", litres, *found.span(), "likely", 0, taken=True, why="a volume")
    for found in _WEEKS.finditer(text):
        weeks = int(found.group(1)) * (1 if found.group(2).lower().startswith("week") else 4)
        if weeks <= 520:  # noqa: PLR2004 - ten years
            yield FactFound("weeks_to_start", weeks, *found.span(), "likely", 0, taken=True, why="a time to the start")
    for found in _STAFF.finditer(text):
        if _OURS.search(text[max(0, found.start() - 60) : found.start()]):
            staff = int(re.sub(r"\D", "", found.group(1)))
            size = "small" if staff < _SMALL else "mid" if staff <= _MID else "large"
            yield FactFound("sponsor_type", size, *found.span(), "stated", 2, taken=True, why="number of staff")


def _chosen(found: list[FactFound], lexicon: Lexicon) -> list[FactFound]:
    """Return the findings with those that others outrank, or that contradict each other, no longer taken."""
    result: list[FactFound] = []
    for fact in dict.fromkeys(each.fact for each in found):
        group = [each for each in found if each.fact == fact]
        if lexicon.catalog.facts[fact].type == "set":
            result.extend(group)
        elif fact == "phase":
            result.extend(_phase(group))
        else:
            result.extend(_highest(group))
    return sorted(result, key=lambda each: (each.start, each.end, each.fact, str(each.value)))


def _highest(group: list[FactFound]) -> Iterator[FactFound]:
    """Yield one fact's findings; of several values the one of the highest rank counts, and none if several share it."""
    top = max((each.rank for each in group if each.taken), default=0)
    values = {each.value for each in group if each.taken and each.rank == top}
    for each in group:
        if not each.taken:
            yield each
        elif each.rank < top:
            yield _left(each, "another value is more precise" if each.value not in values else "", values)
        elif len(values) > 1:
            yield _left(each, "the text states different values", set())
        else:
            yield each


def _left(each: FactFound, why: str, values: Iterable[object]) -> FactFound:
    """Return a finding that does not count; one with the winning value counts still."""
    if each.value in set(values):
        return each
    return FactFound(each.fact, each.value, each.start, each.end, "possible", each.rank, taken=False, why=why)


def _phase(group: list[FactFound]) -> Iterator[FactFound]:
    """Yield the findings about the phase: the programme stands where the earliest of what lies ahead begins.

    Several clinical phases, or one beside unnamed ones, are 'clinical, phase not stated' unless one of them is the only one named.
    """
    taken = [each for each in group if each.taken]
    value = _phase_value({str(each.value) for each in taken})
    winner = next((each for each in taken if each.value == value), None)
    for each in group:
        if not each.taken or each.value == value:
            yield each
        else:
            yield _left(each, "the programme stands elsewhere", set())
    if winner is None and value and taken:
        first = taken[0]
        yield FactFound("phase", value, first.start, first.end, "likely", 0, taken=True, why="several phases are named")


def _phase_value(values: set[str]) -> str | None:
    """Return where a programme stands that several phases are named of."""
    if not values:
        return None
    if len(values) > 1 and "discovery" in values and values & _CLINICAL:
        values = values - {"discovery"}
    named = values & (_CLINICAL - {"clinical_unspecified"})
    if named & {"phase_2", "phase_3"}:
        values = values - {"preclinical"}  # animal work goes on beside trials
    if "preclinical" in values or "discovery" in values:
        return min(values, key=_ORDER.index)
    if named:
        return next(iter(named)) if len(named) == 1 else "clinical_unspecified"
    return min(values, key=_ORDER.index)
