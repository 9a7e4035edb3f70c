"""Sponsors who know everything about their brief and answer a questionnaire truthfully; for tests and benchmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.questionnaire import DONT_KNOW, Questionnaire

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from advisor.catalog import Catalog
    from advisor.questionnaire import Said, Step

TOO_LONG = 200  # questions; more than any catalog here has


def draw_truth(random: Random, catalog: Catalog, needs: frozenset[str] | None = None) -> dict[str, Said]:
    """Return an answer to every question: any needs unless they are given, any value of each fact, a fifth of each set."""
    functions = sorted(catalog.functions)
    needs = frozenset(random.sample(functions, random.randint(1, min(4, len(functions))))) if needs is None else needs
    rest = [function for function in functions if function not in needs]
    own = frozenset(random.sample(rest, min(len(rest), random.choice((0, 0, 1, 3)))))
    left = [function for function in rest if function not in own]
    wishes = frozenset(random.sample(left, min(len(left), random.choice((0, 0, 0, 1)))))
    return {"needs": needs, "in_house": own, "wishes": wishes} | {fact: _value(random, catalog, fact) for fact in sorted(catalog.facts)}


def interview(
    questionnaire: Questionnaire, truth: Mapping[str, Said], unsure: frozenset[str] = frozenset()
) -> tuple[dict[str, Said], list[Step]]:
    """Return the answers of a whole interview, and every step on the way, the last one included.

    Args:
        questionnaire: to answer.
        truth: the answer to every question.
        unsure: the questions answered with "I don't know" instead.

    """
    answers: dict[str, Said] = {}
    steps = [questionnaire.step(answers)]
    while (question := steps[-1].question) is not None:
        assert question.id not in answers, f"asked twice: {question.id}"
        assert len(steps) < TOO_LONG
        answers[question.id] = DONT_KNOW if question.id in unsure else truth[question.id]
        steps.append(questionnaire.step(answers))
    return answers, steps


def _value(random: Random, catalog: Catalog, fact: str) -> Said:
    entry = catalog.facts[fact]
    if entry.type == "bool":
        return random.random() < 0.5
    if entry.type == "integer":
        return random.randint(entry.minimum or 0, entry.maximum or 0)
    values = catalog.vocabularies[entry.vocabulary or ""].values()
    return random.choice(values) if entry.type == "enum" else frozenset(value for value in values if random.random() < 0.2)
