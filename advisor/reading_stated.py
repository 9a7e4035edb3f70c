"""Short answers in plain words: need phrases beside the phase, the product, the form and what is done in house."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from advisor.reading import ACCEPT, LISTS, SURENESS, Finding, kinds_of, only_made, read_need
from advisor.reading_general import MAKING, SPOKEN, spoken_of
from advisor.reading_scope import VAGUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from advisor.catalog import Catalog

# facts that the answer about another fact can state as well
_WITH = {"modality": ("product_class",), "dosage_form": ("presentation", "product_class", "handling")}
_OF_IN_HOUSE = (
    "in_house_cmc",
    "in_house_clinical",
    "substance_process_state",
    "product_process_state",
    "own_plant_full",
    "transfer_package",
)
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
_PROGRAM = ("phase", "modality")  # of the needs, too, where nobody is asked for them or knows them


@dataclass(frozen=True, slots=True)
class Stated:
    """What a brief says in plain words, and what is known beside it.

    Attributes:
        needs, wishes, in_house: phrases. facts: words for a fact, by its id.
        asked: functions that are asked for, by id. known: facts that are known, by id.

    """

    needs: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    in_house: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Understood:
    """What plain words were read as.

    Attributes:
        functions: of each phrase, by the list it stands in and its words; none where nothing was understood.
        facts: values by fact, both those asked for and those that the words state besides.
        findings: everything found.

    """

    functions: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def meant(self, name: str, phrase: str) -> tuple[str, ...]:
        """Return the functions that a phrase in one list was read as, be it as wishes."""
        return self.functions.get((name, phrase), ()) or self.functions.get(("wishes", phrase), ())

    def listed(self, name: str) -> list[str]:
        """Return the functions of all phrases of one list, each once."""
        return list(dict.fromkeys(f for (key, _), functions in self.functions.items() if key == name for f in functions))

    def beyond(self, named: Iterable[str]) -> dict[str, list[str]]:
        """Return the functions of each list, for what is read gives way to what is named and to what stands in an earlier list."""
        taken = set(named)
        found: dict[str, list[str]] = {}
        for name in LISTS:
            found[name] = [function for function in self.listed(name) if function not in taken]
            taken.update(found[name])
        return found


def read_stated(stated: Stated, catalog: Catalog, accept: str = "likely", directories: tuple[Path, ...] = ()) -> Understood:
    """Read plain words, each in the light of all others.

    Args:
        stated: the words.
        catalog: the functions and facts to look for.
        accept: how sure a finding has to be: `stated`, `likely` or `all`.
        directories: knowledge directories whose patterns to use; the shipped ones if none is given.

    """
    sure = SURENESS[: ACCEPT[accept]]
    result = Understood()
    hints: dict[str, Any] = dict(stated.known)  # with what is not sure enough for the brief, but makes general words precise

    def read(words: str, allowed: Iterable[str]) -> tuple[Finding, ...]:
        found = read_need(words, catalog, hints, directories=directories).findings
        result.findings.extend(found)
        wanted = [f for f in found if f.taken == "fact" and f.target in allowed and f.target not in stated.known]
        _take(result.facts, [f for f in wanted if f.sureness in sure], catalog)
        _take(hints, wanted, catalog)
        return found

    for fact, words in stated.facts.items():
        read(words, (fact, *_WITH.get(fact, ())))
    for phrase in stated.in_house:
        found = read(phrase, _OF_IN_HOUSE)
        result.functions["in_house", phrase] = _functions(found, sure, {"need", "in_house", "not_taken"})
    program = () if "phase" in {*stated.facts, *stated.known} else _PROGRAM
    firm = _firmly_asked(stated, catalog, hints, directories)
    kinds = {kind for name in firm for kind in kinds_of(name, catalog)}
    hints[MAKING] = only_made(firm, catalog)
    hints[SPOKEN] = spoken_of(firm, catalog)
    for name, phrases in (("needs", stated.needs), ("wishes", stated.wishes)):
        for phrase in phrases:
            meant = _without_vague(read(phrase, (*_OF_NEEDS, *program)), kinds, catalog)
            result.functions[name, phrase] = _functions(meant, sure, {"need", "wish"} if name == "wishes" else {"need"})
            if name == "needs" and (wished := _functions(meant, sure, {"wish"})):
                result.functions["wishes", phrase] = wished
    return result


class StatedReader:
    """Reads plain words for many briefs, the same words once.

    Attributes:
        accept: how sure a finding has to be: stated, likely or all.
        read: the functions that each phrase was read as, in the order of first meeting.

    """

    def __init__(self, catalog: Catalog, accept: str, directories: tuple[Path, ...] = ()) -> None:
        """Keep what to read with; nothing is loaded before the first words."""
        self.accept = accept
        self.read: dict[str, tuple[str, ...]] = {}
        self._catalog = catalog
        self._directories = directories
        self._known: dict[str, Understood] = {}

    def __call__(self, stated: Stated) -> Understood:
        """Return what plain words were read as."""
        key = repr(stated)
        if key not in self._known:
            self._known[key] = understood = read_stated(stated, self._catalog, self.accept, self._directories)
            for (_, phrase), functions in understood.functions.items():
                if functions:
                    self.read.setdefault(phrase, functions)
        return self._known[key]


def _firmly_asked(stated: Stated, catalog: Catalog, known: Mapping[str, Any], directories: tuple[Path, ...]) -> set[str]:
    """Return the functions that are asked for by id or in phrases that are not vague."""
    found = [f for phrase in stated.needs for f in read_need(phrase, catalog, known, directories=directories).findings if f.value is None]
    return {*stated.asked, *(f.target for f in found if f.taken == "need" and f.why != VAGUE)}


def _without_vague(found: Iterable[Finding], kinds: set[str], catalog: Catalog) -> list[Finding]:
    """Return findings without vague ones of another kind than everything else that is asked for ('extra capacity' beside monitoring)."""
    return [f for f in found if f.value is not None or f.why != VAGUE or not kinds or kinds_of(f.target, catalog) <= kinds]


def _functions(found: Iterable[Finding], sure: Sequence[str], taken: set[str]) -> tuple[str, ...]:
    """Return the functions among findings that are taken in one of some ways."""
    wanted = (f.target for f in found if f.value is None and f.taken in taken and f.sureness in sure and f.why != "negated")
    return tuple(dict.fromkeys(wanted))


def _take(facts: dict[str, Any], found: Iterable[Finding], catalog: Catalog) -> None:
    """Add facts; what is there already stays."""
    for finding in found:
        if catalog.facts[finding.target].type != "set":
            facts.setdefault(finding.target, finding.value)
        elif finding.value not in facts.setdefault(finding.target, []):
            facts[finding.target].append(finding.value)
