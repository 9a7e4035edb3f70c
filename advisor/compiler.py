"""From a rule base to a program: typed conditions over few codes, in firing order. Every evaluator reads this.

A program is for one view. Its attributes have small integer codes: values that no condition tells apart share one
(so a number has as many codes as the rules have thresholds), and *not known* is a code of its own wherever it matters.
A condition becomes two formulas over tests `attribute in codes`: one that is true when the condition is *known* to hold
whatever the unknown facts are, one that is true when it still *may* hold. Negation is pushed into the tests, so a
formula is made of `all`, `any` and tests only. A rule fires when it is known to hold, and waits when it may.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.errors import DataError, Issue, Place
from advisor.facts import NOT_KNOWN, member_of
from advisor.rules import NEED_FACTS, All, AnyOf, Atom, Not

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from advisor.catalog import Catalog, Vocabulary
    from advisor.rules import Condition, Effect, Rule, RuleBase

Value = object  # a term, a truth value, or the first number of an interval
Codes = frozenset[int]


@dataclass(frozen=True)
class Test:
    """True if the attribute (by index) has one of the codes."""

    attribute: int
    codes: Codes


@dataclass(frozen=True)
class Every:
    """True if all parts are; without parts, always."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Either:
    """True if any part is; without parts, never."""

    parts: tuple[Formula, ...]


Formula = Test | Every | Either


@dataclass(frozen=True)
class Attribute:
    """One thing conditions can read.

    Attributes:
        name: `fact`, or `fact:member` of a set; a derived conclusion has its own name.
        codes: the code of each input value, `NOT_KNOWN` included; of a number, of the first of each interval.
        size: how many codes there are.
        bounds: the first numbers of the intervals, ascending; empty unless it is a number.
        default: the code of an attribute the brief says nothing about.

    """

    name: str
    codes: Mapping[object, int]
    size: int
    bounds: tuple[int, ...]
    default: int

    def code(self, value: object) -> int:
        """Return the code of an input value."""
        if self.bounds and value is not NOT_KNOWN:
            value = self.bounds[bisect_right(self.bounds, value) - 1]  # type: ignore[call-overload]  # a number by its type
        return self.codes[value]


@dataclass(frozen=True)
class CompiledRule:
    """One rule of a program.

    Attributes:
        known: true when the rule fires; possible: true when it may still fire.
        reads: the indexes of the attributes its condition reads.
        writes: the indexes of the attributes it makes true when it fires.
        place: where it stands.

    """

    rule: Rule
    place: str
    known: Formula
    possible: Formula
    reads: tuple[int, ...]
    writes: tuple[int, ...]


@dataclass(frozen=True)
class Program:
    """A compiled rule base for one view.

    Attributes:
        attributes: everything conditions read, in the order of their names.
        rules: all rules, by index.
        strata: indexes of rules, in firing order: a rule reads only what earlier strata conclude.
        written: the attributes that rules conclude, with the rules that do, stratum by stratum.
        vetoes: for a need or a wish, the attribute that says it is done in house (then no rule makes it true).

    """

    view: str
    catalog: Catalog
    attributes: tuple[Attribute, ...]
    index: Mapping[str, int]
    rules: tuple[CompiledRule, ...]
    strata: tuple[tuple[int, ...], ...]
    written: tuple[tuple[tuple[int, tuple[int, ...]], ...], ...]
    vetoes: Mapping[int, int]
    defaults: tuple[int, ...]

    def encode(self, inputs: Mapping[str, object]) -> list[int]:
        """Return the code of every attribute; inputs no rule reads are passed over."""
        codes = list(self.defaults)
        for name, value in inputs.items():
            i = self.index.get(name)
            if i is not None:
                codes[i] = self.attributes[i].code(value)
        return codes

    def conclude(self, stratum: int, codes: list[int], fired: set[int], possible: set[int]) -> None:
        """Write into the codes what the rules of a stratum conclude: true, still open, or as it was."""
        for target, rules in self.written[stratum]:
            attribute = self.attributes[target]
            true, veto = attribute.codes[True], self.vetoes.get(target)
            if codes[target] == true or (veto is not None and codes[veto] == self.attributes[veto].codes[True]):
                continue
            if not fired.isdisjoint(rules):
                codes[target] = true
            elif not possible.isdisjoint(rules):
                codes[target] = attribute.codes[NOT_KNOWN]


def compile_rules(base: RuleBase, catalog: Catalog, view: str) -> Program:
    """Compile the rules that hold in one view.

    Raises:
        DataError: if conclusions rest on each other in a circle.

    """
    rules = base.by_view[view]
    return _Compilation(rules, catalog, view, base.places).program()


