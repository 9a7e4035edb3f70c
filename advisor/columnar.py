"""Many briefs at once: which rules of a program fire and which wait, over packed bit planes.

The second evaluator. It reads the same program as the engine; nothing is decided row by row. Conditions that several
rules share are worked out once. The columns of codes come from `tables.py`, the verdicts are made in `standings.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from advisor.bitplanes import Bits
from advisor.compiler import Every, Test
from advisor.facts import NOT_KNOWN
from advisor.verdict import Evaluation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.bitplanes import Plane
    from advisor.compiler import Codes, Formula, Program

    Column = NDArray[np.uint8] | NDArray[np.uint16]

CHUNK = 65_536  # rows at a time: a plane of 8 KB, and all planes of a program, stay near the processor

_NEVER, _ALWAYS = 0, 1  # the first two registers


@dataclass(frozen=True, slots=True)
class Firings:
    """Which rules of a program fire and wait in each of some rows; one plane for each rule."""

    bits: Bits
    fired: tuple[Plane, ...]
    waiting: tuple[Plane, ...]

    def of_row(self, row: int) -> Evaluation:
        """Return the rules that fire and wait in one row, by their indexes."""
        byte, bit = row >> 3, 128 >> (row & 7)
        fired = frozenset(i for i, plane in enumerate(self.fired) if plane[byte] & bit)
        return Evaluation(fired, frozenset(i for i, plane in enumerate(self.waiting) if plane[byte] & bit))


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of the plan: a register is made from a test of an attribute, or from other registers."""

    target: int
    every: bool
    parts: tuple[int, ...]
    test: Test | None = None


@dataclass(frozen=True, slots=True)
class _Stage:
    """The steps of one stratum, and the registers that say whether each of its rules fires, and whether it may."""

    steps: tuple[_Step, ...]
    rules: tuple[tuple[int, int, int], ...]


class Columnar:
    """Evaluates many briefs by one program; holds no state of a batch, and may be pickled."""

    def __init__(self, program: Program) -> None:
        """Plan the work: a step for each different test and each different combination of tests."""
        self.program = program
        planning = _Planning(program)
        self._stages = tuple(planning.stage(stratum) for stratum in program.strata)
        self._registers = planning.size

    def evaluate(self, codes: Mapping[int, Column], rows: int) -> Firings:
        """Return which rules fire and wait.

        Args:
            codes: for attributes by index, the code in each row; an attribute left out has its default code in all rows.
            rows: how many there are.

        """
        return _Run(self.program, codes, Bits(rows), self._registers).firings(self._stages)

    @cached_property
    def rule_ids(self) -> tuple[str, ...]:
        """The ids of the rules, by index."""
        return tuple(rule.rule.id for rule in self.program.rules)


class _Planning:
    """A program being turned into steps; equal formulas share a register."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[object, int] = {}
        self._steps: list[_Step] = []
        self.size = 2

    def stage(self, stratum: Sequence[int]) -> _Stage:
        self._steps = []
        rules = self._program.rules
        found = tuple((i, self._register(rules[i].known), self._register(rules[i].possible)) for i in stratum)
        return _Stage(tuple(self._steps), found)

    def _register(self, formula: Formula) -> int:
        """Return the register of a formula, with the steps that fill it."""
        if isinstance(formula, Test):
            if not formula.codes:
                return _NEVER
            if len(formula.codes) == self._program.attributes[formula.attribute].size:
                return _ALWAYS
            return self._filled((formula.attribute, formula.codes), _Step(self.size, every=False, parts=(), test=formula))
        every = isinstance(formula, Every)
        ends, passes = (_NEVER, _ALWAYS) if every else (_ALWAYS, _NEVER)
        parts = tuple(sorted({self._register(part) for part in formula.parts} - {passes}))
        if ends in parts:
            return ends
        if len(parts) <= 1:
            return parts[0] if parts else passes
        return self._filled((every, parts), _Step(self.size, every, parts))

    def _filled(self, key: object, step: _Step) -> int:
        if key not in self._known:
            self._known[key] = step.target
            self._steps.append(step)
            self.size += 1
        return self._known[key]


class _Run:
    """One batch on its way through the strata."""

    def __init__(self, program: Program, codes: Mapping[int, Column], bits: Bits, registers: int) -> None:
        self._program = program
        self._codes = codes
        self._bits = bits
        self._planes: dict[int, list[Plane]] = {}
        self._registers: list[Plane] = [bits.zero, bits.one, *[bits.zero] * (registers - 2)]

    def firings(self, stages: tuple[_Stage, ...]) -> Firings:
        bits, registers = self._bits, self._registers
        fired: list[Plane] = [bits.zero] * len(self._program.rules)
        possible = list(fired)
        for stratum, stage in enumerate(stages):
            for step in stage.steps:
                registers[step.target] = self._take(step)
            for i, known, may in stage.rules:
                fired[i], possible[i] = registers[known], registers[may]
            self._conclude(stratum, fired, possible)
        waiting = tuple(bits.without(may, known) if may is not known else bits.zero for may, known in zip(possible, fired, strict=True))
        return Firings(bits, tuple(fired), waiting)

    def _take(self, step: _Step) -> Plane:
        if step.test is not None:
            return self._test(step.test.attribute, step.test.codes)
        parts = (self._registers[part] for part in step.parts)
        return self._bits.every(parts) if step.every else self._bits.either(parts)

    def _test(self, attribute: int, codes: Codes) -> Plane:
        """Return where an attribute has one of the codes; the shorter of the two lists, codes or others, is joined."""
        planes = self._planes_of(attribute)
        if len(codes) * 2 <= len(planes):
            return self._bits.either(planes[code] for code in codes)
        return self._bits.negate(self._bits.either(plane for code, plane in enumerate(planes) if code not in codes))

    def _planes_of(self, attribute: int) -> list[Plane]:
        """Return one plane for each code of an attribute."""
        if attribute not in self._planes:
            entry, column = self._program.attributes[attribute], self._codes.get(attribute)
            if column is None:
                self._planes[attribute] = [self._bits.one if code == entry.default else self._bits.zero for code in range(entry.size)]
            else:
                self._planes[attribute] = [np.packbits(column == code) for code in range(entry.size)]
        return self._planes[attribute]

    def _conclude(self, stratum: int, fired: list[Plane], possible: list[Plane]) -> None:
        """Write what the rules of a stratum conclude, as `Program.conclude` does for one brief."""
        bits, program = self._bits, self._program
        for target, rules in program.written[stratum]:
            attribute, planes = program.attributes[target], self._planes_of(target)
            true, open_ = attribute.codes[True], attribute.codes[NOT_KNOWN]
            veto = program.vetoes.get(target)
            barred = planes[true]
            if veto is not None:
                barred = bits.either((barred, self._planes_of(veto)[program.attributes[veto].codes[True]]))
            now = bits.without(bits.either(fired[i] for i in rules), barred)
            may = bits.without(bits.either(possible[i] for i in rules), bits.either((barred, now)))
            touched = bits.either((now, may))
            planes = [bits.without(plane, touched) for plane in planes]
            planes[true], planes[open_] = bits.either((planes[true], now)), bits.either((planes[open_], may))
            self._planes[target] = planes
