"""The rule base: loading rule files, expanding template rules over the catalog, and checking every word they use."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from string import Template
from typing import TYPE_CHECKING, Any, TypeVar

from advisor.errors import DataError, Issue, suggest
from advisor.rule_files import CasesFile, Expansion, RuleFile
from advisor.rules import NEED_FACTS, All, AnyOf, Atom, Effect, Not, Rule, RuleBase
from advisor.validation import describe, validate
from advisor.yamlfile import knowledge_files, load_file, unread_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from advisor.catalog import Catalog, Fact
    from advisor.rule_files import Case
    from advisor.rules import Condition
    from advisor.yamlfile import Document, Key

R = TypeVar("R")
Steps = tuple["Key", ...]
Finding = tuple[Steps, str, str]

_TERM_WORDS = ("term", "term_label")
_GRADE_WORDS = ("role", "role_name", "function", "function_name", "grade")
_LISTED = "give the name of an entry of the catalog"
_OPERATORS_OF: Mapping[str, frozenset[str]] = {
    "enum": frozenset({"is", "not", "in"}),
    "bool": frozenset({"is", "not"}),
    "integer": frozenset({"is", "not", "in", "at_least", "at_most", "below", "above"}),
    "set": frozenset({"has"}),
}


@dataclass(frozen=True, slots=True)
class LocatedCase:
    """A case, the id of the rule it is about, and where it stands."""

    rule: str
    case: Case
    document: Document
    path: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A rule as written: its raw value and where it stands."""

    document: Document
    path: tuple[Key, ...]
    raw: Mapping[str, Any]

    def issue(self, path: tuple[Key, ...], what: str, hint: str = "") -> Issue:
        return self.document.issue((*self.path, *path), what, hint)


def load_rules(directories: list[Path], catalog: Catalog) -> tuple[RuleBase, list[Document]]:
    """Load the rules of several knowledge directories; a later rule replaces an earlier one of the same id.

    Returns:
        The rule base, and the documents it was read from.

    Raises:
        DataError: with every problem in all files.

    """
    issues: list[Issue] = []
    documents: list[Document] = []
    entries: dict[str, _Entry] = {}
    for directory in directories:
        here: dict[str, _Entry] = {}
        issues.extend(unread_files(directory, "rules"))
        for path in knowledge_files(directory, "rules"):
            if not path.stem.endswith(".cases"):
                _read_rules(path, documents, here, issues)
        entries |= here
    expanded = [triple for entry in entries.values() for triple in _expand(entry, catalog, issues)]
    issues.extend(_broken_rules(expanded, catalog))
    if issues:
        raise DataError(issues)
    by_view = {view: tuple(sorted((r for v, r, _ in expanded if v == view), key=lambda r: r.id)) for view in catalog.views}
    return RuleBase(by_view, {rule.id: str(entry.document.place(entry.path)) for _, rule, entry in expanded}), documents


def load_cases(directories: list[Path]) -> list[LocatedCase]:
    """Load all rule cases.

    Raises:
        DataError: with every problem in all files.

    """
    issues: list[Issue] = []
    cases: list[LocatedCase] = []
    for directory in directories:
        for path in knowledge_files(directory, "rules"):
            found = _read(path, CasesFile, issues) if path.stem.endswith(".cases") else None
            if found is not None:
                document, file = found
                for rule, entries in file.cases.items():
                    cases += [LocatedCase(rule, case, document, ("cases", rule, i)) for i, case in enumerate(entries)]
    if issues:
        raise DataError(issues)
    return cases


def _read(path: Path, model: type[R], issues: list[Issue]) -> tuple[Document, R] | None:
    """Return one file and its value, or None after noting its problems."""
    try:
        document = load_file(path)
    except DataError as problem:
        issues.extend(problem.issues)
        return None
    value = validate(document, model)
    if isinstance(value, list):
        issues.extend(value)
        return None
    return document, value


def _read_rules(path: Path, documents: list[Document], entries: dict[str, _Entry], issues: list[Issue]) -> None:
    """Take in the rules of one file, by id."""
    found = _read(path, RuleFile, issues)
    if found is None:
        return
    document, file = found
    documents.append(document)
    for i, raw in enumerate(file.rules):
        entry = _Entry(document, ("rules", i), raw)
        name = raw.get("id")
        if not isinstance(name, str):
            issues.append(entry.issue((), "a rule needs an `id`", f"begin it with '{file.topic}.'"))
        elif not name.startswith(f"{file.topic}."):
            issues.append(entry.issue(("id",), f"the id '{name}' does not begin with its topic", f"call it '{file.topic}.{name}'"))
        elif name in entries:
            issues.append(entry.issue(("id",), f"a second rule called '{name}'", "give one of the two another id"))
        else:
            entries[name] = entry


