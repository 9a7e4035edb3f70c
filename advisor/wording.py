"""How things are called in sentences: options, endings, answers, values and changes, by their labels and never by ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.facts import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from advisor.brief import Brief, FactValue
    from advisor.catalog import Catalog
    from advisor.changes import Change, Target
    from advisor.circuit import Ending
    from advisor.completions import Answer
    from advisor.verdict import Option

MAX_VALUES = 5

_ENDINGS: dict[str, str] = {
    "nothing_needed": "nothing to outsource",
    "outside": "none of the three roles",
    "ruled_out": "no option left, every one is ruled out",
    "contradictory": "no advice, the brief contradicts itself",
}


def option_name(option: Option, catalog: Catalog) -> str:
    """Return an option as it is written, such as CMO + CRO."""
    return " + ".join(catalog.roles[role].name for role in option)


def ending_name(ending: Ending, catalog: Catalog) -> str:
    """Return how a verdict ends, in a few words."""
    if ending.winners:
        names = " or ".join(option_name(option, catalog) for option in ending.winners)
        return names if ending.status == "decided" else f"a tie of {names}"
    return _ENDINGS[ending.status]


def kind_name(kind: str, catalog: Catalog) -> str:
    """Return what the verdicts of a batch are counted by: an option, a way to end without one, or `needs_unknown`."""
    if kind == "needs_unknown":
        return "needs not known yet"
    return "a tie" if kind == "tie" else _ENDINGS[kind] if kind in _ENDINGS else option_name(tuple(kind.split("+")), catalog)


def function_names(functions: Iterable[str], catalog: Catalog) -> str:
    """Return the names of functions, in a row."""
    return "; ".join(catalog.functions[function].name for function in functions)


def value_name(fact: str, value: FactValue | Target, catalog: Catalog) -> str:
    """Return a value of a fact by its label."""
    entry = catalog.facts[fact]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Span):
        return _span_name(value, entry.minimum, entry.maximum, entry.unit or "")
    if isinstance(value, int):
        return f"{value} {entry.unit or ''}".rstrip()
    terms = catalog.terms(fact)
    if isinstance(value, frozenset):
        return ", ".join(label for term, label in ((t, terms[t].label) for t in terms) if term in value) or "none"
    return terms[value].label


def answer_name(answer: Answer, brief: Brief, catalog: Catalog) -> str:
    """Return an answer of a brief in a few words."""
    match answer.kind:
        case "closing":
            return "nothing else is asked for or done in house"
        case "fact":
            value = value_name(answer.name, brief.facts[answer.name], catalog)
            return f"{catalog.facts[answer.name].label}: {value}"
        case kind:
            what = {"need": "needed", "wish": "wished for", "in_house": "done in house"}[kind]
            return f"{catalog.functions[answer.name].name} {what}"


def change_name(change: Change, catalog: Catalog) -> str:
    """Return a change of a brief in a few words."""
    if change.kind == "add_need":
        return f"{catalog.functions[change.name].name} is needed as well"
    if change.kind == "drop_need":
        return f"{catalog.functions[change.name].name} is not needed"
    label = catalog.facts[change.name].label
    if isinstance(change.before, frozenset):
        return f"{label}: {_either([_member_name(change.name, change.before, value, catalog) for value in change.values])}"
    values = _either([value_name(change.name, value, catalog) for value in change.values])
    if change.before is None:
        return f"{label}: {values} (not known so far)"
    return f"{label}: {values} (now {value_name(change.name, change.before, catalog)})"


def _member_name(fact: str, before: frozenset[str], value: Target, catalog: Catalog) -> str:
    """Return which members a set gains and loses."""
    after = value if isinstance(value, frozenset) else frozenset()
    terms = catalog.terms(fact)
    gained = [f"with {terms[term].label}" for term in sorted(after - before)]
    lost = [f"without {terms[term].label}" for term in sorted(before - after)]
    return " and ".join([*gained, *lost])


def _span_name(span: Span, minimum: int | None, maximum: int | None, unit: str) -> str:
    if span.first == span.last:
        return f"{span.first} {unit}".rstrip()
    if span.first == minimum:
        return f"at most {span.last} {unit}".rstrip()
    if span.last == maximum:
        return f"at least {span.first} {unit}".rstrip()
    return f"{span.first} to {span.last} {unit}".rstrip()


def _either(values: list[str]) -> str:
    if len(values) > MAX_VALUES:
        return f"{', '.join(values[: MAX_VALUES - 1])} or one of {len(values) - MAX_VALUES + 1} others"
    return " or ".join([", ".join(values[:-1]), values[-1]] if len(values) > 1 else values)