@dataclass(frozen=True)
class _Draft:
    """A rule whose tests still speak of values: `known` and `possible` hold pairs of attribute and admitted values."""

    rule: Rule
    condition: _Raw
    reads: tuple[str, ...]


@dataclass(frozen=True)
class _RawTest:
    attribute: str
    values: frozenset[Value]


@dataclass(frozen=True)
class _RawNode:
    every: bool
    parts: tuple[_Raw, ...]


_Raw = _RawTest | _RawNode


class _Compilation:
    """One rule base being compiled."""

    def __init__(self, rules: tuple[Rule, ...], catalog: Catalog, view: str, places: Mapping[str, str]) -> None:
        self._rules = rules
        self._catalog = catalog
        self._view = view
        self._places = places
        self._bounds = _integer_bounds(rules, catalog)
        self._known_meanings: dict[str, dict[object, frozenset[Value]]] = {}
        self._settled: dict[tuple[_Raw, bool], Formula] = {}
        self._index: Mapping[str, int] = {}
        self._attributes: tuple[Attribute, ...] = ()

    def program(self) -> Program:
        drafts = []
        for rule in self._rules:
            raw = self._lower(rule.when, positive=True)
            drafts.append(_Draft(rule, raw, tuple(sorted(set(_attributes_in(raw))))))
        writes = [tuple(sorted({name for effect in rule.then for name in _written_by(effect)})) for rule in self._rules]
        names = sorted({name for draft in drafts for name in draft.reads} | {name for w in writes for name in w} | self._vetoes_of(writes))
        index = {name: i for i, name in enumerate(names)}
        attributes = self._number(names, drafts)
        self._index, self._attributes = index, attributes
        levels = self._levels(drafts, writes)
        rules = tuple(
            CompiledRule(
                draft.rule,
                self._places.get(draft.rule.id, "rules"),
                self._settle(draft.condition, certain=True),
                self._settle(draft.condition, certain=False),
                tuple(index[name] for name in draft.reads),
                tuple(index[name] for name in write),
            )
            for draft, write in zip(drafts, writes, strict=True)
        )
        strata = tuple(tuple(i for i, level in enumerate(levels) if level == k) for k in range(max(levels, default=-1) + 1))
        return Program(
            view=self._view,
            catalog=self._catalog,
            attributes=attributes,
            index=index,
            rules=rules,
            strata=strata,
            written=tuple(_writers(stratum, rules) for stratum in strata),
            vetoes={index[name]: index[_veto_of(name)] for name in names if _is_want(name) and _veto_of(name) in index},
            defaults=tuple(attribute.default for attribute in attributes),
        )

    # --- conditions -> tests of values -------------------------------------------------------------------------------

    def _lower(self, condition: Condition, *, positive: bool) -> _Raw:
        """Return a condition (or its negation) as tests of values, with negation pushed into the tests."""
        match condition:
            case Not():
                return self._lower(condition.not_, positive=not positive)
            case All():
                return _RawNode(positive, tuple(self._lower(part, positive=positive) for part in condition.all))
            case AnyOf():
                return _RawNode(not positive, tuple(self._lower(part, positive=positive) for part in condition.any))
            case Atom():
                tests = [_RawTest(name, v if positive else self._domain(name) - v) for name, v in self._tests(condition)]
                return tests[0] if len(tests) == 1 else _RawNode(not positive, tuple(tests))

    def _tests(self, atom: Atom) -> list[tuple[str, frozenset[Value]]]:
        """Return the tests of a comparison; of several, one has to hold."""
        operands = atom.operand if isinstance(atom.operand, tuple) else (atom.operand,)
        if atom.operator == "has":
            true: frozenset[Value] = frozenset([True])
            return [(member_of(atom.fact, member), true) for member in self._members(atom.fact, [str(o) for o in operands])]
        domain = self._domain(atom.fact)
        if atom.fact in self._bounds:
            return [(atom.fact, frozenset(v for v in domain if _holds(atom.operator, v, operands)))]
        admitted = self._terms(atom.fact, operands)
        return [(atom.fact, domain - admitted if atom.operator == "not" else admitted)]

    def _members(self, fact: str, names: list[str]) -> list[str]:
        """Return the members that names stand for: functions and kinds of work, or terms and groups of a vocabulary."""
        if fact in NEED_FACTS:
            kinds = {name for name in names if name in self._catalog.work}
            return sorted({*self._catalog.working(kinds), *(name for name in names if name in self._catalog.functions)})
        return sorted(str(value) for value in self._terms(fact, tuple(names)))

    def _terms(self, fact: str, operands: Sequence[object]) -> frozenset[Value]:
        """Return the values that operands stand for, groups of a vocabulary written out."""
        vocabulary = self._vocabulary(fact)
        groups = vocabulary.groups if vocabulary else {}
        found: set[Value] = set()
        for operand in operands:
            found.update(groups[operand] if isinstance(operand, str) and operand in groups else [operand])
        return frozenset(found)

    def _vocabulary(self, fact: str) -> Vocabulary | None:
        entry = self._catalog.facts.get(fact)
        return self._catalog.vocabularies[entry.vocabulary] if entry and entry.vocabulary else None

    def _domain(self, name: str) -> frozenset[Value]:
        """Return every value an attribute can have."""
        if name in self._bounds:
            return frozenset(self._bounds[name])
        entry = self._catalog.facts.get(name)
        if entry is not None and entry.type == "enum":
            return frozenset(self._catalog.vocabularies[entry.vocabulary or ""].values())
        return frozenset([True, False])

    def _meanings(self, name: str) -> dict[object, frozenset[Value]]:
        """Return every input value of an attribute, with the values it may stand for."""
        if name in self._known_meanings:
            return self._known_meanings[name]
        domain = self._domain(name)
        meanings: dict[object, frozenset[Value]] = {value: frozenset([value]) for value in domain}
        entry = self._catalog.facts.get(name)
        if entry is not None and entry.type == "enum":
            meanings |= {term: frozenset(e.one_of) for term, e in self._catalog.terms(name).items() if e.one_of}
        meanings[NOT_KNOWN] = domain
        self._known_meanings[name] = meanings
        return meanings

    def _settle(self, raw: _Raw, *, certain: bool) -> Formula:
        """Return tests of values as tests of codes: for what is certain, or for what is possible; equal ones are one object."""
        if (raw, certain) not in self._settled:
            self._settled[raw, certain] = self._settle_anew(raw, certain=certain)
        return self._settled[raw, certain]

    def _settle_anew(self, raw: _Raw, *, certain: bool) -> Formula:
        if isinstance(raw, _RawNode):
            parts = tuple(self._settle(part, certain=certain) for part in raw.parts)
            return Every(parts) if raw.every else Either(parts)
        i = self._index[raw.attribute]
        codes = self._attributes[i].codes
        stands_for = self._meanings(raw.attribute).items()
        admitted = {codes[v] for v, m in stands_for if (m <= raw.values if certain else not m.isdisjoint(raw.values))}
        return Test(i, frozenset(admitted))

    # --- values -> codes ---------------------------------------------------------------------------------------------

    def _number(self, names: list[str], drafts: list[_Draft]) -> tuple[Attribute, ...]:
        """Return the attributes; input values that no test tells apart share a code."""
        tested: dict[str, set[frozenset[Value]]] = {name: set() for name in names}
        for draft in drafts:
            for test in _tests_in(draft.condition):
                tested[test.attribute].add(test.values)
        return tuple(self._attribute(name, sorted(tested[name], key=_order)) for name in names)

    def _attribute(self, name: str, tests: list[frozenset[Value]]) -> Attribute:
        meanings = self._meanings(name)
        # a conclusion that only rules of another view draw is false here: nothing could make it true
        concluded = _is_want(name) or (":" not in name and name not in self._catalog.facts)
        signatures: dict[object, int] = {}
        codes: dict[object, int] = {}
        for value in sorted(meanings, key=_order):
            stands_for = meanings[value]
            signature: object = tuple((stands_for <= test, not stands_for.isdisjoint(test)) for test in tests)
            if concluded or name.startswith("in_house:"):
                signature = value  # what rules write, or a veto reads, keeps its three codes
            codes[value] = signatures.setdefault(signature, len(signatures))
        default: object = False if concluded or name.startswith("in_house:") else NOT_KNOWN
        return Attribute(name, codes, len(signatures), self._bounds.get(name, ()), codes[default])

    # --- the order of firing -----------------------------------------------------------------------------------------

    def _levels(self, drafts: list[_Draft], writes: list[tuple[str, ...]]) -> list[int]:
        """Return the stratum of each rule: one above the highest stratum that concludes something it reads."""
        writers: dict[str, list[int]] = {}
        for i, write in enumerate(writes):
            for name in write:
                writers.setdefault(name, []).append(i)
        levels: dict[int, int] = {}
        for start in range(len(drafts)):
            self._climb(start, drafts, writers, levels)
        return [levels[i] for i in range(len(drafts))]

    def _climb(self, start: int, drafts: list[_Draft], writers: dict[str, list[int]], levels: dict[int, int]) -> None:
        """Work out the level of one rule and of all it rests on, without recursion."""
        path = [start]
        while path:
            below = [j for name in drafts[path[-1]].reads for j in writers.get(name, ())]
            missing = next((j for j in below if j not in levels), None)
            if missing is None:
                levels[path.pop()] = 1 + max((levels[j] for j in below), default=-1)
            elif missing in path:
                self._refuse_circle([drafts[j].rule.id for j in path[path.index(missing) :]])
            else:
                path.append(missing)

    def _refuse_circle(self, ids: list[str]) -> None:
        circle = " -> ".join([*ids, ids[0]])
        place = Place(self._places.get(ids[0], "rules"))
        what = f"conclusions that rest on each other in a circle: {circle}"
        raise DataError([Issue(place, what, "let one of these rules read facts instead of a conclusion")])

    @staticmethod
    def _vetoes_of(writes: list[tuple[str, ...]]) -> set[str]:
        return {_veto_of(name) for write in writes for name in write if _is_want(name)}


