"""Advice as text, Markdown and JSON: these render what the verdict says, and add nothing."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from advisor.citations import WIDTH, Citations, escape
from advisor.release import __version__
from advisor.wording import option_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from advisor.api import Advice
    from advisor.catalog import Catalog
    from advisor.explain import Verdict
    from advisor.reasons import Note, Reason
    from advisor.verdict import Option

SCHEMA_VERSION = 1
FORMATS = ("text", "md", "json")
MAX_REASONS = 4
MAX_SOURCES = 4
MAX_OPEN = 6

GRADE_WORDS = {
    "clear": "Clear: it does less of the work, or is ruled out",
    "firm": "Firm: strong reasons separate the two",
    "moderate": "Moderate: ordinary reasons separate the two",
    "slight": "Slight: only slight reasons separate the two",
    "close_call": "A close call: reasons are level, and fewer or narrower partners come first",
}


_NO_ANSWER = {
    "nothing_needed": "none: nothing has to be outsourced",
    "outside": "none of CMO, CRO and CDMO: nothing needed is on their lists",
    "contradictory": "none yet: the brief contradicts itself",
    "ruled_out": "none: every option is ruled out",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its points."""

    title: str
    points: tuple[str, ...]


def render_report(advice: Advice, form: str) -> str:
    """Return an advice as text, Markdown (`md`) or JSON, ending in a newline."""
    if form == "json":
        return json.dumps(advice_as_dict(advice), indent=2, ensure_ascii=False) + "\n"
    sections = list(sections_of(advice, with_urls=form == "md"))
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
            {"duty": d.duty, "kind": d.kind, "title": d.title, "text": d.text, "source": list(d.sources), "rules": list(d.rules)}
            for d in verdict.duties
        ],
    }


def sections_of(advice: Advice, *, with_urls: bool = False) -> Iterator[Section]:
    """Yield the report of an advice, section by section; sources with or without their addresses."""
    catalog = advice.knowledge.catalog
    cited = Citations(catalog)
    verdict = advice.verdict
    yield Section("Recommendation", (headline(verdict, catalog),))
    yield from _filled("Why", _why(verdict, catalog, cited))
    yield from _filled("Runner-up", _runner_up(verdict, catalog, cited))
    for view, other in advice.verdicts.items():
        if view != advice.view:
            yield from _filled(f"{catalog.views[view].title} ({view} view)", _remark(verdict, other, catalog, cited))
    yield from _filled("Nobody covers", _gaps(advice))
    yield from _filled("Needed although not asked for", _implied(advice, cited))
    yield from _filled("Mind", _warnings(advice, cited))
    yield from _filled("How to go about it", _plans(advice, cited))
    yield from _filled("Not known yet, and could change this", _open(verdict, catalog))
    yield from _filled("Conditions on the partner", _conditions(advice, cited))
    yield from _filled("Next", _next_steps(verdict))
    yield from _filled("Sources", _sources(cited, with_urls=with_urls))


def tool_version() -> str:
    """Return the version of this program."""
    return __version__


# --- the sections -----------------------------------------------------------------------------------------------------


def headline(verdict: Verdict, catalog: Catalog) -> str:
    """Return the answer in one line."""
    how = f"{catalog.views[verdict.view].title.lower()}, {verdict.certainty}"
    if verdict.status == "decided":
        partial = "; partial: see the gaps" if verdict.partial else ""
        return f"{option_name(verdict.recommendation, catalog)} ({how}{partial})"
    if verdict.status == "tie":
        return f"either {' or '.join(option_name(option, catalog) for option in verdict.tied)}: nothing separates them ({how})"
    if verdict.status == "nothing_needed" and verdict.certainty == "open":
        return f"none yet: the brief does not say what is needed ({how})"
    return f"{_NO_ANSWER[verdict.status]} ({how})"


