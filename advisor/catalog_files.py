"""The files of a catalog and their loading: every problem in all of them at once."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Annotated, Literal

from advisor.catalog import (
    BUILT_IN,
    BuiltIn,
    BuiltInName,
    Catalog,
    Duty,
    Fact,
    Function,
    Grade,
    Ids,
    ListName,
    ListQuestion,
    Plan,
    Role,
    RoleId,
    Source,
    View,
    Vocabulary,
)
from advisor.errors import DataError, Issue, Place, suggest
from advisor.records import Limits, SnakeId, Text, keys_of, record
from advisor.validation import validate
from advisor.yamlfile import knowledge_files, load_file, unread_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from advisor.yamlfile import Document, Key


@record
class KnowledgeFile:
    """knowledge.yaml."""

    knowledge: dict[Literal["version", "title"], Text]


@record
class SourcesFile:
    """sources.yaml."""

    sources: dict[str, Source]


@record
class FunctionsFile:
    """functions.yaml."""

    groups: dict[SnakeId, Text] = field(default_factory=dict)
    work: dict[SnakeId, Text] = field(default_factory=dict)
    functions: dict[SnakeId, Function] = field(default_factory=dict)


@record
class RolesFile:
    """roles.yaml."""

    roles: dict[RoleId, Role] = field(default_factory=dict)
    options: list[Annotated[tuple[RoleId, ...], Limits(strict=False, min_length=1, max_length=2)]] = field(default_factory=list)
    views: dict[SnakeId, View] = field(default_factory=dict)
    built_in: dict[BuiltInName, BuiltIn] = field(default_factory=dict)
    grades: dict[SnakeId, dict[SnakeId, dict[RoleId, Grade]]] = field(default_factory=dict)


@record
class FactsFile:
    """facts.yaml."""

    lists: dict[ListName, ListQuestion] = field(default_factory=dict)
    facts: dict[SnakeId, Fact] = field(default_factory=dict)


@record
class PlansFile:
    """plans.yaml."""

    plans: dict[SnakeId, Plan]


@record
class DutiesFile:
    """duties.yaml."""

    duties: dict[SnakeId, Duty]


CATALOG_FILES: Mapping[str, type] = {
    "knowledge.yaml": KnowledgeFile,
    "sources.yaml": SourcesFile,
    "functions.yaml": FunctionsFile,
    "roles.yaml": RolesFile,
    "facts.yaml": FactsFile,
    "plans.yaml": PlansFile,
    "duties.yaml": DutiesFile,
}


def load_catalog(directories: list[Path]) -> tuple[Catalog, list[Document]]:
    """Load the catalogs of several knowledge directories, later ones adding to and replacing entries of earlier ones.

    Returns:
        The catalog, and the documents it was read from.

    Raises:
        DataError: with every problem in all files.

    """
    draft = _Draft()
    for directory in directories:
        draft.read(directory)
    if not draft.issues:
        draft.issues.extend(_broken_references(draft))
        draft.issues.extend(_missing_parts(draft, directories))
    if draft.issues:
        raise DataError(draft.issues)
    return draft.finish(), draft.documents


class _Draft:
    """A catalog in the making: entries by section and id, and where each of them stands."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.documents: list[Document] = []
        self.sections: dict[str, dict[str, object]] = {}
        self.origins: dict[tuple[str, str], tuple[Document, tuple[Key, ...]]] = {}
        self.versions: list[str] = []
        self._read_here: set[tuple[str, str]] = set()

    def read(self, directory: Path) -> None:
        """Take in every catalog file of one knowledge directory."""
        self._read_here = set()
        self.issues.extend(unread_files(directory, "catalog"))
        for path in knowledge_files(directory, "catalog"):
            if path.parent.name == "reading":
                continue  # what the reader of prose knows; see reading_data.py
            model = Vocabulary if path.parent.name == "vocabularies" else CATALOG_FILES.get(path.name)
            if model is None:
                self.issues.append(Issue(Place(str(path)), "no such file in a catalog", suggest(path.name, CATALOG_FILES)))
                continue
            try:
                document = load_file(path)
            except DataError as problem:
                self.issues.extend(problem.issues)
                continue
            found = validate(document, model)
            if isinstance(found, list):
                self.issues.extend(found)
            else:
                self.documents.append(document)
                self._take(document, found)

    def _take(self, document: Document, file: object) -> None:
        match file:
            case Vocabulary():
                self._put("vocabularies", file.vocabulary, file, document, ())
            case KnowledgeFile():
                self.versions.append(file.knowledge.get("version", "unversioned"))
            case _:
                self._take_sections(document, file)

    def _take_sections(self, document: Document, file: object) -> None:
        """Take in entries by id; of roles.yaml also the options, and the grades as a section for each view."""
        if isinstance(file, RolesFile):
            for i, option in enumerate(file.options):
                self._put("options", "+".join(option), option, document, ("options", i))
            for view, rows in file.grades.items():
                for function, row in rows.items():
                    self._put(f"grades {view}", function, row, document, ("grades", view, function))
        for section in keys_of(type(file)).keys() - {"options", "grades"}:
            for key, entry in getattr(file, section).items():
                self._put(section, key, entry, document, (section, key))

    def _put(self, section: str, key: str, entry: object, document: Document, path: tuple[Key, ...]) -> None:
        if (section, key) in self._read_here:
            self.issues.append(document.issue(path, f"a second '{key}' among the {section}", "keep one of the two", of_key=True))
        self._read_here.add((section, key))
        self.sections.setdefault(section, {})[key] = entry
        self.origins[section, key] = (document, path)

    def finish(self) -> Catalog:
        """Return the catalog."""
        take = self.sections.get
        grades = {view: take(f"grades {view}", {}) for view in take("views", {})}
        return Catalog(
            version="+".join(self.versions) or "unversioned",
            sources=take("sources", {}),  # type: ignore[arg-type]  # every section holds what its file's model says
            groups=take("groups", {}),  # type: ignore[arg-type]
            work=take("work", {}),  # type: ignore[arg-type]
            functions=take("functions", {}),  # type: ignore[arg-type]
            roles=take("roles", {}),  # type: ignore[arg-type]
            options=tuple(take("options", {}).values()),  # type: ignore[arg-type]
            views=take("views", {}),  # type: ignore[arg-type]
            built_in=take("built_in", {}),  # type: ignore[arg-type]
            grades=grades,  # type: ignore[arg-type]
            lists=take("lists", {}),  # type: ignore[arg-type]
            facts=take("facts", {}),  # type: ignore[arg-type]
            vocabularies=take("vocabularies", {}),  # type: ignore[arg-type]
            plans=take("plans", {}),  # type: ignore[arg-type]
            duties=take("duties", {}),  # type: ignore[arg-type]
            places={key: document.place(path, of_key=True) for key, (document, path) in self.origins.items()},
        )


