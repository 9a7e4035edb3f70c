"""What must hold for all of the shipped rules and catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.check import brief_of_case
from advisor.facts import facts_of
from advisor.rulebase import load_cases
from advisor.rules import EFFECTS, OPERATORS, All, AnyOf, Atom, Not

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor import Knowledge
    from advisor.rules import Condition


def atoms_in(condition: Condition) -> Iterator[Atom]:
    match condition:
        case Atom():
            yield condition
        case Not():
            yield from atoms_in(condition.not_)
        case All():
            for part in condition.all:
                yield from atoms_in(part)
        case AnyOf():
            for part in condition.any:
                yield from atoms_in(part)


def test_every_written_rule_fires_in_a_case(shipped: Knowledge) -> None:
    """Each rule as written, a template included, fires in one of the cases beside it."""
    fired = {located.rule for located in load_cases(list(shipped.directories)) if located.case.outcome == "fires"}
    places = {shipped.rules.places[rule] for rule in fired}
    assert [rule for rule, place in shipped.rules.places.items() if place not in places] == []


def test_every_expanded_rule_fires_on_some_case_with_its_function(shipped: Knowledge) -> None:
    """Each rule that a template expands to fires on a case of its template, moved to its own function or term."""
    cases = [brief_of_case(located, shipped.catalog) for located in load_cases(list(shipped.directories))]
    silent = []
    for engine in shipped.engines.values():
        fired = {i for brief in cases for i in engine.evaluate(facts_of(brief, shipped.catalog).values).fired}
        everything: dict[str, object] = {f"{kind}:{f}": True for kind in ("needs", "wishes") for f in shipped.catalog.functions}
        everything |= {"substance_process_state": "locked", "reg_scope": "cmc_only"}
        fired |= engine.evaluate(everything).fired
        for region in shipped.catalog.vocabularies["region"].values():
            fired |= engine.evaluate({f"excluded_regions:{region}": True, "required_region": region}).fired
        silent += [rule.rule.id for i, rule in enumerate(engine.program.rules) if i not in fired]
    assert silent == []


def test_every_operator_and_effect_is_used(shipped: Knowledge) -> None:
    """The shipped rules use every operator and every effect there is."""
    rules = shipped.rules.rules().values()
    assert {atom.operator for rule in rules for atom in atoms_in(rule.when)} == set(OPERATORS)
    assert {effect.kind for rule in rules for effect in rule.then} == set(EFFECTS)


def test_the_catalog_holds_what_the_guide_lists(shipped: Knowledge) -> None:
    """There are 74 functions; the guide's ten are marked, five on the CMO's list and five on the CRO's, all on the CDMO's."""
    catalog = shipped.catalog
    ten = [name for name, function in catalog.functions.items() if function.guide]
    listed = {role: [f for f in ten if catalog.grade("guide", f, role) in {"core", "common"}] for role in catalog.roles}
    assert len(catalog.functions) == 74
    assert {role: len(functions) for role, functions in listed.items()} == {"cmo": 5, "cro": 5, "cdmo": 10}
    assert not set(listed["cmo"]) & set(listed["cro"])


def test_every_context_rule_is_of_the_industry_view(shipped: Knowledge) -> None:
    """By the guide nothing but lists and contradictions decides."""
    decisive = {"for", "against", "rule_out", "need", "wish"}
    for rule in shipped.rules.by_view["guide"]:
        assert not decisive & {effect.kind for effect in rule.then}, rule.id
