"""What a sponsor could change in a brief, one thing at a time: a circumstance, an answer that is still to be found out, a need."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Literal

from advisor.facts import NOT_KNOWN, Span, member_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from advisor.brief import Brief, FactValue
    from advisor.catalog import Catalog
    from advisor.compiler import Attribute, Program

ChangeKind = Literal["circumstance", "finding", "add_need", "drop_need"]


Target = str | bool | frozenset[str] | Span


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a brief; any of its values will do.

    Attributes:
        kind: `circumstance`: a fact gets another value, or an unknown one its value; `finding`: an unknown fact that nobody
            can change turns out to have a value; `add_need`, `drop_need`: a function is asked for, or is not any more.
        name: the fact or the function.
        before: the value it had; None if it was unknown, or for a need.
        values: the values it may have instead; none for a need.

    """

    kind: ChangeKind
    name: str
    before: FactValue | None = None
    values: tuple[Target, ...] = ()


def apply_changes(brief: Brief, changes: Iterable[Change]) -> Iterator[Brief]:
    """Yield the brief with all of the changes, once for every choice among their values."""
    listed = tuple(changes)
    for values in product(*(change.values or (None,) for change in listed)):
        changed = brief
        for change, value in zip(listed, values, strict=True):
            changed = _apply(changed, change, value)
        yield changed


def possible_changes(brief: Brief, program: Program) -> Iterator[Change]:
    """Yield every single change that a rule of the program could notice, values that no rule tells apart in one.

    A set changes by one member at a time; one that is not known turns out to be empty, or to have one member.
    """
    catalog = program.catalog
    attributes: dict[str, list[Attribute]] = {}
    for attribute in program.attributes:
        attributes.setdefault(attribute.name.partition(":")[0], []).append(attribute)
    for fact, entry in sorted(catalog.facts.items()):
        before = brief.facts.get(fact)
        if fact in attributes and (entry.changeable or before is None or catalog.in_part(fact, before)):
            values = (
                _other_members(fact, before, attributes[fact])
                if entry.type == "set"
                else _others(fact, before, attributes[fact][0], catalog)
            )
            for each in values:
                yield Change("circumstance" if entry.changeable else "finding", fact, before, each)
    needs = brief.needs or frozenset()
    yield from (Change("drop_need", f) for f in sorted(needs))
    yield from (Change("add_need", f) for f in sorted(catalog.functions) if f not in needs | brief.in_house)


def _others(fact: str, before: FactValue | None, attribute: Attribute, catalog: Catalog) -> Iterator[tuple[Target, ...]]:
    """Yield the values of a fact other than the one it has, those with the same code together."""
    entry = catalog.facts[fact]
    admitted: frozenset[str] = frozenset()
    if isinstance(before, str) and not entry.changeable:
        admitted = frozenset(catalog.terms(fact)[before].one_of)  # it can only turn out to be one of these
    groups: dict[int, list[Target]] = {}
    if entry.type == "integer":
        for i, first in enumerate(attribute.bounds):
            last = attribute.bounds[i + 1] - 1 if i + 1 < len(attribute.bounds) else entry.maximum or first
            groups.setdefault(attribute.code(first), []).append(Span(first, last))
    elif entry.type == "bool":
        for value in (True, False):
            groups.setdefault(attribute.code(value), []).append(value)
    else:
        for term in catalog.vocabularies[entry.vocabulary or ""].values():
            if not admitted or term in admitted:
                groups.setdefault(attribute.code(term), []).append(term)
    now = attribute.code(NOT_KNOWN if before is None else before)
    yield from (tuple(group) for code, group in groups.items() if code != now)


def _other_members(fact: str, before: FactValue | None, attributes: list[Attribute]) -> Iterator[tuple[Target, ...]]:
    members = [attribute.name.removeprefix(member_of(fact, "")) for attribute in attributes]
    if isinstance(before, frozenset):
        yield from ((before ^ {member},) for member in members)
    else:
        yield (frozenset(),)
        yield from ((frozenset({member}),) for member in members)


def _apply(brief: Brief, change: Change, value: Target | None) -> Brief:
    needs = brief.needs or frozenset()
    if change.kind == "drop_need":
        return replace(brief, needs=needs - {change.name})
    if change.kind == "add_need":
        return replace(brief, needs=needs | {change.name}, wishes=brief.wishes - {change.name})
    assert value is not None  # noqa: S101 - only needs have no values
    return replace(brief, facts={**brief.facts, change.name: value.first if isinstance(value, Span) else value})
