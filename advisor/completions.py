"""What a brief may turn out to be: the unknown facts and lists as signals, and what the answers given say about them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from advisor.brief import Brief
from advisor.circuit import Inputs, build, ending_in
from advisor.facts import member_of
from advisor.rules import NEED_FACTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from advisor.brief import FactValue
    from advisor.circuit import Ending, Signal
    from advisor.clauses import Clauses
    from advisor.compiler import Attribute
    from advisor.verdict import Ladder

AnswerKind = Literal["need", "wish", "in_house", "closing", "fact"]
NEEDS = "needs"


@dataclass(frozen=True, slots=True, order=True)
class Answer:
    """One answer of a brief: a function named in a list, a fact, or the closing words that nothing else is in the lists."""

    kind: AnswerKind
    name: str = ""


CLOSING = Answer("closing")


class Copy:
    """One possible brief as signals, with the circuit of its verdict on top."""

    def __init__(self, ladder: Ladder, clauses: Clauses, told: Brief | None = None) -> None:
        """Add the signals of a brief that is free to be anything possible, or anything that completes the one told."""
        self._ladder = ladder
        self._catalog = ladder.program.catalog
        self._clauses = clauses
        self._told = told
        self._lists = self._named()
        self._facts: dict[str, dict[str, dict[int, Signal]]] = {}  # fact -> attribute -> code -> signal
        codes = dict(enumerate(self._codes_of(attribute) for attribute in ladder.program.attributes))
        self._clash()
        self.result = build(ladder, clauses, Inputs(codes, self._lists["needs"], self._lists["wishes"], self._in_house, complete=True))
        clauses.add((-self.result.contradictory,))

    # --- what a brief can say -----------------------------------------------------------------------------------------

    def _named(self) -> dict[str, dict[str, Signal]]:
        """Return for each list and function whether it is named there."""
        told, functions, clauses = self._told, self._catalog.functions, self._clauses
        if told is None:
            return {key: {f: clauses.variable() for f in functions} for key in NEED_FACTS}
        lists = {"needs": told.needs, "wishes": told.wishes, "in_house": told.in_house}
        return {
            key: {f: clauses.variable() if named is None else clauses.yes if f in named else clauses.no for f in functions}
            for key, named in lists.items()
        }

    @cached_property
    def _in_house(self) -> dict[str, Signal]:
        """What is done in house: an umbrella takes along what is under it, if it is not asked for."""
        clauses, named = self._clauses, self._lists["in_house"]
        found = dict(named)
        for f, function in self._catalog.functions.items():
            if function.under is not None:
                asked = clauses.either((self._lists["needs"][f], self._lists["wishes"][f]))
                found[f] = clauses.either((named[f], clauses.every((named[function.under], -asked))))
        return found

    def _clash(self) -> None:
        """Demand that no function stands in two lists: no brief may say so."""
        needs, wishes, in_house = self._lists.values()
        for f in self._catalog.functions:
            for a, b in ((needs, wishes), (needs, in_house), (wishes, in_house)):
                self._clauses.add((-a[f], -b[f]))

    def _codes_of(self, attribute: Attribute) -> dict[int, Signal]:
        """Return the signals of the codes that an attribute can have when everything is known."""
        clauses = self._clauses
        fact, _, member = attribute.name.partition(":")
        if fact in self._lists:
            signal = self._in_house[member] if fact == "in_house" else self._lists[fact][member]
            return _either_way(attribute, signal)
        if fact not in self._catalog.facts:
            return {attribute.codes[False]: clauses.yes}  # a conclusion, before any rule fires
        codes = sorted({attribute.code(value) for value in self._admitted(fact, member)})
        if len(codes) == 2:  # noqa: PLR2004 - one signal is enough for either of two
            signal = clauses.variable()
            signals = {codes[0]: signal, codes[1]: -signal}
        else:
            signals = {code: clauses.variable() for code in codes} if len(codes) > 1 else {codes[0]: clauses.yes}
            clauses.one_of(list(signals.values()))
        self._facts.setdefault(fact, {})[attribute.name] = signals
        return signals

    def _admitted(self, fact: str, member: str) -> tuple[str | int | bool, ...]:
        """Return the values that a fact (or a member of a set) may have, as far as the brief tells."""
        value = self._told.facts.get(fact) if self._told is not None else None
        if isinstance(value, frozenset):
            return (member in value,)
        if value is None:
            return self._values(fact)
        terms = self._catalog.terms(fact)
        return (terms[value].one_of if isinstance(value, str) and value in terms else ()) or (value,)

    def _values(self, fact: str) -> tuple[str | int | bool, ...]:
        """Return the values of a fact: its terms, the first number of each interval, or yes and no, also of each member of a set."""
        entry = self._catalog.facts[fact]
        if entry.type == "enum":
            return self._catalog.vocabularies[entry.vocabulary or ""].values()
        return self._attribute(fact).bounds if entry.type == "integer" else (True, False)

    def _attribute(self, name: str) -> Attribute:
        return self._ladder.program.attributes[self._ladder.program.index[name]]

    # --- what a brief says --------------------------------------------------------------------------------------------

    def answers(self, brief: Brief) -> dict[Answer, list[Signal]]:
        """Return every answer of a brief with the signals it makes hold, in a fixed order."""
        named: tuple[tuple[AnswerKind, str, Iterable[str]], ...] = (
            ("need", "needs", brief.needs or ()),
            ("wish", "wishes", brief.wishes),
            ("in_house", "in_house", brief.in_house),
        )
        found = {Answer(kind, f): [self._lists[key][f]] for kind, key, functions in named for f in sorted(functions)}
        closed = [(key, set(functions)) for _, key, functions in named if key != "needs" or brief.needs is not None]
        found[CLOSING] = [-self._lists[key][f] for key, functions in closed for f in self._catalog.functions if f not in functions]
        for fact in sorted(brief.facts):
            found[Answer("fact", fact)] = self._stated(fact, brief.facts[fact])
        return found

    def known(self, brief: Brief) -> list[Signal]:
        """Return everything that the answers of a brief make hold."""
        return [signal for signals in self.answers(brief).values() for signal in signals]

    def _stated(self, fact: str, value: FactValue) -> list[Signal]:
        """Return the signals that hold if a fact has a value; of a value known in part, that it is none of the others."""
        attributes = self._facts.get(fact, {})
        if isinstance(value, frozenset):
            terms = {member_of(fact, term): term in value for term in self._catalog.terms(fact)}
            return [signals[self._attribute(name).codes[terms[name]]] for name, signals in attributes.items()]
        if not attributes:
            return []
        attribute, signals = self._attribute(fact), attributes[fact]
        terms_of = self._catalog.terms(fact)
        stands_for = terms_of[value].one_of if isinstance(value, str) and value in terms_of else ()
        if stands_for:
            admitted = {attribute.codes[term] for term in stands_for}
            return [-signal for code, signal in signals.items() if code not in admitted]
        return [signals[attribute.code(value)]]

    # --- what is free, and what an example says ---------------------------------------------------------------------------

    def facts(self) -> tuple[str, ...]:
        """Return everything that a brief may leave unknown: facts that some rule reads, and the needs."""
        return (NEEDS, *sorted(self._facts))

    def listed(self) -> tuple[Signal, ...]:
        """Return for each list and function whether it is named there."""
        return tuple(signal for named in self._lists.values() for signal in named.values())

    def free(self, brief: Brief) -> tuple[str, ...]:
        """Return what a brief leaves unknown, or known in part only."""
        found = [fact for fact in sorted(self._facts) if fact not in brief.facts or self._catalog.in_part(fact, brief.facts[fact])]
        return (*([NEEDS] if brief.needs is None else []), *found)

    def signals_of(self, fact: str) -> tuple[Signal, ...]:
        """Return the signals that together say which value a fact has."""
        if fact == NEEDS:
            return tuple(self._lists[NEEDS].values())
        return tuple(signal for signals in self._facts[fact].values() for signal in signals.values())

    def ending(self, model: frozenset[Signal]) -> Ending:
        """Return how the verdict on an example ends."""
        return ending_in([signal in model for signal in self.result.signals()], self._ladder)

    def completion(self, brief: Brief, model: frozenset[Signal]) -> Brief:
        """Return an example as a brief: what was free gets the first value that fits."""
        facts = dict(brief.facts)
        for fact in self.free(brief):
            if fact != NEEDS:
                facts[fact] = self._value_in(fact, model, brief.facts.get(fact))
        needs, wishes, in_house = (frozenset(f for f, signal in named.items() if signal in model) for named in self._lists.values())
        return Brief(needs, wishes, in_house, facts, brief.name, brief.description)

    def _value_in(self, fact: str, model: frozenset[Signal], told: FactValue | None) -> FactValue:
        attributes = self._facts[fact]
        if self._catalog.facts[fact].type == "set":
            has = {name for name, signals in attributes.items() if signals[self._attribute(name).codes[True]] in model}
            return frozenset(name.partition(":")[2] for name in has)
        attribute, signals = self._attribute(fact), attributes[fact]
        terms = self._catalog.terms(fact)
        values = terms[told].one_of if isinstance(told, str) else self._values(fact)
        return next(value for value in values if signals[attribute.code(value)] in model)


def contradiction_links(ladder: Ladder) -> tuple[frozenset[str], ...]:
    """Return for each contradiction rule the facts it hangs on, through conclusions down to what a brief says."""
    program = ladder.program
    writers = {target: rules for stratum in program.written for target, rules in stratum}
    found = []
    for i, effects in enumerate(ladder.effects):
        if effects.contradicts:
            rules, seen, facts = [i], {i}, set[str]()
            while rules:
                for attribute in program.rules[rules.pop()].reads:
                    facts.add(program.attributes[attribute].name.partition(":")[0])
                    new = [j for j in writers.get(attribute, ()) if j not in seen]
                    seen.update(new)
                    rules += new
            found.append(frozenset(facts))
    return tuple(found)


def _either_way(attribute: Attribute, signal: Signal) -> dict[int, Signal]:
    """Return the codes of a truth value: the one for true if the signal holds, else the one for false."""
    return {attribute.codes[False]: -signal, attribute.codes[True]: signal}
