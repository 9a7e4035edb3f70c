"""The tree of questions shows what the questionnaire does, and the list of questions says rightly which can matter."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from brute import ending
from click.testing import CliRunner
from generate import draw_brief, draw_knowledge

from advisor import Brief, advise, load_knowledge, read_brief
from advisor.circuit import ending_of
from advisor.cli import cli
from advisor.question_tree import OPENING, Node, as_mermaid, grow_tree, overview
from advisor.questionnaire import Questionnaire
from advisor.wording import value_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from advisor import Knowledge
    from advisor.questionnaire import Said

BASES = range(7100, 7108)


@pytest.fixture(scope="module")
def shipped() -> Knowledge:
    return load_knowledge()


def walk(questionnaire: Questionnaire, answers: dict[str, Said], node: Node) -> Iterator[tuple[dict[str, Said], Node]]:
    """Yield every place of a tree with the answers that lead there, told by the labels on the way."""
    yield answers, node
    for labels, after in node.branches:
        for said in values(questionnaire, node.question):
            if value_name(node.question, said, questionnaire.knowledge.catalog) in labels:
                yield from walk(questionnaire, answers | {node.question: said}, after)


def values(questionnaire: Questionnaire, fact: str) -> list[Said]:
    entry = questionnaire.knowledge.catalog.facts[fact]
    if entry.type == "bool":
        return [True, False]
    terms = questionnaire.knowledge.catalog.vocabularies[str(entry.vocabulary)].values()
    return [frozenset({term}) for term in terms] if entry.type == "set" else list(terms)


@pytest.mark.volume
def test_the_tree_is_what_is_asked(shipped: Knowledge) -> None:
    """Every place of a tree has the question that the questionnaire asks there, and the verdict of the plain evaluator."""
    questionnaire, needs = Questionnaire(shipped, view="industry"), frozenset({"api_development"})
    places = list(walk(questionnaire, {"needs": needs, **OPENING}, grow_tree(questionnaire, needs, 3)))
    assert len(places) > 20
    for answers, node in places:
        step = questionnaire.step(answers)
        assert node.ending == ending(shipped, "industry", questionnaire.brief(answers))
        if node.question:
            assert step.question is not None
            assert step.question.id == node.question
        else:
            assert node.more == len(step.open)


@pytest.mark.volume
def test_every_answer_has_its_branch(shipped: Knowledge) -> None:
    """No answer is missing from a tree, and none stands in two branches."""
    questionnaire = Questionnaire(shipped, view="industry")
    for need in ("api_development", "finished_dosage_forms", "stability_studies"):
        for _, node in walk(questionnaire, {"needs": frozenset({need}), **OPENING}, grow_tree(questionnaire, frozenset({need}), 2)):
            labels = [label for labels, _ in node.branches for label in labels]
            assert len(labels) == len(set(labels))
            if node.question and shipped.catalog.facts[node.question].type in {"enum", "bool"}:
                assert len(labels) == len(values(questionnaire, node.question))


def test_a_question_that_can_matter_does(tmp_path: Path) -> None:
    """Two briefs show that a question can matter: they differ in it, have the same lists, and the plain evaluator ends otherwise."""
    shown = 0
    for seed in BASES:
        knowledge = draw_knowledge(seed, tmp_path)
        for view, questions in knowledge.questions.items():
            for fact in questions.ever_open().facts:
                one, other = fact.completions
                assert (one.needs, one.wishes, one.in_house) == (other.needs, other.wishes, other.in_house)
                assert {f for f in one.facts if one.facts[f] != other.facts[f]} == {fact.fact, *fact.together}
                assert ending(knowledge, view, one) != ending(knowledge, view, other)
                shown += 1
    assert shown > len(BASES)


@pytest.mark.volume
def test_a_question_that_can_never_matter_is_never_open(tmp_path: Path) -> None:
    """No brief has an open fact that is not among those which can matter."""
    for seed in BASES:
        knowledge, random = draw_knowledge(seed, tmp_path), Random(seed)
        ever = {view: {fact.fact for fact in questions.ever_open().facts} | {"needs"} for view, questions in knowledge.questions.items()}
        for _ in range(15):
            brief: Brief = read_brief(draw_brief(random, knowledge.catalog), knowledge)
            for view, verdict in advise(brief, knowledge).verdicts.items():
                assert set(verdict.open_facts) <= ever[view]


def test_the_overview_counts(shipped: Knowledge) -> None:
    """The table has a row for every fact; what it calls open and first is what the questionnaire says."""
    questionnaire = Questionnaire(shipped, view="industry")
    document = overview(questionnaire)
    table = document.sections[0].blocks[1]
    rows: Mapping[str, tuple[str, ...]] = {row[1]: row for row in table.rows}  # type: ignore[union-attr]
    assert set(rows) == set(shipped.catalog.facts)
    steps = [questionnaire.step({"needs": frozenset({f}), **OPENING}) for f in shipped.catalog.functions]
    for fact in ("phase", "substance_process_state", "documents"):
        assert rows[fact][-2:] == (str(sum(fact in s.open for s in steps)), str(sum(s.open[:1] == (fact,) for s in steps)))
    assert [row for row in rows.values() if row[-2] != "0" and "yes" not in row] == []


def test_mermaid_quotes() -> None:
    """Text of the catalog cannot break out of its node."""
    catalog = load_knowledge().catalog
    node = Node("", ending_of(advise({"needs": ["clinical_trials"]}).verdict.outcome))
    assert as_mermaid(node, catalog) == 'flowchart TD\n  q(["CRO"])\n'
    text = as_mermaid(Node("material_grade", node.ending, branches=((('a "b" <c> & d',), node),)), catalog)
    assert '|"a &quot;b&quot; &lt;c> &amp; d"|' in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--need", "api_development", "--format", "text"], "leave out --need"),
        (["--format", "mermaid"], "add --need"),
        (["--view", "gide"], "no view 'gide'"),
    ],
)
def test_wrong_usage(arguments: list[str], says: str) -> None:
    """Wrong usage is told with the way out."""
    result = CliRunner().invoke(cli, ["questions", *arguments])
    assert result.exit_code == 2
    assert says in result.output


def test_the_command_draws(tmp_path: Path) -> None:
    """The tree of a need goes to a file; a phrase of the catalog will do."""
    file = tmp_path / "tree.mmd"
    result = CliRunner().invoke(cli, ["questions", "--need", "API production", "--depth", "1", "-o", str(file)])
    assert result.exit_code == 0, result.output
    assert file.read_text(encoding="utf-8").startswith("flowchart TD\n")
