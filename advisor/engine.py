"""One brief through durable-rules: the reference evaluator, and the only module that knows durable-rules.

durable-rules is driven through its C module, without its host, its polling threads and its actions, in the one way that
was measured to be right (docs/decisions/0002): one wide fact per ruleset, negation only inside tests, fired names read
off the result, the fact retracted after each brief, one warm-up firing after compiling, every limit bounded beforehand.
"""

from __future__ import annotations

import itertools
import json
import os
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import durable_rules_engine as durable

from advisor.compiler import Codes, Either, Every, Test
from advisor.errors import DataError, EvaluationError, Issue, Place
from advisor.facts import NOT_KNOWN
from advisor.verdict import Evaluation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from advisor.compiler import Attribute, CompiledRule, Formula, Program

Cube = tuple[tuple[int, Codes], ...]  # tests that all have to hold, by attribute index, ascending

MAX_CUBES = 512  # alternatives one condition may expand to
MAX_CONDITIONS = 400  # durable-rules never returns from compiling 513 first conditions
MAX_STACK = 60  # a fact that puts more than 64 nodes on the matcher's stack fires nothing
MAX_SPELLED_OUT = 8  # conjunctions that one may become when few of many codes are written as alternatives
MAX_ATTRIBUTES = 200  # a fact holds at most 252 properties

_FACT = '{"sid":"s","id":"b"'


class Engine:
    """Evaluates briefs by one program; safe from several threads and after a fork.

    A set of rulesets is used by one brief at a time: it is taken from the idle ones, or made, and put back afterwards.
    """

    def __init__(self, program: Program) -> None:
        """Plan the rulesets; they are made at first use, in the process that uses them."""
        self.program = program
        self._plans = tuple(_plan_stratum(program, stratum) for stratum in program.strata)
        self._idle: list[_Rulesets] = []
        self._process = os.getpid()

    def __getstate__(self) -> dict[str, object]:
        """Return what another process needs; rulesets belong to the process that made them."""
        return {**self.__dict__, "_idle": [], "_process": 0}

    def evaluate(self, inputs: Mapping[str, object]) -> Evaluation:
        """Return which rules fire and which wait on the given inputs.

        Raises:
            EvaluationError: if the engine reports anything unforeseen.

        """
        if self._process != os.getpid():  # a fork must not share rulesets with its parent
            self._idle, self._process = [], os.getpid()
        rulesets = self._idle.pop() if self._idle else _Rulesets(self._plans)
        evaluation = self._run(rulesets, inputs)
        self._idle.append(rulesets)
        return evaluation

    def _run(self, rulesets: _Rulesets, inputs: Mapping[str, object]) -> Evaluation:
        program = self.program
        codes = program.encode(inputs)
        all_fired: set[int] = set()
        all_possible: set[int] = set()
        for stratum, plan in enumerate(self._plans):
            fired, possible = set(plan.always), set(plan.always_possible)
            for name in rulesets.match(stratum, codes):
                fired.update(plan.fires[name])
                possible.update(plan.allows[name])
            program.conclude(stratum, codes, fired, possible)
            all_fired |= fired
            all_possible |= possible
        return Evaluation(frozenset(all_fired), frozenset(all_possible - all_fired))


@dataclass(frozen=True)
class _Property:
    """How an attribute stands in the fact of one ruleset.

    Attributes:
        attribute: its index; name: the property in the fact; size: how many codes it has.
        silent: codes that may be left out of the fact because no test of this ruleset could notice.

    """

    attribute: int
    name: str
    size: int
    silent: Codes

    def texts(self) -> tuple[str, ...]:
        """Return how each code is written in the fact."""
        return tuple("" if code in self.silent else f',"{self.name}":{code}' for code in range(self.size))


@dataclass(frozen=True, slots=True)
class _Ruleset:
    """The plan of one ruleset: its definition in the JSON of durable-rules, a condition to warm it up with, what it reads."""

    name: str
    definition: str
    first: Cube
    properties: tuple[_Property, ...]


