"""One interview: the answers so far, where it stands, and every move from there; it knows neither terminal nor file.

An interview never changes: a move returns a new one. So an answer can be lost by no move but the one that replaces it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from advisor.catalog import LISTS
from advisor.facts import NotKnown
from advisor.questionnaire import rules_waiting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.brief import Brief
    from advisor.questionnaire import Question, Questionnaire, Said, Step

Stage = Literal["confirm", "question", "review", "end", "finished"]


@dataclass(frozen=True, slots=True)
class Found:
    """An answer that was not given in this interview, to be confirmed.

    Attributes:
        said: the answer. origin: where it comes from, as it is shown, such as `from your text: "in Phase 2"`.

    """

    said: Said
    origin: str


@dataclass(frozen=True)
class Interview:
    """An interview at one moment.

    Attributes:
        questionnaire: what decides on the next question.
        answers: by question, in the order in which they were first given.
        unconfirmed: answers found elsewhere, by question; they count for nothing until they are confirmed.
        changing: the question that is being answered once more, or confirmed; empty if none is.
        reviewing: whether the answers are being looked through. finished: whether the sponsor wants the recommendation.
        name: what to call the brief.

    """

    questionnaire: Questionnaire
    answers: Mapping[str, Said] = field(default_factory=dict)
    unconfirmed: Mapping[str, Found] = field(default_factory=dict)
    changing: str = ""
    reviewing: bool = False
    finished: bool = False
    name: str = ""

    # --- where it stands ----------------------------------------------------------------------------------------------

    @cached_property
    def step(self) -> Step:
        """What the questionnaire says to the answers."""
        return self.questionnaire.step(self.answers)

    @property
    def stage(self) -> Stage:
        """What is to be shown."""
        if self.finished:
            return "finished"
        if self.changing:
            return "question"
        if self.reviewing:
            return "review"
        if self.unconfirmed:
            return "confirm"
        return "question" if self.step.question else "end"

    @cached_property
    def question(self) -> Question | None:
        """The question to be answered now, without the functions that another list has already; None if there is none."""
        asked = self.questionnaire.questions[self.changing] if self.changing else self.step.question
        if self.stage != "question" or asked is None:
            return None
        elsewhere = self._listed_before(asked.id)
        return replace(asked, choices=tuple(choice for choice in asked.choices if choice.id not in elsewhere)) if elsewhere else asked

    @property
    def preset(self) -> Said | None:
        """The answer that the question has so far, given or found; None if it has none."""
        if self.question is None:
            return None
        found = self.unconfirmed.get(self.question.id)
        said = found.said if found else self.answers.get(self.question.id)
        return said - self._listed_before(self.question.id) if isinstance(said, frozenset) else said

    @cached_property
    def rules(self) -> tuple[str, ...]:
        """Titles of the rules that wait for the answer to the question, those that could change the verdict first."""
        if self.question is None or self.question.id not in self.answers:
            return self.step.rules
        without = {key: said for key, said in self.answers.items() if key != self.question.id}
        verdicts = self.questionnaire.step(without).advice.verdicts
        return rules_waiting(self.question.id, [verdicts[view] for view in self.questionnaire.views])

    @cached_property
    def no_longer_used(self) -> frozenset[str]:
        """The questions whose answers make no difference any more; none while answers contradict each other."""
        return frozenset() if self.step.conflict else frozenset(self.questionnaire.no_longer_used(self.answers))

    @property
    def brief(self) -> Brief:
        """What was said, as a brief."""
        return self.questionnaire.brief(self.answers, name=self.name)

    # --- the moves ----------------------------------------------------------------------------------------------------

    def answer(self, said: Said) -> Interview:
        """Return the interview after an answer to its question.

        Raises:
            ValueError: if there is no question, or it does not take such an answer.

        """
        if self.question is None:
            message = "there is no question to answer"
            raise ValueError(message)
        if not takes(self.question, said):
            message = f"'{self.question.id}' does not take {said!r}"
            raise ValueError(message)
        key, before = self.question.id, self.answers.get(self.question.id)
        if isinstance(said, frozenset) and isinstance(before, frozenset):
            said |= before & self._listed_before(key)  # what was not on offer is not taken back
        left = {question: found for question, found in self.unconfirmed.items() if question != key}
        return replace(self, answers={**self.answers, key: said}, unconfirmed=left, changing="")

    def back(self) -> Interview:
        """Return the interview one step earlier, with every answer kept; at the beginning it stays as it is."""
        if self.reviewing or (self.changing and self.changing in self.unconfirmed):
            return self._moved(changing="", reviewing=self.reviewing and bool(self.changing))
        given = list(self.answers)
        earlier = given[: given.index(self.changing)] if self.changing in self.answers else given
        return self._moved(changing=earlier[-1]) if earlier else self

    def review(self) -> Interview:
        """Return the interview at the list of all answers."""
        return self._moved(changing="", reviewing=True)

    def change(self, question: str) -> Interview:
        """Return the interview at a question that was answered before, or found an answer to.

        Raises:
            ValueError: if it was not.

        """
        if question not in self.answers and question not in self.unconfirmed:
            message = f"'{question}' was not answered"
            raise ValueError(message)
        return self._moved(changing=question)

    def go_on(self) -> Interview:
        """Return the interview where it was left for a look at the answers or for a change."""
        return self._moved(changing="", reviewing=False)

    def confirm(self) -> Interview:
        """Return the interview with everything that was found taken as answered."""
        return self._moved(answers={**self.answers, **{key: found.said for key, found in self.unconfirmed.items()}}, unconfirmed={})

    def discard(self) -> Interview:
        """Return the interview without what was found and not confirmed."""
        return self._moved(unconfirmed={})

    def finish(self) -> Interview:
        """Return the interview as finished.

        Raises:
            ValueError: if there is something left to ask or to confirm.

        """
        if self.stage != "end":
            message = "not everything is asked yet"
            raise ValueError(message)
        return self._moved(finished=True)

    def _moved(self, **changes: Any) -> Interview:  # noqa: ANN401 - as `replace` takes them
        """Return the interview with changes; what is worked out from the answers alone stays as long as they do."""
        moved = replace(self, **changes)
        if "answers" not in changes:
            moved.__dict__.update({key: self.__dict__[key] for key in ("step", "no_longer_used") if key in self.__dict__})
        return moved

    def _listed_before(self, key: str) -> frozenset[str]:
        """Return the functions that lists with precedence over this one name: what is needed is neither done in house nor a wish."""
        earlier = LISTS[: LISTS.index(key)] if key in LISTS else ()
        named = [said for said in (self.answers.get(each) for each in earlier) if isinstance(said, frozenset)]
        return frozenset[str]().union(*named)


def takes(question: Question, said: Said) -> bool:
    """Return whether a question takes an answer."""
    if isinstance(said, NotKnown):
        return True
    ids = {choice.id for choice in question.choices}
    match question.kind:
        case "functions" | "several":
            return isinstance(said, frozenset) and said <= ids
        case "one":
            return isinstance(said, str) and said in ids
        case "yes_no":
            return isinstance(said, bool)
        case "number":
            return isinstance(said, int) and not isinstance(said, bool) and question.minimum <= said <= question.maximum
