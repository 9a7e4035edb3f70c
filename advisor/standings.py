"""The ladder for many briefs at once: the same vectors, order and outcome as `verdict.py` gives one brief.

The numbers of an option's vector are put into one integer, a mixed-radix number whose digits leave room for everything
that could still be added or taken away; comparing the integers is comparing the vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, get_args

import numpy as np

from advisor.errors import EvaluationError
from advisor.rules import STRENGTHS
from advisor.verdict import RUNGS, Rung, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.bitplanes import Bits, Numbers, Plane, Truths
    from advisor.columnar import Firings
    from advisor.verdict import Ladder, Option

    Planes = Mapping[str, Plane]
    Keys = NDArray[np.int64]
    Indexes = NDArray[np.int8]

STATUSES: tuple[Status, ...] = get_args(Status)
DECIDED_AT: tuple[Rung | None, ...] = (None, *get_args(Rung))
NONE = -1  # no option

K = TypeVar("K")

_LEFT_OUT = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Wants:
    """What many briefs ask for: for each function the rows that need it, wish for it, do it in house."""

    needs: Planes
    wishes: Planes
    in_house: Planes
    needs_known: Plane


@dataclass(frozen=True, slots=True)
class OptionColumns:
    """How one option stands in every row, as `verdict.Standing` says it of one brief."""

    uncovered: Planes
    idle: Plane
    ruled_out: Plane
    gaps: Numbers
    balances: tuple[Numbers, ...]
    keys: Keys


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The bare result of the ladder for every row, in one view; options are named by their indexes.

    Attributes:
        status, decided_at: indexes into STATUSES and DECIDED_AT.
        best: the best option (of several level ones the first by name), or NONE; winners: the rows each option wins.
        runner_up: the best of the rest where it is decided, or NONE.

    """

    firings: Firings
    status: Indexes
    needs: Planes
    wishes: Planes
    outside: Planes
    covers: Mapping[str, Planes]
    options: tuple[OptionColumns, ...]
    best: Indexes
    winners: tuple[Truths, ...]
    runner_up: Indexes
    decided_at: Indexes


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for, and by which roles it is covered."""

    needs: Planes
    wishes: Planes
    outside: Planes
    covers: Mapping[str, Planes]


class Scale:
    """The worth of each digit of a key, so large that nothing below can make up for it."""

    def __init__(self, ladder: Ladder) -> None:
        """Take the sizes from the ladder: digits are counted in functions, themes, partners and breadth."""
        weights = {weight for effects in ladder.effects for weight in effects.weights}
        partners = max((len(option) for option in ladder.options), default=1)
        breadth = max(ladder.breadth.values(), default=0)
        reach = [2 * len(ladder.program.catalog.functions)]
        themes = [sum(weight.strength == strength for weight in weights) for strength in range(len(STRENGTHS))]
        reach += [3 * (count + partners + breadth + 1) for count in themes]
        reach += [partners, breadth]
        self.units: list[int] = []
        below = 0
        for most in reversed(reach):
            self.units.insert(0, 1 + 2 * below)
            below += most * self.units[0]
        if below >= _LEFT_OUT // 2:
            message = "more functions and reasons than the columnar ladder can count"
            raise EvaluationError(message)

    def rungs(self, differences: Keys) -> Indexes:
        """Return for each difference of two keys the first rung on which they differ, as an index into DECIDED_AT."""
        limits = np.array([unit // 2 + 1 for unit in reversed(self.units)])
        rungs = np.array([DECIDED_AT.index(rung) for rung in reversed(RUNGS)], np.int8)
        return rungs[np.searchsorted(limits, differences, side="right") - 1]


class ColumnLadder:
    """The ladder of one program, for many briefs at once."""

    def __init__(self, ladder: Ladder) -> None:
        """Sort the effects of all rules by what they touch; `ladder` says what they are."""
        self.ladder = ladder
        self.options = ladder.options
        self.scale = Scale(ladder)
        effects = list(enumerate(ladder.effects))
        self.needs = _gathered((need, i) for i, e in effects for need in e.needs)
        self.wishes = _gathered((wish, i) for i, e in effects for wish in e.wishes)
        self.covers = _gathered((cover, i) for i, e in effects for cover in e.covers)
        self.weights = _gathered((weight, i) for i, e in effects for weight in e.weights)
        self.rules_out = _gathered((target, i) for i, e in effects for target in e.rules_out)
        self._contradicts = [i for i, e in effects if e.contradicts]

    def _by_name(self) -> list[Option]:
        return sorted(self.options)

    def _ranks(self) -> Indexes:
        """Return the place of each option in the order of their names, which settles nothing but the order of telling."""
        order = self._by_name()
        return np.array([order.index(option) for option in self.options], np.int8)

    def decide(self, wants: Wants, firings: Firings) -> Outcomes:
        """Return the outcome for every row."""
        bits, fired = firings.bits, firings.fired
        needs, wishes = self.asked(wants, firings)
        covers = {role: self.covered(role, fired, bits) for role in self.ladder.program.catalog.roles}
        coverable = {name: bits.either(c[name] for c in covers.values() if name in c) for name in needs.keys() | wishes.keys()}
        compared = {name: bits.every((plane, coverable[name])) for name, plane in needs.items()}
        outside = {name: bits.without(plane, coverable[name]) for name, plane in needs.items()}
        heard = {name: bits.every((plane, coverable[name])) for name, plane in wishes.items()}
        options = tuple(self._option(option, compared, heard, covers, firings) for option in self.options)
        status = self._early_status(needs, compared, firings)
        return self._pick(status, _Asked(needs, wishes, outside, covers), options, firings)

    def asked(self, wants: Wants, firings: Firings) -> tuple[dict[str, Plane], dict[str, Plane]]:
        """Return must-haves and wishes, implied ones included, without what is done in house."""
        bits, fired = firings.bits, firings.fired
        needs = self._wanted(wants.needs, self.needs, wants.in_house, fired, bits)
        wishes = self._wanted(wants.wishes, self.wishes, wants.in_house, fired, bits)
        return needs, {name: bits.without(plane, needs.get(name, bits.zero)) for name, plane in wishes.items()}

    @staticmethod
    def _wanted(told: Planes, rules: Mapping[str, list[int]], in_house: Planes, fired: Sequence[Plane], bits: Bits) -> dict[str, Plane]:
        found = {}
        for name in sorted(told.keys() | rules.keys()):
            implied = bits.either(fired[i] for i in rules.get(name, ()))
            found[name] = bits.without(bits.either((told.get(name, bits.zero), implied)), in_house.get(name, bits.zero))
        return found

    def covered(self, role: str, planes: Sequence[Plane], bits: Bits) -> dict[str, Plane]:
        """Return for each function where a role covers it, by the given rules."""
        return {name: bits.either(planes[i] for i in rules) for (r, name), rules in self.covers.items() if r == role}

    def _early_status(self, needs: Planes, compared: Planes, firings: Firings) -> Indexes:
        """Return the status of rows that never reach the ladder; of the others `decided`."""
        bits = firings.bits
        status = np.zeros(bits.rows, np.int8)
        status[~bits.unpack(bits.either(compared.values()))] = STATUSES.index("outside")
        status[~bits.unpack(bits.either(needs.values()))] = STATUSES.index("nothing_needed")
        status[bits.unpack(bits.either(firings.fired[i] for i in self._contradicts))] = STATUSES.index("contradictory")
        return status

    # --- how each option stands ---------------------------------------------------------------------------------------

    def _option(self, option: Option, compared: Planes, wishes: Planes, covers: Mapping[str, Planes], firings: Firings) -> OptionColumns:
        bits = firings.bits
        zero = bits.zero

        def reach(roles: Sequence[str], name: str) -> Plane:
            return bits.either(covers[role].get(name, zero) for role in roles)

        uncovered = {name: bits.without(plane, reach(option, name)) for name, plane in compared.items()}
        busy = []
        for role in option:
            others = [other for other in option if other != role]
            own = (bits.without(bits.every((plane, covers[role].get(n, zero))), reach(others, n)) for n, plane in compared.items())
            busy.append(bits.either(own))
        wish_open = bits.either(bits.without(plane, reach(option, name)) for name, plane in wishes.items())
        gaps = bits.count(uncovered.values())
        balances = self._balances(option, wish_open, firings)
        excluded = (rules for target, rules in self.rules_out.items() if _bears_on(target, option))
        ruled_out = bits.either(firings.fired[i] for rules in excluded for i in rules)
        keys = self._keys(option, gaps, balances)
        return OptionColumns(uncovered, bits.negate(bits.every(busy)), ruled_out, gaps, balances, keys)

    def _balances(self, option: Option, wish_open: Plane, firings: Firings) -> tuple[Numbers, ...]:
        bits, ladder = firings.bits, self.ladder
        themes = _gathered(((w.strength, w.side, w.theme), i) for w, rules in self.weights.items() if w.bears_on(option) for i in rules)
        planes = {theme: bits.either(firings.fired[i] for i in rules) for theme, rules in themes.items()}
        balances = [
            bits.count(plane for (s, side, _), plane in planes.items() if (s, side) == (strength, "for"))
            - bits.count(plane for (s, side, _), plane in planes.items() if (s, side) == (strength, "against"))
            for strength in range(len(STRENGTHS))
        ]
        balances[ladder.second_partner] -= len(option) - 1
        balances[ladder.unused_breadth] -= ladder.breadth[option]
        balances[ladder.open_wish] -= bits.unpack(wish_open)
        return tuple(balances)

    def _keys(self, option: Option, gaps: Numbers, balances: tuple[Numbers, ...]) -> Keys:
        units = self.scale.units
        keys = np.full(len(gaps), len(option) * units[-2] + self.ladder.breadth[option] * units[-1], np.int64)
        for unit, digit in zip(units, (gaps, *(-balance for balance in balances)), strict=False):
            keys += digit.astype(np.int64) * unit
        return keys

    # --- the best of them ---------------------------------------------------------------------------------------------

    def _pick(self, status: Indexes, asked: _Asked, options: tuple[OptionColumns, ...], firings: Firings) -> Outcomes:
        bits = firings.bits
        reached = status == STATUSES.index("decided")
        stands = [reached & ~bits.unpack(bits.either((option.idle, option.ruled_out))) for option in options]
        keys = np.stack([np.where(s, o.keys, _LEFT_OUT) for s, o in zip(stands, options, strict=True)])
        order = np.argsort(self._ranks(), kind="stable")  # of level options, the first by name is told first
        first = order[np.argmin(keys[order], axis=0)].astype(np.int8)
        least = keys.min(axis=0)
        winners = tuple(row == least for row in keys)
        some = least < _LEFT_OUT
        winners = tuple(won & some for won in winners)
        status = np.where(reached & ~some, STATUSES.index("ruled_out"), status).astype(np.int8)
        status[np.sum(winners, axis=0) > 1] = STATUSES.index("tie")
        decided = status == STATUSES.index("decided")
        rest = np.where(np.stack(winners), _LEFT_OUT, keys)
        second, its_key = order[np.argmin(rest[order], axis=0)].astype(np.int8), rest.min(axis=0)
        follows = decided & (its_key < _LEFT_OUT)
        decided_at = np.where(decided, self._alone_because(options, bits), 0).astype(np.int8)
        decided_at[follows] = self.scale.rungs((its_key - least)[follows])
        best = np.where(some, first, NONE).astype(np.int8)
        runner_up = np.where(follows, second, NONE).astype(np.int8)
        return Outcomes(
            firings, status, asked.needs, asked.wishes, asked.outside, asked.covers, options, best, winners, runner_up, decided_at
        )

    @staticmethod
    def _alone_because(options: tuple[OptionColumns, ...], bits: Bits) -> Indexes:
        """Return why no other option is left: others were ruled out, or have nothing to do."""
        excluded = bits.unpack(bits.either(bits.without(option.ruled_out, option.idle) for option in options))
        return np.where(excluded, DECIDED_AT.index("ruled_out"), DECIDED_AT.index("coverage")).astype(np.int8)


def _gathered(pairs: Iterable[tuple[K, int]]) -> dict[K, list[int]]:
    """Return the rules that belong to each key."""
    found: dict[K, list[int]] = {}
    for key, rule in pairs:
        found.setdefault(key, []).append(rule)
    return found


def _bears_on(target: Option, option: Option) -> bool:
    return target == option or (len(target) == 1 and target[0] in option)
