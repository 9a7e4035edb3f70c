"""Advice as text, Markdown and JSON: these render what the verdict says, and add nothing."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from advisor.explain import effect_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from advisor.api import Advice
    from advisor.catalog import Catalog
    from advisor.explain import Note, Owed, Reason, Verdict
    from advisor.verdict import Option

SCHEMA_VERSION = 1
WIDTH = 100
FORMATS = ("text", "md", "json")
MAX_REASONS = 4
MAX_OPEN = 6

_GRADE_WORDS = {
    "clear": "clearly: no other option does as much",
    "firm": "firmly: strong reasons separate them",
    "moderate": "moderately: ordinary reasons separate them",
    "slight": "slightly: only slight reasons separate them",
    "close_call": "a close call: no reason separates them; fewer and narrower partners come first",
}
_STEP_KINDS = ("next_step", "agreement")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its points; an empty heading continues the one before."""

    title: str
    points: tuple[str, ...]


@dataclass(slots=True)
class _Cited:
    """Sources in the order in which they are first cited."""

    catalog: Catalog
    numbers: dict[str, int] = field(default_factory=dict)

    def cite(self, sources: Iterable[str]) -> str:
        """Return the sources as numbers in brackets."""
        numbers = [self.numbers.setdefault(source, len(self.numbers) + 1) for source in sources]
        return f" [{', '.join(str(n) for n in numbers)}]" if numbers else ""

    def listing(self) -> tuple[str, ...]:
        """Return the numbered list of what was cited."""
        lines = []
        for source, number in self.numbers.items():
            entry = self.catalog.sources[source]
            parts = [entry.title, entry.publisher, entry.url]
            lines.append(f"[{number}] " + ", ".join(part for part in parts if part))
        return tuple(lines)


def render_report(advice: Advice, form: str) -> str:
    """Return an advice as text, Markdown (`md`) or JSON, ending in a newline."""
    if form == "json":
        return json.dumps(advice_as_dict(advice), indent=2, ensure_ascii=False) + "\n"
    sections = list(sections_of(advice))
    return _as_markdown(advice, sections) if form == "md" else _as_text(advice, sections)