def _missing_parts(draft: _Draft, directories: list[Path]) -> Iterator[Issue]:
    """Yield what no catalog can do without."""
    catalog = Place(str(directories[0] / "catalog"))
    for section in ("functions", "roles", "options", "views", "sources"):
        if not draft.sections.get(section):
            yield Issue(catalog, f"no {section} in the catalog", "is this a knowledge directory?")
    for name in BUILT_IN - draft.sections.get("built_in", {}).keys():
        yield Issue(catalog, f"no '{name}' under `built_in` in the catalog", "add it to roles.yaml")


# section -> field -> section that the field's ids must be in
_REFERENCES: Mapping[str, Mapping[str, str]] = {
    "functions": {"group": "groups", "work": "work", "under": "functions", "sources": "sources"},
    "roles": {"sources": "sources"},
    "views": {"source": "sources"},
    "built_in": {"source": "sources"},
    "facts": {"vocabulary": "vocabularies", "sources": "sources"},
    "vocabularies": {"source": "sources"},
    "lists": {"sources": "sources"},
    "plans": {"sources": "sources"},
    "duties": {"roles": "roles", "work": "work", "sources": "sources"},
}


def _broken_references(draft: _Draft) -> Iterator[Issue]:
    """Yield every id that names nothing."""
    for section, references in _REFERENCES.items():
        for key, entry in draft.sections.get(section, {}).items():
            for name_in, target in references.items():
                named = getattr(entry, name_in)
                known = draft.sections.get(target, {})
                for name in (named,) if isinstance(named, str) else named or ():
                    if name not in known:
                        yield _issue(draft, (section, key), (name_in,), f"'{name}' is not among the {target}", suggest(name, known))
    yield from _broken_vocabularies(draft)
    yield from _broken_facts(draft)
    yield from _broken_grades(draft)
    roles = draft.sections.get("roles", {})
    for option in draft.sections.get("options", {}):
        for role in set(option.split("+")) - set(roles):
            yield _issue(draft, ("options", option), (), f"'{role}' is not among the roles", suggest(role, roles))