def _expand(entry: _Entry, catalog: Catalog, issues: list[Issue]) -> Iterator[tuple[str, Rule, _Entry]]:
    """Yield the rule for every view in which it holds, a template once for each thing it stands for."""
    raw = {key: value for key, value in entry.raw.items() if key != "for_each"}
    over = validate(entry.document, Expansion, entry.raw["for_each"], (*entry.path, "for_each")) if "for_each" in entry.raw else None
    broken = over if isinstance(over, list) else list(_broken_frame(entry, raw, over, catalog))
    if broken or isinstance(over, list):
        issues.extend(broken)
        return
    view = raw.get("view")
    for each in [each for each in catalog.views if not isinstance(view, str) or view == each]:
        for words, sources in _bindings(over, each, catalog) if over else [({}, [])]:
            rule = validate(entry.document, Rule, _fill(raw, words, sources) if over else raw, entry.path)
            if isinstance(rule, list):
                issues.extend(rule)
                return
            yield each, rule, entry


def _broken_frame(entry: _Entry, raw: Mapping[str, Any], over: Expansion | None, catalog: Catalog) -> Iterator[Issue]:
    """Yield what is wrong with the view of a rule, with what a template is expanded over, and with its placeholders."""
    named: list[tuple[Steps, str, Mapping[str, object]]] = []
    if isinstance(raw.get("view"), str):
        named.append((("view",), raw["view"], catalog.views))
    if over is not None:
        known = {"roles": catalog.roles, "work": catalog.work, "without_work": catalog.work}
        named += [(("for_each", key, i), word, known[key]) for key in known for i, word in enumerate(getattr(over, key))]
        if over.vocabulary is not None:
            named.append((("for_each", "vocabulary"), over.vocabulary, catalog.vocabularies))
        words = dict.fromkeys(_TERM_WORDS if over.vocabulary else _GRADE_WORDS)
        named += [(path, word, words) for path, word in _placeholders(raw, ()) if (path, word) != (("source",), "list")]
    for path, word, allowed in named:
        if word not in allowed:
            yield entry.issue(path, f"{describe(word)} is not known here", suggest(word, allowed, _LISTED))


def _placeholders(value: object, path: Steps) -> Iterator[tuple[Steps, str]]:
    """Yield each `$word` in a template, with its path."""
    if isinstance(value, str):
        yield from ((path, word) for word in Template(value).get_identifiers())
    elif isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _placeholders(part, (*path, key))


