"""The verdict as it is told: an outcome with its reasons, gaps, waiting rules and duties, each with rule, facts and source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from advisor.certainty import certainty_of
from advisor.circuit import ending_of
from advisor.facts import NOT_KNOWN
from advisor.logic import OpenFacts, RestsOn
from advisor.reasons import Firing, Note, Owed, Reason, Waiting, effect_text
from advisor.rules import STRENGTHS
from advisor.verdict import GRADES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from advisor.brief import Brief
    from advisor.catalog import Catalog
    from advisor.compiler import CompiledRule
    from advisor.completions import Answer
    from advisor.facts import Facts, Input
    from advisor.flips import Flips
    from advisor.logic import Questions
    from advisor.rules import Effect, Rule
    from advisor.verdict import Certainty, Evaluation, Grade, Ladder, Option, Outcome, Rung, Standing, Status

BUILT_IN = "built-in"


@dataclass(frozen=True)
class Verdict:
    """What the advisor says in one view.

    Attributes:
        view: `guide` or `industry`. brief: what was asked.
        outcome: the bare ladder. Everything else is worked out from it when it is asked for.

    """

    view: str
    brief: Brief
    outcome: Outcome
    _ladder: Ladder
    _facts: Facts
    _evaluation: Evaluation
    _questions: Questions

    @cached_property
    def certainty(self) -> Certainty:
        """`settled` if no completion of the brief ends otherwise, `open` if nothing is decided, else `provisional`."""
        careful = certainty_of(self._ladder, self._facts, self._evaluation, self.outcome)
        if careful == "open" or self.status == "contradictory":
            return careful
        if careful == "settled" and not any(self._ladder.effects[i].contradicts for i in self._evaluation.waiting):
            return careful  # without a contradiction in waiting, every completion is possible
        return self._questions.certainty(self.brief, ending_of(self.outcome), careful)

    @property
    def status(self) -> Status:
        """How it ended."""
        return self.outcome.status

    @property
    def recommendation(self) -> Option:
        """The roles recommended; empty if none."""
        return self.outcome.winners[0].option if self.outcome.status == "decided" else ()

    @property
    def tied(self) -> tuple[Option, ...]:
        """The options that nothing separates; empty unless it is a tie."""
        return tuple(s.option for s in self.outcome.winners) if self.outcome.status == "tie" else ()

    @property
    def runner_up(self) -> Option:
        """The best of the other options; empty if there is none."""
        return self.outcome.runner_up.option if self.outcome.runner_up else ()

    @property
    def partial(self) -> bool:
        """Whether even the best option leaves a must-have open that some role covers."""
        return any(s.uncovered for s in self.outcome.winners[:1])

    @property
    def decided_at(self) -> Rung | None:
        """The rung that separated the recommendation from the runner-up."""
        return self.outcome.decided_at

    @property
    def grade(self) -> Grade | None:
        """How firmly it was decided."""
        return GRADES[self.outcome.decided_at] if self.outcome.decided_at else None

    @property
    def uncovered(self) -> tuple[str, ...]:
        """The must-haves that the recommendation leaves open."""
        return tuple(sorted(self.outcome.winners[0].uncovered)) if self.outcome.winners else ()

    @property
    def outside(self) -> tuple[str, ...]:
        """The must-haves that no role covers."""
        return tuple(sorted(self.outcome.outside))

    @cached_property
    def coverage(self) -> Mapping[str, tuple[str, ...]]:
        """For each must-have, the roles that cover it."""
        covers = self.outcome.covers
        return {need: tuple(role for role in covers if need in covers[role]) for need in sorted(self.outcome.needs)}

    @cached_property
    def implied_needs(self) -> Mapping[str, tuple[Reason, ...]]:
        """The must-haves that the sponsor did not name, each with the reasons that imply it."""
        implied = sorted(self.outcome.needs - self._facts.needs)
        return {need: tuple(r for r in self.reasons if r.effect == "need" and r.target == need) for need in implied}

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Every fired effect that bears on the result: those of the deciding rung first."""
        found = [*self._fired_reasons(), *self._built_in_reasons()]
        return tuple(sorted(found, key=self._telling_order))

    @cached_property
    def firings(self) -> tuple[Firing, ...]:
        """Every rule that fired, stratum by stratum."""
        order = [i for stratum in self._ladder.program.strata for i in stratum if i in self._evaluation.fired]
        found = []
        for compiled in map(self._rule, order):
            rule, effects = compiled.rule, tuple(effect_text(effect) for effect in compiled.rule.then)
            found.append(Firing(rule.id, rule.title, rule.because, rule.sources, self._known_facts(compiled), effects))
        return tuple(found)

    @cached_property
    def flips(self) -> Flips:
        """All smallest changes of the brief that give another verdict."""
        from advisor.flips import find_flips

        return find_flips(self._ladder, self.brief, ending_of(self.outcome))

    @cached_property
    def critical_rules(self) -> tuple[str, ...]:
        """The rules without which, each one taken out alone, the brief would end otherwise."""
        from advisor.flips import critical_rules

        return critical_rules(self._ladder, self._facts, self._evaluation, ending_of(self.outcome))

    @cached_property
    def rests_on(self) -> RestsOn:
        """The minimal sets of answers that force the verdict; none if it is not settled."""
        if self.certainty != "settled" or self.status == "contradictory":
            return RestsOn(())
        return self._questions.rests_on(self.brief, ending_of(self.outcome))

    @cached_property
    def conflict(self) -> tuple[Answer, ...] | None:
        """A minimal set of answers that cannot hold together; None if the brief can be completed."""
        return self._questions.conflict(self.brief)

    @cached_property
    def waiting(self) -> tuple[Waiting, ...]:
        """The rules that lack a fact, those that could change the result first."""
        found = [self._waiting(self._rule(i), decisive=self._ladder.effects[i].decisive) for i in self._evaluation.waiting]
        return tuple(sorted(found, key=lambda w: (not w.decisive, w.rule)))

    @cached_property
    def open(self) -> OpenFacts:
        """The unknown facts that could still change how it ends, each with two completions that show it."""
        if self.certainty == "settled":
            return OpenFacts((), complete=True)
        return self._questions.open_facts(self.brief)

    @property
    def open_facts(self) -> tuple[str, ...]:
        """The ids of the unknown facts that could still change how it ends."""
        return tuple(open_.fact for open_ in self.open.facts)

    @cached_property
    def contradictions(self) -> tuple[Note, ...]:
        """What cannot hold together, with the question that settles it."""
        return tuple(Note(r.id, r.title, effect.target, r.because, r.sources) for r, effect in self._effects("contradiction"))

    @cached_property
    def warnings(self) -> tuple[Note, ...]:
        """What the sponsor should know, whatever is chosen."""
        return tuple(Note(r.id, r.title, effect.target, r.because, r.sources) for r, effect in self._effects("warn"))

    @cached_property
    def plans(self) -> tuple[Note, ...]:
        """Patterns of working with partners that fit the brief."""
        found: dict[str, Note] = {}
        for rule, effect in self._effects("plan"):
            plan = self._catalog.plans[effect.target]
            sources = tuple(dict.fromkeys([*rule.sources, *plan.sources]))
            found.setdefault(effect.target, Note(rule.id, plan.title, plan.text, rule.because, sources))
        return tuple(found[key] for key in sorted(found))

    @cached_property
    def duties(self) -> tuple[Owed, ...]:
        """Agreements, oversight, checks and next steps of the recommended roles, and conditions that rules bring in."""
        if self.status not in {"decided", "tie"}:
            return ()
        required: dict[str, list[str]] = {}
        for rule, effect in self._effects("require"):
            required.setdefault(effect.target, []).append(rule.id)
        roles = {role for standing in self.outcome.winners for role in standing.option}
        work = {tag for need in self.outcome.needs for tag in self._catalog.functions[need].work}
        found = []
        for key, duty in self._catalog.duties.items():
            owed = bool(roles & set(duty.roles)) and (not duty.work or bool(work & set(duty.work)))
            if key in required or owed:
                found.append(Owed(key, duty.kind, duty.title, duty.text, duty.sources, tuple(required.get(key, ()))))
        return tuple(found)

    # --- how it is worked out ----------------------------------------------------------------------------------------

    @property
    def _catalog(self) -> Catalog:
        return self._ladder.program.catalog

    def _rule(self, index: int) -> CompiledRule:
        return self._ladder.program.rules[index]

    def _effects(self, kind: str) -> Iterator[tuple[Rule, Effect]]:
        """Yield the fired effects of one kind, in the order of the rules' ids."""
        for i in sorted(self._evaluation.fired):
            rule = self._rule(i).rule
            yield from ((rule, effect) for effect in rule.then if effect.kind == kind)

    def _fired_reasons(self) -> Iterator[Reason]:
        partners = {role for standing in self.outcome.winners for role in standing.option}
        for i in sorted(self._evaluation.fired):
            compiled = self._rule(i)
            for effect in compiled.rule.then:
                if effect.kind in {"need", "wish", "rule_out", "for", "against"} or (
                    effect.kind == "cover" and effect.target in partners and effect.function in self.outcome.needs | self.outcome.wishes
                ):
                    yield self._reason(compiled, effect)

    def _reason(self, compiled: CompiledRule, effect: Effect) -> Reason:
        rule = compiled.rule
        target = f"{effect.target}: {effect.function}" if effect.function else effect.target
        return Reason(
            rule.id,
            rule.title,
            rule.because,
            rule.sources,
            self._known_facts(compiled),
            effect.kind,
            target,
            effect.strength,
            effect.theme or rule.id,
        )

    def _built_in_reasons(self) -> Iterator[Reason]:
        """Yield the ladder's own reasons against the runner-up and the recommendation."""
        compared = [*self.outcome.winners, *([self.outcome.runner_up] if self.outcome.runner_up else [])]
        for standing in compared:
            yield from self.built_in_reasons(standing)

    def built_in_reasons(self, standing: Standing) -> Iterator[Reason]:
        """Yield the ladder's own reasons against an option."""
        for key in self._built_in_against(standing):
            entry = self._catalog.built_in[key]
            rule = f"{BUILT_IN}.{key.replace('_', '-')}"
            target = "+".join(standing.option)
            yield Reason(rule, entry.title, entry.because, (entry.source,), {}, "against", target, entry.strength, rule)

    def _built_in_against(self, standing: Standing) -> Iterator[str]:
        outcome = self.outcome
        if len(standing.option) > 1:
            yield "second_partner"
        if self._ladder.breadth[standing.option]:
            yield "unused_breadth"
        covered = frozenset().union(*(outcome.covers[role] for role in standing.option))
        if (outcome.wishes & frozenset().union(*outcome.covers.values())) - covered:
            yield "open_wish"

    def _telling_order(self, reason: Reason) -> tuple[int, int, str, str]:
        """Return a sort key: reasons of the deciding rung first, then by strength, then coverage."""
        weight = STRENGTHS.index(reason.strength) if reason.strength else len(STRENGTHS) + (reason.effect == "cover")
        return (int(reason.strength != self.decided_at), weight, reason.rule, reason.target)

    def _known_facts(self, compiled: CompiledRule) -> dict[str, Input | tuple[str, ...]]:
        """Return the known facts that a rule read, members of sets gathered under their fact."""
        found: dict[str, Input | tuple[str, ...]] = {}
        members: dict[str, list[str]] = {}
        for i in compiled.reads:
            name = self._ladder.program.attributes[i].name
            value = self._value(name)
            fact, _, member = name.partition(":")
            if member:
                if value is True:
                    members.setdefault(fact, []).append(member)
            elif value is not NOT_KNOWN and value is not False:
                found[name] = value
        return found | {fact: tuple(sorted(names)) for fact, names in members.items()}

    def _value(self, name: str) -> Input:
        """Return the value of an attribute: what the brief says, or what the rules concluded."""
        if name.removeprefix("needs:") in self.outcome.needs and name.startswith("needs:"):
            return True
        if name in self._conclusions:
            return True
        return self._facts.values.get(name, NOT_KNOWN)

    @cached_property
    def _conclusions(self) -> frozenset[str]:
        return frozenset(effect.target for _, effect in self._effects("derive"))

    def _waiting(self, compiled: CompiledRule, *, decisive: bool) -> Waiting:
        effects = tuple(effect_text(effect) for effect in compiled.rule.then)
        return Waiting(compiled.rule.id, compiled.rule.title, effects, tuple(sorted(set(self._unknown(compiled)))), decisive)

    def _unknown(self, compiled: CompiledRule) -> Iterable[str]:
        """Yield the facts of the brief that a rule hangs on, through conclusions down to what can be asked."""
        open_rules = [compiled]
        seen = {id(compiled)}
        while open_rules:
            for i in open_rules.pop().reads:
                name = self._ladder.program.attributes[i].name
                fact = name.partition(":")[0]
                if (fact in self._catalog.facts and self._is_open(name)) or (fact == "needs" and not self._facts.needs_known):
                    yield fact
                for j in self._writers.get(i, ()):
                    if j in self._evaluation.waiting and id(self._rule(j)) not in seen:
                        seen.add(id(self._rule(j)))
                        open_rules.append(self._rule(j))

    def _is_open(self, name: str) -> bool:
        value = self._facts.values.get(name, NOT_KNOWN)
        return value is NOT_KNOWN or self._catalog.in_part(name, value)

    @cached_property
    def _writers(self) -> Mapping[int, tuple[int, ...]]:
        return {target: rules for stratum in self._ladder.program.written for target, rules in stratum}
