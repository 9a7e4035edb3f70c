"""What an interview shows: each stage as a page of plain text with rows to choose from, the same for every kind of terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from advisor.circuit import ending_of
from advisor.facts import NotKnown
from advisor.questionnaire import Choice
from advisor.report import headline
from advisor.wording import answer_name, ending_name, option_name, value_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from advisor.catalog import Catalog
    from advisor.completions import AnswerKind
    from advisor.explain import Verdict
    from advisor.interview import Interview
    from advisor.questionnaire import Question, Said

Kind = Literal["one", "several", "number", "menu"]

DONT_KNOW_LABEL = "I don't know"
_MAX_RULES = 6
_CLOSING = "needs"  # that nothing else is needed is said with the needs
_LIST_OF: Mapping[AnswerKind, str] = {"need": "needs", "wish": "wishes", "in_house": "in_house", "closing": _CLOSING}


@dataclass(frozen=True, slots=True)
class Page:
    """What to show at one moment.

    Attributes:
        kind: what it takes: one row, several rows, a number, or, on a page that asks nothing, a move.
        title: the question, or what the page is. text: more about it, a paragraph each.
        rows: what to choose from; empty for a number. On a page that asks nothing they are moves: `go_on`, `finish`, `review`,
            `confirm`, `discard`, or `change:` with a question.
        chosen: ids of the rows that are chosen so far. said: the answer given so far, in words; empty if there is none.
        minimum, maximum, unit: of a number.
        meant: returns the ids of the rows that other words mean; None where only the rows' own words count.

    """

    kind: Kind
    title: str
    text: tuple[str, ...]
    rows: tuple[Choice, ...] = ()
    chosen: frozenset[str] = frozenset()
    said: str = ""
    minimum: int = 0
    maximum: int = 0
    unit: str = ""
    meant: Callable[[str], frozenset[str]] | None = None


def page_of(interview: Interview) -> Page:
    """Return what to show of an interview that is not finished."""
    match interview.stage:
        case "question" if interview.question:
            return _asking(interview, interview.question)
        case "confirm":
            return _confirming(interview)
        case "review":
            return _reviewing(interview)
        case _:
            return _conflicting(interview) if interview.step.conflict else _ending(interview)


def move(interview: Interview, row: str) -> Interview:
    """Return the interview after a row of a page that asks nothing."""
    name, _, question = row.partition(":")
    match name:
        case "change":
            return interview.change(question)
        case "finish":
            return interview.finish()
        case "review":
            return interview.review()
        case "confirm":
            return interview.confirm()
        case "discard":
            return interview.discard()
        case _:
            return interview.go_on()


def said_of(page: Page, chosen: str) -> Said:
    """Return the answer that one row of a page stands for."""
    return {"yes": True, "no": False}[chosen] if page.rows[0].id == "yes" else chosen


# --- one line on where it stands --------------------------------------------------------------------------------------


def standing_of(interview: Interview) -> str:
    """Return in one line what the advice is so far and how many answers could still change it."""
    step, questionnaire = interview.step, interview.questionnaire
    if step.advice.brief.needs is None:
        return "No advice yet: it begins with what you need."
    if step.conflict:
        return "No advice yet: some of your answers cannot hold together."
    verdicts = [step.advice.verdicts[view] for view in questionnaire.views]
    names = "; ".join(_leaning(verdict, questionnaire.knowledge.catalog, named=len(verdicts) > 1) for verdict in verdicts)
    if any(key not in interview.answers for key in ("in_house", "wishes")):
        return f"{names} so far"
    left = len(step.open) + len(step.unknown)
    if left:
        return f"{names}; {left} {'answer' if left == 1 else 'answers'} could still change it"
    return f"{names}; no answer left can change it"


def _leaning(verdict: Verdict, catalog: Catalog, *, named: bool) -> str:
    view = f"{catalog.views[verdict.view].title}: " if named else ""
    if verdict.status == "decided":
        return f"{view}Leaning {option_name(verdict.recommendation, catalog)}"
    if verdict.status == "tie":
        return f"{view}Level: {' or '.join(option_name(option, catalog) for option in verdict.tied)}"
    name = ending_name(ending_of(verdict.outcome), catalog)
    return f"{view}{name[:1].upper()}{name[1:]}"


# --- help -------------------------------------------------------------------------------------------------------------


def help_of(interview: Interview) -> tuple[str, ...]:
    """Return what there is to say about the question: help, why it is asked, and the rules that hang on it; a paragraph each."""
    question = interview.question
    if question is None:
        return ()
    paragraphs = [question.help, f"Why this is asked: {question.why}"]
    rules = interview.rules
    if rules:
        paragraphs.append("Rules that wait for the answer:")
        paragraphs.extend(f"- {title}" for title in rules[:_MAX_RULES])
    if len(rules) > _MAX_RULES:
        paragraphs.append(f"- and {len(rules) - _MAX_RULES} more")
    return tuple(paragraph for paragraph in paragraphs if paragraph)


def summary_of(interview: Interview) -> tuple[str, ...]:
    """Return what is to be said at the end: what was left out, and what is still open."""
    step, questionnaire = interview.step, interview.questionnaire
    lines = []
    if step.advice.brief.needs is not None and not step.conflict:
        views = "the advice in either view" if len(questionnaire.views) > 1 else "the advice"
        count = len(step.left_out)
        lines.append(f"{count} {'question' if count == 1 else 'questions'} left out: none can change {views}.")
    if step.unknown:
        labels = "; ".join(questionnaire.questions[question].label for question in step.unknown)
        lines.append(f"Still open, for you do not know it yet and it could change the advice: {labels}.")
    return tuple(lines)


def said_name(question: Question, said: Said, catalog: Catalog) -> str:
    """Return an answer in words."""
    if isinstance(said, NotKnown):
        return DONT_KNOW_LABEL
    if question.kind == "functions" and isinstance(said, frozenset):
        return "; ".join(choice.label for choice in question.choices if choice.id in said) or "none"
    return value_name(question.id, said, catalog)


# --- the pages --------------------------------------------------------------------------------------------------------


def _asking(interview: Interview, question: Question) -> Page:
    preset = interview.preset
    found = interview.unconfirmed.get(question.id)
    said = said_name(question, preset, interview.questionnaire.knowledge.catalog) if preset is not None else ""
    text = (question.help, *((f"{said} ({found.origin})",) if found else ()))
    if question.kind == "number":
        return Page("number", question.text, text, (), frozenset(), said, question.minimum, question.maximum, question.unit)
    if question.kind == "yes_no":
        rows: tuple[Choice, ...] = (Choice("yes", "Yes"), Choice("no", "No"))
    else:
        rows = question.choices
    kind: Kind = "several" if question.kind in {"functions", "several"} else "one"
    meant = interview.questionnaire.functions_meant if question.kind == "functions" else None
    return Page(kind, question.text, text, rows, _chosen(preset), said, meant=meant)


def _chosen(preset: Said | None) -> frozenset[str]:
    if isinstance(preset, bool):
        return frozenset({"yes" if preset else "no"})
    if isinstance(preset, frozenset):
        return preset
    return frozenset({preset}) if isinstance(preset, str) else frozenset()


def _confirming(interview: Interview) -> Page:
    questionnaire = interview.questionnaire
    rows = [
        Choice(f"change:{key}", f"{question.label}: {said_name(question, found.said, questionnaire.knowledge.catalog)}", found.origin)
        for key, found in interview.unconfirmed.items()
        for question in (questionnaire.questions[key],)
    ]
    head = (Choice("confirm", "All of this is right"), Choice("discard", "Leave it all out and ask me"))
    return Page(
        "menu", "Is this right?", ("Nothing of this counts until you say so. Choose a line to answer it yourself.",), (*head, *rows)
    )


def _reviewing(interview: Interview) -> Page:
    unused = interview.no_longer_used
    text = ["Choose an answer to change it."]
    if unused:
        text.append('Answers marked "not used" make no difference any more. They are kept, in case others change.')
    if not interview.answers:
        text = ["Nothing is answered yet."]
    return Page("menu", "Your answers", tuple(text), (Choice("go_on", "Go on"), *_answers(interview, unused)))


def _answers(interview: Interview, unused: frozenset[str]) -> Iterator[Choice]:
    questionnaire = interview.questionnaire
    for key, said in interview.answers.items():
        question = questionnaire.questions[key]
        name = said_name(question, said, questionnaire.knowledge.catalog)
        yield Choice(f"change:{key}", f"{question.label}: {name}{' (not used)' * (key in unused)}", question.text)


def _ending(interview: Interview) -> Page:
    step, questionnaire = interview.step, interview.questionnaire
    title = headline(step.advice.verdict, questionnaire.knowledge.catalog)
    rows = [Choice("finish", "Finish and show the recommendation"), Choice("review", "Look through the answers")]
    rows += [Choice(f"change:{key}", f"Answer after all: {questionnaire.questions[key].text}") for key in step.unknown]
    return Page("menu", f"Recommendation: {title}", summary_of(interview), tuple(rows))


def _conflicting(interview: Interview) -> Page:
    """Return the page that names the answers which cannot hold together; each can be changed."""
    step, questionnaire = interview.step, interview.questionnaire
    catalog, rows = questionnaire.knowledge.catalog, dict[str, Choice]()
    names = [answer_name(answer, step.advice.brief, catalog) for answer in step.conflict]
    for answer in step.conflict:
        key = _LIST_OF.get(answer.kind, answer.name)
        question = questionnaire.questions[key]
        said = said_name(question, interview.answers[key], catalog)
        rows[key] = Choice(f"change:{key}", f"Change {question.label}: {said}")
    end = (Choice("review", "Look through all answers"), Choice("finish", "Finish anyway; the report names the contradiction"))
    text = (*(f"- {name}" for name in names), "Change one of them, and the interview goes on.")
    return Page("menu", "These answers cannot hold together:", text, (*rows.values(), *end))
