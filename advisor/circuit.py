"""The verdict as one circuit of and, or, not and counting: written once, read over many briefs or over all of them.

An algebra gives the gates their meaning. Over bit planes (`planes`) a signal says in which of many briefs something holds;
over clauses (`clauses`) it is a literal, and the circuit becomes a question about every possible brief. The reference is
`verdict.Ladder`; tests hold all of them to the same answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from advisor.compiler import Either, Every, Test
from advisor.facts import NOT_KNOWN
from advisor.rules import STRENGTHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from advisor.compiler import Codes, Formula
    from advisor.verdict import Ladder, Option, Outcome, Status, Weight

Signal = int
Unary = tuple[Signal, ...]  # the signals `at least 1`, `at least 2`, ...


class Algebra(Protocol):
    """What the gates of a circuit mean."""

    yes: Signal
    no: Signal

    def every(self, signals: Iterable[Signal]) -> Signal:
        """Return the conjunction."""

    def either(self, signals: Iterable[Signal]) -> Signal:
        """Return the disjunction."""

    def inverse(self, signal: Signal) -> Signal:
        """Return the negation."""

    def count(self, signals: Iterable[Signal]) -> Unary:
        """Return how many hold, as the signals `at least 1`, `at least 2`, ..."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a circuit is fed with.

    Attributes:
        codes: for each attribute, the signal of every code it may have; a code that is missing it cannot have.
        needs, wishes, in_house: for each function, whether the brief says so; what is missing it does not say.
        present: for a rule by index, whether the rule base has it; a rule that is missing here is always there.
        complete: whether nothing is unknown, so that no rule can wait.

    """

    codes: Mapping[int, Mapping[int, Signal]]
    needs: Mapping[str, Signal]
    wishes: Mapping[str, Signal]
    in_house: Mapping[str, Signal]
    present: Mapping[int, Signal] = field(default_factory=dict)
    complete: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Ending:
    """How a verdict ends, and nothing else: its status, and the option or the tied options that win."""

    status: Status
    winners: tuple[Option, ...] = ()


def ending_of(outcome: Outcome) -> Ending:
    """Return how an outcome ends."""
    return Ending(outcome.status, tuple(sorted(standing.option for standing in outcome.winners)))


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome as signals: how it ended, and for each option of the ladder whether it is among the winners."""

    contradictory: Signal
    nothing_needed: Signal
    outside: Signal
    ruled_out: Signal
    best: tuple[Signal, ...]

    def signals(self) -> tuple[Signal, ...]:
        """Return all of it in one row; two briefs end alike if and only if they have the same row."""
        return (self.contradictory, self.nothing_needed, self.outside, self.ruled_out, *self.best)


_STATUSES: tuple[Status, ...] = ("contradictory", "nothing_needed", "outside", "ruled_out")  # the order of a row


def row_of(ending: Ending, ladder: Ladder) -> tuple[bool, ...]:
    """Return an ending as the row of a result."""
    return (*(ending.status == status for status in _STATUSES), *(option in ending.winners for option in ladder.options))


def ending_in(row: Sequence[bool], ladder: Ladder) -> Ending:
    """Return the ending that a row stands for."""
    for status, holds in zip(_STATUSES, row, strict=False):
        if holds:
            return Ending(status)
    winners = tuple(sorted(option for option, wins in zip(ladder.options, row[len(_STATUSES) :], strict=True) if wins))
    return Ending("decided" if len(winners) == 1 else "tie", winners)


def build(ladder: Ladder, algebra: Algebra, inputs: Inputs) -> Result:
    """Return the result of a program and its ladder for the given inputs."""
    fired = _Firing(ladder, algebra, inputs).fired()
    return _Rungs(ladder, algebra, inputs, fired).result()


