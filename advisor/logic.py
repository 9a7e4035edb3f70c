"""Exact questions over every way of completing a brief: program and ladder as a SAT problem, encoded once for each view.

A completion gives every unknown fact one of its values, and the needs, where they are not known, any set of functions that
are not done in house. Completions in which a contradiction rule fires are no possible situations and do not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from threading import RLock
from time import monotonic
from typing import TYPE_CHECKING

from advisor.brief import Brief
from advisor.circuit import row_of
from advisor.completions import Copy, contradiction_links

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from advisor.circuit import Ending, Signal
    from advisor.clauses import Clauses
    from advisor.completions import Answer
    from advisor.verdict import Certainty, Ladder

SECONDS = 2.0
MAX_SETS = 20
_FEW = 4


@dataclass(frozen=True, slots=True)
class OpenFact:
    """An unknown fact that matters: two completions that differ in it, and end differently.

    Attributes:
        fact: its id; `needs` if it is the needs that are not known.
        together: the other facts that have to differ, too, because contradictions link them; mostly none.
        completions: the two briefs; endings: their endings.

    """

    fact: str
    together: tuple[str, ...]
    completions: tuple[Brief, Brief]
    endings: tuple[Ending, Ending]


@dataclass(frozen=True, slots=True)
class OpenFacts:
    """The unknown facts that matter; `complete` is False if the search met its time bound."""

    facts: tuple[OpenFact, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class RestsOn:
    """Which answers force the ending.

    Attributes:
        sets: all minimal sets of answers such that every completion of them ends alike; none if it is not settled.
        core: answers in all of them; no_part: answers in none, empty unless `complete`.
        complete: whether `sets` are all there are.

    """

    sets: tuple[tuple[Answer, ...], ...]
    core: tuple[Answer, ...] = ()
    no_part: tuple[Answer, ...] = ()
    complete: bool = True


class Questions:
    """Exact answers about one program and ladder; encoded at first use, one question at a time."""

    def __init__(self, ladder: Ladder) -> None:
        """Remember the ladder; nothing is encoded yet."""
        self._ladder = ladder
        self._lock = RLock()
        self._briefs = 0
        self._latest: tuple[Brief, _Single] | None = None

    def __reduce__(self) -> tuple[type[Questions], tuple[Ladder]]:
        """Be copied and stored as the ladder alone."""
        return Questions, (self._ladder,)

    def can_end(self, brief: Brief, ending: Ending, *, otherwise: bool = False, seconds: float = SECONDS) -> bool:
        """Return whether some completion of a brief ends in a certain way, or in any other way.

        Raises:
            OutOfTimeError: if it takes longer than allowed.

        """
        with self._lock:
            single, known = self._about(brief)
            return single.can_end(known, ending, otherwise, monotonic() + seconds)

    def certainty(self, brief: Brief, ending: Ending, careful: Certainty, *, seconds: float = SECONDS) -> Certainty:
        """Return how certain an ending is, given the careful bound on it; that bound stays if time runs out."""
        from advisor.clauses import OutOfTimeError

        try:
            if not self.can_end(brief, ending, seconds=seconds):
                return "open"
            if careful == "settled":
                return careful
            return "provisional" if self.can_end(brief, ending, otherwise=True, seconds=seconds) else "settled"
        except OutOfTimeError:
            return careful

    def possible_endings(self, brief: Brief, *, seconds: float = SECONDS) -> tuple[Ending, ...]:
        """Return every way in which completions of a brief end; none if no completion is possible.

        Raises:
            OutOfTimeError: if it takes longer than allowed.

        """
        with self._lock:
            single, known = self._about(brief)
            return tuple(sorted(single.endings(known, monotonic() + seconds)))

    def conflict(self, brief: Brief, *, seconds: float = SECONDS) -> tuple[Answer, ...] | None:
        """Return a minimal set of answers that cannot hold together; None if the brief can be completed.

        Raises:
            OutOfTimeError: if it takes longer than allowed.

        """
        with self._lock:
            return self._single.conflict(self._single.copy.answers(brief), monotonic() + seconds)

    def open_facts(self, brief: Brief, *, seconds: float = SECONDS) -> OpenFacts:
        """Return the unknown facts that matter, alone or together with others."""
        with self._lock:
            return _Double(self._ladder, brief).open_facts(monotonic() + seconds)

    def ever_open(self, *, seconds: float = SECONDS) -> OpenFacts:
        """Return the facts that matter in some brief: two briefs differ in them, have the same lists, and end differently."""
        with self._lock:
            return _Double(self._ladder, None).open_facts(monotonic() + seconds)

    def rests_on(self, brief: Brief, ending: Ending, *, seconds: float = SECONDS, limit: int = MAX_SETS) -> RestsOn:
        """Return the minimal sets of answers that force an ending, the smallest first."""
        with self._lock:
            return self._single.rests_on(self._single.copy.answers(brief), ending, monotonic() + seconds, limit)

    def _about(self, brief: Brief) -> tuple[_Single, Sequence[Signal]]:
        """Return where to ask about a brief, and what to assume there.

        To encode one brief takes a fifth of the time it takes to encode all; so the first few are encoded one by one.
        """
        if self._briefs >= _FEW:
            return self._single, self._single.copy.known(brief)
        if self._latest is None or self._latest[0] is not brief:
            self._briefs += 1
            self._latest = brief, _Single(self._ladder, brief)
        return self._latest[1], ()

    @cached_property
    def _single(self) -> _Single:
        return _Single(self._ladder)


class _Single:
    """Questions about one completion: of the brief given, or of any."""

    def __init__(self, ladder: Ladder, brief: Brief | None = None) -> None:
        from advisor.clauses import Clauses

        self._ladder = ladder
        self.clauses: Clauses = Clauses()
        self.copy = Copy(ladder, self.clauses, brief)
        self._selectors: dict[Ending, Signal] = {}

    def can_end(self, known: Sequence[Signal], ending: Ending, otherwise: bool, deadline: float) -> bool:  # noqa: FBT001 - private
        wanted = [self._other_than(ending)] if otherwise else self._row(ending)
        return self.clauses.satisfiable([*known, *wanted], deadline)

    def endings(self, known: Sequence[Signal], deadline: float) -> Iterator[Ending]:
        met: list[Signal] = []
        while self.clauses.satisfiable([*known, *met], deadline):
            ending = self.copy.ending(self.clauses.model())
            met.append(self._other_than(ending))
            yield ending

    def conflict(self, answers: dict[Answer, list[Signal]], deadline: float) -> tuple[Answer, ...] | None:
        if self.clauses.satisfiable(_signals(answers, answers), deadline):
            return None
        core = self.clauses.core()
        kept = [answer for answer, signals in answers.items() if core.intersection(signals)]
        for answer in list(kept):
            fewer = [other for other in kept if other != answer]
            if not self.clauses.satisfiable(_signals(answers, fewer), deadline):
                kept = fewer
        return tuple(sorted(kept))

    def rests_on(self, answers: dict[Answer, list[Signal]], ending: Ending, deadline: float, limit: int) -> RestsOn:
        """Return what an ending rests on; an answer is in the core if all the others together do not force the ending."""
        from advisor.clauses import OutOfTimeError

        other = self._other_than(ending)
        found: list[tuple[Answer, ...]] = []
        core: list[Answer] = []
        complete = False
        try:
            if self.clauses.satisfiable([other, *_signals(answers, answers)], deadline):
                return RestsOn(())
            core.extend(
                answer
                for answer in answers
                if self.clauses.satisfiable([other, *_signals(answers, [a for a in answers if a != answer])], deadline)
            )
            for sufficient in self._sufficient(answers, other, deadline):
                if len(found) == limit:
                    break
                found.append(sufficient)
            else:
                complete = True
        except OutOfTimeError:
            pass
        used = {answer for sufficient in found for answer in sufficient}
        no_part = tuple(sorted(set(answers) - used)) if complete else ()
        return RestsOn(tuple(sorted(found, key=lambda s: (len(s), s))), tuple(sorted(core)), no_part, complete)

    def _sufficient(self, answers: dict[Answer, list[Signal]], other: Signal, deadline: float) -> Iterator[tuple[Answer, ...]]:
        """Yield the minimal sufficient sets: each one hits every minimal change, so the least that hit all found so far are tried."""
        from pysat.examples.hitman import Hitman

        with Hitman(htype="sorted", solver="m22") as hitman:
            while (candidate := hitman.get()) is not None:
                if self.clauses.satisfiable([other, *_signals(answers, candidate)], deadline):
                    hitman.hit(self._change(answers, other, deadline))
                else:
                    yield tuple(sorted(candidate))
                    hitman.block(candidate)

    def _change(self, answers: dict[Answer, list[Signal]], other: Signal, deadline: float) -> list[Answer]:
        """Return a minimal set of answers that differ in some completion with another ending, from the last example on."""
        kept = _held(answers, self.clauses.model())
        for answer in answers:
            if answer not in kept and self.clauses.satisfiable([other, *_signals(answers, [*kept, answer])], deadline):
                kept = _held(answers, self.clauses.model())
        return [answer for answer in answers if answer not in kept]

    def _row(self, ending: Ending) -> list[Signal]:
        row = row_of(ending, self._ladder)
        return [signal if holds else -signal for signal, holds in zip(self.copy.result.signals(), row, strict=True)]

    def _other_than(self, ending: Ending) -> Signal:
        """Return a signal that, if it is demanded, leaves only completions with another ending."""
        if ending not in self._selectors:
            selector = self._selectors[ending] = self.clauses.variable()
            self.clauses.add([-selector, *(-signal for signal in self._row(ending))])
        return self._selectors[ending]


class _Double:
    """Questions about two completions of one brief, or of any, that differ in as little as wanted; encoded for this brief alone."""

    def __init__(self, ladder: Ladder, brief: Brief | None) -> None:
        from advisor.clauses import Clauses

        self._brief = brief or Brief(frozenset())
        self._clauses: Clauses = Clauses()
        self._a, self._b = Copy(ladder, self._clauses, brief), Copy(ladder, self._clauses, brief)
        self._free = self._a.free(self._brief)
        if brief is None:
            for a, b in zip(self._a.listed(), self._b.listed(), strict=True):
                self._clauses.add((-a, b))
                self._clauses.add((a, -b))
        self._links = contradiction_links(ladder)
        self._same = {fact: self._equal(fact) for fact in self._free}
        rows = zip(self._a.result.signals(), self._b.result.signals(), strict=True)
        either = [self._clauses.either((self._clauses.every((a, -b)), self._clauses.every((-a, b)))) for a, b in rows]
        self._differ = self._clauses.either(either)

    def open_facts(self, deadline: float) -> OpenFacts:
        from advisor.clauses import OutOfTimeError

        found: dict[str, OpenFact] = {}
        try:
            for fact in self._free:
                if self._may_differ([fact], deadline):
                    found[fact] = self._example(fact, ())
            self._add_linked(found, deadline)
        except OutOfTimeError:
            return OpenFacts(tuple(found.values()), complete=False)
        return OpenFacts(tuple(found[fact] for fact in sorted(found)), complete=True)

    def _add_linked(self, found: dict[str, OpenFact], deadline: float) -> None:
        """Add the facts that matter only together, until all that is left cannot matter jointly.

        Facts that matter alone nowhere can matter jointly only if a contradiction links them: without one between them,
        they could be changed one after the other, and every brief on the way would be possible.
        """
        while self._may_differ(self._linked(found), deadline):
            example = self._clauses.model()
            differing = [fact for fact in self._free if not self._same_in(fact, example)]
            for fact in list(differing):
                fewer = [other for other in differing if other != fact]
                if self._may_differ(fewer, deadline):
                    differing = fewer
            self._may_differ(differing, deadline)
            for fact in differing:
                found.setdefault(fact, self._example(fact, tuple(other for other in differing if other != fact)))

    def _linked(self, found: dict[str, OpenFact]) -> list[str]:
        """Return the facts left that share a contradiction with another fact left."""
        left = {fact for fact in self._free if fact not in found}
        linked = set().union(*(facts & left for facts in self._links if len(facts & left) > 1))
        return [fact for fact in self._free if fact in linked]

    def _may_differ(self, facts: list[str], deadline: float) -> bool:
        """Return whether two completions that differ in these facts at most end differently."""
        if not facts:
            return False
        held = [self._same[fact] for fact in self._free if fact not in facts]
        return self._clauses.satisfiable([self._differ, *held], deadline)

    def _example(self, fact: str, together: tuple[str, ...]) -> OpenFact:
        model = self._clauses.model()
        completions = (self._a.completion(self._brief, model), self._b.completion(self._brief, model))
        return OpenFact(fact, together, completions, (self._a.ending(model), self._b.ending(model)))

    def _equal(self, fact: str) -> Signal:
        """Return a signal that, if it is demanded, makes a fact the same in both copies."""
        selector = self._clauses.variable()
        for a, b in zip(self._a.signals_of(fact), self._b.signals_of(fact), strict=True):
            self._clauses.add((-selector, -a, b))
            self._clauses.add((-selector, a, -b))
        return selector

    def _same_in(self, fact: str, model: frozenset[Signal]) -> bool:
        pairs = zip(self._a.signals_of(fact), self._b.signals_of(fact), strict=True)
        return all((a in model) == (b in model) for a, b in pairs)


def _signals(answers: dict[Answer, list[Signal]], chosen: Iterable[Answer]) -> list[Signal]:
    return [signal for answer in chosen for signal in answers[answer]]


def _held(answers: dict[Answer, list[Signal]], model: frozenset[Signal]) -> list[Answer]:
    """Return the answers that hold in an example."""
    return [answer for answer, signals in answers.items() if model.issuperset(signals)]
