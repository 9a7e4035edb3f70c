"""Checked briefs as columns: what a table says, and the codes by which a program reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from advisor.facts import NOT_KNOWN
from advisor.rules import NEED_FACTS
from advisor.standings import Wants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from advisor.bitplanes import Bits
    from advisor.catalog import Catalog
    from advisor.columnar import Column
    from advisor.compiler import Attribute, Program

    Matrix = NDArray[np.bool_]  # one line for each name, one column for each row
    Indexes = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Members:
    """A list column: which names stand in it, row by row, and where it is known."""

    names: tuple[str, ...]
    holds: Matrix
    known: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BriefTable:
    """Checked briefs, column by column; a fact that is not here is unknown in all rows.

    Attributes:
        numbers: for each row its number in the input; labels: what each brief is called.
        needs, wishes, in_house: by function, in the order of the catalog; what is in house includes parts of umbrellas.
        words: of each fact of type enum or bool, indexes into its values; integers: of each number, values and where known.

    """

    catalog: Catalog
    numbers: NDArray[np.int64]
    labels: pl.Series
    kept: pl.DataFrame
    needs: Members
    wishes: Members
    in_house: Members
    words: Mapping[str, tuple[tuple[object, ...], Indexes]]
    integers: Mapping[str, tuple[NDArray[np.int64], NDArray[np.bool_]]]
    sets: Mapping[str, Members]

    def wants(self, bits: Bits) -> Wants:
        """Return what is asked for, as planes."""
        needs, wishes, in_house = (
            {n: bits.pack(line) for n, line in zip(m.names, m.holds, strict=True) if line.any()} for m in self._lists
        )
        return Wants(needs, wishes, in_house, bits.pack(self.needs.known))

    @property
    def _lists(self) -> tuple[Members, Members, Members]:
        return self.needs, self.wishes, self.in_house

    def codes(self, program: Program) -> dict[int, Column]:
        """Return the codes of every attribute of a program that the table says something about."""
        found: dict[int, Column] = {}
        for i, attribute in enumerate(program.attributes):
            column = self._column(attribute)
            if column is not None:
                found[i] = column
        return found

    def _column(self, attribute: Attribute) -> Column | None:
        fact, _, member = attribute.name.partition(":")
        if fact in NEED_FACTS:
            return self._wanted(fact, member, attribute)
        if member:
            return _member_codes(self.sets[fact], member, attribute) if fact in self.sets else None
        if fact in self.words:
            values, indexes = self.words[fact]
            codes = _narrow([attribute.codes[value] for value in (*values, NOT_KNOWN)], attribute)
            return codes[np.minimum(indexes, len(values))]
        if fact in self.integers:
            numbers, known = self.integers[fact]
            codes = _narrow([*(attribute.codes[bound] for bound in attribute.bounds), attribute.codes[NOT_KNOWN]], attribute)
            places = np.searchsorted(np.array(attribute.bounds), numbers, side="right") - 1
            return codes[np.where(known, places, len(attribute.bounds))]
        return None

    def _wanted(self, fact: str, function: str, attribute: Attribute) -> Column | None:
        members = dict(zip(NEED_FACTS, self._lists, strict=True))[fact]
        line = members.holds[members.names.index(function)]
        width = _width(attribute)
        column = np.where(line, width(attribute.codes[True]), width(attribute.default))
        if fact != "needs" or self.needs.known.all():
            return column if line.any() else None
        in_house = self.in_house.holds[self.in_house.names.index(function)]
        return np.where(self.needs.known | in_house, column, width(attribute.codes[NOT_KNOWN]))


def _member_codes(members: Members, term: str, attribute: Attribute) -> Column:
    width, codes = _width(attribute), attribute.codes
    known = np.where(members.holds[members.names.index(term)], width(codes[True]), width(codes[False]))
    return np.where(members.known, known, width(codes[NOT_KNOWN]))


def _narrow(codes: list[int], attribute: Attribute) -> Column:
    """Return codes as the smallest numbers that hold them."""
    return np.array(codes, np.uint8) if _width(attribute) is np.uint8 else np.array(codes, np.uint16)


def _width(attribute: Attribute) -> type[np.uint8 | np.uint16]:
    return np.uint8 if attribute.size <= np.iinfo(np.uint8).max + 1 else np.uint16


def without(table: BriefTable, bad: NDArray[np.bool_]) -> BriefTable:
    """Return the table without its bad rows."""
    good = ~bad
    chosen = pl.Series(good)

    def members(each: Members) -> Members:
        return Members(each.names, each.holds[:, good], each.known[good])

    return BriefTable(
        table.catalog,
        table.numbers[good],
        table.labels.filter(chosen),
        table.kept.filter(chosen) if table.kept.width else table.kept,
        members(table.needs),
        members(table.wishes),
        members(table.in_house),
        {name: (values, indexes[good]) for name, (values, indexes) in table.words.items()},
        {name: (numbers[good], known[good]) for name, (numbers, known) in table.integers.items()},
        {name: members(each) for name, each in table.sets.items()},
    )
