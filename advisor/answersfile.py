"""The answers of an interview in a file: saved, read back under the same or another knowledge, or written as a brief."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

from advisor.brief import UNKNOWN, Names, Unknown, check_entries
from advisor.catalog import LISTS
from advisor.errors import BriefError, Issue, suggest
from advisor.facts import NOT_KNOWN, NotKnown
from advisor.interview import Found
from advisor.interview_input import printable
from advisor.interview_pages import said_name
from advisor.records import Meaning, Text, record
from advisor.validation import validate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from advisor.api import Knowledge
    from advisor.brief import Entry
    from advisor.interview import Interview
    from advisor.questionnaire import Questionnaire, Said
    from advisor.yamlfile import Document

VERSION = 1
_PARTS = ("answers", "unconfirmed", "set_aside")
_KEPT = "from your file, where it was set aside"


@record
class Stamp:
    """The knowledge an interview was held by."""

    version: Annotated[Text, Meaning("Version of the knowledge")]
    sha256: Annotated[Text, Meaning("Hash of all its files")]


@record
class AnswersPart:
    """Answers in the shape of a brief, as far as they were given."""

    needs: Names | Unknown | None = None
    in_house: Names | Unknown | None = None
    wishes: Names | Unknown | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@record
class AnswersFile:
    """An interview as it is written."""

    questionnaire: Annotated[Literal[1], Meaning("the version of this format, 1")]
    knowledge: Annotated[Stamp, Meaning("version and sha256 of the knowledge it was held by")]
    name: Text | None = None
    view: Text = "industry"
    both_views: bool = False
    thorough: bool = False
    answers: Annotated[AnswersPart, Meaning("the answers in the shape of a brief: needs, in_house, wishes, facts")]
    unconfirmed: AnswersPart = field(default_factory=AnswersPart)
    origins: dict[str, Text] = field(default_factory=dict)
    set_aside: AnswersPart = field(default_factory=AnswersPart)


@dataclass(frozen=True, slots=True)
class Saved:
    """An interview read back.

    Attributes:
        view, both_views, thorough, name: as they were chosen.
        answers, unconfirmed: by question, as far as the knowledge of today takes them.
        set_aside: answers that it does not take, as they were written, by `needs`, `in_house`, `wishes` and `facts`.
        changes: sentences on what is different under the knowledge of today. issues: the same with places in the file.

    """

    view: str
    both_views: bool
    thorough: bool
    name: str
    answers: Mapping[str, Said] = field(default_factory=dict)
    unconfirmed: Mapping[str, Found] = field(default_factory=dict)
    set_aside: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()


def read_answers(document: Document, knowledge: Knowledge) -> Saved:
    """Return the interview in a document.

    Under the knowledge it was held by, every answer must be sound. Under another one, answers that do not fit any more are set
    aside, and what is left of a list is to be confirmed.

    Raises:
        BriefError: with every problem found.

    """
    file = validate(document, AnswersFile)
    if isinstance(file, list):
        raise BriefError([*_told_apart(document), *file])
    issues = list(_wrong_words(document, file, knowledge))
    same = file.knowledge.sha256 == knowledge.sha256
    entries = {part: check_entries(document, knowledge.catalog, (part,)) if part in document.value else {} for part in _PARTS}
    misfits = [issue for part in ("answers", "unconfirmed") for entry in entries[part].values() for issue in entry.issues]
    if same or issues:
        issues.extend(misfits)
    if issues:
        raise BriefError(issues)
    reading = _Sorting(document, entries, file.origins, knowledge)
    reading.sort()
    saved = Saved(file.view, file.both_views, file.thorough, file.name or "", reading.answers, reading.unconfirmed, reading.set_aside)
    if same:
        return saved
    head = f"The knowledge is another one than when you answered: {file.knowledge.version} then, {knowledge.version} now."
    changes = (head, *(reading.changes or ["All your answers still hold."]))
    return Saved(
        saved.view, saved.both_views, saved.thorough, saved.name, saved.answers, saved.unconfirmed, saved.set_aside, changes, tuple(misfits)
    )


def answers_text(interview: Interview, set_aside: Mapping[str, Any]) -> str:
    """Return an interview as YAML, with what was set aside when it was read."""
    questionnaire = interview.questionnaire
    knowledge = questionnaire.knowledge
    lines = [
        "# Answers of an interview. To go on: advisor ask --resume THIS-FILE",
        f"questionnaire: {VERSION}",
        "knowledge:",
        f"  version: {_text(knowledge.version)}",
        f"  sha256: {_text(knowledge.sha256)}",
        *([f"name: {_text(printable(interview.name))}"] if interview.name else []),
        f"view: {questionnaire.view}",
        f"both_views: {_text(len(questionnaire.views) > 1)}",
        f"thorough: {_text(questionnaire.thorough)}",
        *_part("answers", interview.answers, questionnaire),
    ]
    if interview.unconfirmed:
        lines += _part("unconfirmed", {key: found.said for key, found in interview.unconfirmed.items()}, questionnaire)
        lines += ["origins:", *(f"  {key}: {_text(printable(found.origin))}" for key, found in interview.unconfirmed.items())]
    if any(set_aside.values()):
        lines += ["# Kept, but not used: the knowledge of today has no place for it.", "set_aside:"]
        lines += [f"  {key}: {_text(value)}" for key, value in set_aside.items() if value]
    return "\n".join(lines) + "\n"


def brief_text(interview: Interview) -> str:
    """Return the answers as a brief in YAML."""
    brief = interview.brief
    lists: dict[str, frozenset[str] | None] = {"needs": brief.needs, "in_house": brief.in_house, "wishes": brief.wishes}
    said: dict[str, Said] = {"needs": NOT_KNOWN}  # a brief without needs is none
    for key, answer in interview.answers.items():
        listed = lists.get(key)
        said[key] = listed if isinstance(answer, frozenset) and listed is not None else answer
    name = [f"name: {_text(printable(interview.name))}"] if interview.name else []
    return "\n".join([*name, *_entries(said, interview.questionnaire)]) + "\n"


# --- reading ----------------------------------------------------------------------------------------------------------


class _Sorting:
    """Answers being sorted into those that fit, those to be confirmed, and those with no place."""

    def __init__(
        self, document: Document, entries: Mapping[str, Mapping[str, Entry]], origins: Mapping[str, str], knowledge: Knowledge
    ) -> None:
        self.answers: dict[str, Said] = {}
        self.unconfirmed: dict[str, Found] = {}
        self.set_aside: dict[str, Any] = json.loads(json.dumps(document.value.get("set_aside") or {}))
        self.changes: list[str] = []
        self._value = document.value
        self._entries = entries
        self._origins = origins
        self._catalog = knowledge.catalog

    def sort(self) -> None:
        """Sort all entries; what was set aside comes last, for it yields to everything else."""
        for key, entry in self._entries["answers"].items():
            if entry.issues:
                self._misfit("answers", key, entry)
            else:
                self.answers[key] = _said(entry)
        for key, entry in self._entries["unconfirmed"].items():
            if entry.issues:
                self._misfit("unconfirmed", key, entry)
            else:
                self.unconfirmed[key] = Found(_said(entry), self._origins.get(key, "from your file"))
        for key, entry in self._entries["set_aside"].items():
            if not entry.issues and key not in self.answers and key not in self.unconfirmed:
                self.unconfirmed[key] = Found(_said(entry), _KEPT)
                self._take_back(key)

    def _misfit(self, part: str, key: str, entry: Entry) -> None:
        """Set an answer aside; what is left of a list is to be confirmed."""
        written = self._value[part][key] if key in LISTS else self._value[part]["facts"][key]
        place = self.set_aside if key in LISTS else self.set_aside.setdefault("facts", {})
        place[key] = written
        if key not in LISTS and key not in self._catalog.facts:
            self.changes.append(f"'{key}' is not asked for any more.")
            return
        label = self._catalog.lists[key].label if key in LISTS else self._catalog.facts[key].label
        self.changes.append(f"{label}: {'; '.join(issue.what for issue in entry.issues)}.")
        if isinstance(entry.value, frozenset):
            self.unconfirmed[key] = Found(entry.value, "what is left of the answer in your file")

    def _take_back(self, key: str) -> None:
        if key in LISTS:
            del self.set_aside[key]
        else:
            del self.set_aside["facts"][key]


def _said(entry: Entry) -> Said:
    return NOT_KNOWN if entry.value is None else entry.value


def _told_apart(document: Document) -> Iterator[Issue]:
    """Yield what is wrong if the file is a brief."""
    if isinstance(document.value, dict) and "needs" in document.value and "questionnaire" not in document.value:
        yield document.issue((), "this is a brief, not the answers of an interview", "use it with `advisor recommend`")


def _wrong_words(document: Document, file: AnswersFile, knowledge: Knowledge) -> Iterator[Issue]:
    if file.view not in knowledge.catalog.views:
        yield document.issue(("view",), f"no view '{file.view}'", suggest(file.view, knowledge.catalog.views))


# --- writing ----------------------------------------------------------------------------------------------------------


def _part(key: str, said: Mapping[str, Said], questionnaire: Questionnaire) -> Iterator[str]:
    lines = [f"  {line}" for line in _entries(said, questionnaire)]
    yield from [f"{key}:", *lines] if lines else [f"{key}: {{}}"]


def _entries(said: Mapping[str, Said], questionnaire: Questionnaire) -> Iterator[str]:
    """Yield answers as lines of YAML; comments name what the ids stand for."""
    for key in LISTS:
        if key in said:
            yield from _list(key, said[key], questionnaire)
    facts = {key: value for key, value in said.items() if key not in LISTS}
    if facts:
        yield "facts:"
    for fact, value in facts.items():
        question = questionnaire.questions[fact]
        name = said_name(question, value, questionnaire.knowledge.catalog)
        yield f"  {fact}: {_plain(value)}  # {question.label}: {name}"


def _list(key: str, said: Said, questionnaire: Questionnaire) -> Iterator[str]:
    functions = questionnaire.knowledge.catalog.functions
    if isinstance(said, frozenset) and said:
        yield f"{key}:"
        yield from (f"  - {function}  # {functions[function].name}" for function in functions if function in said)
    else:
        yield f"{key}: {_plain(said)}"


def _plain(said: Said) -> str:
    """Return an answer as a value of YAML; ids need no quotes."""
    if isinstance(said, NotKnown):
        return UNKNOWN
    if isinstance(said, frozenset):
        return f"[{', '.join(_id(each) for each in sorted(said))}]"
    return _id(said) if isinstance(said, str) else _text(said)


def _id(name: str) -> str:
    """Return an id as text of YAML, in quotes only where it would be read as something else."""
    return name if name[:1].isalpha() and name not in {"true", "false", "null"} else _text(name)


def _text(value: object) -> str:
    """Return a value in the form that YAML and JSON share."""
    return json.dumps(value, ensure_ascii=False)