def _broken_vocabularies(draft: _Draft) -> Iterator[Issue]:
    for key, vocabulary in draft.sections.get("vocabularies", {}).items():
        assert isinstance(vocabulary, Vocabulary)  # noqa: S101 - for the type checker
        values = vocabulary.values()
        lists: list[tuple[tuple[Key, ...], Ids]] = [(("terms", term, "one_of"), entry.one_of) for term, entry in vocabulary.terms.items()]
        lists += [(("groups", group), members) for group, members in vocabulary.groups.items()]
        for path, names in lists:
            for name in set(names) - set(values):
                what = f"'{name}' is not a term of '{key}' with a value of its own"
                yield _issue(draft, ("vocabularies", key), path, what, suggest(name, values))
        for group in vocabulary.groups.keys() & vocabulary.terms.keys():
            yield _issue(draft, ("vocabularies", key), ("groups", group), f"'{group}' is also a term", "give the group another name")


def _broken_facts(draft: _Draft) -> Iterator[Issue]:
    for key, fact in draft.sections.get("facts", {}).items():
        assert isinstance(fact, Fact)  # noqa: S101
        if fact.type in {"enum", "set"} and fact.vocabulary is None:
            yield _issue(draft, ("facts", key), (), f"a fact of type {fact.type} needs a vocabulary", "add `vocabulary:`")
        if fact.type == "integer" and (fact.minimum is None or fact.maximum is None):
            yield _issue(draft, ("facts", key), (), "a fact of type integer needs a minimum and a maximum", "add both")
    vocabulary = draft.sections.get("vocabularies", {}).get("phase")
    phases = vocabulary.terms if isinstance(vocabulary, Vocabulary) else {}
    for key, function in draft.sections.get("functions", {}).items():
        assert isinstance(function, Function)  # noqa: S101
        for phase in function.phases:
            if phases and phase not in phases:
                yield _issue(draft, ("functions", key), ("phases",), f"'{phase}' is not a phase", suggest(phase, phases))


def _broken_grades(draft: _Draft) -> Iterator[Issue]:
    functions, roles = draft.sections.get("functions", {}), draft.sections.get("roles", {})
    for section in [name for name in draft.sections if name.startswith("grades ")]:
        if section.removeprefix("grades ") not in draft.sections.get("views", {}):
            first, view = next(iter(draft.sections[section])), section.removeprefix("grades ")
            what = f"grades for a view '{view}' that does not exist"
            yield _issue(draft, (section, first), (), what, suggest(view, draft.sections.get("views", {})))
        for key, row in draft.sections[section].items():
            if key not in functions:
                yield _issue(draft, (section, key), (), f"grades for '{key}', which is not a function", suggest(key, functions))
            for role in row if isinstance(row, dict) else ():
                if role not in roles:
                    yield _issue(draft, (section, key), (role,), f"'{role}' is not a role", suggest(role, roles))


def _issue(draft: _Draft, entry: tuple[str, str], path: tuple[Key, ...], what: str, hint: str) -> Issue:
    document, base = draft.origins[entry]
    return document.issue((*base, *path), what, hint or "give the name of an entry that exists", of_key=not path)