def advice_as_dict(advice: Advice) -> dict[str, Any]:
    """Return an advice as plain values, ready for JSON."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool_version": tool_version(),
        "knowledge": {"version": advice.knowledge.version, "sha256": advice.knowledge.sha256},
        "brief": advice.brief.name,
        "view": advice.view,
        "views": {view: verdict_as_dict(verdict, advice.knowledge.catalog) for view, verdict in advice.verdicts.items()},
    }


def verdict_as_dict(verdict: Verdict, catalog: Catalog) -> dict[str, Any]:
    """Return a verdict as plain values."""
    return {
        "status": verdict.status,
        "recommendation": list(verdict.recommendation),
        "tied": [list(option) for option in verdict.tied],
        "runner_up": list(verdict.runner_up),
        "partial": verdict.partial,
        "certainty": verdict.certainty,
        "grade": verdict.grade,
        "decided_at": verdict.decided_at,
        "reasons": [_reason_as_dict(reason) for reason in verdict.reasons],
        "uncovered": list(verdict.uncovered),
        "outside": [{"function": f, "name": catalog.functions[f].name, "others": catalog.functions[f].others} for f in verdict.outside],
        "implied_needs": [{"function": need, "rules": [r.rule for r in reasons]} for need, reasons in verdict.implied_needs.items()],
        "coverage": {need: list(roles) for need, roles in verdict.coverage.items()},
        "waiting": [
            {"rule": w.rule, "title": w.title, "effects": list(w.effects), "open_facts": list(w.open_facts), "decisive": w.decisive}
            for w in verdict.waiting
        ],
        "open_facts": list(verdict.open_facts),
        "contradictions": [_note_as_dict(note) for note in verdict.contradictions],
        "warnings": [_note_as_dict(note) for note in verdict.warnings],
        "plans": [_note_as_dict(note) for note in verdict.plans],
        "duties": [
            {"duty": d.duty, "kind": d.kind, "title": d.title, "text": d.text, "sources": list(d.sources), "rules": list(d.rules)}
            for d in verdict.duties
        ],
    }


def sections_of(advice: Advice) -> Iterator[Section]:
    """Yield the report of an advice, section by section."""
    catalog = advice.knowledge.catalog
    cited = _Cited(catalog)
    verdict = advice.verdict
    yield Section("Recommendation", (_headline(verdict, catalog),))
    yield from _filled("Why", _why(verdict, catalog, cited))
    yield from _filled("Runner-up", _runner_up(verdict, catalog, cited))
    for view, other in advice.verdicts.items():
        if view != advice.view:
            yield from _filled(f"{catalog.views[view].title} ({view} view)", _remark(verdict, other, catalog, cited))
    yield from _filled("Nobody covers", _gaps(verdict, catalog))
    yield from _filled("You did not ask for it, but it is needed", _implied(verdict, catalog, cited))
    yield from _filled("Mind", _notes([*verdict.warnings, *advice.verdicts["industry"].warnings], cited))
    yield from _filled("How to go about it", _plans(advice, cited))
    yield from _filled("Not known yet", _open(verdict, catalog))
    yield from _filled("Conditions on the partner", _owed(advice, ("requirement",), cited))
    yield from _filled("Next", _owed(advice, _STEP_KINDS, cited))
    yield from _filled("Sources", cited.listing())


def option_name(option: Option, catalog: Catalog) -> str:
    """Return an option as it is written, such as CMO + CRO."""
    return " + ".join(catalog.roles[role].name for role in option)


def tool_version() -> str:
    """Return the version of this program."""
    return "0.1.0"


# --- the sections -----------------------------------------------------------------------------------------------------


def _headline(verdict: Verdict, catalog: Catalog) -> str:
    view = catalog.views[verdict.view].title.lower()
    how = f"{view}, {verdict.certainty}"
    match verdict.status:
        case "decided":
            partial = "; partial: see the gaps" if verdict.partial else ""
            return f"{option_name(verdict.recommendation, catalog)} ({how}{partial})"
        case "tie":
            return f"either {' or '.join(option_name(o, catalog) for o in verdict.tied)}: nothing separates them ({how})"
        case "nothing_needed" if verdict.certainty == "open":
            return f"none yet: the brief does not say what is needed ({how})"
        case "nothing_needed":
            return f"none: nothing has to be outsourced ({how})"
        case "outside":
            return f"none of CMO, CRO and CDMO: nothing needed is on their lists ({how})"
        case "contradictory":
            return f"none yet: the brief contradicts itself ({view})"
        case "ruled_out":
            return f"none: every option is ruled out ({how})"


def _why(verdict: Verdict, catalog: Catalog, cited: _Cited) -> Iterator[str]:
    for note in verdict.contradictions:
        yield f"{note.because} Please settle: {note.text}{cited.cite(note.sources)}"
    if verdict.contradictions:
        return
    for role in dict.fromkeys(role for standing in verdict.outcome.winners for role in standing.option):
        covers = [r for r in verdict.reasons if r.effect == "cover" and r.target.startswith(f"{role}: ")]
        names = [catalog.functions[r.target.partition(": ")[2]].name for r in covers]
        needed = [n for n in verdict.coverage if role in verdict.coverage[n]]
        if needed:
            sources = dict.fromkeys(source for reason in covers for source in reason.sources)
            count = f"{len(needed)} of {len(verdict.outcome.needs)} must-haves"
            yield f"{catalog.roles[role].name} covers {count}: {', '.join(sorted(set(names)))}{cited.cite(list(sources)[:MAX_REASONS])}"
    yield from _weighed(verdict, cited, catalog)
    if verdict.status == "ruled_out":
        for reason in verdict.reasons:
            if reason.effect == "rule_out":
                yield f"{reason.because}{cited.cite(reason.sources)}"


def _weighed(verdict: Verdict, cited: _Cited, catalog: Catalog) -> Iterator[str]:
    """Yield the reasons that speak for the recommendation or against it, the deciding ones first."""
    shown: set[str] = set()
    for winner in verdict.outcome.winners:
        for reason in verdict.reasons:
            if len(shown) < MAX_REASONS and reason.rule not in shown and _bears(reason, winner.option) and not _built_in(reason):
                shown.add(reason.rule)
                side = "for" if reason.effect == "for" else "against"
                name = option_name(tuple(reason.target.split("+")), catalog)
                yield f"{reason.because} (speaks {side} {name}, {reason.strength}){cited.cite(reason.sources)}"


def _runner_up(verdict: Verdict, catalog: Catalog, cited: _Cited) -> Iterator[str]:
    if verdict.status != "decided":
        return
    runner = verdict.outcome.runner_up
    if runner is None:
        yield "no other option covers any of it"
        return
    name = option_name(runner.option, catalog)
    yield f"{name}, behind {_GRADE_WORDS[verdict.grade or 'clear']}"
    if runner.uncovered:
        yield f"it leaves open: {_names(sorted(runner.uncovered), catalog)}"
        return
    for reason in verdict.reasons:
        against = reason.effect == "against" and _bears(reason, runner.option) and not _bears(reason, verdict.recommendation)
        if against and reason.strength == verdict.decided_at:
            yield f"{reason.because}{cited.cite(reason.sources)}"


def _remark(verdict: Verdict, other: Verdict, catalog: Catalog, cited: _Cited) -> Iterator[str]:
    yield _headline(other, catalog)
    if (other.status, other.recommendation) == (verdict.status, verdict.recommendation):
        return
    for note in other.contradictions if not verdict.contradictions else ():
        yield f"{note.because} Please settle: {note.text}{cited.cite(note.sources)}"
    differ = [n for n in verdict.coverage if verdict.coverage[n] != other.coverage.get(n, ())]
    for need in differ[:MAX_REASONS]:
        roles = other.coverage.get(need, ())
        who = f"{_roles(roles, catalog)}" if roles else "none of the three"
        sources = catalog.functions[need].sources
        yield f"{catalog.functions[need].name}: usually done by {who}{cited.cite(sources)}"
    yield from _weighed(other, cited, catalog)


def _gaps(verdict: Verdict, catalog: Catalog) -> Iterator[str]:
    for need in verdict.uncovered:
        yield f"{catalog.functions[need].name}: not by the recommended kind; {_roles(verdict.coverage[need], catalog)} would"
    for need in verdict.outside:
        others = catalog.functions[need].others
        yield f"{catalog.functions[need].name}: outside all three roles" + (f"; done by {others}" if others else "")


def _implied(verdict: Verdict, catalog: Catalog, cited: _Cited) -> Iterator[str]:
    for need, reasons in verdict.implied_needs.items():
        for reason in reasons:
            yield f"{catalog.functions[need].name}: {reason.because}{cited.cite(reason.sources)}"


def _notes(notes: Iterable[Note], cited: _Cited) -> Iterator[str]:
    for text in dict.fromkeys(f"{note.text}{cited.cite(note.sources)}" for note in notes):
        yield text


def _plans(advice: Advice, cited: _Cited) -> Iterator[str]:
    seen = {plan.title: plan for verdict in advice.verdicts.values() for plan in verdict.plans}
    for plan in seen.values():
        yield f"{plan.title}: {plan.text}{cited.cite(plan.sources)}"


def _open(verdict: Verdict, catalog: Catalog) -> Iterator[str]:
    if "needs" in verdict.open_facts:
        yield "what should be done by somebody else: without it nothing can be recommended"
        return
    facts = sorted((f for f in verdict.open_facts), key=lambda f: (catalog.facts[f].order, f))
    for fact in facts[:MAX_OPEN]:
        yield f"{catalog.facts[fact].label} ({fact}): {catalog.facts[fact].question}"
    if len(facts) > MAX_OPEN:
        yield f"and {len(facts) - MAX_OPEN} more that could change the {verdict.view} view: {', '.join(facts[MAX_OPEN:])}"


def _owed(advice: Advice, kinds: tuple[str, ...], cited: _Cited) -> Iterator[str]:
    """Yield duties of the headline's roles, and the conditions that rules of any view bring in."""
    found: dict[str, Owed] = {}
    for verdict in (advice.verdict, *advice.verdicts.values()):
        for owed in verdict.duties:
            if owed.kind in kinds and (verdict is advice.verdict or owed.kind == "requirement"):
                found.setdefault(owed.duty, owed)
    for owed in found.values():
        yield f"{owed.title}: {owed.text}{cited.cite(owed.sources)}"


