"""The brief: what a sponsor says about the work, checked against the catalog, in the sponsor's own words or by id."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from advisor.errors import MAX_ISSUES, BriefError, Issue, suggest
from advisor.records import Meaning, Text, record
from advisor.validation import describe, validate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.catalog import Catalog, Fact
    from advisor.validation import Shape
    from advisor.yamlfile import Document, Key

UNKNOWN: Literal["unknown"] = "unknown"
Unknown = Literal["unknown"]
FactValue = str | bool | int | frozenset[str]
Names = list[Text]

_YES_NO = {"yes": True, "no": False, "true": True, "false": False}


@record
class BriefFile:
    """A brief as it is written: all keys are optional but `needs`, and `unknown` (or null) is allowed everywhere."""

    name: Annotated[Text | None, Meaning("What to call this brief in reports")] = None
    description: Annotated[Text | None, Meaning("The situation in prose; kept, not read")] = None
    needs: Annotated[Names | Unknown | None, Meaning("Must-haves: function ids, names or catalog phrases; `unknown` if not known yet")]
    wishes: Annotated[Names | Unknown | None, Meaning("Nice to have, as function ids, names or catalog phrases")] = None
    in_house: Annotated[Names | Unknown | None, Meaning("What you do yourselves, or somebody already does for you")] = None
    facts: Annotated[dict[str, Any] | Unknown | None, Meaning("Facts by id (see `advisor facts`)")] = None


@dataclass(frozen=True, slots=True)
class Brief:
    """A checked brief.

    Attributes:
        needs: ids of the functions that must be covered; None if not known.
        wishes: ids of the functions that would be nice to have.
        in_house: ids of the functions somebody already does.
        facts: known facts by id; a fact that is not here is unknown.
        name: what to call it; description: free text.

    """

    needs: frozenset[str] | None
    wishes: frozenset[str] = frozenset()
    in_house: frozenset[str] = frozenset()
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    name: str = ""
    description: str = ""


def check_brief(document: Document, catalog: Catalog, path: tuple[Key, ...] = (), shape: Shape[BriefFile] | None = None) -> Brief:
    """Return the brief in a document (or at a path of it).

    Args:
        document: what was read.
        catalog: what the brief may name.
        path: where in the document the brief is.
        shape: the prepared checks of a brief, if they are at hand; they are prepared anew otherwise.

    Raises:
        BriefError: with every problem found.

    """
    value = document.value
    for part in path:
        value = value[part]
    if isinstance(value, list):
        raise BriefError([document.issue(path, "a brief is a mapping (key: value), not a list", "begin with `needs:`")])
    if isinstance(value, str):
        raise BriefError(
            [
                document.issue(
                    path,
                    "a brief is a mapping (key: value), not prose",
                    "write `key: value`, or give prose to `advisor recommend --from-text`",
                )
            ]
        )
    found = validate(document, shape or BriefFile, value, path)
    issues, file = (found, _sound_part(document, value)) if isinstance(found, list) else ([], found)
    reading = _Reading(document, path, catalog, issues)
    brief = reading.brief(file)
    if issues:
        raise BriefError(issues)
    return brief


def _sound_part(document: Document, value: object) -> BriefFile:
    """Return the keys of a brief whose values have the right shape, so that what they say is checked, too."""
    found = BriefFile(needs=None)
    for key, entry in value.items() if isinstance(value, dict) else ():
        part = validate(document, BriefFile, {"needs": None, key: entry})
        if isinstance(part, BriefFile):
            found = replace(found, **{key: getattr(part, key)})
    return found


@dataclass(frozen=True, slots=True)
class Entry:
    """What one key of a brief, or one of its facts, says for itself: the value, None if not known, and its problems."""

    value: FactValue | None
    issues: tuple[Issue, ...]


def check_entries(document: Document, catalog: Catalog, path: tuple[Key, ...]) -> dict[str, Entry]:
    """Return what is at a path of a document, in the shape of a brief, by key and fact; lists that overlap are no problem here.

    The shape is sound already. Problems are returned and not raised, so that the rest can be used.
    """
    value = document.value
    for part in path:
        value = value[part]
    found: dict[str, Entry] = {}
    for key, entry in value.items():
        for fact, each in entry.items() if isinstance(entry, dict) else [("", entry)]:
            issues: list[Issue] = []
            reading = _Reading(document, path, catalog, issues)
            said = reading.facts({fact: each}).get(fact) if fact else reading.functions(key, each)
            found[fact or key] = Entry(said, tuple(issues))
    return found


class _Reading:
    """One brief being checked; gathers every problem before it gives up."""

    def __init__(self, document: Document, path: tuple[Key, ...], catalog: Catalog, issues: list[Issue]) -> None:
        self._document = document
        self._path = path
        self._catalog = catalog
        self._issues = issues

    def brief(self, file: BriefFile) -> Brief:
        """Return the brief in a file of the right shape."""
        needs = self.functions("needs", file.needs)
        wishes = self.functions("wishes", file.wishes)
        in_house = self.functions("in_house", file.in_house)
        facts = self.facts(file.facts)
        for function in (needs or frozenset()) & (in_house or frozenset()):
            self._clash(
                function,
                "in_house",
                "needs",
                "is it overflow or a replacement? Keep it in `needs` only, and set `own_plant_full: true` for overflow",
            )
        for function in (needs or frozenset()) & (wishes or frozenset()):
            self._clash(function, "wishes", "needs")
        for function in (wishes or frozenset()) & (in_house or frozenset()):
            self._clash(function, "in_house", "wishes")
        none: frozenset[str] = frozenset()
        return Brief(needs, wishes or none, in_house or none, facts, file.name or "", file.description or "")

    def functions(self, key: str, names: Names | Unknown | None) -> frozenset[str] | None:
        """Return the functions in a list; None if the list is not known."""
        if names is None or names == UNKNOWN:
            return None
        found: set[str] = set()
        words = function_words(self._catalog)
        for i, name in enumerate(names):
            function = words.get(fold(name))
            if function is None:
                hint = suggest(name, self._catalog.functions) or suggest(name, words, "`advisor functions` lists them all")
                self._note((key, i), f"{describe(name)} is not a function of the catalog", f"{hint}; `--accept likely` reads other words")
            else:
                found.add(function)
        return frozenset(found)

    def facts(self, entries: Mapping[str, object] | Unknown | None) -> dict[str, FactValue]:
        """Return the known facts among entries."""
        known: dict[str, FactValue] = {}
        if entries is None or isinstance(entries, str):
            return known
        for key, value in entries.items():
            fact = self._catalog.facts.get(key)
            if fact is None:
                self._note(
                    ("facts", key),
                    f"unknown fact {describe(key)}",
                    suggest(key, self._catalog.facts, "`advisor facts` lists them all"),
                    of_key=True,
                )
            elif value is not None and value != UNKNOWN:
                checked = self._value(key, fact, value)
                if checked is not None:
                    known[key] = checked
        return known

    def _value(self, key: str, fact: Fact, value: object) -> FactValue | None:
        """Return the value of a fact, or None after noting what is wrong with it."""
        if fact.type == "set":
            return self._members(key, value)
        if fact.type == "integer":
            return self._integer(key, fact, value)
        if fact.type == "bool":
            answer = _YES_NO.get(value.lower()) if isinstance(value, str) else value
            if not isinstance(answer, bool):
                self._note(("facts", key), f"'{key}' is true or false, not {describe(value)}", "write true, false or unknown")
                return None
            return answer
        return self._term(key, value, ("facts", key))

    def _integer(self, key: str, fact: Fact, value: object) -> int | None:
        low, high = fact.minimum or 0, fact.maximum or 0
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            what = f"'{key}' is a whole number of {fact.unit or 'units'} from {low} to {high}, not {describe(value)}"
            self._note(("facts", key), what, "write digits only, or unknown")
            return None
        return value

    def _members(self, key: str, value: object) -> frozenset[str] | None:
        if not isinstance(value, list):
            self._note(("facts", key), f"'{key}' is a list, not {describe(value)}", "write it in brackets: [..]; [] means none")
            return None
        members = [self._term(key, member, ("facts", key, i)) for i, member in enumerate(value)]
        return frozenset(member for member in members if member is not None)

    def _term(self, key: str, value: object, path: tuple[Key, ...]) -> str | None:
        words = term_words(self._catalog, key)
        if isinstance(value, str) and fold(value) in words:
            return words[fold(value)]
        hint = suggest(str(value), self._catalog.terms(key), f"`advisor facts {key}` lists them all")
        self._note(path, f"{describe(value)} is not a value of '{key}'", hint)
        return None

    def _clash(self, function: str, key: str, other: str, hint: str = "keep it in one of the two lists") -> None:
        name = self._catalog.functions[function].name
        self._note((key,), f"{name} ('{function}') stands under `{key}` and under `{other}`", hint, of_key=True)

    def _note(self, path: tuple[Key, ...], what: str, hint: str, *, of_key: bool = False) -> None:
        self._issues.append(self._document.issue((*self._path, *path), what, hint, of_key=of_key))
        if len(self._issues) >= MAX_ISSUES:
            raise BriefError(self._issues)


@lru_cache(maxsize=8)
def function_words(catalog: Catalog) -> dict[str, str]:
    """Return the function that each id, name and phrase stands for; keys are folded to lower case and single spaces."""
    words: dict[str, str] = {}
    for function, entry in catalog.functions.items():
        for phrase in entry.phrases:
            words.setdefault(fold(phrase), function)
    return words | function_names(catalog)


@lru_cache(maxsize=8)
def function_names(catalog: Catalog) -> dict[str, str]:
    """Return the function that each id and name stands for; keys are folded."""
    names = {fold(entry.name): function for function, entry in catalog.functions.items()}
    return names | {function: function for function in catalog.functions}


def term_words(catalog: Catalog, fact: str) -> dict[str, str]:
    """Return the term of a fact's vocabulary that each id and label stands for; keys are folded."""
    terms = catalog.terms(fact)
    return {fold(term.label): name for name, term in terms.items()} | {name: name for name in terms}


def fold(text: str) -> str:
    """Return text without differences of case and of space."""
    return " ".join(text.casefold().split())
