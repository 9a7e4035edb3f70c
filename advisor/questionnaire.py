"""The guided questionnaire: answers so far in, the next question or the end out.

It keeps nothing between two calls but what it has worked out: the same answers, in whatever order they were given, lead to
the same step. It asks for what should be done first, then for whatever tells most about the verdict, and stops as soon as
it is proven that no answer left can change it. It knows neither terminal nor page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from advisor.api import advise
from advisor.brief import Brief
from advisor.catalog import LISTS
from advisor.circuit import ending_of
from advisor.clauses import OutOfTimeError
from advisor.errors import DataError, Issue, Place
from advisor.facts import NOT_KNOWN, NotKnown
from advisor.information import Sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from advisor.api import Advice, Knowledge
    from advisor.completions import Answer
    from advisor.explain import Verdict

DONT_KNOW: Final = NOT_KNOWN

Said = str | bool | int | frozenset[str] | Literal[NotKnown.NOT_KNOWN]
Kind = Literal["functions", "one", "several", "yes_no", "number"]

_KINDS: Mapping[str, Kind] = {"enum": "one", "set": "several", "bool": "yes_no", "integer": "number"}
_EFFORT: Mapping[Kind, int] = {"yes_no": 0, "one": 1, "number": 2, "several": 3, "functions": 4}


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible answer.

    Attributes:
        id: the function or term. label, note: what to show. group: a heading to show it under, if any.
        words: other words to find it by.

    """

    id: str
    label: str
    note: str = ""
    group: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the answers it takes; every question also takes DONT_KNOW.

    Attributes:
        id: `needs`, `in_house`, `wishes`, or the id of a fact.
        kind: `functions` and `several` take a set of choices, `one` a choice, `yes_no` a truth value, `number` a whole number.
        why: why it is asked. minimum, maximum, unit: of a number.

    """

    id: str
    kind: Kind
    label: str
    text: str
    help: str
    why: str
    choices: tuple[Choice, ...] = ()
    minimum: int = 0
    maximum: int = 0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Where an interview stands.

    Attributes:
        question: what to ask next; None at the end.
        rules: titles of the rules that wait for its answer, those that could change the verdict first.
        advice: on what was said so far.
        open: ids of the questions not answered yet whose answers could still change the verdict, the most telling first.
        unknown: ids of the questions answered with DONT_KNOW whose answers could still change it.
        left_out: ids of the questions not asked and not open; at the end it is proven that none can change the verdict.
        conflict: answers that cannot hold together; none if the brief can be completed.

    """

    question: Question | None
    rules: tuple[str, ...]
    advice: Advice
    open: tuple[str, ...]
    unknown: tuple[str, ...]
    left_out: tuple[str, ...]
    conflict: tuple[Answer, ...] = ()