def _why(verdict: Verdict, catalog: Catalog, cited: Citations) -> Iterator[str]:
    for note in verdict.contradictions:
        yield f"{note.because} Please settle: {note.text}{cited.mark(note.sources)}"
    if verdict.contradictions:
        return
    for role in dict.fromkeys(role for standing in verdict.outcome.winners for role in standing.option):
        covered = {f"{role}: {need}" for need in verdict.coverage}  # must-haves only: a wish is not counted here
        covers = [r for r in verdict.reasons if r.effect == "cover" and r.target in covered]
        names = [catalog.functions[r.target.partition(": ")[2]].name for r in covers]
        needed = [n for n in verdict.coverage if role in verdict.coverage[n]]
        if needed:
            sources = dict.fromkeys(source for reason in covers for source in reason.sources)
            count = f"{len(needed)} of {len(verdict.outcome.needs)} must-haves"
            listed = "; ".join(sorted(set(names)))
            yield f"{catalog.roles[role].name} covers {count}: {listed}{cited.mark(list(sources)[:MAX_SOURCES])}"
    yield from _weighed(verdict, cited, catalog)
    if verdict.status == "ruled_out":
        for reason in verdict.reasons:
            if reason.effect == "rule_out":
                yield f"{reason.because}{cited.mark(reason.sources)}"


def _weighed(verdict: Verdict, cited: Citations, catalog: Catalog) -> Iterator[str]:
    """Yield the reasons that speak for the recommendation or against it, the deciding ones first."""
    shown: set[str] = set()
    for winner in verdict.outcome.winners:
        for reason in verdict.reasons:
            if len(shown) < MAX_REASONS and reason.rule not in shown and _bears(reason, winner.option) and not _built_in(reason):
                shown.add(reason.rule)
                side = "for" if reason.effect == "for" else "against"
                name = option_name(tuple(reason.target.split("+")), catalog)
                yield f"{reason.because} (speaks {side} {name}, {reason.strength}){cited.mark(reason.sources)}"


def _runner_up(verdict: Verdict, catalog: Catalog, cited: Citations) -> Iterator[str]:
    if verdict.status != "decided":
        return
    runner = verdict.outcome.runner_up
    if runner is None:
        yield "no other option covers any of it"
        return
    yield f"{option_name(runner.option, catalog)}. {GRADE_WORDS[verdict.grade or 'clear']}"
    if runner.uncovered:
        yield f"it leaves open: {_names(sorted(runner.uncovered), catalog)}"
        return
    shared = {r.rule for r in verdict.reasons if _built_in(r) and r.target == "+".join(verdict.recommendation)}
    for reason in verdict.reasons:
        against = reason.effect == "against" and _bears(reason, runner.option) and not _bears(reason, verdict.recommendation)
        if against and reason.strength == verdict.decided_at and reason.rule not in shared:
            yield f"{reason.because}{cited.mark(reason.sources)}"


def _remark(verdict: Verdict, other: Verdict, catalog: Catalog, cited: Citations) -> Iterator[str]:
    yield headline(other, catalog)
    if (other.status, other.recommendation) == (verdict.status, verdict.recommendation):
        return
    for note in other.contradictions if not verdict.contradictions else ():
        yield f"{note.because} Please settle: {note.text}{cited.mark(note.sources)}"
    differ = [n for n, roles in verdict.coverage.items() if roles and not set(verdict.recommendation) & set(other.coverage.get(n, ()))]
    for need in differ[:MAX_REASONS]:
        roles = other.coverage.get(need, ())
        who = f"{_roles(roles, catalog)}" if roles else "none of the three"
        sources = catalog.functions[need].sources
        yield f"{catalog.functions[need].name} is usually done by {who}{cited.mark(sources[:MAX_SOURCES])}"
    yield from _weighed(other, cited, catalog)


def _gaps(advice: Advice) -> Iterator[str]:
    catalog, verdict = advice.knowledge.catalog, advice.verdict
    for need in verdict.uncovered:
        yield f"{catalog.functions[need].name}: not by the recommended kind; {_roles(verdict.coverage[need], catalog)} would"
    for need in verdict.outside:
        entry = catalog.functions[need]
        others = f"; done by {entry.others}" if entry.others else ""
        elsewhere = {view: v.coverage.get(need, ()) for view, v in advice.verdicts.items()}
        known = [f"{catalog.views[view].title.lower()} by {_roles(roles, catalog)}" for view, roles in elsewhere.items() if roles]
        where = (
            f"on no list {catalog.views[verdict.view].title.lower()}; {', '.join(known)}" if known else f"outside all three roles{others}"
        )
        yield f"{entry.name}: {where}"


def _implied(advice: Advice, cited: Citations) -> Iterator[str]:
    """Yield what the rules of either view add to the needs."""
    functions = advice.knowledge.catalog.functions
    found = {
        f"{functions[need].name}: {reason.because}": reason.sources
        for verdict in advice.verdicts.values()
        for need, reasons in verdict.implied_needs.items()
        for reason in reasons
    }
    for text, sources in found.items():
        yield f"{text}{cited.mark(sources)}"