def _bears(reason: Reason, option: Option) -> bool:
    if reason.effect not in {"for", "against"}:
        return False
    target = tuple(reason.target.split("+"))
    return target == option or (len(target) == 1 and target[0] in option and not _built_in(reason))


def _built_in(reason: Reason) -> bool:
    return reason.rule.startswith("built-in.")


def _roles(roles: Iterable[str], catalog: Catalog) -> str:
    return " or ".join(catalog.roles[role].name for role in roles)


def _names(functions: Iterable[str], catalog: Catalog) -> str:
    return ", ".join(catalog.functions[function].name for function in functions)


def _filled(title: str, points: Iterable[str]) -> Iterator[Section]:
    """Yield a section if it has anything to say."""
    found = tuple(points)
    if found:
        yield Section(title, found)


# --- the formats ------------------------------------------------------------------------------------------------------


def _as_text(advice: Advice, sections: list[Section]) -> str:
    lines = [advice.brief.name] if advice.brief.name else []
    for section in sections:
        if len(section.points) == 1 and section.title in {"Recommendation"}:
            lines += textwrap.wrap(f"{section.title}: {section.points[0]}", WIDTH, subsequent_indent="  ")
            continue
        lines += ["", section.title]
        for point in section.points:
            mark = "  " if point.startswith("[") else "  - "
            lines += textwrap.wrap(point, WIDTH, initial_indent=mark, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    lines += ["", _footer(advice)]
    return "\n".join(lines) + "\n"


def _as_markdown(advice: Advice, sections: list[Section]) -> str:
    lines = [f"# {_escape(advice.brief.name or 'Recommendation')}", ""]
    for section in sections:
        if section.title == "Recommendation":
            lines += [f"**Recommendation: {_escape(section.points[0])}**", ""]
            continue
        lines += [f"## {section.title}", ""]
        lines += [f"- {_escape(point)}" for point in section.points]
        lines.append("")
    lines.append(f"*{_footer(advice)}*")
    return "\n".join(lines) + "\n"


def _footer(advice: Advice) -> str:
    knowledge = advice.knowledge
    return f"advisor {tool_version()}, knowledge {knowledge.version}, sha256 {knowledge.sha256[:16]}"


def _escape(text: str) -> str:
    """Return text in which nothing is Markdown or HTML by accident."""
    for mark in "\\`*<>|":
        text = text.replace(mark, f"\\{mark}")
    return text.replace("_", "\\_").replace("[", "\\[").replace("]", "\\]")


def _reason_as_dict(reason: Reason) -> dict[str, Any]:
    facts: Mapping[str, Any] = {name: list(v) if isinstance(v, tuple) else v for name, v in reason.facts.items()}
    return {
        "rule": reason.rule,
        "title": reason.title,
        "because": reason.because,
        "source": list(reason.sources),
        "facts": facts,
        "effect": {"kind": reason.effect, "target": reason.target, "strength": reason.strength},
    }


def _note_as_dict(note: Note) -> dict[str, Any]:
    return {"rule": note.rule, "title": note.title, "text": note.text, "because": note.because, "source": list(note.sources)}


__all__ = ["FORMATS", "Section", "advice_as_dict", "effect_text", "option_name", "render_report", "sections_of", "tool_version", "verdict_as_dict"]
