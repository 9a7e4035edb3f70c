"""Many variants of one brief at a time: a signal is a row of bits, one for each variant, held in one large whole number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from advisor.circuit import Inputs, build

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from advisor.circuit import Result, Signal, Unary
    from advisor.facts import Facts
    from advisor.verdict import Ladder


class Planes:
    """Gates over rows of bits."""

    def __init__(self, width: int) -> None:
        """Prepare rows of the given width."""
        self.yes: Signal = (1 << width) - 1
        self.no: Signal = 0

    def every(self, signals: Iterable[Signal]) -> Signal:
        """Return the conjunction."""
        found = self.yes
        for signal in signals:
            found &= signal
            if not found:
                break
        return found

    def either(self, signals: Iterable[Signal]) -> Signal:
        """Return the disjunction."""
        found = 0
        for signal in signals:
            found |= signal
        return found

    def inverse(self, signal: Signal) -> Signal:
        """Return the negation."""
        return self.yes ^ signal

    def count(self, signals: Iterable[Signal]) -> Unary:
        """Return how many hold, as the signals `at least 1`, `at least 2`, ..."""
        always = 0
        counts: list[Signal] = []
        for signal in signals:
            if signal == self.yes:
                always += 1
            elif signal:
                counts.append(0)
                for i in range(len(counts) - 1, 0, -1):
                    counts[i] |= counts[i - 1] & signal
                counts[0] |= signal
        return (*[self.yes] * always, *counts)


@dataclass(frozen=True, slots=True)
class Variant:
    """How a brief differs from another: codes of attributes, and functions asked for, put in or taken out."""

    codes: Mapping[int, int] = field(default_factory=dict)
    needs: Mapping[str, bool] = field(default_factory=dict)
    wishes: Mapping[str, bool] = field(default_factory=dict)
    in_house: Mapping[str, bool] = field(default_factory=dict)


def compare_facts(ladder: Ladder, old: Facts, new: Facts) -> Variant:
    """Return how the facts of one brief differ from those of another, as far as any rule of a program could notice."""
    before, after = ladder.program.encode(old.values), ladder.program.encode(new.values)
    return Variant(
        {i: b for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b},
        _changed(old.needs, new.needs),
        _changed(old.wishes, new.wishes),
        _changed(old.in_house, new.in_house),
    )


def evaluate_variants(
    ladder: Ladder, facts: Facts, rows: Iterable[tuple[Signal, Variant]], width: int, present: Mapping[int, Signal] | None = None
) -> Result:
    """Return the verdicts, as told, on many variants of one brief.

    Args:
        ladder: of the program to evaluate by.
        facts: of the brief.
        rows: the changes, each with the variants that have it; changes of one variant must not touch the same thing.
        width: how many variants there are.
        present: for a rule by index, the variants whose rule base has it; all, if it is not here.

    """
    planes = Planes(width)
    base = ladder.program.encode(facts.values)
    codes: list[dict[int, Signal]] = [{code: planes.yes} for code in base]
    needs, wishes, in_house = (dict.fromkeys(named, planes.yes) for named in (facts.needs, facts.wishes, facts.in_house))
    for bits, variant in rows:
        for i, code in variant.codes.items():
            codes[i][base[i]] &= ~bits
            codes[i][code] = codes[i].get(code, 0) | bits
        for signals, changes in ((needs, variant.needs), (wishes, variant.wishes), (in_house, variant.in_house)):
            for function, there in changes.items():
                signals[function] = signals.get(function, 0) | bits if there else signals.get(function, 0) & ~bits
    return build(ladder, planes, Inputs(dict(enumerate(codes)), needs, wishes, in_house, present or {}))


def _changed(old: frozenset[str], new: frozenset[str]) -> dict[str, bool]:
    return {function: function in new for function in sorted(old ^ new)}
