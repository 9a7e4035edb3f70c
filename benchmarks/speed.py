"""Measure the cold start of the command and the rate of warm calls, each against a yardstick of the same run.

    python benchmarks/speed.py [--briefs 1000] [--pairs 9] [--seed 1] [--profile]

Absolute times depend on the machine and on what else it does; the ratios can be compared across machines.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from advisor import advise, load_knowledge, read_brief
from advisor.report import advice_as_dict

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor import Knowledge

ROOT = Path(__file__).resolve().parent.parent
COMMAND = ["-m", "advisor", "recommend", "examples/api-plus-trials/brief.yaml"]
BARE_IMPORTS = ["-c", "import click, pydantic, yaml, durable.lang"]
CHUNK = 50
ROUND_TRIPS = 100


def generated_briefs(knowledge: Knowledge, count: int, seed: int) -> list[dict[str, Any]]:
    """Return briefs drawn from the catalog: 1 to 6 needs, up to 3 wishes, up to 12 facts; the same for the same seed."""
    drawn = random.Random(seed)
    functions = sorted(knowledge.catalog.functions)
    facts = sorted(knowledge.catalog.facts)
    briefs = []
    for _ in range(count):
        needs = drawn.sample(functions, drawn.randint(1, 6))
        wishes = drawn.sample([f for f in functions if f not in needs], drawn.choice([0, 0, 1, 2, 3]))
        known = drawn.sample(facts, drawn.randint(0, 12))
        briefs.append({"needs": needs, "wishes": wishes, "facts": {fact: _value(knowledge, fact, drawn) for fact in known}})
    return briefs


def cold_start(pairs: int) -> tuple[float, float, float]:
    """Return the median seconds of the command and of the bare imports, and the median ratio of alternating pairs."""
    for arguments in (COMMAND, BARE_IMPORTS):
        _seconds_of_process(arguments)
    measured = [(_seconds_of_process(COMMAND), _seconds_of_process(BARE_IMPORTS)) for _ in range(pairs)]
    command, bare = zip(*measured, strict=True)
    return statistics.median(command), statistics.median(bare), statistics.median(a / b for a, b in measured)


def rate(work: Callable[[Any], object], items: list[Any], briefs: list[dict[str, Any]]) -> tuple[float, float]:
    """Return how many items a second some work gets through, and what one costs in units of the yardstick.

    The yardstick is taking a brief through JSON and back 100 times. Work and yardstick take turns, chunk by chunk.
    """
    costs, ratios = [], []
    for start in range(0, len(items), CHUNK):
        spent = _seconds(work, items[start : start + CHUNK])
        yardstick = _seconds(_round_trips, briefs[start : start + CHUNK])
        costs.append(spent / len(items[start : start + CHUNK]))
        ratios.append(spent / yardstick)
    return 1 / statistics.median(costs), statistics.median(ratios)


def _value(knowledge: Knowledge, name: str, drawn: random.Random) -> object:
    fact = knowledge.catalog.facts[name]
    if fact.type == "bool":
        return drawn.random() < 0.5  # noqa: PLR2004 - an even chance
    if fact.type == "integer":
        return drawn.randint(fact.minimum or 0, fact.maximum or 0)
    terms = sorted(knowledge.catalog.terms(name))
    return drawn.sample(terms, drawn.randint(0, min(3, len(terms)))) if fact.type == "set" else drawn.choice(terms)


def _seconds_of_process(arguments: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - start


def _seconds(work: Callable[[Any], object], items: list[Any]) -> float:
    start = time.perf_counter()
    for item in items:
        work(item)
    return time.perf_counter() - start


def _round_trips(brief: dict[str, Any]) -> None:
    for _ in range(ROUND_TRIPS):
        json.loads(json.dumps(brief))


@click.command()
@click.option("--briefs", "count", default=1000, show_default=True, type=click.IntRange(1))
@click.option("--pairs", default=9, show_default=True, type=click.IntRange(0), help="Pairs of cold starts; 0 leaves them out.")
@click.option("--seed", default=1, show_default=True)
@click.option("--profile", is_flag=True, help="Print the 15 functions with the most own time in warm calls.")
def main(count: int, pairs: int, seed: int, *, profile: bool) -> None:
    """Measure cold start and warm calls."""
    if pairs:
        command, bare, ratio = cold_start(pairs)
        print(f"cold start: {command * 1000:.0f} ms; bare imports: {bare * 1000:.0f} ms; median ratio of {pairs} pairs: {ratio:.2f}")
    start = time.perf_counter()
    knowledge = load_knowledge()
    print(f"loading the knowledge: {(time.perf_counter() - start) * 1000:.0f} ms")
    briefs = generated_briefs(knowledge, count, seed)
    checked = [read_brief(brief, knowledge) for brief in briefs]
    for brief in checked[:CHUNK]:
        advise(brief, knowledge)
    kinds: dict[str, tuple[Callable[[Any], object], list[Any]]] = {
        "advise, checked brief, both views": (lambda brief: advise(brief, knowledge), checked),
        "advise, unchecked brief, both views": (lambda brief: advise(brief, knowledge), briefs),
        "advise and the whole answer for JSON": (lambda brief: advice_as_dict(advise(brief, knowledge)), checked),
    }
    print(f"{count} generated briefs, seed {seed}; yardstick: {ROUND_TRIPS} times through JSON and back")
    for title, (work, items) in kinds.items():
        per_second, in_yardsticks = rate(work, items, briefs)
        print(f"{title:38}{per_second:>8.0f} briefs/s{in_yardsticks:>8.2f} yardsticks each")
    if profile:
        profiler = cProfile.Profile()
        profiler.runcall(_seconds, lambda brief: advise(brief, knowledge), checked)
        pstats.Stats(profiler).strip_dirs().sort_stats("tottime").print_stats(15)


if __name__ == "__main__":
    main()
