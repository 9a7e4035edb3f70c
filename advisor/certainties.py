"""How certain many outcomes are: what `certainty.py` says of one brief, said of many rows at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np

from advisor.rules import STRENGTHS
from advisor.standings import STATUSES
from advisor.verdict import Certainty

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.bitplanes import Plane, Truths
    from advisor.standings import ColumnLadder, Indexes, Keys, Outcomes, Planes, Wants
    from advisor.verdict import Option, Weight

CERTAINTIES: tuple[Certainty, ...] = get_args(Certainty)


@dataclass(frozen=True, slots=True)
class _Open:
    """What the waiting rules may still do, row by row."""

    needs: Planes
    covers: Mapping[str, Planes]
    any_cover: Mapping[str, Plane]
    weights: Mapping[Weight, Plane]
    rules_out: Mapping[Option, Plane]
    wishes: Plane
    more_to_do: Plane


def certainties_of(ladder: ColumnLadder, wants: Wants, outcomes: Outcomes) -> Indexes:
    """Return how certain each outcome is, as indexes into CERTAINTIES."""
    bits = outcomes.firings.bits
    still = _still_open(ladder, wants, outcomes)
    settled = ~bits.unpack(still.more_to_do)  # what holds where no option was picked
    for w in range(len(ladder.options)):
        won = outcomes.best == w
        if won.any():
            settled = np.where(won, _stays(w, ladder, still, outcomes), settled)
    settled |= outcomes.status == STATUSES.index("contradictory")
    found = np.where(settled, CERTAINTIES.index("settled"), CERTAINTIES.index("provisional")).astype(np.int8)
    found[(outcomes.status == STATUSES.index("tie")) | ~bits.unpack(wants.needs_known)] = CERTAINTIES.index("open")
    return found


def _still_open(ladder: ColumnLadder, wants: Wants, outcomes: Outcomes) -> _Open:
    bits, waiting = outcomes.firings.bits, outcomes.firings.waiting
    zero = bits.zero
    needs = {
        name: bits.without(
            bits.either(waiting[i] for i in rules), bits.either((outcomes.needs.get(name, zero), wants.in_house.get(name, zero)))
        )
        for name, rules in ladder.needs.items()
    }
    wanted = (outcomes.needs, outcomes.wishes, needs)
    asked = {name: bits.either(planes.get(name, zero) for planes in wanted) for name in set().union(*wanted)}
    covers = {
        role: {
            name: bits.without(bits.every((plane, asked.get(name, zero))), outcomes.covers[role].get(name, zero))
            for name, plane in ladder.covered(role, waiting, bits).items()
        }
        for role in outcomes.covers
    }
    any_cover = {role: bits.either(planes.values()) for role, planes in covers.items()}
    any_wish = bits.either(outcomes.wishes.values())
    any_need = bits.either(needs.values())
    some_cover = bits.either(any_cover.values())
    open_wish = bits.either(waiting[i] for rules in ladder.wishes.values() for i in rules)
    return _Open(
        needs=needs,
        covers=covers,
        any_cover=any_cover,
        weights={weight: bits.either(waiting[i] for i in rules) for weight, rules in ladder.weights.items()},
        rules_out={target: bits.either(waiting[i] for i in rules) for target, rules in ladder.rules_out.items()},
        wishes=bits.either((open_wish, bits.every((any_wish, bits.either((any_need, some_cover)))))),
        more_to_do=bits.either((any_need, some_cover)),
    )


def _stays(w: int, ladder: ColumnLadder, still: _Open, outcomes: Outcomes) -> Truths:
    """Return where an option, having won, surely stays first."""
    bits = outcomes.firings.bits
    option = ladder.options[w]
    threats = [plane for target, plane in still.rules_out.items() if target == option or (len(target) == 1 and target[0] in option)]
    if len(option) > 1:
        threats += [bits.every((p, outcomes.needs[n])) for role in option for n, p in still.covers[role].items() if n in outcomes.needs]
    stays = ~bits.unpack(bits.either(threats))
    for r, rival in enumerate(outcomes.options):
        if r != w:
            out = bits.either((rival.ruled_out, bits.without(rival.idle, still.more_to_do)))
            stays &= bits.unpack(out) | (_lead(w, r, ladder, still, outcomes) > 0)
    return stays


def _lead(w: int, r: int, ladder: ColumnLadder, still: _Open, outcomes: Outcomes) -> Keys:
    """Return by how much one option is ahead of another, on the scale of the ladder, if everything open goes against it."""
    bits, units = outcomes.firings.bits, ladder.scale.units
    winner, rival = ladder.options[w], ladder.options[r]
    lead: Keys = outcomes.options[r].keys - outcomes.options[w].keys
    lost = [*_gains(rival, outcomes.needs, still, outcomes), *_new_gaps(winner, rival, ladder, still, outcomes)]
    lead -= bits.count(lost).astype(np.int64) * units[0]
    for strength in range(len(STRENGTHS)):
        against = [p for weight, p in still.weights.items() if weight.strength == strength and _shift(weight, winner, rival) < 0]
        if strength == ladder.ladder.open_wish:
            against += [still.wishes] * 2  # the winner may come to leave one open, and the rival to leave none
        lead -= bits.count(against).astype(np.int64) * units[1 + strength]
    return lead


def _gains(rival: Option, needs: Planes, still: _Open, outcomes: Outcomes) -> list[Plane]:
    """Return for each must-have a rival leaves open where waiting rules could still let it cover it."""
    bits = outcomes.firings.bits
    found = []
    for name, plane in needs.items():
        gained = bits.either(still.covers[role].get(name, bits.zero) for role in rival)
        found.append(bits.without(bits.every((plane, gained)), _covered(rival, name, outcomes)))
    return found


def _new_gaps(winner: Option, rival: Option, ladder: ColumnLadder, still: _Open, outcomes: Outcomes) -> list[Plane]:
    """Return for each must-have that may still be implied where the rival could cover it and the winner might not."""
    bits = outcomes.firings.bits
    found = []
    for name, plane in still.needs.items():
        if not any((role, name) in ladder.ladder.always_covers for role in winner):
            gained = bits.either(still.covers[role].get(name, bits.zero) for role in rival)
            found.append(bits.every((plane, bits.either((gained, _covered(rival, name, outcomes))))))
    return found


def _covered(option: Option, function: str, outcomes: Outcomes) -> Plane:
    """Return where an option covers a function."""
    bits = outcomes.firings.bits
    return bits.either(outcomes.covers[role].get(function, bits.zero) for role in option)


def _shift(weight: Weight, winner: Option, rival: Option) -> int:
    """Return what an open reason would add to the winner's lead."""
    shift = int(weight.bears_on(winner)) - int(weight.bears_on(rival))
    return shift if weight.side == "for" else -shift