class _Firing:
    """Which rules fire: the strata of a program, one after the other."""

    def __init__(self, ladder: Ladder, algebra: Algebra, inputs: Inputs) -> None:
        self._program = ladder.program
        self._algebra = algebra
        self._inputs = inputs
        self._codes = {attribute: dict(signals) for attribute, signals in inputs.codes.items()}
        self._tests: dict[tuple[int, Codes], Signal] = {}

    def fired(self) -> list[Signal]:
        """Return for each rule whether it fires."""
        fired = [self._algebra.no] * len(self._program.rules)
        for stratum, written in zip(self._program.strata, self._program.written, strict=True):
            possible: dict[int, Signal] = {}
            for i in stratum:
                rule = self._program.rules[i]
                there = self._inputs.present.get(i, self._algebra.yes)
                fired[i] = self._algebra.every((there, self._formula(rule.known)))
                if rule.writes:
                    possible[i] = fired[i] if self._inputs.complete else self._algebra.every((there, self._formula(rule.possible)))
            for target, writers in written:
                self._conclude(target, [fired[i] for i in writers], [possible[i] for i in writers])
        return fired

    def _formula(self, formula: Formula) -> Signal:
        match formula:
            case Test():
                return self._test(formula)
            case Every():
                return self._algebra.every([self._formula(part) for part in formula.parts])
            case Either():
                return self._algebra.either([self._formula(part) for part in formula.parts])

    def _test(self, test: Test) -> Signal:
        key = (test.attribute, test.codes)
        if key not in self._tests:  # whatever a test reads was concluded in lower strata, so it is final
            signals = self._codes[test.attribute]
            missing = [signal for code, signal in signals.items() if code not in test.codes]
            present = [signal for code, signal in signals.items() if code in test.codes]
            few = len(present) <= len(missing)
            self._tests[key] = self._algebra.either(present) if few else self._algebra.inverse(self._algebra.either(missing))
        return self._tests[key]

    def _conclude(self, target: int, fired: list[Signal], possible: list[Signal]) -> None:
        """Write what rules conclude into an attribute, as `Program.conclude` does for one brief."""
        algebra, attribute, signals = self._algebra, self._program.attributes[target], self._codes[target]
        true, unknown, false = (attribute.codes[value] for value in (True, NOT_KNOWN, False))
        veto = self._program.vetoes.get(target)
        free = algebra.yes
        if veto is not None:
            free = algebra.inverse(self._codes[veto].get(self._program.attributes[veto].codes[True], algebra.no))
        was_true = signals.get(true, algebra.no)
        open_ = algebra.every((free, algebra.inverse(was_true)))
        now_true = algebra.every((open_, algebra.either(fired)))
        now_open = algebra.every((open_, algebra.either(possible), algebra.inverse(algebra.either(fired))))
        changed = algebra.inverse(algebra.either((now_true, now_open)))
        signals[true] = algebra.either((was_true, now_true))
        signals[unknown] = algebra.either((algebra.every((signals.get(unknown, algebra.no), changed)), now_open))
        signals[false] = algebra.every((signals.get(false, algebra.no), changed))


