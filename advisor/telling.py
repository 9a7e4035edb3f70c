"""An explanation as a document: each part becomes sentences; nothing is decided here."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from advisor.explanation_tables import coverage_table, ladder_table
from advisor.outline import Document, Points, Section, Sentence, Table
from advisor.report import MAX_REASONS, MAX_SOURCES, headline, tool_version
from advisor.wording import answer_name, change_name, ending_name, function_names, option_name, value_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from advisor.catalog import DutyKind
    from advisor.completions import Answer
    from advisor.explanation import Explanation, Scale, WhyNot
    from advisor.flips import Flip
    from advisor.logic import OpenFact
    from advisor.outline import Block
    from advisor.verdict import Option

MAX_FLIPS = 3  # for each verdict they lead to
MAX_SETS = 3
MAX_OPEN = 6

_GRADES = {
    "clear": "Clear: the other options leave more of the work open, or are ruled out.",
    "firm": "Firm: strong reasons separate it from the runner-up.",
    "moderate": "Moderate: ordinary reasons separate it from the runner-up.",
    "slight": "Slight: only slight reasons separate it from the runner-up.",
    "close_call": "A close call: reasons are level, and fewer or narrower partners come first.",
}
_DUTIES: dict[DutyKind, str] = {
    "next_step": "Next steps",
    "requirement": "Conditions on the partner",
    "agreement": "Agreements to sign",
    "due_diligence": "To check before signing",
    "rfp": "To ask in the request for proposal",
    "oversight": "Oversight afterwards",
}


def tell(explanation: Explanation, parts: Iterable[str] = (), *, option: Option | None = None) -> Document:
    """Return an explanation as a document.

    Args:
        explanation: what to tell.
        parts: keys of the sections wanted; all but the trace if none are named.
        option: for `why-not`, the only option to speak of.

    """
    wanted = list(parts) or [key for key in SECTIONS if key != "trace"]
    sections = []
    for key in wanted:
        title, blocks_of = SECTIONS[key]
        why_not = option is not None and key == "why-not"
        blocks = tuple(_why_not(explanation, option) if why_not else blocks_of(explanation))
        if blocks:
            sections.append(Section(key, title, blocks))
    knowledge = explanation.knowledge
    footer = (f"advisor {tool_version()}, knowledge {knowledge.version}", f"sha256 of the knowledge: {knowledge.sha256}")
    title = explanation.advice.brief.name or "Recommendation"
    return Document(title, f"Recommendation: {headline(explanation.verdict, knowledge.catalog)}", tuple(sections), footer)


# --- why, and why not -----------------------------------------------------------------------------------------------------


def _why(explanation: Explanation) -> Iterator[Block]:
    verdict, catalog = explanation.verdict, explanation.knowledge.catalog
    items = [Sentence(f"{note.because} Please settle: {note.text}", note.sources) for note in verdict.contradictions]
    for role in dict.fromkeys(role for standing in verdict.outcome.winners for role in standing.option):
        covers = [r for r in verdict.reasons if r.effect == "cover" and r.target.startswith(f"{role}: ")]
        needs = [need for need, roles in verdict.coverage.items() if role in roles]
        if needs:
            sources = tuple(dict.fromkeys(source for reason in covers for source in reason.sources))[:MAX_SOURCES]
            count = f"{len(needs)} of {len(verdict.outcome.needs)} must-haves"
            items.append(Sentence(f"{catalog.roles[role].name} covers {count}: {function_names(needs, catalog)}.", sources))
    items += _deciding(explanation)
    for need in verdict.outside:
        entry = catalog.functions[need]
        done_by = f"; done by {entry.others}" if entry.others else ""
        items.append(Sentence(f"{entry.name} is outside all three roles{done_by}.", entry.sources[:MAX_SOURCES]))
    for view, other in explanation.advice.verdicts.items():
        if view != verdict.view:
            items.append(Sentence(f"{catalog.views[view].title} ({view} view): {headline(other, catalog)}."))
    yield Points(tuple(items))


def _deciding(explanation: Explanation) -> Iterator[Sentence]:
    """Yield the reasons that separate the recommendation from the runner-up."""
    verdict, catalog = explanation.verdict, explanation.knowledge.catalog
    nearest = next((w for w in explanation.why_not if w.option == verdict.runner_up), None)
    if nearest is None:
        return
    for scale in (*nearest.level, *([nearest.scale] if nearest.scale else [])):
        for point in scale.points[:MAX_REASONS]:
            reason = point.reasons[0]
            yield Sentence(f"{reason.because} ({point.side} {option_name(point.option, catalog)}, {scale.strength})", reason.sources)


def _why_not(explanation: Explanation, only: Option | None = None) -> Iterator[Block]:
    catalog = explanation.knowledge.catalog
    for why_not in explanation.why_not:
        if only is None or why_not.option == only:
            lead = f"Why not {option_name(why_not.option, catalog)}?"
            if why_not.option == explanation.verdict.runner_up:
                lead = f"Why not {option_name(why_not.option, catalog)}, the runner-up?"
            yield Points(tuple(_fall(why_not, explanation)), lead)


def _fall(why_not: WhyNot, explanation: Explanation) -> Iterator[Sentence]:
    catalog = explanation.knowledge.catalog
    if why_not.rung == "ruled_out":
        yield from (Sentence(f"Ruled out: {reason.because}", reason.sources) for reason in why_not.rules)
    elif why_not.rung == "idle":
        yield Sentence(_idle(why_not, explanation))
    elif why_not.rung == "coverage":
        yield Sentence(f"It leaves open what the recommendation covers: {function_names(why_not.uncovered, catalog)}.")
    for scale in why_not.level:
        yield from _weighed(scale, explanation, f"The {scale.strength} reasons are level")
    if why_not.scale is not None:
        ours, theirs = why_not.scale.balances
        yield from _weighed(
            why_not.scale, explanation, f"The {why_not.scale.strength} reasons decide ({_signed(ours)} against {_signed(theirs)})"
        )
    elif why_not.rung == "tie_break":
        yield Sentence("Nothing else separates the two, and fewer partners, then the narrower role, come first.")


def _signed(balance: int) -> str:
    return f"{balance:+d}" if balance else "0"


def _idle(why_not: WhyNot, explanation: Explanation) -> str:
    catalog = explanation.knowledge.catalog
    if len(why_not.option) == 1:
        return "It covers none of the must-haves."
    idle = " nor ".join(f"the {catalog.roles[role].name}" for role in why_not.idle)
    return f"Nothing in the brief needs {idle}: there is no must-have that only this partner would cover."


def _weighed(scale: Scale, explanation: Explanation, lead: str) -> Iterator[Sentence]:
    catalog = explanation.knowledge.catalog
    yield Sentence(f"{lead}:")
    for point in scale.points:
        reason = point.reasons[0]
        more = f" ({len(point.reasons) - 1} more to the same effect)" if len(point.reasons) > 1 else ""
        yield Sentence(f"{point.side.capitalize()} {option_name(point.option, catalog)}: {reason.because}{more}", reason.sources)


# --- what would change it, and what is open ---------------------------------------------------------------------------------


def _flips(explanation: Explanation) -> Iterator[Block]:
    flips = explanation.flips
    if not flips.circumstances:
        yield Points((Sentence("No change of one or two circumstances gives another verdict."),))
    yield from _flip_groups(flips.circumstances, "It would become {} if", explanation)
    yield from _flip_groups(flips.findings, "It would become {} if it turned out that", explanation)
    yield from _flip_groups(flips.needs, "With other needs it would be {}, if", explanation)
    scope = "Every single change, and every pair of circumstances" if flips.complete else "Every single change; pairs incomplete"
    yield Points((Sentence(f"{scope}: {flips.searched} variants of the brief; what is not known was left so."),), "What was tried:")


def _flip_groups(flips: Iterable[Flip], lead: str, explanation: Explanation) -> Iterator[Block]:
    catalog = explanation.knowledge.catalog
    ordered = sorted(flips, key=lambda flip: (flip.ending, len(flip.changes)))
    for ending, group in groupby(ordered, key=lambda flip: flip.ending):
        listed = list(group)
        items = [Sentence(" and ".join(change_name(change, catalog) for change in flip.changes)) for flip in listed[:MAX_FLIPS]]
        if len(listed) > MAX_FLIPS:
            items.append(Sentence(f"or one of {len(listed) - MAX_FLIPS} other changes (all are in the JSON)"))
        yield Points(tuple(items), lead.format(ending_name(ending, catalog)) + ":")


def _open(explanation: Explanation) -> Iterator[Block]:
    verdict, catalog = explanation.verdict, explanation.knowledge.catalog
    if verdict.certainty == "settled":
        settled = "Settled: no answer that is still open can change it."
        yield Points((Sentence(settled if verdict.status != "contradictory" else "No answer that is still open lifts the contradiction."),))
        return
    found = sorted(
        explanation.open.facts, key=lambda o: (o.fact != "needs", catalog.facts[o.fact].order if o.fact in catalog.facts else 0, o.fact)
    )
    lead = f"{len(found)} open answer{'s' if len(found) != 1 else ''} could change it:" if found else ""
    items = [Sentence(_open_fact(open_, explanation)) for open_ in found[:MAX_OPEN]]
    if len(found) > MAX_OPEN:
        items.append(Sentence(f"and {len(found) - MAX_OPEN} more: {'; '.join(catalog.facts[o.fact].label for o in found[MAX_OPEN:])}"))
    if not found:
        items.append(Sentence("No answer that is still open separates what is level."))
    if not explanation.open.complete:
        items.append(Sentence("The search met its time bound: there may be more, incomplete."))
    yield Points(tuple(items), lead)


def _open_fact(open_: OpenFact, explanation: Explanation) -> str:
    catalog = explanation.knowledge.catalog
    if open_.fact == "needs":
        return "What somebody else should do for you: without it nothing can be recommended."
    values = [value_name(open_.fact, brief.facts[open_.fact], catalog) for brief in open_.completions]
    names = [ending_name(ending, catalog) for ending in open_.endings]
    linked = [catalog.facts[other].label for other in open_.together]
    equal = f"together with {', '.join(linked)}" if linked else "all else being equal"
    return f"{catalog.facts[open_.fact].question} '{values[0]}' can give {names[0]} where '{values[1]}' gives {names[1]}, {equal}."


# --- what it rests on, how solid it is, what is owed --------------------------------------------------------------------------


def _rests_on(explanation: Explanation) -> Iterator[Block]:
    rests_on, brief, catalog = explanation.rests_on, explanation.advice.brief, explanation.knowledge.catalog
    if explanation.verdict.status == "contradictory" or (explanation.verdict.certainty == "open" and explanation.conflict is not None):
        items = [Sentence(answer_name(answer, brief, catalog)) for answer in explanation.conflict or ()]
        yield Points(tuple(items), "These answers cannot hold together:")
        return
    for i, answers in enumerate(rests_on.sets[:MAX_SETS]):
        lead = "These answers alone force it, whatever the others are:" if i == 0 else "So do these:"
        yield Points(tuple(Sentence(answer_name(answer, brief, catalog)) for answer in answers), lead)
    rest = []
    if len(rests_on.sets) > MAX_SETS or not rests_on.complete:
        known = (
            f"{len(rests_on.sets)} such sets"
            if rests_on.complete
            else f"{len(rests_on.sets)} such sets found, searched up to there, incomplete"
        )
        rest.append(Sentence(f"{known}; in all of them: {_answers(rests_on.core, explanation) or 'no single answer'}."))
    if rests_on.no_part:
        rest.append(Sentence(f"Played no part: {_answers(rests_on.no_part, explanation)}."))
    if not rests_on.sets and not rest:
        rest.append(Sentence("The answers given do not force it yet; see what is still open."))
    if rest:
        yield Points(tuple(rest), "Taken together:" if rests_on.sets else "")


def _answers(answers: Iterable[Answer], explanation: Explanation) -> str:
    brief, catalog = explanation.advice.brief, explanation.knowledge.catalog
    return "; ".join(answer_name(answer, brief, catalog) for answer in answers)


def _robust(explanation: Explanation) -> Iterator[Block]:
    robust, rules = explanation.robust, explanation.knowledge.rules.rules()
    items = [Sentence(_GRADES[robust.grade])] if robust.grade else []
    if robust.distance is None:
        items.append(Sentence("More than two circumstances would have to differ before another verdict came out, if any ever does."))
    else:
        count = "One circumstance" if robust.distance == 1 else "Two circumstances"
        items.append(Sentence(f"{count} would have to differ for another verdict."))
    items += [Sentence(f"It hangs on the rule '{rules[rule].title}'.", rules[rule].sources[:MAX_SOURCES]) for rule in robust.critical_rules]
    if not robust.critical_rules:
        items.append(Sentence("It hangs on no single rule: taking out any one leaves the verdict as it is."))
    yield Points(tuple(items))


def _duties(explanation: Explanation) -> Iterator[Block]:
    for kind, title in _DUTIES.items():
        owed = [duty for duty in explanation.duties if duty.kind == kind]
        if owed:
            items = tuple(Sentence(f"{duty.title}: {duty.text}", duty.sources[:MAX_SOURCES]) for duty in owed)
            yield Points(items, f"{title}:", checklist=True)


def _trace(explanation: Explanation) -> Iterator[Block]:
    catalog = explanation.knowledge.catalog
    items = []
    for firing in explanation.trace:
        read = "; ".join(_read(fact, value, explanation) for fact, value in sorted(firing.facts.items()))
        items.append(Sentence(f"{firing.title} ({firing.rule}){f' on {read}' if read else ''}: {firing.because}", firing.sources))
    waiting = [w for w in explanation.verdict.waiting if w.decisive]
    yield Points(tuple(items), f"{len(items)} rules fired, in this order:")
    if waiting:
        facts = [", ".join(catalog.facts[f].label if f in catalog.facts else "the needs" for f in w.open_facts) for w in waiting]
        yield Points(
            tuple(Sentence(f"{w.title} ({w.rule}): waits for {names}") for w, names in zip(waiting, facts, strict=True)), "Rules that wait:"
        )


def _read(fact: str, value: object, explanation: Explanation) -> str:
    catalog = explanation.knowledge.catalog
    if fact in {"needs", "wishes", "in_house"} and isinstance(value, tuple):
        return f"{fact.replace('_', ' ')}: {function_names(value, catalog)}"
    if fact not in catalog.facts:
        return fact.replace("_", " ")
    return f"{catalog.facts[fact].label}: {value_name(fact, frozenset(value) if isinstance(value, tuple) else value, catalog)}"  # type: ignore[arg-type]


def _tables(explanation: Explanation) -> Iterator[Block]:
    table: Table | None = ladder_table(explanation)
    if table is not None:
        yield table


def _coverage(explanation: Explanation) -> Iterator[Block]:
    table: Table | None = coverage_table(explanation.advice)
    if table is not None:
        yield table


SECTIONS: dict[str, tuple[str, Callable[[Explanation], Iterator[Block]]]] = {
    "why": ("Why", _why),
    "why-not": ("Why not the others", _why_not),
    "ladder": ("The options, rung by rung", _tables),
    "coverage": ("Who covers what", _coverage),
    "flips": ("What would change it", _flips),
    "open": ("What is still open", _open),
    "rests-on": ("What it rests on", _rests_on),
    "robust": ("How solid it is", _robust),
    "duties": ("What you owe next", _duties),
    "trace": ("Trace", _trace),
}
