"""A second evaluator, deliberately plain: it reads typed rules and a brief, and shares no code with the product's own.

Conditions are interpreted on values. A value is the set of values it may stand for: one if it is known, several if it is
known in part, all if it is not known. Truth is `True`, `False` or `None` for not known (Kleene).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from advisor.brief import Brief
    from advisor.catalog import Catalog
    from advisor.rules import Atom, Condition, Rule, RuleBase

Truth = bool | None
Option = tuple[str, ...]
STRENGTHS = ("strong", "ordinary", "slight")
LISTED = ("core", "common")


@dataclass(frozen=True)
class PlainVerdict:
    """What the plain evaluator finds; rules by id."""

    fired: frozenset[str]
    waiting: frozenset[str]
    status: str
    needs: frozenset[str]
    outside: frozenset[str]
    winners: tuple[Option, ...] = ()
    runner_up: Option = ()
    decided_at: str | None = None
    uncovered: frozenset[str] = frozenset()


def judge(catalog: Catalog, base: RuleBase, view: str, brief: Brief) -> PlainVerdict:
    """Return the verdict on one brief in one view."""
    truths = _Truths(catalog, base.by_view[view], brief)
    rules = {rule.id: truths.of_rule(rule) for rule in base.by_view[view]}
    fired = [rule for rule in base.by_view[view] if rules[rule.id] is True]
    waiting = frozenset(name for name, truth in rules.items() if truth is None)
    return _Ladder(catalog, view, fired, waiting, truths).verdict()


# --- three-valued logic -----------------------------------------------------------------------------------------------


def every(truths: Iterable[Truth]) -> Truth:
    """Return Kleene's conjunction."""
    found = list(truths)
    if False in found:
        return False
    return None if None in found else True


def either(truths: Iterable[Truth]) -> Truth:
    """Return Kleene's disjunction."""
    found = list(truths)
    if True in found:
        return True
    return None if None in found else False


def negation(truth: Truth) -> Truth:
    """Return Kleene's negation."""
    return None if truth is None else not truth


class _Truths:
    """The truth of every condition on one brief; conclusions are worked out when they are first asked for."""

    def __init__(self, catalog: Catalog, rules: tuple[Rule, ...], brief: Brief) -> None:
        self.catalog = catalog
        self.brief = brief
        self.in_house = in_house_of(catalog, brief)
        self._memo: dict[object, Truth] = {}
        self._writers: dict[tuple[str, str], list[Rule]] = {}
        for rule in rules:
            for effect in rule.then:
                if effect.kind in {"derive", "need", "wish"}:
                    self._writers.setdefault((effect.kind, effect.target), []).append(rule)

    def of_rule(self, rule: Rule) -> Truth:
        if rule.id not in self._memo:
            self._memo[rule.id] = self.of(rule.when)
        return self._memo[rule.id]

    def of(self, condition: Condition) -> Truth:
        if hasattr(condition, "fact"):
            return self._of_atom(condition)
        if hasattr(condition, "all"):
            return every(self.of(part) for part in condition.all)
        if hasattr(condition, "any"):
            return either(self.of(part) for part in condition.any)
        return negation(self.of(condition.not_))

    def _of_atom(self, atom: Atom) -> Truth:
        operands = atom.operand if isinstance(atom.operand, tuple) else (atom.operand,)
        if atom.fact in {"needs", "wishes", "in_house"}:
            return either(self._wanted(atom.fact, function) for function in functions_meant(self.catalog, operands))
        fact = self.catalog.facts.get(atom.fact)
        if fact is None:
            concluded = self._concluded("derive", atom.fact)
            holds = concluded if operands[0] else negation(concluded)
            return negation(holds) if atom.operator == "not" else holds
        if fact.type == "set":
            known = self.brief.facts.get(atom.fact)
            return None if known is None else not known.isdisjoint(self._terms(atom.fact, operands))
        words = self._terms(atom.fact, operands)
        answers = {_holds(atom.operator, value, words) for value in self._values(atom.fact, words)}
        return answers.pop() if len(answers) == 1 else None

    def _terms(self, fact: str, words: tuple[object, ...]) -> list[object]:
        """Return what words stand for, with the groups of a vocabulary written out."""
        vocabulary = self.catalog.facts[fact].vocabulary
        groups = self.catalog.vocabularies[vocabulary].groups if vocabulary else {}
        return [value for word in words for value in groups.get(word, (word,))]

    def _values(self, fact: str, near: list[object]) -> list[object]:
        """Return every value that a fact may have, as far as the brief tells; of an unknown number, those near the given ones."""
        entry = self.catalog.facts[fact]
        known = self.brief.facts.get(fact)
        if entry.type == "enum":
            terms = self.catalog.terms(fact)
            if known is not None:
                return list(terms[known].one_of) or [known]
            return [term for term, each in terms.items() if not each.one_of]
        if known is not None:
            return [known]
        if entry.type == "bool":
            return [True, False]
        candidates = {entry.minimum, entry.maximum, *(limit + step for limit in near for step in (-1, 0, 1))}
        return [number for number in candidates if entry.minimum <= number <= entry.maximum]

    def _wanted(self, kind: str, function: str) -> Truth:
        """Return whether a function is needed, wished for or done in house."""
        if kind == "in_house":
            return function in self.in_house
        named = self.brief.wishes if kind == "wishes" else self.brief.needs
        if named is not None and function in named:
            return True
        if function in self.in_house:
            return False
        told = None if named is None else False
        return either([told, self._concluded("need" if kind == "needs" else "wish", function)])

    def _concluded(self, kind: str, target: str) -> Truth:
        """Return whether any rule concludes something."""
        key = (kind, target)
        if key not in self._memo:
            self._memo[key] = either(self.of_rule(rule) for rule in self._writers.get(key, ()))
        return self._memo[key]