def _bindings(over: Expansion, view: str, catalog: Catalog) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Yield the words to put into a template, and the sources that `$list` stands for."""
    if over.vocabulary is not None:
        vocabulary = catalog.vocabularies[over.vocabulary]
        for term in vocabulary.values():
            yield {"term": term, "term_label": vocabulary.terms[term].label}, [vocabulary.source]
        return
    for name, function in catalog.functions.items():
        work = set(function.work)
        if (over.work and not work & set(over.work)) or work & set(over.without_work):
            continue
        sources = [catalog.views["guide"].source] if view == "guide" else list(function.sources)
        for role, entry in catalog.roles.items():
            grade = catalog.grade(view, name, role)
            if grade in over.grades and (not over.roles or role in over.roles):
                yield {"role": role, "role_name": entry.name, "function": name, "function_name": function.name, "grade": grade}, sources


def _fill(raw: Mapping[str, Any], words: dict[str, str], sources: list[str]) -> dict[str, Any]:
    """Return a template rule with its words filled in; ids are kebab-case, `source: $list` the sources of the list."""
    filled = {key: _substitute(value, words) for key, value in raw.items()}
    filled["id"] = _substitute(raw["id"], {key: word.replace("_", "-") for key, word in words.items()})
    if raw.get("source") == "$list":
        filled["source"] = sources
    return filled


def _substitute(value: object, words: dict[str, str]) -> object:
    if isinstance(value, str):
        return Template(value).safe_substitute(words) if "$" in value else value
    if isinstance(value, list):
        return [_substitute(part, words) for part in value]
    if isinstance(value, dict):
        return {key: _substitute(part, words) for key, part in value.items()}
    return value


def _broken_rules(expanded: list[tuple[str, Rule, _Entry]], catalog: Catalog) -> set[Issue]:
    """Return every word in a rule that means nothing, and every id that two rules have."""
    derived = {effect.target for _, rule, _ in expanded for effect in rule.then if effect.kind == "derive"}
    words = _Words(catalog, derived)
    broken = {entry.issue(path, what, hint) for _, rule, entry in expanded for path, what, hint in words.broken_in(rule)}
    counts = Counter((view, rule.id) for view, rule, _ in expanded)
    hint = "give each an id of its own; in a template, put its $words into the id"
    return broken | {
        entry.issue(("id",), f"a second rule called '{rule.id}'", hint) for view, rule, entry in expanded if counts[view, rule.id] > 1
    }


class _Words:
    """Knows every word a rule may use, and says which ones it does not know."""

    def __init__(self, catalog: Catalog, derived: set[str]) -> None:
        self._catalog = catalog
        self._derived = derived
        self._options = {"+".join(option) for option in catalog.options}
        self._targets: Mapping[str, set[str]] = {
            "need": set(catalog.functions),
            "wish": set(catalog.functions),
            "rule_out": self._options,
            "for": self._options,
            "against": self._options,
            "require": set(catalog.duties),
            "plan": set(catalog.plans),
            "cover": set(catalog.roles),
            "some": set(catalog.roles),
        }

    def broken_in(self, rule: Rule) -> Iterator[Finding]:
        """Yield path, sentence and hint for every unknown or misused word of a rule."""
        yield from self._condition(rule.when, ("when",))
        for i, effect in enumerate(rule.then):
            yield from self._effect(effect, ("then", i))
        for source in rule.sources:
            if source not in self._catalog.sources:
                yield ("source",), f"'{source}' is not among the sources", suggest(source, self._catalog.sources, _LISTED)

    def _condition(self, condition: Condition, path: tuple[Key, ...]) -> Iterator[Finding]:
        match condition:
            case All():
                for i, part in enumerate(condition.all):
                    yield from self._condition(part, (*path, "all", i))
            case AnyOf():
                for i, part in enumerate(condition.any):
                    yield from self._condition(part, (*path, "any", i))
            case Not():
                yield from self._condition(condition.not_, (*path, "not"))
            case Atom():
                yield from self._atom(condition, path)

    def _atom(self, atom: Atom, path: tuple[Key, ...]) -> Iterator[Finding]:
        kind = self._type_of(atom.fact)
        if kind is None:
            known = [*self._catalog.facts, *self._derived, *NEED_FACTS]
            yield (*path, "fact"), f"unknown fact '{atom.fact}'", suggest(atom.fact, known, "`advisor facts` lists them all")
            return
        if atom.operator not in _OPERATORS_OF[kind]:
            allowed = ", ".join(sorted(_OPERATORS_OF[kind]))
            yield (
                (*path, atom.operator),
                f"`{atom.operator}` does not go with '{atom.fact}', which is of type {kind}",
                f"allowed: {allowed}",
            )
            return
        listed = isinstance(atom.operand, tuple)
        for i, operand in enumerate(atom.operand if isinstance(atom.operand, tuple) else (atom.operand,)):
            yield from self._operand(atom, kind, operand, (*path, atom.operator, i) if listed else (*path, atom.operator))

    def _operand(self, atom: Atom, kind: str, operand: object, path: tuple[Key, ...]) -> Iterator[Finding]:
        if kind == "bool":
            if not isinstance(operand, bool):
                yield path, f"'{atom.fact}' is true or false, not {describe(operand)}", "write true or false"
        elif kind == "integer":
            if not isinstance(operand, int) or isinstance(operand, bool):
                yield path, f"'{atom.fact}' is a whole number, not {describe(operand)}", "write digits only"
        else:
            known = self._values_of(atom.fact, groups=atom.operator in {"in", "has"})
            if operand not in known:
                yield (
                    path,
                    f"{describe(operand)} is not a value of '{atom.fact}'",
                    suggest(str(operand), known, f"`advisor facts {atom.fact}` lists them all"),
                )

    def _type_of(self, name: str) -> str | None:
        if name in NEED_FACTS:
            return "set"
        fact: Fact | None = self._catalog.facts.get(name)
        if fact is not None:
            return fact.type
        return "bool" if name in self._derived else None

    def _values_of(self, name: str, *, groups: bool) -> set[str]:
        if name in NEED_FACTS:
            return {*self._catalog.functions, *self._catalog.work}
        vocabulary = self._catalog.vocabularies[self._catalog.facts[name].vocabulary or ""]
        return {*vocabulary.values(), *(vocabulary.groups if groups else ())}

    def _effect(self, effect: Effect, path: tuple[Key, ...]) -> Iterator[Finding]:
        known = self._targets.get(effect.kind)
        if known is not None and effect.target not in known:
            yield (*path, effect.kind), f"'{effect.target}' is not known here", suggest(effect.target, known, _LISTED)
        if effect.function is not None and effect.function not in self._catalog.functions:
            yield (*path, "function"), f"'{effect.function}' is not a function", suggest(effect.function, self._catalog.functions, _LISTED)
        if effect.kind == "derive" and effect.target in {*self._catalog.facts, *NEED_FACTS}:
            yield (*path, "derive"), f"'{effect.target}' is already a fact of the catalog", "derive another name"
