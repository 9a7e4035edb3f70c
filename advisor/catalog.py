"""The catalog: functions, roles, facts, vocabularies, duties, plans and sources."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from advisor.records import LISTED, NOT_EMPTY, SnakeId, Text, record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.errors import Place


Ids = Annotated[tuple[SnakeId, ...], LISTED]
Texts = Annotated[tuple[Text, ...], LISTED]
SourceIds = Annotated[tuple[str, ...], NOT_EMPTY]
RoleId = SnakeId
Grade = Literal["core", "common", "rare", "no"]
FactType = Literal["enum", "set", "bool", "integer"]
ListName = Literal["needs", "in_house", "wishes"]
LISTS: tuple[ListName, ...] = get_args(ListName)  # in the order in which they are asked for
BuiltInName = Literal["second_partner", "unused_breadth", "open_wish"]
BUILT_IN: frozenset[str] = frozenset(get_args(BuiltInName))
DutyKind = Literal["agreement", "oversight", "due_diligence", "rfp", "next_step", "requirement"]


@record
class Source:
    """A publication that a statement rests on."""

    title: Text
    publisher: Text | None = None
    url: Text | None = None


@record
class Function:
    """An activity that a sponsor may outsource."""

    name: Text
    group: SnakeId
    work: Ids
    gxp: Text
    phases: Ids
    under: SnakeId | None = None
    guide: bool = False
    summary: Text
    others: Text | None = None
    phrases: Texts
    basis: Text
    sources: SourceIds


@record
class Role:
    """CMO, CRO or CDMO."""

    name: Text
    full_name: Text
    summary: Text
    sources: SourceIds


@record
class View:
    """A way to read the roles: by the published guide, or by common practice."""

    title: Text
    summary: Text
    source: str


@record
class Term:
    """An entry of a vocabulary; one with `one_of` stands for any of several, not known which."""

    label: Text
    note: Text | None = None
    code: Text | None = None
    one_of: Ids = ()


@record
class Vocabulary:
    """A closed list of values, with named groups that rules may use."""

    vocabulary: SnakeId
    title: Text
    source: str
    terms: dict[SnakeId, Term]
    groups: dict[SnakeId, Ids] = field(default_factory=dict)

    def values(self) -> tuple[str, ...]:
        """Return the terms that are a value of their own, in their order."""
        return tuple(term for term, entry in self.terms.items() if not entry.one_of)


@record
class BuiltIn:
    """A reason that the ladder itself brings in; an author may change its strength."""

    strength: Literal["strong", "ordinary", "slight"]
    title: Text
    because: Text
    source: str


@record
class Fact:
    """A typed value that a rule may read: its question, its help and why it is asked."""

    type: FactType
    vocabulary: SnakeId | None = None
    minimum: int | None = None
    maximum: int | None = None
    unit: Text | None = None
    label: Text
    question: Text
    help: Text
    why: Text
    changeable: bool = True
    order: int
    sources: SourceIds


@record
class ListQuestion:
    """How to ask for a list of functions: what is needed, done in house, or wished for."""

    label: Text
    question: Text
    help: Text
    why: Text
    sources: SourceIds


@record
class Plan:
    """A pattern of working with partners that a rule may propose beside the recommendation."""

    title: Text
    text: Text
    sources: SourceIds


@record
class Duty:
    """What the sponsor owes or should do once a kind of partner is chosen."""

    kind: DutyKind
    title: Text
    text: Text
    roles: Ids
    work: Ids = ()
    sources: SourceIds


@dataclass(frozen=True, slots=True, eq=False)
class Catalog:
    """Everything that rules, briefs and reports refer to by id; two catalogs are equal only if they are the same object."""

    version: str
    sources: Mapping[str, Source]
    groups: Mapping[str, str]
    work: Mapping[str, str]
    functions: Mapping[str, Function]
    roles: Mapping[str, Role]
    options: tuple[tuple[str, ...], ...]
    views: Mapping[str, View]
    built_in: Mapping[str, BuiltIn]
    grades: Mapping[str, Mapping[str, Mapping[str, Grade]]]
    lists: Mapping[str, ListQuestion]
    facts: Mapping[str, Fact]
    vocabularies: Mapping[str, Vocabulary]
    plans: Mapping[str, Plan]
    duties: Mapping[str, Duty]
    places: Mapping[tuple[str, str], Place]

    def grade(self, view: str, function: str, role: str) -> Grade:
        """Return how firmly a function is on a role's list, in a view; in doubt its umbrella's grade, else no."""
        grades = self.grades.get(view, {})
        umbrella = self.functions[function].under
        row = grades.get(function) or (grades.get(umbrella) if umbrella else None) or {}
        return row.get(role, "no")

    def under(self, umbrella: str) -> tuple[str, ...]:
        """Return the functions that an umbrella holds."""
        return tuple(name for name, function in self.functions.items() if function.under == umbrella)

    def working(self, tags: set[str]) -> tuple[str, ...]:
        """Return the functions that are work of any of the given kinds."""
        return tuple(name for name, function in self.functions.items() if tags & set(function.work))

    def in_part(self, fact: str, value: object) -> bool:
        """Return whether a value of a fact is known in part only: it stands for any of several."""
        return isinstance(value, str) and value in (terms := self.terms(fact)) and bool(terms[value].one_of)

    def terms(self, fact: str) -> Mapping[str, Term]:
        """Return the terms of a fact's vocabulary; empty if it has none."""
        vocabulary = self.facts[fact].vocabulary
        return self.vocabularies[vocabulary].terms if vocabulary else {}