@dataclass(frozen=True, slots=True)
class _Stratum:
    """The plan of one stratum: its rulesets, and the rules that each named condition makes fire or allows."""

    rulesets: tuple[_Ruleset, ...]
    fires: Mapping[int, tuple[int, ...]]
    allows: Mapping[int, tuple[int, ...]]
    always: frozenset[int]
    always_possible: frozenset[int]


@dataclass(slots=True)
class _Compiled:
    """A ruleset inside durable-rules: made at first use, because a brief touches only some of them."""

    ruleset: _Ruleset
    texts: tuple[tuple[int, tuple[str, ...]], ...]
    handle: int | None = None

    def match(self, properties: str) -> list[int]:
        """Return the names of the conditions that hold for a fact of the given properties."""
        if self.handle is None:
            self.handle = _made(self.ruleset)
        return _assert(self.handle, _FACT + properties + "}")


class _Rulesets:
    """Rulesets for all strata, of one process, used by one thread at a time."""

    def __init__(self, plans: tuple[_Stratum, ...]) -> None:
        self._compiled = [
            [_Compiled(ruleset, tuple((each.attribute, each.texts()) for each in ruleset.properties)) for ruleset in plan.rulesets]
            for plan in plans
        ]

    def match(self, stratum: int, codes: list[int]) -> Iterator[int]:
        """Yield the names of the conditions that hold; a fact that no test could notice is not asserted."""
        for compiled in self._compiled[stratum]:
            properties = "".join([texts[codes[i]] for i, texts in compiled.texts])
            if properties:
                yield from compiled.match(properties)

    def __del__(self) -> None:
        """Free the memory of the rulesets; durable-rules never does so by itself."""
        for made in self._compiled:
            for compiled in made:
                if compiled.handle is not None:
                    durable.delete_state(compiled.handle, "s")
                    durable.delete_ruleset(compiled.handle)


def _assert(handle: int, fact: str) -> list[int]:
    """Assert a fact, read the names of what fired, retract the fact."""
    names: list[int] = []
    try:
        unmatched, state = durable.assert_fact(handle, fact)
        if unmatched:
            return names
        result = durable.start_action_for_state(handle, state)
        message = result[1] if result else None
        while message:
            names.append(int(message[2 : message.index('"', 2)]))
            message = durable.complete_and_start_action(handle, state)
        durable.retract_fact(handle, '{"sid":"s","id":"b"}')
    except Exception as problem:
        raise EvaluationError(f"durable-rules failed on the fact {fact}: {problem!r}") from problem
    return names


def _made(ruleset: _Ruleset) -> int:
    """Compile a ruleset and fire it once: freeing a state in which nothing ever fired reads uninitialised memory."""
    handle: int = durable.create_ruleset(ruleset.name, ruleset.definition)
    wanted = {i: min(codes) for i, codes in ruleset.first}
    parts = [f',"{p.name}":{wanted.get(p.attribute, 0)}' for p in ruleset.properties]
    try:
        fired = _assert(handle, _FACT + "".join(parts) + "}")
    except EvaluationError:
        durable.delete_ruleset(handle)  # its state is left alone: it may never have fired
        raise
    if not fired:
        message = "a ruleset did not fire on the fact made for it"
        raise EvaluationError(message)
    return handle


# --- planning ---------------------------------------------------------------------------------------------------------


def _plan_stratum(program: Program, stratum: tuple[int, ...]) -> _Stratum:
    """Return the rulesets of a stratum; equal conditions of several rules become one."""
    fires: dict[Cube, list[int]] = {}
    allows: dict[Cube, list[int]] = {}
    for i in stratum:
        rule = program.rules[i]
        for formula, users in ((rule.known, fires), (rule.possible, allows)):
            for cube in _cubes(formula, program.attributes, rule):
                users.setdefault(cube, []).append(i)
    conditions = _ordered({*fires, *allows})
    named = [(name, cube) for name, (_, cube) in enumerate(conditions) if cube]
    # conditions on something not known stand apart, so that a brief that knows it does not even have them compiled
    unknown = [attribute.codes[NOT_KNOWN] for attribute in program.attributes]
    apart = {name for name, cube in named if any(codes == {unknown[i]} for i, codes in cube)}
    groups = ([pair for pair in named if pair[0] not in apart], [pair for pair in named if pair[0] in apart])
    return _Stratum(
        rulesets=tuple(ruleset for group in groups for ruleset in _split(group, program.attributes)),
        fires={name: tuple(fires.get(key, ())) for name, (key, _) in enumerate(conditions)},
        allows={name: tuple(allows.get(key, ())) for name, (key, _) in enumerate(conditions)},
        always=frozenset(fires.get((), ())),
        always_possible=frozenset(allows.get((), ())),
    )


