"""How much a question would tell about the verdict: expected information over a seeded sample of completions.

The sample only orders the questions. Whether a question can matter at all is proven by `logic`, so a poor sample, or a prior
that does not fit, costs questions and never correctness. Prior: every value of a fact is as likely as every other, every
member of a set is there in one completion of four, and facts are independent of each other; completions that contradict
themselves do not count.
"""

from __future__ import annotations

from math import log2
from random import Random
from typing import TYPE_CHECKING

from advisor.circuit import Inputs, build, row_of
from advisor.facts import facts_of
from advisor.planes import Planes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from advisor.brief import Brief
    from advisor.circuit import Ending, Signal
    from advisor.compiler import Attribute
    from advisor.verdict import Ladder

SIZE = 2048
_MEMBER = 4  # a member of a set is there in one completion of so many

Draws = dict[int, dict[int, "Signal"]]  # attribute -> code -> the completions in which it has it


class Sample:
    """A sample of completions for one program: the same draws for every brief, so that a question keeps its place."""

    def __init__(self, ladder: Ladder) -> None:
        """Prepare to draw; each fact is drawn when it is first needed."""
        self._ladder = ladder
        self._planes = Planes(SIZE)
        self._attributes: dict[str, list[tuple[int, Attribute]]] = {}
        for i, attribute in enumerate(ladder.program.attributes):
            self._attributes.setdefault(attribute.name.partition(":")[0], []).append((i, attribute))
        self._drawn: dict[tuple[str, object], Draws] = {}

    def gains(self, brief: Brief, facts: Iterable[str], endings: Iterable[Ending]) -> dict[str, float]:
        """Return for each fact by how many bits its value is expected to narrow down how a brief ends.

        Args:
            brief: what is known; its needs are.
            facts: unknown facts that the program reads.
            endings: all the ways in which the completions of the brief end.

        """
        draws = {fact: self._draw(fact, brief.facts.get(fact)) for fact in self._attributes if self._free(fact, brief)}
        told = facts_of(brief, self._ladder.program.catalog)
        codes: dict[int, Mapping[int, Signal]] = {
            i: {code: self._planes.yes} for i, code in enumerate(self._ladder.program.encode(told.values))
        }
        for drawn in draws.values():
            codes.update(drawn)
        needs, wishes, in_house = (dict.fromkeys(named, self._planes.yes) for named in (told.needs, told.wishes, told.in_house))
        result = build(self._ladder, self._planes, Inputs(codes, needs, wishes, in_house, complete=True)).signals()
        where = [self._where(result, row_of(ending, self._ladder)) for ending in endings]
        before = _entropy(where)
        return {fact: sum(before - _left(where, groups.values()) for groups in draws[fact].values()) for fact in facts if fact in draws}

    def _free(self, fact: str, brief: Brief) -> bool:
        catalog = self._ladder.program.catalog
        if fact not in catalog.facts:
            return False
        value = brief.facts.get(fact)
        return value is None or catalog.in_part(fact, value)

    def _draw(self, fact: str, known: object) -> Draws:
        """Return draws of a fact: of all its values, or of those that a value known in part stands for."""
        if (fact, known) not in self._drawn:
            self._drawn[fact, known] = self._new(fact, known)
        return self._drawn[fact, known]

    def _new(self, fact: str, known: object) -> Draws:
        catalog, random = self._ladder.program.catalog, Random(fact)  # noqa: S311 - a sample, the same every time
        entry = catalog.facts[fact]
        drawn: Draws = {}
        for i, attribute in self._attributes[fact]:
            values: tuple[object, ...] = (True, False)
            if entry.type == "set":
                values = (True, *[False] * (_MEMBER - 1))
            elif entry.type == "integer":
                values = attribute.bounds
            elif entry.type == "enum":
                terms = catalog.terms(fact)
                values = (terms[known].one_of if isinstance(known, str) else ()) or catalog.vocabularies[entry.vocabulary or ""].values()
            planes: dict[int, Signal] = {}
            for bit in range(SIZE):
                code = attribute.code(random.choice(values))
                planes[code] = planes.get(code, 0) | 1 << bit
            drawn[i] = planes
        return drawn

    def _where(self, result: tuple[Signal, ...], row: tuple[bool, ...]) -> Signal:
        """Return the completions whose result is a row."""
        return self._planes.every(signal if holds else self._planes.inverse(signal) for signal, holds in zip(result, row, strict=True))


def _entropy(where: Iterable[Signal]) -> float:
    """Return the entropy, in bits, of a division of completions."""
    counts = [signal.bit_count() for signal in where]
    total = sum(counts)
    return -sum(count / total * log2(count / total) for count in counts if count)


def _left(where: list[Signal], groups: Iterable[Signal]) -> float:
    """Return the entropy that is expected to be left once it is known which group a completion is in."""
    parts = [[signal & group for signal in where] for group in groups]
    sizes = [sum(signal.bit_count() for signal in part) for part in parts]
    total = sum(sizes)
    return sum(size / total * _entropy(part) for part, size in zip(parts, sizes, strict=True) if size)
