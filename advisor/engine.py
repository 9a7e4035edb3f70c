"""One brief through durable-rules: the reference evaluator, and the only module that knows durable-rules.

durable-rules is driven through its C module, without its host, its polling threads and its actions, in the one way that
was measured to be right (docs/decisions/0002): one wide fact per ruleset, negation only inside tests, fired names read
off the result, the fact retracted after each brief, one warm-up firing after compiling, every limit bounded beforehand.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import durable_rules_engine as durable

from advisor.compiler import Codes, Either, Every, Test
from advisor.errors import DataError, EvaluationError, Issue, Place
from advisor.verdict import Evaluation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from advisor.compiler import Attribute, Formula, Program

Cube = tuple[tuple[int, Codes], ...]  # tests that all have to hold, by attribute index, ascending

MAX_CUBES = 512  # alternatives one condition may expand to
MAX_CONDITIONS = 400  # durable-rules never returns from compiling 513 first conditions
MAX_NODES = 60  # a fact that satisfies more than 64 conditions at a time fires nothing
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class _Ruleset:
    """The plan of one ruleset of durable-rules: named conditions, and the properties they test."""

    conditions: tuple[tuple[int, Cube], ...]
    properties: tuple[_Property, ...]

    def definition(self) -> str:
        """Return the ruleset in the JSON of durable-rules."""
        properties = {each.attribute: each for each in self.properties}
        return json.dumps({str(name): {"all": [{"m": _condition(cube, properties)}]} for name, cube in self.conditions})

    def fact(self, codes: list[int]) -> str | None:
        """Return the fact to assert, or None where it would have no property that a test could notice."""
        parts = [f',"{p.name}":{codes[p.attribute]}' for p in self.properties if codes[p.attribute] not in p.silent]
        return _FACT + "".join(parts) + "}" if parts else None


@dataclass(frozen=True, slots=True)
class _Stratum:
    """The plan of one stratum: its rulesets, and the rules that each named condition makes fire or allows."""

    rulesets: tuple[_Ruleset, ...]
    fires: Mapping[int, tuple[int, ...]]
    allows: Mapping[int, tuple[int, ...]]
    always: frozenset[int]
    always_possible: frozenset[int]


class _Rulesets:
    """Compiled rulesets for all strata, of one process, used by one thread at a time."""

    def __init__(self, plans: tuple[_Stratum, ...]) -> None:
        self._handles: list[list[tuple[_Ruleset, int]]] = []
        for stratum, plan in enumerate(plans):
            made = []
            for i, ruleset in enumerate(plan.rulesets):
                handle = durable.create_ruleset(f"advisor-{stratum}-{i}", ruleset.definition())
                made.append((ruleset, handle))
                _warm_up(ruleset, handle)
            self._handles.append(made)

    def match(self, stratum: int, codes: list[int]) -> Iterator[int]:
        """Yield the names of the conditions that hold."""
        for ruleset, handle in self._handles[stratum]:
            fact = ruleset.fact(codes)
            if fact is not None:
                yield from _assert(handle, fact)

    def __del__(self) -> None:
        """Free the memory of the rulesets; durable-rules never does so by itself."""
        for made in self._handles:
            for _, handle in made:
                durable.delete_state(handle, "s")
                durable.delete_ruleset(handle)


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


def _warm_up(ruleset: _Ruleset, handle: int) -> None:
    """Fire once: freeing a state in which nothing ever fired reads uninitialised memory."""
    _, cube = ruleset.conditions[0]
    wanted = {i: min(codes) for i, codes in cube}
    parts = [f',"{p.name}":{wanted.get(p.attribute, 0)}' for p in ruleset.properties]
    if not _assert(handle, _FACT + "".join(parts) + "}"):
        message = "a ruleset did not fire on the fact made for it"
        raise EvaluationError(message)


# --- planning ---------------------------------------------------------------------------------------------------------


def _plan_stratum(program: Program, stratum: tuple[int, ...]) -> _Stratum:
    """Return the rulesets of a stratum; equal conditions of several rules become one."""
    fires: dict[Cube, list[int]] = {}
    allows: dict[Cube, list[int]] = {}
    for i in stratum:
        rule = program.rules[i]
        for formula, users in ((rule.known, fires), (rule.possible, allows)):
            for cube in _cubes(formula, program.attributes, rule.rule.id):
                users.setdefault(cube, []).append(i)
    conditions = sorted({*fires, *allows}, key=lambda cube: [(i, sorted(codes)) for i, codes in cube])
    name_of = {cube: name for name, cube in enumerate(conditions)}
    return _Stratum(
        rulesets=tuple(_split([(name_of[cube], cube) for cube in conditions if cube], program.attributes)),
        fires={name_of[cube]: tuple(fires.get(cube, ())) for cube in conditions},
        allows={name_of[cube]: tuple(allows.get(cube, ())) for cube in conditions},
        always=frozenset(fires.get((), ())),
        always_possible=frozenset(allows.get((), ())),
    )


def _cubes(formula: Formula, attributes: tuple[Attribute, ...], rule: str) -> list[Cube]:
    """Return a formula as alternatives, each a conjunction of tests that durable-rules can match."""
    found: dict[Cube, None] = {}
    for cube in _alternatives(formula, rule):
        tests = {i: codes for i, codes in cube.items() if len(codes) < attributes[i].size}
        if len(tests) == 1:  # several codes of one attribute are better matched one by one than by what they are not
            (i, codes), *_ = tests.items()
            found.update({((i, frozenset([code])),): None for code in codes})
        else:
            found[tuple(sorted(tests.items(), key=lambda test: test[0]))] = None
    return [()] if () in found else list(found)


def _alternatives(formula: Formula, rule: str) -> list[dict[int, Codes]]:
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


def _check_size(cubes: list[dict[int, Codes]], rule: str) -> None:
    if len(cubes) > MAX_CUBES:
        what = f"the condition of '{rule}' has more than {MAX_CUBES} alternatives"
        raise DataError([Issue(Place("rules"), what, "let a rule of its own `derive` one of the `any` parts, and read that")])


def _join(a: dict[int, Codes], b: dict[int, Codes]) -> dict[int, Codes] | None:
    """Return the tests of both, or None if they cannot hold together."""
    joined = dict(a)
    for i, codes in b.items():
        joined[i] = joined[i] & codes if i in joined else codes
        if not joined[i]:
            return None
    return joined


@dataclass(slots=True)
class _Load:
    """What a ruleset in the making asks of durable-rules, counted so that no limit can be met at run time."""

    attributes: tuple[Attribute, ...]
    prefixes: set[Cube] = field(default_factory=set)
    nodes: dict[int, list[int]] = field(default_factory=dict)
    size: int = 0

    def take(self, cube: Cube) -> bool:
        """Add a condition; where it does not fit any more, return False and leave everything as it was.

        A fact satisfies at most, for each attribute, the nodes of the code that satisfies most of them.
        """
        new = [cube[: n + 1] for n in range(len(cube)) if cube[: n + 1] not in self.prefixes]
        nodes = self.nodes | {i: list(self.nodes.get(i, [0] * self.attributes[i].size)) for i, _ in cube}
        for prefix in new:
            i, codes = prefix[-1]
            weight = _chain_length(codes, self.attributes[i].size)
            for code in codes if weight == 1 else range(self.attributes[i].size):
                nodes[i][code] += weight
        most = sum(max(counts) for counts in nodes.values())
        if self.size and (most > MAX_NODES or self.size >= MAX_CONDITIONS or len(nodes) > MAX_ATTRIBUTES):
            return False
        self.prefixes.update(new)
        self.nodes = nodes
        self.size += 1
        return True


def _split(conditions: list[tuple[int, Cube]], attributes: tuple[Attribute, ...]) -> Iterator[_Ruleset]:
    """Yield rulesets that keep within the limits of durable-rules."""
    load, here = _Load(attributes), list[tuple[int, Cube]]()
    for name, cube in conditions:
        if not load.take(cube):
            yield _ruleset(here, attributes)
            load, here = _Load(attributes), []
            load.take(cube)
        here.append((name, cube))
    if here:
        yield _ruleset(here, attributes)


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
    return _Ruleset(tuple(conditions), properties)


def _condition(cube: Cube, properties: Mapping[int, _Property]) -> dict[str, object]:
    """Return a conjunction in the JSON of durable-rules: one code as equality, several as what they are not."""
    tests: list[dict[str, object]] = []
    for i, codes in cube:
        name = properties[i].name
        if len(codes) == 1:
            tests.append({name: min(codes)})
        else:
            tests += [{"$neq": {name: code}} for code in range(properties[i].size) if code not in codes]
    return {"$and": tests}


def _chain_length(codes: Codes, size: int) -> int:
    return 1 if len(codes) == 1 else size - len(codes)


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
