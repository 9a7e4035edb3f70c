"""From a brief to facts: the value of every attribute that conditions can read, known or unknown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.brief import Brief
    from advisor.catalog import Catalog


class NotKnown(Enum):
    """The value of an attribute nobody knows: it stands for every value the attribute could have."""

    NOT_KNOWN = "not known"


NOT_KNOWN: Final = NotKnown.NOT_KNOWN

Input = str | bool | int | Literal[NotKnown.NOT_KNOWN]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Every whole number from the first to the last."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What a brief says, as attributes.

    Attributes:
        values: the attributes the brief sets, by name; `needs:f`, `wishes:f`, `in_house:f` for each function, `fact` for
            a single value, `fact:term` for each term of a set.
        needs: the must-haves; empty if not known. wishes, in_house: likewise; an umbrella done in house takes along
            everything under it that is not asked for.
        needs_known: False if the sponsor does not know the needs yet.

    """

    values: Mapping[str, Input]
    needs: frozenset[str]
    wishes: frozenset[str]
    in_house: frozenset[str]
    needs_known: bool


def member_of(fact: str, term: str) -> str:
    """Return the name of the attribute that says whether a set fact has a term."""
    return f"{fact}:{term}"


def facts_of(brief: Brief, catalog: Catalog) -> Facts:
    """Return the facts of a brief."""
    needs = brief.needs or frozenset()
    asked = needs | brief.wishes
    in_house = brief.in_house | {part for umbrella in brief.in_house for part in catalog.under(umbrella) if part not in asked}
    values: dict[str, Input] = {}
    if brief.needs is None:
        values.update({member_of("needs", function): NOT_KNOWN for function in catalog.functions if function not in in_house})
    for fact, functions in (("needs", needs), ("wishes", brief.wishes), ("in_house", in_house)):
        for function in functions:
            values[member_of(fact, function)] = True
    for fact, value in brief.facts.items():
        if isinstance(value, frozenset):
            for term in catalog.terms(fact):
                values[member_of(fact, term)] = term in value
        else:
            values[fact] = value
    return Facts(values, needs, brief.wishes, in_house, brief.needs is not None)
