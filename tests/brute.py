"""Every completion of a brief, one by one, and how each one ends by the plain evaluator: the truth that exact answers are held to."""

from __future__ import annotations

from itertools import combinations, product
from math import prod
from typing import TYPE_CHECKING

from plain import judge

from advisor import Brief
from advisor.circuit import Ending

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor import Knowledge
    from advisor.catalog import Catalog

Completion = dict[str, object]


def ending(knowledge: Knowledge, view: str, brief: Brief) -> Ending:
    """Return how the verdict on a brief ends, by the plain evaluator."""
    found = judge(knowledge.catalog, knowledge.rules, view, brief)
    return Ending(found.status, found.winners)


def free_facts(knowledge: Knowledge, view: str, brief: Brief) -> list[str]:
    """Return what a brief leaves open, as far as any rule reads it."""
    catalog = knowledge.catalog
    read = {name.partition(":")[0] for name in knowledge.ladders[view].program.index}
    found = [fact for fact in sorted(catalog.facts) if fact in read and (fact not in brief.facts or _in_part(catalog, brief, fact))]
    return [*found, "needs"] if brief.needs is None else found


def completions(knowledge: Knowledge, view: str, brief: Brief, limit: int) -> list[tuple[Completion, Brief]] | None:
    """Return every completion, as what it says and as a brief; None if there are more than the limit."""
    domains: Mapping[str, list[object]] = {
        fact: _needs(knowledge, brief) if fact == "needs" else _values(knowledge, view, brief, fact)
        for fact in free_facts(knowledge, view, brief)
    }
    if prod(len(domain) for domain in domains.values()) > limit:
        return None
    found = []
    for values in product(*domains.values()):
        completion = dict(zip(domains, values, strict=True))
        facts = {**brief.facts, **{fact: value for fact, value in completion.items() if fact != "needs"}}
        found.append((completion, Brief(completion.get("needs", brief.needs), brief.wishes, brief.in_house, facts)))
    return found


def possible(knowledge: Knowledge, view: str, completed: list[tuple[Completion, Brief]]) -> list[tuple[Completion, Ending]]:
    """Return the completions that are possible situations, with their endings."""
    ended = [(completion, ending(knowledge, view, brief)) for completion, brief in completed]
    return [(completion, end) for completion, end in ended if end.status != "contradictory"]


def _in_part(catalog: Catalog, brief: Brief, fact: str) -> bool:
    term = catalog.terms(fact).get(str(brief.facts[fact]))
    return catalog.facts[fact].type == "enum" and term is not None and bool(term.one_of)


def _values(knowledge: Knowledge, view: str, brief: Brief, fact: str) -> list[object]:
    """Return the values of a fact; of a number, one between any two thresholds of the rules."""
    catalog, program = knowledge.catalog, knowledge.ladders[view].program
    entry = catalog.facts[fact]
    if entry.type == "bool":
        return [True, False]
    if entry.type == "integer":
        return list(program.attributes[program.index[fact]].bounds)
    if entry.type == "enum":
        told = brief.facts.get(fact)
        return list(catalog.terms(fact)[str(told)].one_of if told is not None else catalog.vocabularies[str(entry.vocabulary)].values())
    read = [term for term in catalog.terms(fact) if f"{fact}:{term}" in program.index]
    return [frozenset(members) for n in range(len(read) + 1) for members in combinations(read, n)]


def _needs(knowledge: Knowledge, brief: Brief) -> list[object]:
    functions = [f for f in knowledge.catalog.functions if f not in brief.in_house | brief.wishes]
    return [frozenset(needs) for n in range(len(functions) + 1) for needs in combinations(functions, n)]