@lru_cache(maxsize=1000)
def functions_meant(catalog: Catalog, words: tuple[object, ...]) -> set[str]:
    """Return the functions that words stand for: functions, or kinds of work."""
    return {name for name, function in catalog.functions.items() if name in words or set(function.work) & set(words)}


def in_house_of(catalog: Catalog, brief: Brief) -> frozenset[str]:
    """Return what is done in house: an umbrella takes along everything under it that is not asked for."""
    asked = brief.wishes | (brief.needs or frozenset())
    parts = {name for name, function in catalog.functions.items() if function.under in brief.in_house and name not in asked}
    return brief.in_house | parts


def _holds(operator: str, value: object, operands: list[object]) -> bool:
    """Return whether one known value satisfies a comparison."""
    if operator in {"is", "in"}:
        return value in operands
    if operator == "not":
        return value not in operands
    limit = operands[0]
    return {"at_least": value >= limit, "at_most": value <= limit, "below": value < limit, "above": value > limit}[operator]


# --- the ladder -------------------------------------------------------------------------------------------------------


class _Ladder:
    """The ladder as it is written down, rung by rung: each keeps only the best options."""

    def __init__(self, catalog: Catalog, view: str, fired: list[Rule], waiting: frozenset[str], truths: _Truths) -> None:
        self.catalog = catalog
        self.view = view
        self.fired = fired
        self.waiting = waiting
        self.effects = [(rule, effect) for rule in fired for effect in rule.then]
        told = truths.brief.needs or frozenset()
        self.needs = (told | self._targets("need")) - truths.in_house
        self.wishes = (truths.brief.wishes | self._targets("wish")) - truths.in_house - self.needs
        self.covered = {role: {e.function for _, e in self.effects if e.kind == "cover" and e.target == role} for role in catalog.roles}
        self.coverable = {function for functions in self.covered.values() for function in functions}
        self.compared = self.needs & self.coverable

    def verdict(self) -> PlainVerdict:
        if self._targets("contradiction"):
            return self._end("contradictory")
        if not self.needs:
            return self._end("nothing_needed")
        return self._compare() if self.compared else self._end("outside")

    def _compare(self) -> PlainVerdict:
        """Return the verdict where there are must-haves that some role covers."""
        busy = [option for option in self.catalog.options if all(self._has_work(option, role) for role in option)]
        left = [option for option in busy if not self._ruled_out(option)]
        if not left:
            return self._end("ruled_out")
        winners = self._best(left)[0]
        if len(winners) > 1:
            return self._end("tie", winners)
        rest = [option for option in left if option not in winners]
        if not rest:
            return self._end("decided", winners, (), "ruled_out" if len(busy) > len(left) else "coverage")
        runner_up = min(self._best(rest)[0])
        return self._end("decided", winners, runner_up, self._best([winners[0], runner_up])[1])

    def _end(self, status: str, winners: list[Option] | None = None, runner_up: Option = (), decided_at: str | None = None) -> PlainVerdict:
        found = tuple(sorted(winners or ()))
        fired = frozenset(rule.id for rule in self.fired)
        uncovered = frozenset(self._gap(found[0])) if found else frozenset()
        outside = frozenset(self.needs - self.coverable)
        return PlainVerdict(fired, self.waiting, status, frozenset(self.needs), outside, found, runner_up, decided_at, uncovered)

    def _best(self, options: list[Option]) -> tuple[list[Option], str | None]:
        """Return the best of some options, and the last rung on which an option fell."""
        rungs = [("coverage", lambda option: len(self._gap(option)))]
        rungs += [(strength, lambda option, strength=strength: -self._balance(option, strength)) for strength in STRENGTHS]
        rungs += [("tie_break", len), ("tie_break", self._breadth)]
        fell_at = None
        for rung, measure in rungs:
            least = min(measure(option) for option in options)
            kept = [option for option in options if measure(option) == least]
            if len(kept) < len(options):
                options, fell_at = kept, rung
        return options, fell_at

    def _targets(self, kind: str) -> set[str]:
        return {effect.target for _, effect in self.effects if effect.kind == kind}

    def _reach(self, option: Option) -> set[str]:
        return {function for role in option for function in self.covered[role]}

    def _gap(self, option: Option) -> set[str]:
        return self.compared - self._reach(option)

    def _has_work(self, option: Option, role: str) -> bool:
        """Return whether a partner covers a must-have that the others leave."""
        others = tuple(other for other in option if other != role)
        return bool(self.compared & self.covered[role] - self._reach(others))

    def _ruled_out(self, option: Option) -> bool:
        return any(_bears_on(target, option) for target in self._targets("rule_out"))

    def _balance(self, option: Option, strength: str) -> int:
        """Return the reasons for an option minus those against it, on one rung; a theme counts once."""
        told = [(rule, e) for rule, e in self.effects if e.strength == strength and _bears_on(e.target, option)]
        themes = {side: {e.theme or rule.id for rule, e in told if e.kind == side} for side in ("for", "against")}
        built_in = {
            "second_partner": len(option) - 1,
            "unused_breadth": self._breadth(option),
            "open_wish": int(bool((self.wishes & self.coverable) - self._reach(option))),
        }
        drawbacks = sum(amount for name, amount in built_in.items() if self.catalog.built_in[name].strength == strength)
        return len(themes["for"]) - len(themes["against"]) - drawbacks

    def _breadth(self, option: Option) -> int:
        return max(height(self.catalog, self.view, role) for role in option)


@lru_cache(maxsize=100)
def height(catalog: Catalog, view: str, role: str) -> int:
    """Return how many role lists lie, one inside the other, inside a role's list."""
    lists = {other: listed(catalog, view, other) for other in catalog.roles}
    inside = [other for other, functions in lists.items() if functions and functions < lists[role]]
    return max((1 + height(catalog, view, other) for other in inside), default=0)


def listed(catalog: Catalog, view: str, role: str) -> frozenset[str]:
    """Return the functions on a role's list; one without a row of grades takes its umbrella's."""
    rows = catalog.grades[view]
    found = {name: rows.get(name) or rows.get(function.under) or {} for name, function in catalog.functions.items()}
    return frozenset(name for name, row in found.items() if row.get(role) in LISTED)


def _bears_on(target: str, option: Option) -> bool:
    """Return whether an effect on a role or a pair is one on an option."""
    roles = tuple(target.split("+"))
    return roles == option if len(roles) > 1 else roles[0] in option