def _ordered(cubes: set[Cube]) -> list[tuple[Cube, Cube]]:
    """Return conditions as they are, and with their most frequent tests first, which the matcher shares; alike ones side by side."""
    uses = Counter(test for cube in cubes for test in cube)

    def rank(test: tuple[int, Codes]) -> tuple[int, int, list[int]]:
        return (-uses[test], test[0], sorted(test[1]))

    return sorted(((cube, tuple(sorted(cube, key=rank))) for cube in cubes), key=lambda pair: [rank(test) for test in pair[1]])


def _cubes(formula: Formula, attributes: tuple[Attribute, ...], rule: CompiledRule) -> list[Cube]:
    """Return a formula as alternatives, each a conjunction of tests that durable-rules can match."""
    found: dict[Cube, None] = {}
    for cube in _alternatives(formula, rule):
        tests = {i: codes for i, codes in cube.items() if len(codes) < attributes[i].size}
        found.update(dict.fromkeys(_spelled_out(tests, attributes)))
    return [()] if () in found else list(found)


def _spelled_out(tests: dict[int, Codes], attributes: tuple[Attribute, ...]) -> Iterator[Cube]:
    """Yield a conjunction with few of many codes written as alternatives of one code: shorter than all they are not."""
    choices: list[list[tuple[int, Codes]]] = []
    room = MAX_SPELLED_OUT
    for i, codes in sorted(tests.items()):
        worth_it = len(tests) == 1 or (len(codes) <= room and len(codes) < attributes[i].size - len(codes))
        room = room // len(codes) if worth_it else room
        choices.append([(i, frozenset([code])) for code in sorted(codes)] if worth_it else [(i, codes)])
    yield from itertools.product(*choices)


def _alternatives(formula: Formula, rule: CompiledRule) -> list[dict[int, Codes]]:
    """Return a formula in disjunctive form."""
    match formula:
        case Test():
            return [{formula.attribute: formula.codes}] if formula.codes else []
        case Either():
            cubes = [cube for part in formula.parts for cube in _alternatives(part, rule)]
        case Every():
            cubes = [{}]
            for part in formula.parts:
                cubes = [joined for a in cubes for b in _alternatives(part, rule) if (joined := _join(a, b)) is not None]
                _check_size(cubes, rule)
    _check_size(cubes, rule)
    return cubes


def _check_size(cubes: list[dict[int, Codes]], rule: CompiledRule) -> None:
    if any(len(cube) > MAX_ATTRIBUTES for cube in cubes[-1:]):
        what = f"the condition of '{rule.rule.id}' reads more than {MAX_ATTRIBUTES} facts at once"
        raise DataError([Issue(Place(rule.place), what, "let rules of their own `derive` parts of it, and read those")])
    if len(cubes) > MAX_CUBES:
        what = f"the condition of '{rule.rule.id}' has more than {MAX_CUBES} alternatives"
        raise DataError([Issue(Place(rule.place), what, "let a rule of its own `derive` one of the `any` parts, and read that")])


def _join(a: dict[int, Codes], b: dict[int, Codes]) -> dict[int, Codes] | None:
    """Return the tests of both, or None if they cannot hold together."""
    joined = dict(a)
    for i, codes in b.items():
        joined[i] = joined[i] & codes if i in joined else codes
        if not joined[i]:
            return None
    return joined


Step = tuple[int, int, bool]  # attribute, code, and whether it must be equal (else it must differ)