class Questionnaire:
    """What to ask next, by one knowledge; safe to share between interviews."""

    def __init__(self, knowledge: Knowledge, *, view: str = "guide", both_views: bool = False, thorough: bool = False) -> None:
        """Prepare the questions.

        Args:
            knowledge: what to decide by.
            view: the view whose verdict matters.
            both_views: whether the verdict of every view matters.
            thorough: whether to go on, once the verdict is settled, with everything that some rule could still use.

        Raises:
            DataError: if the catalog does not say how to ask for what is needed, wished for or done in house.
            ValueError: if there is no such view.

        """
        catalog = knowledge.catalog
        if view not in catalog.views:
            message = f"no view '{view}'; there are {', '.join(catalog.views)}"
            raise ValueError(message)
        missing = [key for key in LISTS if key not in catalog.lists]
        if missing:
            place = Place(str(knowledge.directories[0] / "catalog" / "facts.yaml"))
            raise DataError([Issue(place, f"no question that asks for '{key}'", "add it under `lists`") for key in missing])
        self.knowledge = knowledge
        self.view = view
        self.views = tuple(catalog.views) if both_views else (view,)
        self.thorough = thorough
        self.questions: Mapping[str, Question] = {key: self._about_functions(key) for key in LISTS} | {
            fact: self._about_fact(fact) for fact in sorted(catalog.facts, key=lambda f: catalog.facts[f].order)
        }
        self._places = {question: i for i, question in enumerate(self.questions)}
        self._samples = {each: Sample(knowledge.ladders[each]) for each in self.views}

    def brief(self, answers: Mapping[str, Said], *, name: str = "", description: str = "") -> Brief:
        """Return the answers as a brief; a function named in several lists is needed rather than done in house, and wished for last."""
        needs, in_house, wishes = (_functions(answers.get(key, DONT_KNOW)) for key in LISTS)
        known = {fact: said for fact, said in answers.items() if fact not in LISTS and not isinstance(said, NotKnown)}
        asked = needs or frozenset()
        own = (in_house or frozenset()) - asked
        return Brief(needs, (wishes or frozenset()) - asked - own, own, known, name, description)

    def functions_meant(self, words: str) -> frozenset[str]:
        """Return the functions that other words than the catalog's mean, such as 'run US Phase 3 trial'."""
        from advisor.reading import read_need  # only who types such words needs it

        read = read_need(words, self.knowledge.catalog, directories=self.knowledge.directories)
        return frozenset(finding.target for finding in read.findings if finding.value is None)

    def step(self, answers: Mapping[str, Said]) -> Step:
        """Return where an interview stands after these answers, by the ids of their questions."""
        brief = self.brief(answers)
        advice = advise(brief, self.knowledge, view=self.view)
        verdicts = [advice.verdicts[view] for view in self.views]
        conflict = next((verdict.conflict or () for verdict in verdicts if verdict.status == "contradictory"), ())
        if opening := self._opening(answers, brief):
            return Step(self.questions[opening], (), advice, (opening,), (), (), conflict)
        matter = self._matter(answers, brief, verdicts) if not conflict else ()
        unasked = [question for question in self.questions if question not in answers]
        open_ = tuple(question for question in self._ranked(matter, brief, verdicts) if question not in answers)
        unknown = tuple(question for question in answers if question in matter)
        asked = open_ or (self._usable(unasked, verdicts) if self.thorough and not conflict else ())
        question = self.questions[asked[0]] if asked else None
        rules = rules_waiting(question.id, verdicts) if question else ()
        left_out = tuple(each for each in unasked if each not in asked and each not in LISTS)
        return Step(question, rules, advice, open_, unknown, left_out, conflict)

    def no_longer_used(self, answers: Mapping[str, Said]) -> tuple[str, ...]:
        """Return the ids of the facts whose answers, each for itself, could be anything else without changing the verdict."""
        found = []
        for fact in answers:
            if fact not in LISTS and not isinstance(answers[fact], NotKnown):
                without = {key: said for key, said in answers.items() if key != fact}
                brief = self.brief(without)
                verdicts = advise(brief, self.knowledge, view=self.view).verdicts
                if all(fact not in verdicts[view].open_facts for view in self.views):
                    found.append(fact)
        return tuple(found)

    # --- what to ask --------------------------------------------------------------------------------------------------

    def _opening(self, answers: Mapping[str, Said], brief: Brief) -> str | None:
        """Return the first list that is still to be asked for; without needs the other two change nothing."""
        if "needs" not in answers:
            return "needs"
        return next((key for key in LISTS if key not in answers), None) if brief.needs else None

    def _matter(self, answers: Mapping[str, Said], brief: Brief, verdicts: Iterable[Verdict]) -> tuple[str, ...]:
        """Return the facts, unknown or known in part, whose answers could still change a verdict."""
        if brief.needs is None:
            return ("needs",)  # nothing is settled before they are known
        found: dict[str, None] = {}
        for verdict in (each for each in verdicts if self._can_change(each, brief)):
            found |= dict.fromkeys(verdict.open_facts)
            if not verdict.open.complete or not any(fact not in answers for fact in verdict.open_facts):
                # Not proven in time; or every completion ends alike, and only some more facts make a rule say so.
                found |= dict.fromkeys(fact for waiting in verdict.waiting if waiting.decisive for fact in waiting.open_facts)
        return tuple(found)

    def _can_change(self, verdict: Verdict, brief: Brief) -> bool:
        """Return whether some completion ends otherwise than told, or may for all that could be proven in time."""
        try:
            return self.knowledge.questions[verdict.view].can_end(brief, ending_of(verdict.outcome), otherwise=True)
        except OutOfTimeError:
            return True

    def _ranked(self, facts: Iterable[str], brief: Brief, verdicts: Iterable[Verdict]) -> tuple[str, ...]:
        """Return facts by how much their answers are expected to tell; of equal ones the easier first, then in the catalog's order."""
        gains = dict.fromkeys(facts, 0.0)
        if len(gains) > 1:
            for verdict in verdicts:
                endings = self.knowledge.questions[verdict.view].possible_endings(brief)
                for fact, gain in self._samples[verdict.view].gains(brief, gains, endings).items():
                    gains[fact] += gain
        digits = 6  # what is left is the noise of adding up in another order
        return tuple(sorted(gains, key=lambda f: (-round(gains[f], digits), _EFFORT[self.questions[f].kind], self._places[f])))

    def _usable(self, questions: Iterable[str], verdicts: Iterable[Verdict]) -> tuple[str, ...]:
        """Return the questions whose answers some waiting rule could still use, in the catalog's order."""
        usable = {fact for verdict in verdicts for waiting in verdict.waiting for fact in waiting.open_facts}
        return tuple(question for question in questions if question in usable)

    # --- the questions ------------------------------------------------------------------------------------------------

    def _about_functions(self, key: str) -> Question:
        """Return the question for a list of functions: those of the guide first, then group by group."""
        catalog, asked = self.knowledge.catalog, self.knowledge.catalog.lists[key]
        guide = [(f, "From the guide") for f, entry in catalog.functions.items() if entry.guide]
        rest = [
            (f, title) for group, title in catalog.groups.items() for f, e in catalog.functions.items() if e.group == group and not e.guide
        ]
        choices = tuple(
            Choice(f, catalog.functions[f].name, catalog.functions[f].summary, group, catalog.functions[f].phrases)
            for f, group in [*guide, *rest]
        )
        return Question(key, "functions", asked.label, asked.question, asked.help, asked.why, choices)

    def _about_fact(self, fact: str) -> Question:
        entry, terms = self.knowledge.catalog.facts[fact], self.knowledge.catalog.terms(fact)
        exact = sorted(terms, key=lambda term: bool(terms[term].one_of))  # what is known in part only comes last
        choices = tuple(
            Choice(term, terms[term].label, terms[term].note or "") for term in exact if entry.type == "enum" or not terms[term].one_of
        )
        limits = (entry.minimum or 0, entry.maximum or 0, entry.unit or "")
        return Question(fact, _KINDS[entry.type], entry.label, entry.question, entry.help, entry.why, choices, *limits)


def _functions(said: Said) -> frozenset[str] | None:
    return said if isinstance(said, frozenset) else None


def rules_waiting(fact: str, verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """Return the titles of the rules that wait for a fact, those that could change a verdict first, then those that say more than who does what."""
    found = (each for verdict in verdicts for each in verdict.waiting if fact in each.open_facts)
    waiting = sorted(found, key=lambda w: (not w.decisive, all(effect.startswith(("cover ", "some ")) for effect in w.effects)))
    return tuple(dict.fromkeys(each.title for each in waiting))
