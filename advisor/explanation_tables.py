"""The tables of an explanation: which role covers which need, and on which rung each option fell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from advisor.outline import Table
from advisor.wording import option_name

if TYPE_CHECKING:
    from advisor.api import Advice
    from advisor.explanation import Explanation
    from advisor.verdict import Standing

Mark = Literal["good", "bad", ""]
_RUNGS = (
    "Partners with work, none ruled out",
    "Must-haves left open",
    "Strong reasons",
    "Ordinary reasons",
    "Slight reasons",
    "Fewer, narrower",
)
_PLACES = {"ruled_out": 0, "idle": 0, "coverage": 1, "strong": 2, "ordinary": 3, "slight": 4, "tie_break": 5}
_COVERS: dict[bool, tuple[str, Mark]] = {True: ("covers", "good"), False: ("no", "")}


def coverage_table(advice: Advice) -> Table | None:
    """Return the must-haves with the roles that cover them, in every view; None if nothing is needed."""
    catalog = advice.knowledge.catalog
    needs = sorted({need for verdict in advice.verdicts.values() for need in verdict.outcome.needs})
    if not needs:
        return None
    head = (
        "Must-have",
        *(f"{role.name}, {catalog.views[view].title.lower()}" for view in advice.verdicts for role in catalog.roles.values()),
    )
    rows, marks = [], []
    for need in needs:
        cells: list[tuple[str, Mark]] = []
        for view, verdict in advice.verdicts.items():
            for role in catalog.roles:
                some = catalog.grade(view, need, role) == "rare"
                covers = role in verdict.coverage.get(need, ())
                cells.append(("some do", "") if some and not covers else _COVERS[covers])
        rows.append((catalog.functions[need].name, *(text for text, _ in cells)))
        marks.append(("", *(mark for _, mark in cells)))
    return Table("Must-haves and the roles that cover them", head, tuple(rows), tuple(marks))


def ladder_table(explanation: Explanation) -> Table | None:
    """Return every option with its measures, rung by rung, as far as it stood; None if no options were compared."""
    outcome, catalog = explanation.verdict.outcome, explanation.knowledge.catalog
    if outcome.status not in {"decided", "tie", "ruled_out"}:
        return None
    falls = {why_not.option: why_not for why_not in explanation.why_not}
    standings = [*outcome.winners, *(s for why in explanation.why_not for s in outcome.standings if s.option == why.option)]
    rows, marks = [], []
    for standing in standings:
        fell = _PLACES[falls[standing.option].rung] if standing.option in falls else len(_RUNGS)
        measures = _measures(standing, explanation)
        cells = [f"{text} - falls" if i == fell else text if i < fell else "" for i, text in enumerate(measures)]
        rows.append((option_name(standing.option, catalog), *cells))
        kept: list[Mark] = ["good" if i < fell else "bad" if i == fell else "" for i in range(len(measures))]
        marks.append(("", *kept))
    caption = "Each rung keeps the best of the options left. Balances are reasons for minus reasons against."
    return Table(caption, ("Option", *_RUNGS), tuple(rows), tuple(marks))


def _measures(standing: Standing, explanation: Explanation) -> tuple[str, ...]:
    if standing.ruled_out_by:
        first = "ruled out"
    else:
        names = explanation.knowledge.catalog.roles
        first = f"no work of its own: {', '.join(names[role].name for role in standing.idle)}" if standing.idle else "yes"
    gaps, strong, ordinary, slight, partners, breadth = standing.vector
    last = f"{partners} partner{'s' if partners > 1 else ''}, {'broad' if breadth else 'narrow'}"
    return (first, str(gaps), *(f"{-count:+d}" if count else "0" for count in (strong, ordinary, slight)), last)