def _integer_bounds(rules: tuple[Rule, ...], catalog: Catalog) -> dict[str, tuple[int, ...]]:
    """Return for each number the first numbers of the intervals that the thresholds of all rules cut it into."""
    cuts: dict[str, set[int]] = {name: {fact.minimum or 0} for name, fact in catalog.facts.items() if fact.type == "integer"}
    for rule in rules:
        for atom in _atoms_in(rule.when):
            if atom.fact in cuts:
                for operand in atom.operand if isinstance(atom.operand, tuple) else (atom.operand,):
                    assert isinstance(operand, int)  # noqa: S101 - checked when the rules were loaded
                    cuts[atom.fact].update((operand, operand + 1))
    limits = {name: (catalog.facts[name].minimum or 0, catalog.facts[name].maximum or 0) for name in cuts}
    return {name: tuple(sorted(c for c in cut if limits[name][0] <= c <= limits[name][1])) for name, cut in cuts.items()}


_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    "is": lambda value, limit: value == limit,
    "in": lambda value, limit: value == limit,
    "at_least": lambda value, limit: value >= limit,
    "at_most": lambda value, limit: value <= limit,
    "below": lambda value, limit: value < limit,
    "above": lambda value, limit: value > limit,
}


def _holds(operator: str, value: Value, operands: Sequence[object]) -> bool:
    """Return whether a comparison holds for a number."""
    assert isinstance(value, int)  # noqa: S101
    if operator == "not":
        return value not in operands
    return any(_COMPARE[operator](value, operand) for operand in operands if isinstance(operand, int))