@dataclass(slots=True)
class _Node:
    """A node of the matcher's tree of conditions, with the most places its subtree can take on the matcher's stack.

    The matcher takes a node off its stack, puts every child that the fact satisfies on it, and goes on with the last.
    """

    children: dict[Step, _Node] = field(default_factory=dict)
    satisfied: dict[int, list[int]] = field(default_factory=dict)  # per attribute and code: how many children it satisfies
    deepest: int = 0
    peak: int = 1

    def add(self, steps: list[Step], sizes: Mapping[int, int]) -> None:
        """Add a condition, sharing what it has in common with others."""
        if not steps:
            return
        i, code, equal = steps[0]
        child = self.children.get(steps[0])
        if child is None:
            child = self.children[steps[0]] = _Node()
            counts = self.satisfied.setdefault(i, [0] * sizes[i])
            for each in range(sizes[i]):
                counts[each] += (each == code) == equal
        child.add(steps[1:], sizes)
        self.deepest = max(self.deepest, child.peak)
        most = sum(max(counts) for counts in self.satisfied.values())
        self.peak = max(1, most - 1 + self.deepest)


def _split(conditions: list[tuple[int, Cube]], attributes: tuple[Attribute, ...]) -> Iterator[_Ruleset]:
    """Yield rulesets that keep within the limits of durable-rules whatever the fact."""
    sizes = {i: attribute.size for i, attribute in enumerate(attributes)}
    root, here, used = _Node(), list[tuple[int, Cube]](), set[int]()
    for name, cube in conditions:
        root.add(_steps(cube, sizes), sizes)
        used.update(i for i, _ in cube)
        if here and (root.peak > MAX_STACK or len(here) >= MAX_CONDITIONS or len(used) > MAX_ATTRIBUTES):
            yield _ruleset(here, attributes)
            root, here, used = _Node(), [], {i for i, _ in cube}
            root.add(_steps(cube, sizes), sizes)
        here.append((name, cube))
    if here:
        yield _ruleset(here, attributes)


def _steps(cube: Cube, sizes: Mapping[int, int]) -> list[Step]:
    """Return a conjunction as the matcher sees it: one code as equality, several as what they are not."""
    steps: list[Step] = []
    for i, codes in cube:
        if len(codes) == 1:
            steps.append((i, min(codes), True))
        else:
            steps += [(i, code, False) for code in range(sizes[i]) if code not in codes]
    return steps


def _ruleset(conditions: list[tuple[int, Cube]], attributes: tuple[Attribute, ...]) -> _Ruleset:
    """Return the plan of one ruleset."""
    tested: dict[int, set[int]] = {}
    negated: set[int] = set()
    for _, cube in conditions:
        for i, codes in cube:
            tested.setdefault(i, set()).update(codes)
            if len(codes) > 1:
                negated.add(i)
    names = _names(sorted(tested), [str(name) for name, _ in conditions])
    none: Codes = frozenset()
    properties = tuple(
        _Property(i, names[i], attributes[i].size, none if i in negated else frozenset(range(attributes[i].size)) - tested[i])
        for i in sorted(tested)
    )
    by_attribute = {each.attribute: each for each in properties}
    definition = json.dumps({str(name): {"all": [{"m": _condition(cube, by_attribute)}]} for name, cube in conditions})
    return _Ruleset(f"advisor-{conditions[0][0]}", definition, conditions[0][1], properties)


def _condition(cube: Cube, properties: Mapping[int, _Property]) -> dict[str, object]:
    """Return a conjunction in the JSON of durable-rules."""
    steps = _steps(cube, {i: each.size for i, each in properties.items()})
    tests = [{properties[i].name: code} if equal else {"$neq": {properties[i].name: code}} for i, code, equal in steps]
    return {"$and": tests}


def _names(attributes: list[int], others: list[str]) -> dict[int, str]:
    """Return a property name for each attribute; to durable-rules, names that share a 32-bit hash are one name."""
    for letter in "abcdefgh":
        names = {i: f"{letter}{i}" for i in attributes}
        taken = [*names.values(), *others, "sid", "id", "m", "$s"]
        if len({_hash(name) for name in taken}) == len(set(taken)):
            return names
    message = "no property names without a hash collision"
    raise EvaluationError(message)


def _hash(name: str) -> int:
    """Return the 32-bit FNV-1a hash that durable-rules knows a name by."""
    value = 2166136261
    for byte in name.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return value