class _Rungs:
    """The ladder over signals."""

    def __init__(self, ladder: Ladder, algebra: Algebra, inputs: Inputs, fired: list[Signal]) -> None:
        self._ladder = ladder
        self._algebra = algebra
        self._inputs = inputs
        self._fired = fired
        self._roles = tuple(ladder.program.catalog.roles)
        self._functions = tuple(ladder.program.catalog.functions)
        self._joined: dict[tuple[int, ...], Signal] = {}
        self._needs, self._wishes = self._wanted()
        self._covers = self._coverage()
        covered = {f: algebra.either([self._covers[role, f] for role in self._roles]) for f in self._functions}
        self._compared = {f: algebra.every((self._needs[f], covered[f])) for f in self._functions}
        self._wished = {f: algebra.every((self._wishes[f], covered[f])) for f in self._functions}

    def result(self) -> Result:
        algebra, effects = self._algebra, self._ladder.effects
        contradictory = algebra.either([self._fired[i] for i, effect in enumerate(effects) if effect.contradicts])
        sound = algebra.inverse(contradictory)
        some = algebra.either(self._needs.values())
        comparable = algebra.either(self._compared.values())
        options = self._ladder.options
        stands = [algebra.every((sound, self._stands(option))) for option in options]
        measures = [self._measures(option) for option in options]
        best = [self._best(i, stands, measures) for i in range(len(options))]
        return Result(
            contradictory=contradictory,
            nothing_needed=algebra.every((sound, algebra.inverse(some))),
            outside=algebra.every((sound, some, algebra.inverse(comparable))),
            ruled_out=algebra.every((sound, comparable, algebra.inverse(algebra.either(stands)))),
            best=tuple(best),
        )

    # --- what is wanted, and who covers it ------------------------------------------------------------------------------

    def _wanted(self) -> tuple[dict[str, Signal], dict[str, Signal]]:
        """Return for each function whether it is compared as a need, and as a wish."""
        algebra, inputs = self._algebra, self._inputs
        needed: dict[str, list[int]] = {}
        wished: dict[str, list[int]] = {}
        for i, effect in enumerate(self._ladder.effects):
            for f in effect.needs:
                needed.setdefault(f, []).append(i)
            for f in effect.wishes:
                wished.setdefault(f, []).append(i)
        needs, wishes = {}, {}
        for f in self._functions:
            outside = algebra.inverse(inputs.in_house.get(f, algebra.no))
            needs[f] = algebra.every((outside, algebra.either((inputs.needs.get(f, algebra.no), self._any(needed.get(f, []))))))
            asked = algebra.either((inputs.wishes.get(f, algebra.no), self._any(wished.get(f, []))))
            wishes[f] = algebra.every((outside, asked, algebra.inverse(needs[f])))
        return needs, wishes

    def _coverage(self) -> dict[tuple[str, str], Signal]:
        rules: dict[tuple[str, str], list[int]] = {(role, f): [] for role in self._roles for f in self._functions}
        for i, effect in enumerate(self._ladder.effects):
            for pair in effect.covers:
                rules[pair].append(i)
        return {pair: self._any(writers) for pair, writers in rules.items()}

    def _any(self, rules: Iterable[int]) -> Signal:
        """Return whether any of some rules fires."""
        key = tuple(rules)
        if key not in self._joined:
            self._joined[key] = self._algebra.either([self._fired[i] for i in key])
        return self._joined[key]

    def _lacks(self, option: Sequence[str], function: str) -> Signal:
        return self._algebra.inverse(self._algebra.either([self._covers[role, function] for role in option]))

    # --- options compared -------------------------------------------------------------------------------------------------

    def _stands(self, option: Option) -> Signal:
        """Return whether an option is not ruled out, and none of its partners idle."""
        algebra = self._algebra
        against = [i for i, effect in enumerate(self._ladder.effects) if any(_names(target, option) for target in effect.rules_out)]
        busy = []
        for role in option:
            others = [other for other in option if other != role]
            work = [algebra.every((self._compared[f], self._covers[role, f], self._lacks(others, f))) for f in self._functions]
            busy.append(algebra.either(work))
        return algebra.every((*busy, algebra.inverse(self._any(against))))

    def _measures(self, option: Option) -> list[tuple[Unary, int]]:
        """Return what an option is measured by, rung by rung: a count, and what to take off it; the more, the worse."""
        algebra, ladder = self._algebra, self._ladder
        gaps = [algebra.every((self._compared[f], self._lacks(option, f))) for f in self._functions]
        open_wish = algebra.either([algebra.every((self._wished[f], self._lacks(option, f))) for f in self._functions])
        measures = [(algebra.count(gaps), 0)]
        for strength in range(len(STRENGTHS)):
            against, for_ = self._themes(option, strength, "against"), self._themes(option, strength, "for")
            signals = [*against, *(algebra.inverse(signal) for signal in for_)]
            if strength == ladder.open_wish:
                signals.append(open_wish)
            built_in = (strength == ladder.second_partner) * (len(option) - 1) + (strength == ladder.unused_breadth) * ladder.breadth[
                option
            ]
            measures.append((algebra.count(signals), len(for_) - built_in))
        return measures

    def _themes(self, option: Option, strength: int, side: str) -> list[Signal]:
        """Return the themes that speak for an option or against it, on one rung."""
        themes: dict[str, list[int]] = {}
        for i, effect in enumerate(self._ladder.effects):
            for weight in effect.weights:
                if _counts(weight, option, strength, side):
                    themes.setdefault(weight.theme, []).append(i)
        return [self._any(rules) for _, rules in sorted(themes.items())]

    def _best(self, i: int, stands: list[Signal], measures: list[list[tuple[Unary, int]]]) -> Signal:
        """Return whether no option that stands is better."""
        algebra, options = self._algebra, self._ladder.options
        beaten = []
        for j, other in enumerate(options):
            if j != i:
                last = (len(other), self._ladder.breadth[other]) < (len(options[i]), self._ladder.breadth[options[i]])
                beaten.append(algebra.every((stands[j], self._better(measures[j], measures[i], last=last))))
        return algebra.every((stands[i], algebra.inverse(algebra.either(beaten))))

    def _better(self, ours: list[tuple[Unary, int]], theirs: list[tuple[Unary, int]], *, last: bool) -> Signal:
        """Return whether we are ahead on the first rung that separates us; on the last, where that is known beforehand."""
        algebra = self._algebra
        ahead = algebra.yes if last else algebra.no
        for (our, our_less), (their, their_less) in reversed(list(zip(ours, theirs, strict=True))):
            less = self._exceeds(their, our, their_less - our_less)
            more = self._exceeds(our, their, our_less - their_less)
            ahead = algebra.either((less, algebra.every((ahead, algebra.inverse(more)))))
        return ahead

    def _exceeds(self, a: Unary, b: Unary, margin: int) -> Signal:
        """Return whether a is greater than b plus a margin."""
        algebra = self._algebra

        def at_least(count: Unary, n: int) -> Signal:
            if n <= 0:
                return algebra.yes
            return count[n - 1] if n <= len(count) else algebra.no

        cases = range(min(max(0, -margin - 1), len(b)), len(b) + 1)  # below that, a holds whatever it counts
        return algebra.either([algebra.every((at_least(a, j + margin + 1), algebra.inverse(at_least(b, j + 1)))) for j in cases])


def _names(target: Option, option: Option) -> bool:
    """Return whether what is said of a role or a pair is said of an option."""
    return target == option or (len(target) == 1 and target[0] in option)


def _counts(weight: Weight, option: Option, strength: int, side: str) -> bool:
    return weight.strength == strength and weight.side == side and weight.bears_on(option)
