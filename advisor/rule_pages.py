"""What there is to say about a rule or a fact: condition and effects in words, sources, cases, and the examples it decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.outline import Document, Points, Section, Sentence
from advisor.rulebase import load_cases
from advisor.rules import NEED_FACTS, All, AnyOf, Atom, Not
from advisor.wording import option_name, value_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from advisor.api import Advice, Knowledge
    from advisor.catalog import Catalog
    from advisor.rules import Condition, Effect, Rule

_OPERATORS = {
    "not": "is not",
    "in": "is one of",
    "at_least": "is at least",
    "at_most": "is at most",
    "below": "is below",
    "above": "is above",
    "has": "has",
    "is": "is",
}
_LISTS = {"needs": "the needs have", "wishes": "the wishes have", "in_house": "in house there is"}


def rule_page(rule: Rule, knowledge: Knowledge, advices: Iterable[Advice] = ()) -> Document:
    """Return everything about a rule: what it says, reads and does, its sources and cases, and the examples in which it fires."""
    catalog = knowledge.catalog
    place = knowledge.rules.places.get(rule.id, "")
    says = [Sentence(rule.because, rule.sources), Sentence(f"It holds {_views(rule, knowledge)}.")]
    sections = [
        Section("says", "What it says", (Points(tuple(says)),)),
        Section("reads", "When it fires", (Points((Sentence(f"{condition_words(rule.when, catalog)}."),)),)),
        Section("does", "What it does", (Points(tuple(Sentence(_ended(effect_words(effect, catalog))) for effect in rule.then)),)),
    ]
    cases = [Sentence(f"{c.case.outcome}: {c.case.sentence}") for c in load_cases(list(knowledge.directories)) if c.rule == rule.id]
    if cases:
        sections.append(Section("cases", "Its cases", (Points(tuple(cases)),)))
    decides = tuple(_decided(rule, advices))
    if decides:
        sections.append(Section("examples", "Examples in which it fires", (Points(decides),)))
    return Document(f"{rule.title} ({rule.id})", "", tuple(sections), (place,) if place else ())


def rules_for(fact: str, knowledge: Knowledge) -> Document:
    """Return the rules that read a fact, or a conclusion, with what they do."""
    catalog = knowledge.catalog
    found = [rule for _, rule in sorted(knowledge.rules.rules().items()) if fact in facts_read(rule.when)]
    items = [
        Sentence(f"{rule.title} ({rule.id}): {'; '.join(effect_words(e, catalog) for e in rule.then)}", rule.sources) for rule in found
    ]
    label = catalog.facts[fact].label if fact in catalog.facts else fact.replace("_", " ")
    return Document(f"{label}: {len(found)} rules read it", "", (Section("rules", "Rules", (Points(tuple(items)),)),) if items else (), ())


def facts_read(condition: Condition) -> frozenset[str]:
    """Return the facts and conclusions that a condition reads."""
    match condition:
        case Atom():
            return frozenset([condition.fact])
        case Not():
            return facts_read(condition.not_)
        case All() | AnyOf():
            parts = condition.all if isinstance(condition, All) else condition.any
            return frozenset().union(*(facts_read(part) for part in parts))


def condition_words(condition: Condition, catalog: Catalog) -> str:
    """Return a condition in words."""
    match condition:
        case Atom():
            return _atom_words(condition, catalog)
        case Not():
            return f"not ({condition_words(condition.not_, catalog)})"
        case All():
            return " and ".join(_grouped(part, catalog) for part in condition.all)
        case AnyOf():
            return " or ".join(_grouped(part, catalog) for part in condition.any)


def effect_words(effect: Effect, catalog: Catalog) -> str:
    """Return an effect in words."""
    target = effect.target
    words: Mapping[str, str] = {
        "derive": f"concludes: {target.replace('_', ' ')}",
        "warn": f"warns: {target}",
        "contradiction": f"a contradiction; asks: {target}",
    }
    if effect.kind in words:
        return words[effect.kind].rstrip(".")
    if effect.kind in {"need", "wish"}:
        return f"adds {catalog.functions[target].name} to the {'needs' if effect.kind == 'need' else 'wishes'}"
    if effect.kind in {"require", "plan"}:
        known = catalog.duties if effect.kind == "require" else catalog.plans
        return f"{'asks of the partner' if effect.kind == 'require' else 'proposes'}: {known[target].title}"
    name = option_name(tuple(target.split("+")), catalog)
    if effect.kind == "rule_out":
        return f"rules out {name}"
    if effect.function is not None:
        return (
            f"{name} {'covers' if effect.kind == 'cover' else 'providers, some of them, cover'} {catalog.functions[effect.function].name}"
        )
    return f"speaks {effect.kind} {name} ({effect.strength}{f', theme {effect.theme}' if effect.theme else ''})"


def _grouped(part: Condition, catalog: Catalog) -> str:
    words = condition_words(part, catalog)
    return f"({words})" if isinstance(part, All | AnyOf) and len(part.all if isinstance(part, All) else part.any) > 1 else words


def _atom_words(atom: Atom, catalog: Catalog) -> str:
    operands = atom.operand if isinstance(atom.operand, tuple) else (atom.operand,)
    if atom.fact in NEED_FACTS:
        names = [catalog.functions[str(o)].name if o in catalog.functions else catalog.work[str(o)] for o in operands]
        return f"{_LISTS[atom.fact]} {' or '.join(names)}"
    entry = catalog.facts.get(atom.fact)
    label = entry.label if entry else atom.fact.replace("_", " ")
    if entry is None or entry.type == "bool":
        holds = (operands[0] is True) == (atom.operator == "is")
        return f"{label}: {'yes' if holds else 'no'}"
    terms = catalog.terms(atom.fact)
    names = [value_name(atom.fact, o, catalog) if o in terms or isinstance(o, int) else str(o).replace("_", " ") for o in operands]
    return f"{label} {_OPERATORS[atom.operator]} {' or '.join(names)}"


def _views(rule: Rule, knowledge: Knowledge) -> str:
    views = [view for view, rules in knowledge.rules.by_view.items() if any(each.id == rule.id for each in rules)]
    return f"in the {' and the '.join(views)} view"


def _decided(rule: Rule, advices: Iterable[Advice]) -> Iterator[Sentence]:
    for advice in advices:
        for view, verdict in advice.verdicts.items():
            if any(firing.rule == rule.id for firing in verdict.firings):
                hangs = ": the verdict hangs on it" if rule.id in verdict.critical_rules else ""
                yield Sentence(f"{advice.brief.name} ({view} view){hangs}")


def _ended(text: str) -> str:
    return text if text.endswith("?") else f"{text}."
