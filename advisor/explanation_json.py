"""An explanation as plain values, ready for JSON: everything it holds, ids and labels side by side."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from advisor.facts import Span
from advisor.report import SCHEMA_VERSION, tool_version, verdict_as_dict
from advisor.wording import answer_name, change_name, ending_name, option_name, value_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from advisor.catalog import Catalog
    from advisor.circuit import Ending
    from advisor.completions import Answer
    from advisor.explanation import Explanation, Scale, WhyNot
    from advisor.flips import Flip
    from advisor.logic import OpenFact
    from advisor.reasons import Reason


def as_json(explanation: Explanation) -> str:
    """Return an explanation as JSON, ending in a newline."""
    return json.dumps(explanation_as_dict(explanation), indent=2, ensure_ascii=False) + "\n"


def explanation_as_dict(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as plain values."""
    knowledge, catalog = explanation.knowledge, explanation.knowledge.catalog
    flips, open_ = explanation.flips, explanation.open
    return {
        "schema_version": SCHEMA_VERSION,
        "tool_version": tool_version(),
        "knowledge": {"version": knowledge.version, "sha256": knowledge.sha256},
        "brief": explanation.advice.brief.name,
        "view": explanation.verdict.view,
        "verdict": verdict_as_dict(explanation.verdict, catalog),
        "why_not": [_why_not(why_not, catalog) for why_not in explanation.why_not],
        "rests_on": _rests_on(explanation),
        "would_change": {
            "circumstances": [_flip(flip, catalog) for flip in flips.circumstances],
            "findings": [_flip(flip, catalog) for flip in flips.findings],
            "needs": [_flip(flip, catalog) for flip in flips.needs],
            "searched": flips.searched,
            "complete": flips.complete,
        },
        "open": {"facts": [_open_fact(o, catalog) for o in open_.facts], "complete": open_.complete},
        "robust": {
            "grade": explanation.robust.grade,
            "distance": explanation.robust.distance,
            "critical_rules": list(explanation.robust.critical_rules),
        },
        "trace": [
            {"rule": f.rule, "title": f.title, "facts": _facts(f.facts), "effects": list(f.effects), "source": list(f.sources)}
            for f in explanation.trace
        ],
    }


def _why_not(why_not: WhyNot, catalog: Catalog) -> dict[str, Any]:
    return {
        "option": list(why_not.option),
        "name": option_name(why_not.option, catalog),
        "rung": why_not.rung,
        "rules": [reason.rule for reason in why_not.rules],
        "idle": list(why_not.idle),
        "uncovered": list(why_not.uncovered),
        "level": [_scale(scale) for scale in why_not.level],
        "scale": _scale(why_not.scale) if why_not.scale else None,
    }


def _scale(scale: Scale) -> dict[str, Any]:
    points = [{"option": list(p.option), "side": p.side, "reasons": [_reason(r) for r in p.reasons]} for p in scale.points]
    return {"strength": scale.strength, "balances": list(scale.balances), "points": points}


def _reason(reason: Reason) -> dict[str, Any]:
    return {"rule": reason.rule, "because": reason.because, "facts": _facts(reason.facts), "source": list(reason.sources)}


def _facts(facts: Any) -> dict[str, Any]:  # noqa: ANN401 - values of any fact
    return {name: list(value) if isinstance(value, tuple) else value for name, value in facts.items()}


def _rests_on(explanation: Explanation) -> dict[str, Any]:
    rests_on = explanation.rests_on

    def answers(found: Iterable[Answer]) -> list[dict[str, str]]:
        brief, catalog = explanation.advice.brief, explanation.knowledge.catalog
        return [{"kind": a.kind, "id": a.name, "label": answer_name(a, brief, catalog)} for a in found]

    return {
        "sets": [answers(found) for found in rests_on.sets],
        "core": answers(rests_on.core),
        "no_part": answers(rests_on.no_part),
        "complete": rests_on.complete,
        "conflict": None if explanation.conflict is None else answers(explanation.conflict),
    }


def _flip(flip: Flip, catalog: Catalog) -> dict[str, Any]:
    changes = [
        {"kind": c.kind, "id": c.name, "from": _value(c.before), "to": [_value(v) for v in c.values], "label": change_name(c, catalog)}
        for c in flip.changes
    ]
    return {"changes": changes, "to": _ending(flip.ending, catalog)}


def _ending(ending: Ending, catalog: Catalog) -> dict[str, Any]:
    return {"status": ending.status, "options": [list(option) for option in ending.winners], "label": ending_name(ending, catalog)}


def _open_fact(open_: OpenFact, catalog: Catalog) -> dict[str, Any]:
    examples = []
    for brief, ending in zip(open_.completions, open_.endings, strict=True):
        value = sorted(brief.needs or ()) if open_.fact == "needs" else _value(brief.facts[open_.fact])
        label = "" if open_.fact == "needs" else value_name(open_.fact, brief.facts[open_.fact], catalog)
        others = {fact: _value(v) for fact, v in sorted(brief.facts.items())}
        examples.append(
            {"value": value, "label": label, "to": _ending(ending, catalog), "needs": sorted(brief.needs or ()), "facts": others}
        )
    return {"fact": open_.fact, "together": list(open_.together), "examples": examples}


def _value(value: object) -> Any:  # noqa: ANN401 - values of any fact
    if isinstance(value, frozenset):
        return sorted(value)
    return {"from": value.first, "to": value.last} if isinstance(value, Span) else value
