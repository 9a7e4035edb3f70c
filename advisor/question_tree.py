"""What a questionnaire asks when: the tree of its questions for given answers, and which questions can matter at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.circuit import ending_of
from advisor.facts import Span
from advisor.outline import Document, Points, Section, Sentence, Table
from advisor.wording import ending_name, value_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from advisor.api import Knowledge
    from advisor.catalog import Catalog
    from advisor.changes import Target
    from advisor.circuit import Ending
    from advisor.questionnaire import Questionnaire, Said, Step

OPENING: Mapping[str, Said] = {"in_house": frozenset(), "wishes": frozenset()}
SECONDS = 60.0
_WRAP = 32  # characters of a node's text in a line


@dataclass(frozen=True, slots=True)
class Node:
    """One place in the tree.

    Attributes:
        question: the fact asked for here; empty at an end.
        ending: how the verdict stands here; more: how many questions could still follow, beyond the depth of the tree.
        branches: for each group of answers that lead on alike, their labels and what follows.

    """

    question: str
    ending: Ending
    more: int = 0
    branches: tuple[tuple[tuple[str, ...], Node], ...] = ()


def grow_tree(questionnaire: Questionnaire, needs: frozenset[str], depth: int) -> Node:
    """Return the tree of what is asked once the needs are known, with nothing in house and no wishes.

    Answers that no rule tells apart share a branch, and so do answers after which everything goes on alike. Of a fact that
    takes several terms the tree shows none of them, and each one alone.
    """
    return _grow(questionnaire, {"needs": needs, **OPENING}, depth)


def as_mermaid(node: Node, catalog: Catalog) -> str:
    """Return a tree as a Mermaid flow chart."""
    lines = ["flowchart TD"]
    lines += _drawn(node, "q", catalog)
    return "\n".join(lines) + "\n"


def overview(questionnaire: Questionnaire) -> Document:
    """Return all questions: who reads their answers, whether these can ever change a verdict, and when they are asked."""
    knowledge = questionnaire.knowledge
    catalog, view = knowledge.catalog, questionnaire.view
    steps = {f: questionnaire.step({"needs": frozenset({f}), **OPENING}) for f in catalog.functions}
    matter = {each: {fact.fact for fact in knowledge.questions[each].ever_open(seconds=SECONDS).facts} for each in catalog.views}
    titles = [catalog.views[each].title for each in catalog.views]
    head = ("Question", "Fact", *(f"Rules, {t}" for t in titles), *(f"Can matter, {t}" for t in titles), "Open for", "First for")
    rows = []
    for fact, question in ((key, q) for key, q in questionnaire.questions.items() if key in catalog.facts):
        read = [str(_rules_reading(fact, knowledge, each)) for each in catalog.views]
        yes_no = ["yes" if fact in matter[each] else "no" for each in catalog.views]
        rows.append((question.label, fact, *read, *yes_no, *(str(n) for n in _counts(fact, steps.values()))))
    never = [q.label for key, q in questionnaire.questions.items() if key in catalog.facts and not any(key in m for m in matter.values())]
    about = (
        Sentence("A question can matter in a view if some brief, whatever its lists, ends otherwise when only this answer changes."),
        Sentence(f"Open for, first for: for how many of {len(steps)} functions, each needed alone, it could change the verdict"),
        Sentence(f"and is asked first, by the view {catalog.views[view].title}."),
    )
    told = Points(
        tuple(Sentence(label) for label in never), "These can never change a recommendation. They serve warnings, duties and plans:"
    )
    sections = [
        Section("questions", "Questions", (Points((Sentence(" ".join(s.text for s in about)),)), Table("Questions", head, tuple(rows))))
    ]
    if never:
        sections.append(Section("never", "Questions that can never matter", (told,)))
    return Document(f"{len(rows)} context questions", "", tuple(sections), ())


def _counts(fact: str, steps: Iterable[Step]) -> tuple[int, int]:
    listed = list(steps)
    return sum(fact in step.open for step in listed), sum(step.open[:1] == (fact,) for step in listed)


def _rules_reading(fact: str, knowledge: Knowledge, view: str) -> int:
    program = knowledge.ladders[view].program
    attributes = {i for name, i in program.index.items() if name.partition(":")[0] == fact}
    return sum(bool(attributes.intersection(rule.reads)) for rule in program.rules)


def _grow(questionnaire: Questionnaire, answers: Mapping[str, Said], depth: int) -> Node:
    step = questionnaire.step(answers)
    ending = ending_of(step.advice.verdict.outcome)
    if step.question is None or depth == 0:
        return Node("", ending, len(step.open))
    fact = step.question.id
    after: dict[Node, list[str]] = {}
    for labels, said in _answers(questionnaire, fact):
        after.setdefault(_grow(questionnaire, {**answers, fact: said}, depth - 1), []).extend(labels)
    return Node(fact, ending, branches=tuple((tuple(labels), node) for node, labels in after.items()))


def _answers(questionnaire: Questionnaire, fact: str) -> Iterator[tuple[list[str], Said]]:
    """Yield the answers to a question by their labels, those that no rule tells apart together."""
    catalog = questionnaire.knowledge.catalog
    programs = [questionnaire.knowledge.ladders[view].program for view in questionnaire.views]
    read = [program.attributes[program.index[fact]] for program in programs if fact in program.index]
    groups: dict[tuple[int, ...], list[tuple[Said, Target]]] = {}
    match catalog.facts[fact].type:
        case "set":
            terms = [t for t in catalog.terms(fact) if any(f"{fact}:{t}" in program.index for program in programs)]
            yield from ((["none of these"], frozenset()), *(([catalog.terms(fact)[t].label], frozenset({t})) for t in terms))
            return
        case "integer":
            bounds = sorted({bound for attribute in read for bound in attribute.bounds})
            ends = [*(bound - 1 for bound in bounds[1:]), catalog.facts[fact].maximum or 0]
            values: list[tuple[Said, Target]] = [(first, Span(first, last)) for first, last in zip(bounds, ends, strict=True)]
        case "bool":
            values = [(True, True), (False, False)]
        case _:
            values = [(term, term) for term in catalog.vocabularies[catalog.facts[fact].vocabulary or ""].values()]
    for said, target in values:
        groups.setdefault(tuple(attribute.code(said) for attribute in read), []).append((said, target))
    for group in groups.values():
        yield [value_name(fact, target, catalog) for _, target in group], group[0][0]


def _drawn(node: Node, name: str, catalog: Catalog) -> Iterator[str]:
    if not node.question:
        more = f"<br/>{node.more} more could follow" if node.more else ""
        yield f'  {name}(["{_quoted(ending_name(node.ending, catalog))}{more}"])'
        return
    yield f'  {name}["{_quoted(catalog.facts[node.question].question)}"]'
    for i, (labels, after) in enumerate(node.branches):
        below = f"{name}_{i}"
        yield f'  {name} -->|"{_quoted(_joined(labels))}"| {below}'
        yield from _drawn(after, below, catalog)


def _joined(labels: tuple[str, ...]) -> str:
    shown = 4
    return " or ".join(labels) if len(labels) <= shown else f"{', '.join(labels[: shown - 1])} or {len(labels) - shown + 1} others"


def _quoted(text: str) -> str:
    """Return a text as it may stand between quotes in Mermaid, in lines of bearable length."""
    lines = [""]
    for word in text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").split():
        if lines[-1] and len(lines[-1]) + len(word) >= _WRAP:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return "<br/>".join(lines)
