"""The verdict: the one place that turns firings into a recommendation, rung by rung.

Each option gets one vector (uncovered must-haves, balance of strong, of ordinary, of slight reasons, partners, breadth).
The options are compared by the first number in which they differ; the ladder is that lexicographic order. There are no
weights, and the order of options, rules or list entries never decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from advisor.compiler import Test
from advisor.facts import member_of
from advisor.rules import STRENGTHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from advisor.compiler import CompiledRule, Program
    from advisor.facts import Facts
    from advisor.rules import Effect

Option = tuple[str, ...]
Status = Literal["decided", "tie", "nothing_needed", "outside", "contradictory", "ruled_out"]
Certainty = Literal["settled", "provisional", "open"]
Grade = Literal["clear", "firm", "moderate", "slight", "close_call"]
Rung = Literal["ruled_out", "coverage", "strong", "ordinary", "slight", "tie_break"]
Side = Literal["for", "against"]

RUNGS: tuple[Rung, ...] = ("coverage", "strong", "ordinary", "slight", "tie_break", "tie_break")
GRADES: Mapping[Rung, Grade] = {
    "ruled_out": "clear",
    "coverage": "clear",
    "strong": "firm",
    "ordinary": "moderate",
    "slight": "slight",
    "tie_break": "close_call",
}
DECISIVE = frozenset({"derive", "need", "wish", "rule_out", "for", "against", "cover"})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluator found: the indexes of the rules of a program that fire, and of those that wait."""

    fired: frozenset[int]
    waiting: frozenset[int]


@dataclass(frozen=True)
class Weight:
    """A reason on a scale: for or against one role (and every option with it) or one pair."""

    target: Option
    side: Side
    strength: int
    theme: str

    def bears_on(self, option: Option) -> bool:
        """Return whether the reason counts for an option."""
        return self.target[0] in option if len(self.target) == 1 else self.target == option


@dataclass(frozen=True, slots=True)
class Standing:
    """How one option stands.

    Attributes:
        uncovered: the must-haves it leaves open; idle: the partners that would have nothing of their own to do.
        ruled_out_by: the rules that exclude it. vector: what the ladder compares; smaller is better.

    """

    option: Option
    uncovered: frozenset[str]
    idle: tuple[str, ...]
    ruled_out_by: tuple[int, ...]
    vector: tuple[int, ...]

    @property
    def stands(self) -> bool:
        """Whether it is among the options compared."""
        return not self.idle and not self.ruled_out_by


@dataclass(frozen=True, slots=True)
class Outcome:
    """The bare result of the ladder in one view.

    Attributes:
        needs: the must-haves compared, implied ones included; outside: must-haves that no role covers.
        winners: the best options: one, or several that nothing separates; runner_up: the best of the rest.
        standings: every option, in the order of the catalog.

    """

    status: Status
    needs: frozenset[str]
    wishes: frozenset[str]
    outside: frozenset[str]
    winners: tuple[Standing, ...] = ()
    runner_up: Standing | None = None
    decided_at: Rung | None = None
    standings: tuple[Standing, ...] = ()
    covers: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class RuleEffects:
    """The effects of one rule, sorted for the ladder."""

    needs: tuple[str, ...]
    wishes: tuple[str, ...]
    covers: tuple[tuple[str, str], ...]
    rules_out: tuple[Option, ...]
    weights: tuple[Weight, ...]
    contradicts: bool
    decisive: bool