def _attributes_in(raw: _Raw) -> Iterator[str]:
    for test in _tests_in(raw):
        yield test.attribute


def _tests_in(raw: _Raw) -> Iterator[_RawTest]:
    if isinstance(raw, _RawTest):
        yield raw
    else:
        for part in raw.parts:
            yield from _tests_in(part)


def _atoms_in(condition: Condition) -> Iterator[Atom]:
    match condition:
        case Atom():
            yield condition
        case Not():
            yield from _atoms_in(condition.not_)
        case All() | AnyOf():
            for part in condition.all if isinstance(condition, All) else condition.any:
                yield from _atoms_in(part)


def _written_by(effect: Effect) -> Iterator[str]:
    """Yield the attributes that an effect makes true."""
    if effect.kind == "derive":
        yield effect.target
    elif effect.kind in {"need", "wish"}:
        yield member_of("needs" if effect.kind == "need" else "wishes", effect.target)


def _writers(stratum: tuple[int, ...], rules: tuple[CompiledRule, ...]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    written: dict[int, list[int]] = {}
    for i in stratum:
        for target in rules[i].writes:
            written.setdefault(target, []).append(i)
    return tuple((target, tuple(writers)) for target, writers in sorted(written.items()))


def _is_want(name: str) -> bool:
    return name.startswith(("needs:", "wishes:"))


def _veto_of(name: str) -> str:
    return member_of("in_house", name.partition(":")[2])


def _order(value: object) -> tuple[str, str]:
    """Return a key that sorts values of any kind, always alike."""
    if isinstance(value, frozenset):
        return ("set", repr(sorted(value, key=_order)))
    if isinstance(value, bool) or not isinstance(value, int):
        return (type(value).__name__, repr(value))
    return ("int", f"{value:020d}")
