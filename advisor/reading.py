"""Reading prose: a sponsor's own words become a brief, and every finding shows the words it rests on. Nothing else is invented."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from advisor.reading_data import load_lexicon
from advisor.reading_facts import FactFound, facts_in
from advisor.reading_general import SPOKEN, Context, make_precise, spoken_of
from advisor.reading_match import EVIDENCE, MADE, MAKES, match
from advisor.reading_scope import LAST, ONLY_SPOKEN_OF, PLANNED, TOLD, UNASKED, Setting, decide, heading_of
from advisor.reading_text import line_of, line_starts, read_sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from advisor.catalog import Catalog
    from advisor.reading_data import Lexicon, Sureness
    from advisor.reading_match import Hit, Matched
    from advisor.reading_scope import Decision, Taken

_QUOTED = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
SURENESS: tuple[Sureness, ...] = ("stated", "likely", "possible")
LISTS: Mapping[str, Taken] = {"needs": "need", "wishes": "wish", "in_house": "in_house"}  # list of a brief -> how its findings are taken
ACCEPT = {"stated": 1, "likely": 2, "all": 3}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a text says, or seems to say.

    Attributes:
        target: the function, or the fact. value: of a fact; None for a function.
        quote: the words it rests on; start, end: their place in the text; line: counted from 1.
        sureness: how sure it is. taken: what it becomes: a need, a wish, work in house, a fact, or nothing.
        why: the reason; cue: the words that decided.

    """

    target: str
    value: str | bool | int | None
    quote: str
    start: int
    end: int
    line: int
    sureness: Sureness
    taken: Taken | str
    why: str
    cue: str
    label: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything found in a text, in its order."""

    findings: tuple[Finding, ...]

    def accepted(self, accept: str = "likely") -> tuple[Finding, ...]:
        """Return what goes into the brief: findings that are taken and at least as sure as asked for."""
        sure = SURENESS[: ACCEPT[accept]]
        return tuple(finding for finding in self.findings if finding.taken != "not_taken" and finding.sureness in sure)

    def left(self, accept: str = "likely") -> tuple[Finding, ...]:
        """Return what does not go into the brief."""
        taken = set(self.accepted(accept))
        return tuple(finding for finding in self.findings if finding not in taken)

    def brief(self, catalog: Catalog, accept: str = "likely") -> dict[str, Any]:
        """Return a brief, as a mapping with the keys of a brief file."""
        accepted = self.accepted(accept)
        lists = {kind: [f.target for f in accepted if f.taken == kind] for kind in LISTS.values()}
        needs = list(dict.fromkeys(lists["need"]))
        wishes = [name for name in dict.fromkeys(lists["wish"]) if name not in needs]
        in_house = [name for name in dict.fromkeys(lists["in_house"]) if name not in needs and name not in wishes]
        facts: dict[str, Any] = {}
        for finding in accepted:
            if finding.taken == "fact":
                _add_fact(facts, finding, several=catalog.facts[finding.target].type == "set")
        return {"needs": needs or "unknown", "wishes": wishes, "in_house": in_house, "facts": facts}


def read_text(text: str, catalog: Catalog, *, directories: tuple[Path, ...] = ()) -> Reading:
    """Read prose.

    Args:
        text: what the sponsor wrote.
        catalog: the functions and facts to look for.
        directories: knowledge directories whose patterns to use; the shipped ones if none is given.

    Returns:
        Every finding, with its quote at its place in the text.

    """
    lexicon = load_lexicon(catalog, directories)
    own = _without_quotes(text)
    reading = _read(own, catalog, lexicon)
    if own != text and not any(f.taken in {"need", "wish"} for f in reading.accepted()):
        return _read(text, catalog, lexicon)  # all that is asked for stands in the mail that was passed on
    return reading


def _without_quotes(text: str) -> str:
    """Return text with blanks where it quotes another mail ('> ...'): what others wrote is not what the sponsor asks for."""
    return _QUOTED.sub(lambda found: " " * len(found.group()), text)


def _read(text: str, catalog: Catalog, lexicon: Lexicon) -> Reading:
    matched = [match(sentence, lexicon) for sentence in read_sentences(text, lexicon.stemmer, lexicon.spelling)]
    facts = facts_in(matched, text, lexicon)
    hits = [hit for found in matched for hit in found.hits]
    spoken = spoken_of((name for hit in hits for name in hit.functions), catalog) | {"made" for hit in hits if hit.general == "make"}
    # prose that mentions discovery speaks of where a product comes from, hardly ever of where it stands when something is to be made
    stated = {f.fact: f.value for f in facts if f.taken and f.value != "discovery"}
    context = Context.of({**stated, SPOKEN: spoken}, catalog)
    frame = _Frame(text, line_starts(text), lexicon, context)
    findings = _asked_for(matched, frame)
    graded = (f.target for f in findings if _grade(f) is not None)
    if only_made(graded, catalog):  # then general words such as 'regulatory support' mean what belongs to making
        findings = _asked_for(matched, replace(frame, context=replace(context, making=True)))
    if not any(f.taken == "need" for f in findings):
        findings = _asked_for(matched, replace(frame, insist=True))
    for why in (ONLY_SPOKEN_OF, TOLD, LAST):
        if not any(f.taken == "need" and f.sureness != "possible" for f in findings):
            findings = [_promoted(f) if f.taken == "need" and f.why == why else f for f in findings]
    findings = [f for f in findings if f.why != LAST]
    findings.extend(_fact(fact, frame) for fact in facts)
    return Reading(tuple(sorted(findings, key=_place)))


def read_need(phrase: str, catalog: Catalog, context: Mapping[str, Any] | None = None, *, directories: tuple[Path, ...] = ()) -> Reading:
    """Read one need in a few words, such as "run US Phase 3 trial".

    Args:
        phrase: the need; every word in it is taken as asked for, unless it says otherwise.
        catalog: the functions and facts to look for.
        context: known facts by id, which make general words precise; facts that the phrase states come on top.
        directories: knowledge directories whose patterns to use; the shipped ones if none is given.

    """
    lexicon = load_lexicon(catalog, directories)
    matched = [match(sentence, lexicon, phrase=True) for sentence in read_sentences(phrase, lexicon.stemmer, lexicon.spelling)]
    facts = facts_in(matched, phrase, lexicon)
    stated = {f.fact: f.value for f in facts if f.taken}
    frame = _Frame(phrase, line_starts(phrase), lexicon, Context.of({**stated, **(context or {})}, catalog), phrase=True)
    findings = list(_functions(matched, frame))
    findings.extend(_fact(fact, frame) for fact in facts)
    return Reading(tuple(sorted(findings, key=_place)))


def _asked_for(matched: Sequence[Matched], frame: _Frame) -> list[Finding]:
    """Return what is found of functions, without bare words and mere plans beside firmer ones."""
    found = _without_bare_words(list(_functions(matched, frame)), frame.lexicon)
    return list(_without_mere_plans(found, frame.lexicon.catalog))


def _without_bare_words(findings: Sequence[Finding], lexicon: Lexicon) -> list[Finding]:
    """Return the findings without a bare 'manufacturer' or 'production' where another place says what is to be made."""
    bare = {need.label for need in lexicon.needs if need.general == "make" and need.service}
    made = [f for f in findings if f.taken == "need" and f.sureness != "possible" and "product" in _kinds(f, lexicon.catalog)]
    said = any(f.label not in bare and set(lexicon.catalog.functions[f.target].work) & MAKES for f in made)
    return [f for f in findings if not (said and f.label in bare and f.taken == "need")]


def _without_mere_plans(findings: Sequence[Finding], catalog: Catalog) -> Iterator[Finding]:
    """Yield the findings; a trial that is only planned is no need beside making that is asked for, nor the other way round.

    What is asked for is firmer than what is only said, and that is firmer than a plan; of two kinds of work the less firm is background.
    """
    grades = [_grade(finding) for finding in findings]
    kinds = [_kinds(finding, catalog) if grade is not None else set() for finding, grade in zip(findings, grades, strict=True)]
    firmest = min((grade for grade, of in zip(grades, kinds, strict=True) if grade is not None and of), default=0)
    asked = {kind for grade, of in zip(grades, kinds, strict=True) if grade == firmest for kind in of}
    for finding, grade, of in zip(findings, grades, kinds, strict=True):
        mere = grade is not None and grade > firmest and of and not of & asked
        yield replace(finding, sureness="possible", why="spoken of beside what is asked for") if mere else finding


def _grade(finding: Finding) -> int | None:
    """Return how firmly a need is asked for, 0 the most; None for what is none."""
    if finding.taken != "need" or finding.sureness == "possible":
        return None
    return 2 if finding.why == PLANNED else 1 if finding.why in UNASKED else 0


def _kinds(finding: Finding, catalog: Catalog) -> set[str]:
    """Return whether a function that was found is about the product or about evidence; nothing for what may belong to either."""
    return kinds_of(finding.target, catalog) if finding.value is None else set()


def only_made(functions: Iterable[str], catalog: Catalog) -> bool:
    """Return whether making or developing is among the functions that are asked for, and no study."""
    works = {work for name in functions for work in catalog.functions[name].work}
    return bool(works & MADE) and not works & (EVIDENCE - {"dossier"})


def kinds_of(function: str, catalog: Catalog) -> set[str]:
    """Return whether a function is about the product or about evidence; nothing for what may belong to either."""
    work = set(catalog.functions[function].work)
    return {kind for kind, members in (("product", MADE), ("evidence", EVIDENCE)) if work & members}


def _promoted(finding: Finding) -> Finding:
    return replace(finding, sureness="likely", why="nothing else is asked for")


def _place(finding: Finding) -> tuple[int, int, str, str]:
    return finding.start, finding.end, finding.target, str(finding.value)


@dataclass(frozen=True, slots=True, eq=False)
class _Frame:
    """What every finding of one text needs."""

    text: str
    starts: Sequence[int]
    lexicon: Lexicon
    context: Context
    phrase: bool = False
    insist: bool = False


def _functions(matched: Sequence[Matched], frame: _Frame) -> Iterator[Finding]:
    """Yield one finding for each function and what becomes of it in each sentence."""
    heading, wished = "", False
    for found in matched:
        heading = heading if found.sentence.inside else ""
        setting = Setting(heading if found.sentence.item else "", frame.phrase, frame.insist)
        best: dict[tuple[str, str], Finding] = {}
        decided = [(hit, decide(found, hit, frame.lexicon, setting)) for hit in found.hits]
        needed = replace(found, hits=tuple(hit for hit, decision in decided if decision.taken == "need"))
        asked = replace(found, hits=tuple(hit for hit, decision in decided if decision.taken in {"need", "wish"}))
        for hit, decision in decided:
            if wished and decision.why == ONLY_SPOKEN_OF and not hit.names and found.sentence.is_list(frame.lexicon.spelling):
                decision = replace(decision, sure="likely", why="listed after what is asked for")  # noqa: PLW2901
            beside = needed if hit in needed.hits else asked if hit in asked.hits else found  # a wish says no need more precisely
            for finding in _findings(beside, hit, decision, frame):
                key = finding.target, finding.taken
                if key not in best or SURENESS.index(finding.sureness) < SURENESS.index(best[key].sureness):
                    best[key] = finding
        wished = any(cue.pattern.means == "need" for cue in found.cues)
        yield from _without_umbrellas(best.values(), frame.lexicon)
        heading = heading or (heading_of(found) if found.sentence.opens_list else "")


def _findings(found: Matched, hit: Hit, decision: Decision, frame: _Frame) -> Iterator[Finding]:
    words, text, lexicon = found.sentence.words, frame.text, frame.lexicon
    start, end = words[hit.first].start, words[hit.end - 1].end
    cue = text[words[decision.cue[0]].start : words[decision.cue[1] - 1].end] if decision.cue else ""
    stated: list[tuple[str, Sureness]] = [(name, "stated") for name in hit.functions]
    mistyped: Sureness = "likely" if any(lexicon.stemmer.repairs(word.raw) for word in words[hit.first : hit.end]) else "stated"
    for target, sure in stated or make_precise(found, hit, lexicon, frame.context):
        sureness = SURENESS[max(SURENESS.index(each) for each in (decision.sure, sure, mistyped))]
        line = line_of(frame.starts, start)
        yield Finding(target, None, text[start:end], start, end, line, sureness, decision.taken, decision.why, cue, hit.label)


def _without_umbrellas(findings: Iterable[Finding], lexicon: Lexicon) -> Iterator[Finding]:
    """Yield the findings of a sentence without umbrellas whose parts are asked for in the same words; making is no part of developing."""
    listed, functions = list(findings), lexicon.catalog.functions
    for finding in listed:
        parts = [f for f in listed if functions[f.target].under == finding.target and f.taken == finding.taken]
        works = set(functions[finding.target].work)
        if works & MAKES and "develop" not in works:
            parts = [part for part in parts if set(functions[part.target].work) & (MAKES | {"validate"})]
        if not any(part.start < finding.end and finding.start < part.end for part in parts):
            yield finding


def _fact(fact: FactFound, frame: _Frame) -> Finding:
    text = frame.text
    cue = text[fact.cue[0] : fact.cue[1]] if fact.cue else ""
    taken = "fact" if fact.taken else "not_taken"
    quote, line = text[fact.start : fact.end], line_of(frame.starts, fact.start)
    return Finding(fact.fact, fact.value, quote, fact.start, fact.end, line, fact.sure, taken, fact.why, cue, fact.fact)


def _add_fact(facts: dict[str, Any], finding: Finding, *, several: bool) -> None:
    if not several:
        facts.setdefault(finding.target, finding.value)
    elif finding.value not in facts.setdefault(finding.target, []):
        facts[finding.target].append(finding.value)
