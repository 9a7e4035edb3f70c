"""Gates as clauses: a signal is a literal of a SAT problem. The only module that knows python-sat."""

from __future__ import annotations

from itertools import combinations
from time import monotonic
from typing import TYPE_CHECKING
from weakref import finalize

from pysat.solvers import Solver

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from advisor.circuit import Signal, Unary

_PATIENCE = 2_000  # conflicts between two looks at the clock


class OutOfTimeError(Exception):
    """A search met its time bound; nothing follows from it."""


class Clauses:
    """A SAT problem that grows gate by gate; equal gates are one, and constants are folded away."""

    def __init__(self) -> None:
        """Begin with nothing but the constants."""
        self._solver = Solver(name="minisat22")
        finalize(self, self._solver.delete)  # also when Python ends, while python-sat still can
        self._last = 1
        self.yes: Signal = 1
        self.no: Signal = -1
        self._gates: dict[frozenset[Signal], Signal] = {}
        self._solver.add_clause([self.yes])

    def variable(self) -> Signal:
        """Return a new signal that nothing is said about."""
        self._last += 1
        return self._last

    def add(self, clause: Iterable[Signal]) -> None:
        """Demand that one of the signals holds."""
        self._solver.add_clause(list(clause))

    def one_of(self, signals: Sequence[Signal]) -> None:
        """Demand that exactly one of the signals holds."""
        self.add(signals)
        for a, b in combinations(signals, 2):
            self.add((-a, -b))

    # --- gates --------------------------------------------------------------------------------------------------------

    def every(self, signals: Iterable[Signal]) -> Signal:
        """Return the conjunction."""
        parts = frozenset(signals) - {self.yes}
        if self.no in parts or any(-part in parts for part in parts):
            return self.no
        if len(parts) < 2:  # noqa: PLR2004 - the conjunction of one is itself, of none is true
            return next(iter(parts), self.yes)
        if parts not in self._gates:
            gate = self._gates[parts] = self.variable()
            ordered = sorted(parts)
            for part in ordered:
                self.add((-gate, part))
            self.add((gate, *(-part for part in ordered)))
        return self._gates[parts]

    def either(self, signals: Iterable[Signal]) -> Signal:
        """Return the disjunction."""
        return -self.every(-signal for signal in signals)

    def inverse(self, signal: Signal) -> Signal:
        """Return the negation."""
        return -signal

    def count(self, signals: Iterable[Signal]) -> Unary:
        """Return how many hold, as the signals `at least 1`, `at least 2`, ..., by merging halves (a totalizer)."""
        listed = [signal for signal in signals if signal != self.no]
        always = (self.yes,) * listed.count(self.yes)
        return always + self._merged([signal for signal in listed if signal != self.yes])

    def _merged(self, signals: list[Signal]) -> Unary:
        if len(signals) < 2:  # noqa: PLR2004 - a single signal is its own count
            return tuple(signals)
        a, b = self._merged(signals[: len(signals) // 2]), self._merged(signals[len(signals) // 2 :])
        total = [self.variable() for _ in signals]
        for i in range(len(a) + 1):
            for j in range(len(b) + 1):
                if i + j:  # a slice that begins below 0 is empty
                    self.add([total[i + j - 1], *(-signal for signal in (*a[i - 1 : i], *b[j - 1 : j]))])
                if i + j < len(total):
                    self.add([-total[i + j], *a[i : i + 1], *b[j : j + 1]])
        return tuple(total)

    # --- questions ----------------------------------------------------------------------------------------------------

    def satisfiable(self, assumptions: Sequence[Signal], deadline: float) -> bool:
        """Return whether everything demanded can hold together with some assumptions.

        Raises:
            OutOfTimeError: if the deadline (of the monotonic clock) passes first.

        """
        while True:
            self._solver.conf_budget(_PATIENCE)
            answer = self._solver.solve_limited(assumptions=list(assumptions))
            if answer is not None:
                return bool(answer)
            if monotonic() > deadline:
                raise OutOfTimeError

    def model(self) -> frozenset[Signal]:
        """Return the signals that hold in the example found by the last satisfiable question."""
        found = self._solver.get_model() or []
        return frozenset([*found, *(-signal for signal in range(len(found) + 1, self._last + 1))])  # what no clause names is false

    def core(self) -> frozenset[Signal]:
        """Return assumptions of the last unsatisfiable question that cannot hold together."""
        return frozenset(self._solver.get_core() or ())

    @property
    def size(self) -> tuple[int, int]:
        """How many variables and clauses there are."""
        return self._solver.nof_vars(), self._solver.nof_clauses()