def _warnings(advice: Advice, cited: Citations) -> Iterator[str]:
    found = {note.text: note.sources for verdict in advice.verdicts.values() for note in verdict.warnings}
    for text, sources in found.items():
        yield f"{text}{cited.mark(sources)}"


def _plans(advice: Advice, cited: Citations) -> Iterator[str]:
    found = {plan.title: plan for verdict in advice.verdicts.values() for plan in verdict.plans}
    for plan in found.values():
        yield f"{plan.title}: {plan.text} {plan.because}{cited.mark(plan.sources)}"


def _open(verdict: Verdict, catalog: Catalog) -> Iterator[str]:
    if "needs" in verdict.open_facts:
        yield "What somebody else should do for you: without it nothing can be recommended"
        return
    facts = sorted(verdict.open_facts, key=lambda fact: (catalog.facts[fact].order, fact))
    for fact in facts[:MAX_OPEN]:
        yield f"{catalog.facts[fact].question} ({fact})"
    if len(facts) > MAX_OPEN:
        yield f"and {len(facts) - MAX_OPEN} more: {'; '.join(catalog.facts[fact].label for fact in facts[MAX_OPEN:])}"


def _conditions(advice: Advice, cited: Citations) -> Iterator[str]:
    """Yield the conditions that rules of any view bring in."""
    found = {owed.duty: owed for verdict in advice.verdicts.values() for owed in verdict.duties if owed.kind == "requirement"}
    for owed in found.values():
        yield f"{owed.title}: {owed.text}{cited.mark(owed.sources[:MAX_SOURCES])}"


def _next_steps(verdict: Verdict) -> Iterator[str]:
    """Yield what to agree on, in one line, and what to do next; JSON has the full texts with their sources."""
    agreements = [owed.title for owed in verdict.duties if owed.kind == "agreement"]
    if agreements:
        yield "Agree in writing: " + "; ".join(agreements)
    for owed in verdict.duties:
        if owed.kind == "next_step":
            yield f"{owed.title}: {owed.text}"


def _bears(reason: Reason, option: Option) -> bool:
    if reason.effect not in {"for", "against"}:
        return False
    target = tuple(reason.target.split("+"))
    return target == option or (len(target) == 1 and target[0] in option and not _built_in(reason))


def _built_in(reason: Reason) -> bool:
    return reason.rule.startswith("built-in.")


def _sources(cited: Citations, *, with_urls: bool) -> Iterator[str]:
    for number, text, url in cited.listing():
        yield f"[{number}] {text}{f', {url}' if with_urls and url else ''}"


def _roles(roles: Iterable[str], catalog: Catalog) -> str:
    return " or ".join(catalog.roles[role].name for role in roles)


def _names(functions: Iterable[str], catalog: Catalog) -> str:
    return "; ".join(catalog.functions[function].name for function in functions)


def _filled(title: str, points: Iterable[str]) -> Iterator[Section]:
    """Yield a section if it has anything to say."""
    found = tuple(points)
    if found:
        yield Section(title, found)


# --- the formats ------------------------------------------------------------------------------------------------------


def _as_text(advice: Advice, sections: list[Section]) -> str:
    lines = [advice.brief.name] if advice.brief.name else []
    for section in sections:
        if len(section.points) == 1 and section.title == "Recommendation":
            lines += textwrap.wrap(f"{section.title}: {section.points[0]}", WIDTH, subsequent_indent="  ")
            continue
        lines += ["", section.title]
        for point in section.points:
            mark = "  " if point.startswith("[") else "  - "
            lines += textwrap.wrap(
                point, WIDTH, initial_indent=mark, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
            )
    lines += ["", _footer(advice)]
    return "\n".join(lines) + "\n"


def _as_markdown(advice: Advice, sections: list[Section]) -> str:
    lines = [f"# {escape(advice.brief.name or 'Recommendation')}", ""]
    for section in sections:
        if section.title == "Recommendation":
            lines += [f"**Recommendation: {escape(section.points[0])}**", ""]
            continue
        lines += [f"## {section.title}", ""]
        lines += [f"- {escape(point)}" for point in section.points]
        lines.append("")
    lines.append(f"*{_footer(advice)}*")
    return "\n".join(lines) + "\n"


def _footer(advice: Advice) -> str:
    knowledge = advice.knowledge
    return f"advisor {tool_version()}, knowledge {knowledge.version}, sha256 {knowledge.sha256[:16]}"


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
