"""How many context questions an interview takes, and how long it takes to choose them: `python benchmarks/questionnaire.py`.

Generated sponsors answer truthfully, and each interview has to end in the verdict of the full brief. Beside the
questionnaire: the same proof of when to stop with the questions in the catalog's order, once leaving out what cannot change
the verdict any more, once not; and asking everything. `--needs cases` draws the needs from the real cases of the tests
instead of at random.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import yaml
from interviews import draw_truth

from advisor import advise, load_knowledge
from advisor.circuit import ending_of
from advisor.questionnaire import LISTS, Questionnaire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from advisor.catalog import Catalog
    from advisor.questionnaire import Said, Step

MAPPING = Path(__file__).parent.parent / "tests" / "data" / "real-cases-mapping.yaml"


def main() -> None:
    """Print the number of questions for each way of asking, and the time a step takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--briefs", type=int, default=1000)
    parser.add_argument("--view", choices=["guide", "industry"], default="industry")
    parser.add_argument("--needs", choices=["any", "cases"], default="any")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    knowledge, random = load_knowledge(), Random(options.seed)
    questionnaire = Questionnaire(knowledge, view=options.view)
    order = list(questionnaire.questions)

    def most_telling(step: Step) -> str | None:
        return step.open[0] if step.open else None

    def first_in_order(step: Step) -> str | None:
        return min(step.open, key=order.index, default=None)

    asked: dict[str, list[int]] = {"most telling": [], "in order, skipping": [], "in order": [], "everything": []}
    seconds: list[float] = []
    wrong = contradictory = 0
    while len(seconds) == 0 or len(asked["everything"]) < options.briefs:
        needs = random.choice(case_needs(knowledge.catalog)) if options.needs == "cases" else None
        truth = draw_truth(random, knowledge.catalog, needs)
        full = advise(questionnaire.brief(truth), knowledge, view=options.view).verdict
        if full.status == "contradictory":
            contradictory += 1
            continue
        questions, last = interview(questionnaire, truth, most_telling, seconds)
        asked["most telling"].append(questions)
        wrong += ending_of(last.advice.verdict.outcome) != ending_of(full.outcome)
        asked["in order, skipping"].append(interview(questionnaire, truth, first_in_order)[0])
        asked["in order"].append(in_order(questionnaire, truth))
        asked["everything"].append(len(knowledge.catalog.facts))
    print(f"{options.briefs} interviews, {options.view}, needs: {options.needs}; {contradictory} contradictory briefs drawn and left out")
    print(f"ended otherwise than the full brief: {wrong}")
    skipping = sum(asked["in order, skipping"]) or 1
    for name, counts in asked.items():
        counts.sort()
        none = sum(not count for count in counts) / len(counts)
        share = sum(counts) / skipping
        print(
            f"{name:20} mean {sum(counts) / len(counts):5.2f}   p95 {counts[int(0.95 * len(counts))]:3}   most {counts[-1]:3}   none {none:4.0%}   {share:5.2f}"
        )
    seconds.sort()
    p50, p95, worst = (1000 * seconds[min(len(seconds) - 1, int(len(seconds) * q))] for q in (0.5, 0.95, 1.0))
    print(f"a step after the needs: p50 {p50:.0f} ms   p95 {p95:.0f} ms   worst {worst:.0f} ms   ({len(seconds)} steps)")


def interview(
    questionnaire: Questionnaire, truth: Mapping[str, Said], choose: Callable[[Step], str | None], seconds: list[float] | None = None
) -> tuple[int, Step]:
    """Return how many context questions an interview takes, and its last step."""
    answers = {key: truth[key] for key in LISTS}
    while True:
        start = perf_counter()
        step = questionnaire.step(answers)
        if seconds is not None:
            seconds.append(perf_counter() - start)
        chosen = choose(step)
        if chosen is None:
            return len(answers) - len(LISTS), step
        answers[chosen] = truth[chosen]


def in_order(questionnaire: Questionnaire, truth: Mapping[str, Said]) -> int:
    """Return how many questions it takes to settle the verdict in the catalog's order, leaving none out on the way."""
    facts = [question for question in questionnaire.questions if question not in LISTS]
    answers = {key: truth[key] for key in LISTS}
    low, high = 0, len(facts)  # once it is settled, no further answer unsettles it
    while low < high:
        middle = (low + high) // 2
        settled = not questionnaire.step(answers | {fact: truth[fact] for fact in facts[:middle]}).open
        low, high = (low, middle) if settled else (middle + 1, high)
    return low


def case_needs(catalog: Catalog) -> list[frozenset[str]]:
    """Return the needs of the real cases of the tests."""
    mapping = yaml.safe_load(MAPPING.read_text(encoding="utf-8"))
    return [frozenset(needs) for needs in _lists(mapping) if needs and set(needs) <= catalog.functions.keys()]


def _lists(value: object) -> list[list[str]]:
    if isinstance(value, dict):
        return [found for entry in value.values() for found in _lists(entry)]
    return [value] if isinstance(value, list) and all(isinstance(entry, str) for entry in value) else []


if __name__ == "__main__":
    main()