class Ladder:
    """The ladder of one program: its options and what each rule does to them."""

    def __init__(self, program: Program) -> None:
        """Prepare options, breadths and effects."""
        catalog = program.catalog
        self.program = program
        self.options = catalog.options
        self.breadth = {option: max(heights[role] for role in option) for heights in [_heights(program)] for option in self.options}
        self.effects = tuple(_effects_of(rule.rule.then, rule.rule.id) for rule in program.rules)
        self.always_covers = frozenset(pair for rule in program.rules for pair in _always_covered(rule, program))
        built_in = catalog.built_in
        self.second_partner = STRENGTHS.index(built_in["second_partner"].strength)
        self.unused_breadth = STRENGTHS.index(built_in["unused_breadth"].strength)
        self.open_wish = STRENGTHS.index(built_in["open_wish"].strength)

    def decide(self, facts: Facts, evaluation: Evaluation) -> Outcome:
        """Return the outcome for one brief."""
        fired = [self.effects[i] for i in evaluation.fired]
        needs = (facts.needs | {need for effects in fired for need in effects.needs}) - facts.in_house
        wishes = (facts.wishes | {wish for effects in fired for wish in effects.wishes}) - facts.in_house - needs
        covers = self.covers(evaluation.fired)
        covered_by_any = frozenset().union(*covers.values())
        outside, compared = needs - covered_by_any, needs & covered_by_any
        status: Status | None = None
        if any(effects.contradicts for effects in fired):
            status = "contradictory"
        elif not needs:
            status = "nothing_needed"
        elif not compared:
            status = "outside"
        if status is not None:
            return Outcome(status, needs, wishes, outside, covers=covers)
        standings = self._standings(compared, wishes & covered_by_any, covers, evaluation.fired)
        return self._pick(standings, needs, wishes, outside, covers)

    def covers(self, rules: Iterable[int]) -> dict[str, frozenset[str]]:
        """Return which functions each role covers, by the given rules."""
        found: dict[str, set[str]] = {role: set() for role in self.program.catalog.roles}
        for i in rules:
            for role, function in self.effects[i].covers:
                found[role].add(function)
        return {role: frozenset(functions) for role, functions in found.items()}

    def _standings(
        self, compared: frozenset[str], wishes: frozenset[str], covers: Mapping[str, frozenset[str]], fired: Iterable[int]
    ) -> tuple[Standing, ...]:
        excluded: dict[Option, list[int]] = {}
        weights: list[Weight] = []
        for i in sorted(fired):
            weights += self.effects[i].weights
            for target in self.effects[i].rules_out:
                for option in self.options:
                    if target == option or (len(target) == 1 and target[0] in option):
                        excluded.setdefault(option, []).append(i)
        standings = []
        for option in self.options:
            covered = frozenset().union(*(covers[role] for role in option))
            uncovered = compared - covered
            balance = self.balance(option, weights, wish_open=bool(wishes - covered))
            vector = (len(uncovered), *(-b for b in balance), len(option), self.breadth[option])
            standings.append(Standing(option, uncovered, idle_partners(option, compared, covers), tuple(excluded.get(option, ())), vector))
        return tuple(standings)

    def balance(self, option: Option, weights: Iterable[Weight], *, wish_open: bool) -> list[int]:
        """Return the themes for an option minus those against it, for each strength; built-in reasons included."""
        themes = {(weight.strength, weight.side, weight.theme) for weight in weights if weight.bears_on(option)}
        balance = [0, 0, 0]
        for strength, side, _ in themes:
            balance[strength] += 1 if side == "for" else -1
        balance[self.second_partner] -= len(option) - 1
        balance[self.unused_breadth] -= self.breadth[option]
        balance[self.open_wish] -= wish_open
        return balance

    @staticmethod
    def _pick(
        standings: tuple[Standing, ...],
        needs: frozenset[str],
        wishes: frozenset[str],
        outside: frozenset[str],
        covers: Mapping[str, frozenset[str]],
    ) -> Outcome:
        ranked = sorted((s for s in standings if s.stands), key=lambda s: (s.vector, s.option))
        if not ranked:
            return Outcome("ruled_out", needs, wishes, outside, standings=standings, covers=covers)
        winners = tuple(s for s in ranked if s.vector == ranked[0].vector)
        if len(winners) > 1:
            return Outcome("tie", needs, wishes, outside, winners, standings=standings, covers=covers)
        runner_up = ranked[1] if len(ranked) > 1 else None
        decided_at = deciding_rung(winners[0], runner_up) if runner_up else _alone_because(standings)
        return Outcome("decided", needs, wishes, outside, winners, runner_up, decided_at, standings, covers)


def deciding_rung(better: Standing, worse: Standing) -> Rung:
    """Return the first rung on which two options differ."""
    return next(rung for rung, a, b in zip(RUNGS, better.vector, worse.vector, strict=True) if a != b)


def idle_partners(option: Option, needs: frozenset[str], covers: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Return the partners of an option that cover no must-have which the others leave."""
    found = []
    for role in option:
        others = frozenset().union(*(covers[other] for other in option if other != role))
        if not (needs & covers[role]) - others:
            found.append(role)
    return tuple(found)


def _alone_because(standings: tuple[Standing, ...]) -> Rung:
    """Return why no other option is left: others were ruled out, or have nothing to do."""
    return "ruled_out" if any(s.ruled_out_by and not s.idle for s in standings) else "coverage"


def _heights(program: Program) -> dict[str, int]:
    """Return how broad each role is: its height in the inclusion order of the roles' lists, counted from 0."""
    catalog = program.catalog
    lists = {
        role: frozenset(f for f in catalog.functions if catalog.grade(program.view, f, role) in {"core", "common"})
        for role in catalog.roles
    }
    heights: dict[str, int] = {}
    for role in sorted(lists, key=lambda r: len(lists[r])):
        below = [heights[other] for other in heights if lists[other] and lists[other] < lists[role]]
        heights[role] = 1 + max(below) if below else 0
    return heights


def _effects_of(effects: tuple[Effect, ...], rule: str) -> RuleEffects:
    """Return the effects of a rule, sorted."""

    def targets(kind: str) -> Iterator[str]:
        return (effect.target for effect in effects if effect.kind == kind)

    return RuleEffects(
        needs=tuple(targets("need")),
        wishes=tuple(targets("wish")),
        covers=tuple((e.target, e.function) for e in effects if e.kind == "cover" and e.function),
        rules_out=tuple(tuple(target.split("+")) for target in targets("rule_out")),
        weights=tuple(_weight(effect, rule) for effect in effects if effect.kind in {"for", "against"}),
        contradicts=any(effect.kind == "contradiction" for effect in effects),
        decisive=any(effect.kind in DECISIVE for effect in effects),
    )


def _always_covered(compiled: CompiledRule, program: Program) -> Iterator[tuple[str, str]]:
    """Yield the roles and functions that a rule covers as soon as the function is needed, whatever else holds."""
    for effect in compiled.rule.then:
        if effect.kind == "cover" and effect.function:
            needed = program.index.get(member_of("needs", effect.function))
            test = compiled.known
            if isinstance(test, Test) and test.attribute == needed and program.attributes[needed].codes[True] in test.codes:
                yield effect.target, effect.function


def _weight(effect: Effect, rule: str) -> Weight:
    assert effect.strength is not None  # noqa: S101 - checked when the rules were loaded
    side: Side = "for" if effect.kind == "for" else "against"
    return Weight(tuple(effect.target.split("+")), side, STRENGTHS.index(effect.strength), effect.theme or rule)
