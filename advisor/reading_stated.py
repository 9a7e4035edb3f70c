"""A brief from short answers: need phrases beside the phase, the product, the form and what is done in house, each in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from advisor.reading import ACCEPT, SURENESS, Finding, read_need
from advisor.reading_general import MAKING
from advisor.reading_match import EVIDENCE, MADE

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.catalog import Catalog

# the answer to each question can only state these facts
_FACTS_OF = {
    "phase": ("phase",),
    "modality": ("modality", "product_class"),
    "dosage_form": ("dosage_form", "presentation", "product_class", "handling"),
    "in_house": (
        "in_house_cmc",
        "in_house_clinical",
        "substance_process_state",
        "product_process_state",
        "own_plant_full",
        "transfer_package",
    ),
}
_OF_NEEDS = (
    "material_grade",
    "glp",
    "handling",
    "containment",
    "partner_preference",
    "second_source",
    "product_class",
    "special_expertise",
    "submission",
)


@dataclass(frozen=True, slots=True)
class Stated:
    """Short answers in plain words; empty if not given."""

    needs: tuple[str, ...]
    phase: str = ""
    modality: str = ""
    dosage_form: str = ""
    in_house: str = ""


def read_stated(stated: Stated, catalog: Catalog, *, directories: tuple[Path, ...] = ()) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Return a brief as a mapping with the keys of a brief file, and everything found in the answers."""
    facts: dict[str, Any] = {}
    hints: dict[str, Any] = {}  # what is not sure enough for the brief, but makes general words precise
    findings: list[Finding] = []
    in_house: list[str] = []
    for answer, allowed in _FACTS_OF.items():
        text = getattr(stated, answer)
        if text:
            read = read_need(text, catalog, hints | facts, directories=directories).findings
            findings.extend(read)
            _take(facts, read, allowed, catalog)
            hints.update({f.target: f.value for f in read if f.target in allowed and f.taken == "fact"})
            if answer == "in_house":
                in_house = [f.target for f in read if f.value is None and f.sureness != "possible" and f.taken != "wish"]
    lists: dict[str, list[str]] = {"need": [], "wish": [], "in_house": in_house}
    hints[MAKING] = _is_making(stated.needs, catalog, hints | facts, directories)
    for phrase in stated.needs:
        read = read_need(phrase, catalog, hints | facts, directories=directories).findings
        findings.extend(read)
        for finding in read:
            if finding.value is None and finding.taken in lists:
                lists[finding.taken].append(finding.target)
        _take(facts, read, _OF_NEEDS if "phase" in facts else (*_OF_NEEDS, "phase", "modality"), catalog)
    needs = list(dict.fromkeys(lists["need"]))
    wishes = [name for name in dict.fromkeys(lists["wish"]) if name not in needs]
    kept = [name for name in dict.fromkeys(lists["in_house"]) if name not in needs and name not in wishes]
    return {"needs": needs or "unknown", "wishes": wishes, "in_house": kept, "facts": facts}, tuple(findings)


class PhraseReader:
    """Reads need phrases from the cells of a table, each phrase in each context once.

    Attributes:
        accept: how sure a finding has to be: stated, likely or all.
        read: the functions that each phrase was read as, in the order of first meeting.

    """

    def __init__(self, catalog: Catalog, accept: str, directories: tuple[Path, ...] = ()) -> None:
        """Keep what to read with; nothing is loaded before the first phrase."""
        self.accept = accept
        self.read: dict[str, tuple[str, ...]] = {}
        self._catalog = catalog
        self._directories = directories
        self._known: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[str, ...]] = {}

    def __call__(self, phrase: str, context: tuple[tuple[str, str], ...] = ()) -> tuple[str, ...]:
        """Return the functions that a phrase asks for, given facts of its row; none if it asks for nothing that is known."""
        if (phrase, context) not in self._known:
            found = read_need(phrase, self._catalog, dict(context), directories=self._directories).findings
            sure = SURENESS[: ACCEPT[self.accept]]
            asked = (f.target for f in found if f.value is None and f.taken == "need" and f.sureness in sure)
            self._known[phrase, context] = tuple(dict.fromkeys(asked))
            if self._known[phrase, context]:
                self.read.setdefault(phrase, self._known[phrase, context])
        return self._known[phrase, context]


def _is_making(phrases: tuple[str, ...], catalog: Catalog, known: dict[str, Any], directories: tuple[Path, ...]) -> bool:
    """Return whether making or developing is asked for in all the phrases together, and no studies."""
    found = [f for phrase in phrases for f in read_need(phrase, catalog, known, directories=directories).findings if f.value is None]
    works = [set(catalog.functions[f.target].work) for f in found if f.taken == "need"]
    return any(work & MADE for work in works) and not any(work & EVIDENCE - {"dossier"} for work in works)


def _take(facts: dict[str, Any], found: tuple[Finding, ...], allowed: tuple[str, ...], catalog: Catalog) -> None:
    """Add the facts that an answer may state; what is known already stays."""
    for finding in found:
        if finding.taken != "fact" or finding.target not in allowed or finding.sureness == "possible":
            continue
        if catalog.facts[finding.target].type != "set":
            facts.setdefault(finding.target, finding.value)
        elif finding.value not in facts.setdefault(finding.target, []):
            facts[finding.target].append(finding.value)
