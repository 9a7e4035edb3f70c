"""Truth values of many rows as packed bits: one plane holds one truth for every row, eight rows in a byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Plane = NDArray[np.uint8]
    Truths = NDArray[np.bool_]
    Numbers = NDArray[np.int32]

_TRIPLE, _PAIR = 3, 2
# the masks and shifts that turn eight rows of eight bits, in one 64-bit word, into eight columns (Warren, Hacker's Delight 7-3)
_TURNS = ((0x00AA00AA00AA00AA, 7), (0x0000CCCC0000CCCC, 14), (0x00000000F0F0F0F0, 28))


class Bits:
    """Operations on the planes of a number of rows.

    The planes `zero` and `one` stand for "no row" and "every row". They are told by identity, and skipped: a table says
    nothing at all about most facts, so this saves more than half of the work. Bits beyond the last row mean nothing.
    """

    def __init__(self, rows: int) -> None:
        """Prepare for so many rows."""
        self.rows = rows
        self.size = -(-rows // 8)
        self.zero: Plane = np.zeros(self.size, np.uint8)
        self.one: Plane = np.full(self.size, 255, np.uint8)

    def pack(self, truths: Truths) -> Plane:
        """Return truth values as a plane."""
        return np.packbits(truths)

    def unpack(self, plane: Plane) -> Truths:
        """Return a plane as truth values."""
        return np.unpackbits(plane, count=self.rows).view(np.bool_)

    def every(self, planes: Iterable[Plane]) -> Plane:
        """Return where all hold."""
        live = [plane for plane in planes if plane is not self.one]
        if any(plane is self.zero for plane in live):
            return self.zero
        return self._fold(np.bitwise_and, live) if live else self.one

    def either(self, planes: Iterable[Plane]) -> Plane:
        """Return where any holds."""
        live = [plane for plane in planes if plane is not self.zero]
        if any(plane is self.one for plane in live):
            return self.one
        return self._fold(np.bitwise_or, live) if live else self.zero

    def negate(self, plane: Plane) -> Plane:
        """Return where it does not hold."""
        if plane is self.zero:
            return self.one
        return self.zero if plane is self.one else ~plane

    def without(self, plane: Plane, other: Plane) -> Plane:
        """Return where the first holds and the second does not."""
        return self.every((plane, self.negate(other)))

    def choose(self, where: Plane, yes: Plane, no: Plane) -> Plane:
        """Return the first plane in some rows, the second in the others."""
        return self.either((self.every((where, yes)), self.without(no, where)))

    def tally(self, planes: Iterable[Plane]) -> list[Plane]:
        """Return how many hold, in binary: one plane for each digit, the lowest first. Adders of three bits work on all rows."""
        level = [plane for plane in planes if plane is not self.zero]
        digits: list[Plane] = []
        while level:
            carried: list[Plane] = []
            while len(level) >= _TRIPLE:
                a, b, c = level.pop(), level.pop(), level.pop()
                half = a ^ b
                carried.append((a & b) | (half & c))
                level.append(half ^ c)
            if len(level) == _PAIR:
                a, b = level
                carried.append(a & b)
                level = [a ^ b]
            digits.append(level[0])
            level = carried
        return digits

    def count(self, planes: Iterable[Plane]) -> Numbers:
        """Return how many hold in each row."""
        digits = self.tally(planes)
        low = np.zeros(self.rows, np.uint8)
        for power, digit in enumerate(digits[:8]):  # bytes are the fastest numbers, and hardly any count is above 255
            low |= np.unpackbits(digit, count=self.rows) << np.uint8(power)
        total = low.astype(np.int32)
        for power, digit in enumerate(digits[8:], start=8):
            total += np.unpackbits(digit, count=self.rows).astype(np.int32) << power
        return total

    def by_row(self, planes: Sequence[Plane]) -> Plane:
        """Return the same bits row by row: `rows` lines of bytes, the first plane in the highest bit of the first byte."""
        groups = -(-len(planes) // 8)
        blocks = np.zeros((groups, 8, self.size), np.uint8)
        for i, plane in enumerate(planes):
            blocks[i // 8, i % 8] = plane
        words = np.ascontiguousarray(blocks.transpose(2, 0, 1)).view(">u8").reshape(self.size, groups).astype(np.uint64)
        for mask, shift in _TURNS:
            swapped = (words ^ (words >> np.uint64(shift))) & np.uint64(mask)
            words ^= swapped ^ (swapped << np.uint64(shift))
        turned = words.astype(">u8").view(np.uint8).reshape(self.size, groups, 8).transpose(0, 2, 1)
        return np.ascontiguousarray(turned).reshape(self.size * 8, groups)[: self.rows]

    @staticmethod
    def _fold(operation: np.ufunc, planes: list[Plane]) -> Plane:
        if len(planes) == 1:
            return planes[0]
        total: Plane = operation(planes[0], planes[1])
        for plane in planes[2:]:
            operation(total, plane, out=total)
        return total
