"""A quick bound on how certain an outcome is: whether what is still unknown could put another option first.

The bound errs on the careful side: *settled* is only said when no way of completing the brief can change the winner;
it may be missed where unknown answers that could each do harm cannot all occur together. Answers that would contradict
each other are no way of completing a brief, so a contradiction that waits unsettles nothing.
The exact answer is the business of `logic`, which is asked where this bound cannot tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.rules import STRENGTHS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.facts import Facts
    from advisor.verdict import Certainty, Evaluation, Ladder, Option, Outcome, Standing, Weight


@dataclass(frozen=True, slots=True)
class _Open:
    """What the waiting rules may still do."""

    needs: frozenset[str]
    covers: Mapping[str, frozenset[str]]
    weights: frozenset[Weight]
    rules_out: frozenset[Option]
    wishes: bool


def certainty_of(ladder: Ladder, facts: Facts, evaluation: Evaluation, outcome: Outcome) -> Certainty:
    """Return how certain an outcome is."""
    if not facts.needs_known or outcome.status == "tie":
        return "open"
    if outcome.status == "contradictory":
        return "settled"
    still = _still_open(ladder, facts, evaluation, outcome)
    if outcome.status != "decided":
        return "provisional" if still.needs or any(still.covers.values()) else "settled"
    winner = outcome.winners[0]
    threatened = any(target == winner.option or (len(target) == 1 and target[0] in winner.option) for target in still.rules_out)
    if threatened or (len(winner.option) > 1 and any(still.covers[role] & outcome.needs for role in winner.option)):
        return "provisional"
    more_to_do = bool(still.needs) or any(still.covers.values())
    rivals = [s for s in outcome.standings if s is not winner and not s.ruled_out_by and (not s.idle or more_to_do)]
    return "settled" if all(_surely_beats(winner, rival, ladder, still, outcome) for rival in rivals) else "provisional"


def _still_open(ladder: Ladder, facts: Facts, evaluation: Evaluation, outcome: Outcome) -> _Open:
    waiting = [ladder.effects[i] for i in evaluation.waiting]
    needs = frozenset(need for effects in waiting for need in effects.needs) - outcome.needs - facts.in_house
    all_covers = ladder.covers(evaluation.waiting)
    asked = outcome.needs | outcome.wishes | needs
    return _Open(
        needs=needs,
        covers={role: (functions & asked) - outcome.covers[role] for role, functions in all_covers.items()},
        weights=frozenset(weight for effects in waiting for weight in effects.weights),
        rules_out=frozenset(target for effects in waiting for target in effects.rules_out),
        wishes=any(effects.wishes for effects in waiting) or bool(outcome.wishes and needs),
    )


def _surely_beats(winner: Standing, rival: Standing, ladder: Ladder, still: _Open, outcome: Outcome) -> bool:
    """Return whether the winner stays ahead of a rival even if everything open goes against it."""
    margins = [_coverage_margin(winner, rival, ladder, still, outcome)]
    for strength in range(len(STRENGTHS)):
        margin = rival.vector[1 + strength] - winner.vector[1 + strength]
        margin += sum(min(0, _shift(weight, winner, rival)) for weight in still.weights if weight.strength == strength)
        if strength == ladder.open_wish and (still.wishes or (outcome.wishes and any(still.covers.values()))):
            margin -= 2  # the winner may come to leave one open, and the rival to leave none
        margins.append(margin)
    for margin in margins:
        if margin != 0:
            return margin > 0
    return winner.vector[len(margins) :] < rival.vector[len(margins) :]


def _coverage_margin(winner: Standing, rival: Standing, ladder: Ladder, still: _Open, outcome: Outcome) -> int:
    """Return by how many must-haves the winner covers more, at worst."""
    margin = rival.vector[0] - winner.vector[0]
    covered = frozenset().union(*(outcome.covers[role] for role in rival.option))
    gains = frozenset().union(*(still.covers[role] for role in rival.option))
    margin -= len(gains & (outcome.needs - covered))
    for need in still.needs:
        margin -= bool(need in gains | covered and not any((role, need) in ladder.always_covers for role in winner.option))
    return margin


def _shift(weight: Weight, winner: Standing, rival: Standing) -> int:
    """Return what an open reason would add to the winner's lead."""
    shift = int(weight.bears_on(winner.option)) - int(weight.bears_on(rival.option))
    return shift if weight.side == "for" else -shift
