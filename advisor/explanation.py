"""The explanation of a verdict, as a value: why, why not the others, what it rests on, what would change it, and what is owed.

Every part names rules, facts and sources, and holds when the brief is evaluated again; the formats only render it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from advisor.circuit import ending_of
from advisor.rules import STRENGTHS
from advisor.verdict import RUNGS, deciding_rung

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.api import Advice, Knowledge
    from advisor.circuit import Ending
    from advisor.completions import Answer
    from advisor.explain import Verdict
    from advisor.flips import Flips
    from advisor.logic import OpenFacts, RestsOn
    from advisor.reasons import Firing, Owed, Reason
    from advisor.rules import Strength
    from advisor.verdict import Grade, Option, Rung, Standing

Fall = Literal["ruled_out", "idle", "coverage", "strong", "ordinary", "slight", "tie_break"]


@dataclass(frozen=True, slots=True)
class Point:
    """One theme that counts for one of two options and not for the other: the option, the side, and the reasons of the theme."""

    option: Option
    side: Literal["for", "against"]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """Reasons of one strength, weighed for two options: the balance of each, and the points that separate them."""

    strength: Strength
    balances: tuple[int, int]
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why an option is not recommended: the first rung on which it fell behind the recommendation.

    Attributes:
        rung: where it fell; `idle` if a partner would have nothing of its own to do.
        rules: the reasons that rule it out; idle: the idle partners; uncovered: must-haves it leaves open and the winner covers.
        level: scales of higher rungs on which there was something to weigh, and which were level.
        scale: the scale on which it fell.

    """

    option: Option
    rung: Fall
    rules: tuple[Reason, ...] = ()
    idle: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    level: tuple[Scale, ...] = ()
    scale: Scale | None = None


@dataclass(frozen=True, slots=True)
class Robust:
    """How solid a verdict is.

    Attributes:
        grade: how firmly it was decided. distance: how many circumstances have to differ at least; None if more than two.
        critical_rules: reasons of rules without which, each taken out alone, it would end otherwise; by rule id.

    """

    grade: Grade | None
    distance: int | None
    critical_rules: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """All that can be said about one verdict; each part is worked out when it is asked for."""

    advice: Advice

    @property
    def verdict(self) -> Verdict:
        """The verdict explained."""
        return self.advice.verdict

    @property
    def knowledge(self) -> Knowledge:
        """What it was decided by."""
        return self.advice.knowledge

    @property
    def ending(self) -> Ending:
        """How it ended."""
        return ending_of(self.verdict.outcome)

    @cached_property
    def why_not(self) -> tuple[WhyNot, ...]:
        """Why each of the other options is not recommended, the nearest first; empty where no options were compared."""
        outcome = self.verdict.outcome
        if outcome.status not in {"decided", "tie", "ruled_out"}:
            return ()
        winner = outcome.winners[0] if outcome.winners else None
        others = [s for s in outcome.standings if s not in outcome.winners]
        return tuple(self._why_not(s, winner) for s in sorted(others, key=lambda s: (not s.stands, s.vector, s.option)))

    @property
    def rests_on(self) -> RestsOn:
        """The minimal sets of answers that force the verdict."""
        return self.verdict.rests_on

    @property
    def conflict(self) -> tuple[Answer, ...] | None:
        """Answers that cannot hold together; None if the brief can be completed."""
        return self.verdict.conflict

    @property
    def flips(self) -> Flips:
        """All smallest changes that give another verdict."""
        return self.verdict.flips

    @property
    def open(self) -> OpenFacts:
        """The unknown facts that could change it."""
        return self.verdict.open

    @cached_property
    def robust(self) -> Robust:
        """How solid it is."""
        return Robust(self.verdict.grade, self.flips.distance, self.verdict.critical_rules)

    @property
    def duties(self) -> tuple[Owed, ...]:
        """What follows from it."""
        return self.verdict.duties

    @property
    def trace(self) -> tuple[Firing, ...]:
        """Every rule that fired, in order."""
        return self.verdict.firings

    # --- how it is worked out -------------------------------------------------------------------------------------------

    def _why_not(self, standing: Standing, winner: Standing | None) -> WhyNot:
        option = standing.option
        if standing.ruled_out_by:
            return WhyNot(option, "ruled_out", rules=tuple(self._ruling_out(option)))
        if standing.idle or winner is None:
            return WhyNot(option, "idle", idle=standing.idle)
        rung = deciding_rung(winner, standing)
        level = tuple(scale for scale in self._level_scales(standing, winner, rung) if scale.points)
        if rung == "coverage":
            return WhyNot(option, rung, uncovered=tuple(sorted(standing.uncovered - winner.uncovered)))
        if rung in STRENGTHS:
            return WhyNot(option, rung, level=level, scale=self._scale(standing, winner, rung))
        return WhyNot(option, "tie_break", level=level)

    def _ruling_out(self, option: Option) -> Iterator[Reason]:
        for reason in self.verdict.reasons:
            if reason.effect == "rule_out" and _bears(reason, option):
                yield reason

    def _level_scales(self, standing: Standing, winner: Standing, rung: Rung) -> Iterator[Scale]:
        for strength in STRENGTHS[: STRENGTHS.index(rung)] if rung in STRENGTHS else STRENGTHS if rung == "tie_break" else ():
            yield self._scale(standing, winner, strength)

    def _scale(self, standing: Standing, winner: Standing, strength: Strength) -> Scale:
        """Return the reasons of one strength that count for one of the two and not for the other."""
        place = RUNGS.index(strength)
        ours, theirs = self._themes(winner, strength), self._themes(standing, strength)
        points = [Point(winner.option, side, tuple(reasons)) for (side, theme), reasons in ours.items() if (side, theme) not in theirs]
        points += [Point(standing.option, side, tuple(reasons)) for (side, theme), reasons in theirs.items() if (side, theme) not in ours]
        return Scale(strength, (-winner.vector[place], -standing.vector[place]), tuple(points))

    def _themes(self, standing: Standing, strength: Strength) -> dict[tuple[Literal["for", "against"], str], list[Reason]]:
        fired = [r for r in self.verdict.reasons if r.effect in {"for", "against"} and not r.rule.startswith("built-in.")]
        found: dict[tuple[Literal["for", "against"], str], list[Reason]] = {}
        for reason in (*(r for r in fired if _bears(r, standing.option)), *self.verdict.built_in_reasons(standing)):
            if reason.strength == strength:
                side: Literal["for", "against"] = "for" if reason.effect == "for" else "against"
                theme = reason.theme
                if theme.endswith("unused-breadth"):
                    theme = f"{theme} {standing.vector[-1]}"  # it counts once for each step of breadth
                found.setdefault((side, theme), []).append(reason)
        return found


def explain(advice: Advice) -> Explanation:
    """Return the explanation of an advice, in the view that makes its headline."""
    return Explanation(advice)


def _bears(reason: Reason, option: Option) -> bool:
    target = tuple(reason.target.split("+"))
    return target == option or (len(target) == 1 and target[0] in option)
