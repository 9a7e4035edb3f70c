"""What sets two advices apart: the briefs, the verdicts, the rules that fired for only one, and those that made the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.circuit import ending_of
from advisor.outline import Document, Points, Section, Sentence
from advisor.report import headline, tool_version
from advisor.wording import function_names, value_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.api import Advice
    from advisor.reasons import Firing


def compare_advices(before: Advice, after: Advice) -> Document:
    """Return what differs between two advices: of two briefs, or of one brief by two knowledge versions."""
    same = ending_of(before.verdict.outcome) == ending_of(after.verdict.outcome)
    verdicts = (
        Sentence(f"{_name(before, 'Before')}: {headline(before.verdict, before.knowledge.catalog)}."),
        Sentence(f"{_name(after, 'After')}: {headline(after.verdict, after.knowledge.catalog)}."),
    )
    sections = [Section("verdicts", "The two verdicts", (Points(verdicts),))]
    differences = tuple(_differences(before, after))
    if differences:
        sections.append(Section("briefs", "What differs in the briefs", (Points(differences),)))
    sections += _rules(before, after)
    footer = tuple(
        dict.fromkeys(f"advisor {tool_version()}, knowledge {a.knowledge.version}, sha256 {a.knowledge.sha256}" for a in (before, after))
    )
    return Document("Comparison", "The verdict stays the same." if same else "The verdict differs.", tuple(sections), footer)


def _name(advice: Advice, otherwise: str) -> str:
    return advice.brief.name or otherwise


def _differences(before: Advice, after: Advice) -> Iterator[Sentence]:
    """Yield what one brief says and the other does not."""
    catalog = after.knowledge.catalog
    for what, old, new in (
        ("needs", before.brief.needs or frozenset(), after.brief.needs or frozenset()),
        ("wishes", before.brief.wishes, after.brief.wishes),
        ("work done in house", before.brief.in_house, after.brief.in_house),
    ):
        if old - new:
            yield Sentence(f"Not among the {what} any more: {function_names(sorted(old - new), before.knowledge.catalog)}.")
        if new - old:
            yield Sentence(f"New among the {what}: {function_names(sorted(new - old), catalog)}.")
    for fact in sorted({*before.brief.facts, *after.brief.facts}):
        told = [
            value_name(fact, a.brief.facts[fact], a.knowledge.catalog) if fact in a.brief.facts else "not known" for a in (before, after)
        ]
        if told[0] != told[1]:
            label = (catalog.facts.get(fact) or before.knowledge.catalog.facts[fact]).label
            yield Sentence(f"{label}: {told[0]} before, {told[1]} after.")


def _rules(before: Advice, after: Advice) -> Iterator[Section]:
    """Yield the rules that fired for only one, and which of them the verdict hangs on."""
    fired = [{firing.rule: firing for firing in a.verdict.firings} for a in (before, after)]
    critical = {*before.verdict.critical_rules, *after.verdict.critical_rules}
    only = [sorted(set(fired[i]) - set(fired[1 - i])) for i in (0, 1)]
    changed = sorted(rule for rule in set(fired[0]) & set(fired[1]) if _changed(fired[0][rule], fired[1][rule]))
    made = [rule for rule in (*only[0], *only[1], *changed) if rule in critical]
    groups = (
        ("deciding", "Rules that made the difference", made, (fired[0] | fired[1])),
        ("only-before", "Fires only before", only[0], fired[0]),
        ("only-after", "Fires only after", only[1], fired[1]),
        ("changed", "Fires in both, but says something else", changed, fired[1]),
    )
    for key, title, rules, firings in groups:
        if rules:
            items = tuple(Sentence(f"{firings[r].title} ({r}): {firings[r].because}", firings[r].sources) for r in rules)
            yield Section(key, title, (Points(items),))


def _changed(a: Firing, b: Firing) -> bool:
    return (a.effects, a.because, a.sources) != (b.effects, b.because, b.sources)
