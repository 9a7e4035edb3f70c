"""What would give another verdict: every single change, every minimal pair of changes, and every rule it hangs on.

All variants of a brief are evaluated at once, as told: what is still unknown stays unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from advisor.changes import Change, apply_changes, possible_changes
from advisor.circuit import Ending, ending_in, row_of
from advisor.facts import facts_of
from advisor.planes import Planes, compare_facts, evaluate_variants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from advisor.brief import Brief
    from advisor.circuit import Result, Signal
    from advisor.facts import Facts
    from advisor.planes import Variant
    from advisor.verdict import Evaluation, Ladder

MAX_PAIRED = 400  # single changes that are tried in pairs


@dataclass(frozen=True, slots=True)
class Flip:
    """A smallest change of a brief that makes it end otherwise: no part of it leads to the same ending."""

    changes: tuple[Change, ...]
    ending: Ending


@dataclass(frozen=True, slots=True)
class Flips:
    """All smallest changes, by what they touch.

    Attributes:
        circumstances: of one or two facts that a sponsor can change, or answer.
        findings: of one unknown fact that nobody can change, should it turn out so.
        needs: of one function more or less.
        searched: how many variants of the brief were evaluated.
        complete: False if there were too many changes to try all of them in pairs.

    """

    circumstances: tuple[Flip, ...]
    findings: tuple[Flip, ...]
    needs: tuple[Flip, ...]
    searched: int
    complete: bool

    @property
    def distance(self) -> int | None:
        """The least number of circumstances to change; None if more than two, or none will do."""
        return min((len(flip.changes) for flip in self.circumstances), default=None)


def find_flips(ladder: Ladder, brief: Brief, ending: Ending) -> Flips:
    """Return the smallest changes of a brief that give another ending than the one told."""
    facts = facts_of(brief, ladder.program.catalog)
    changes = [(change, _variant(ladder, brief, facts, change)) for change in possible_changes(brief, ladder.program)]
    paired = [pair for pair in changes if pair[0].kind == "circumstance"]
    single = [pair for pair in changes if pair[0].kind != "circumstance"]
    complete = len(paired) <= MAX_PAIRED
    circumstances = _pairs(ladder, facts, paired, ending) if complete else _singles(ladder, facts, paired, ending)
    alone = list(_singles(ladder, facts, single, ending))
    return Flips(
        circumstances=_merged(circumstances),
        findings=_merged(flip for flip in alone if flip.changes[0].kind == "finding"),
        needs=_merged(flip for flip in alone if flip.changes[0].kind != "finding"),
        searched=len(single) + len(paired) * (len(paired) + 1) // 2,
        complete=complete,
    )


def critical_rules(ladder: Ladder, facts: Facts, evaluation: Evaluation, ending: Ending) -> tuple[str, ...]:
    """Return the rules without which the brief would end otherwise, each one taken out alone."""
    rules = sorted(evaluation.fired | evaluation.waiting)
    planes = Planes(len(rules))
    present = {rule: planes.yes ^ (1 << i) for i, rule in enumerate(rules)}
    result = evaluate_variants(ladder, facts, [], len(rules), present)
    changed = _differs(result, ending, ladder, planes.yes)
    return tuple(ladder.program.rules[rules[i]].rule.id for i in _ones(changed))


def _variant(ladder: Ladder, brief: Brief, facts: Facts, change: Change) -> Variant:
    changed = next(apply_changes(brief, [change]))  # its other values have the same codes
    return compare_facts(ladder, facts, facts_of(changed, ladder.program.catalog))


def _singles(ladder: Ladder, facts: Facts, changes: list[tuple[Change, Variant]], ending: Ending) -> Iterator[Flip]:
    rows = [(1 << i, variant) for i, (_, variant) in enumerate(changes)]
    result = evaluate_variants(ladder, facts, rows, len(changes))
    for other, bits in _endings(result, ending, ladder, (1 << len(changes)) - 1):
        yield from (Flip((changes[i][0],), other) for i in _ones(bits))


def _pairs(ladder: Ladder, facts: Facts, changes: list[tuple[Change, Variant]], ending: Ending) -> Iterator[Flip]:
    """Yield single changes and minimal pairs: variant `i * n + j` has the changes i and j, and on the diagonal only one."""
    n = len(changes)
    row, column = (1 << n) - 1, sum(1 << (i * n) for i in range(n))
    having = [row << (i * n) | column << i for i in range(n)]
    allowed = _upper(changes)
    rows = [(bits & allowed, variant) for bits, (_, variant) in zip(having, changes, strict=True)]
    result = evaluate_variants(ladder, facts, rows, n * n)
    diagonal = sum(1 << (i * n + i) for i in range(n))
    for other, bits in _endings(result, ending, ladder, allowed):
        alone = [i // n for i in _ones(bits & diagonal)]
        yield from (Flip((changes[i][0],), other) for i in alone)
        pairs = bits & ~diagonal
        for i in alone:
            pairs &= ~having[i]
        yield from (Flip((changes[i // n][0], changes[i % n][0]), other) for i in _ones(pairs))


def _upper(changes: list[tuple[Change, Variant]]) -> Signal:
    """Return the variants with one change, or with two of different facts, each pair once."""
    n, allowed = len(changes), 0
    for i, (change, _) in enumerate(changes):
        after = next((j for j in range(i + 1, n) if changes[j][0].name != change.name), n)
        allowed |= (1 << i | (1 << n) - (1 << after)) << (i * n)
    return allowed


def _endings(result: Result, ending: Ending, ladder: Ladder, allowed: Signal) -> Iterator[tuple[Ending, Signal]]:
    """Yield every other ending that is no contradiction, with the variants that end so."""
    signals = result.signals()
    left = _differs(result, ending, ladder, allowed) & ~result.contradictory
    while left:
        lowest = left & -left
        row = [bool(signal & lowest) for signal in signals]
        same = left
        for holds, signal in zip(row, signals, strict=True):
            same &= signal if holds else ~signal
        yield ending_in(row, ladder), same
        left &= ~same


def _differs(result: Result, ending: Ending, ladder: Ladder, allowed: Signal) -> Signal:
    changed = 0
    for holds, signal in zip(row_of(ending, ladder), result.signals(), strict=True):
        changed |= allowed & ~signal if holds else signal
    return changed & allowed


def _ones(bits: Signal) -> Iterator[int]:
    """Yield the places of the bits that are set, ascending."""
    digits = bin(bits)[:1:-1]
    place = digits.find("1")
    while place >= 0:
        yield place
        place = digits.find("1", place + 1)


# --- flips that differ in the values of one fact are told as one ------------------------------------------------------------


def _merged(flips: Iterable[Flip]) -> tuple[Flip, ...]:
    """Return flips, values of one fact that do the same joined; smallest first, then by ending and facts."""
    found = list(flips)
    for place in (1, 0):
        found = _join(found, place)
    return tuple(sorted(found, key=_order))


def _join(flips: Sequence[Flip], place: int) -> list[Flip]:
    """Join flips that differ only in the values of the change at one place."""
    groups: dict[object, Flip] = {}
    for flip in flips:
        if len(flip.changes) <= place or not flip.changes[place].values:
            groups[flip] = flip
            continue
        change = flip.changes[place]
        rest = tuple(other for i, other in enumerate(flip.changes) if i != place)
        key = (flip.ending, rest, change.kind, change.name)
        known = groups.get(key)
        if known is not None:
            values = (*known.changes[place].values, *change.values)
            change = replace(change, values=values)
        groups[key] = Flip((*flip.changes[:place], change, *flip.changes[place + 1 :]), flip.ending)
    return list(groups.values())


def _order(flip: Flip) -> tuple[int, Ending, tuple[tuple[str, str], ...]]:
    return (len(flip.changes), flip.ending, tuple((change.name, repr(_sorted(change))) for change in flip.changes))


def _sorted(change: Change) -> list[str]:
    return [repr(sorted(value)) if isinstance(value, frozenset) else repr(value) for value in change.values]
