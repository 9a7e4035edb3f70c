"""The columnar evaluator gives the engine's answers, on every rule alone and on whole briefs."""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import replace
from itertools import combinations, product
from math import prod
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from columns import assert_parity
from generate import draw_brief, draw_knowledge

from advisor import read_brief
from advisor.bitplanes import Bits
from advisor.check import brief_of_case
from advisor.columnar import Columnar
from advisor.engine import Engine
from advisor.rulebase import load_cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor import Knowledge
    from advisor.compiler import Program

BASES = int(os.environ.get("ADVISOR_COLUMNAR_BASES", "12"))
FIRST_BASE = int(os.environ.get("ADVISOR_COLUMNAR_FIRST_BASE", "5000"))
BRIEFS = int(os.environ.get("ADVISOR_COLUMNAR_BRIEFS", "150"))
SHIPPED_BRIEFS = int(os.environ.get("ADVISOR_COLUMNAR_SHIPPED_BRIEFS", "1500"))


def test_rule_cases(shipped: Knowledge) -> None:
    """The briefs of all rule cases get the engine's firings, outcome and certainty, in every view."""
    assert_parity(shipped, [brief_of_case(located, shipped.catalog) for located in load_cases(list(shipped.directories))])


def test_examples(shipped: Knowledge) -> None:
    """So do the examples."""
    examples = sorted((Path(__file__).parents[1] / "examples").glob("*/brief.yaml"))
    assert examples
    assert_parity(shipped, [read_brief(path, shipped) for path in examples])


def test_real_cases(shipped: Knowledge) -> None:
    """So do the real situations, with and without what only their texts state."""
    path = Path(__file__).parents[1] / "benchmarks" / "score_cases.py"
    spec = importlib.util.spec_from_file_location("score_cases", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    cases = [case for with_text in (False, True) for case in module.load_cases(shipped, with_text=with_text)]
    assert cases
    assert_parity(shipped, [case.brief for case in cases])


@pytest.mark.volume
def test_generated_briefs(shipped: Knowledge) -> None:
    """So do generated briefs, by the shipped knowledge."""
    random = Random(7)
    assert_parity(shipped, [read_brief(draw_brief(random, shipped.catalog), shipped) for _ in range(SHIPPED_BRIEFS)])


@pytest.mark.parametrize("seed", range(FIRST_BASE, FIRST_BASE + BASES))
def test_generated_knowledge(seed: int, tmp_path: Path) -> None:
    """So do generated briefs, by generated knowledge."""
    knowledge, random = draw_knowledge(seed, tmp_path), Random(seed)
    assert_parity(knowledge, [read_brief(draw_brief(random, knowledge.catalog), knowledge) for _ in range(BRIEFS)])


MOST = 60_000  # combinations of one rule that are all gone through


def combinations_of(sizes: Sequence[int], random: Random) -> list[tuple[int, ...]]:
    """Return all combinations of codes; where they are too many, all that differ from one in two places, and 5,000 at random."""
    if prod(sizes) <= MOST:
        return list(product(*map(range, sizes)))
    found = {tuple(0 for _ in sizes)}
    for a, b in combinations(range(len(sizes)), 2):
        found |= {tuple({a: x, b: y}.get(i, 0) for i in range(len(sizes))) for x in range(sizes[a]) for y in range(sizes[b])}
    return sorted(found) + [tuple(random.randrange(size) for size in sizes) for _ in range(5_000)]


def alone(program: Program, rule: int) -> Program:
    """Return the program with one rule only, which concludes nothing."""
    return replace(program, rules=(program.rules[rule],), strata=((0,),), written=((),))


@pytest.mark.volume
@pytest.mark.parametrize("view", ["guide", "industry"])
def test_every_rule_alone(shipped: Knowledge, view: str) -> None:
    """For every combination of the codes a rule reads, both evaluators say the same of it: a proof, rule by rule.

    A few rules read whole groups of functions, one attribute for each, and have up to 10**12 combinations; theirs are drawn.
    """
    whole = shipped.engines[view].program
    values = [{code: value for value, code in attribute.codes.items()} for attribute in whole.attributes]
    for i, rule in enumerate(whole.rules):
        program = alone(whole, i)
        engine, columnar = Engine(program), Columnar(program)
        rows = combinations_of([whole.attributes[a].size for a in rule.reads], Random(i))
        columns = np.array(rows, np.uint16).reshape(len(rows), len(rule.reads)).T
        firings = columnar.evaluate({a: np.ascontiguousarray(c) for a, c in zip(rule.reads, columns, strict=True)}, len(rows))
        for row, codes in enumerate(rows):
            inputs = {whole.attributes[a].name: values[a][code] for a, code in zip(rule.reads, codes, strict=True)}
            assert engine.evaluate(inputs) == firings.of_row(row), (rule.rule.id, inputs)


def test_bits_by_row() -> None:
    """Turning planes into rows keeps every bit, whatever the number of planes and rows."""
    random = np.random.default_rng(0)
    for rows, planes in ((1, 1), (7, 9), (64, 64), (65, 130), (1000, 403)):
        truths = random.random((planes, rows)) < 0.3
        bits = Bits(rows)
        by_row = bits.by_row([bits.pack(line) for line in truths])
        assert (np.unpackbits(by_row, axis=1, count=planes) == truths.T).all()


def test_bits_count() -> None:
    """Counting in planes gives the sums of the truth values."""
    random = np.random.default_rng(1)
    for rows, planes in ((1, 1), (100, 2), (333, 77)):
        truths = random.random((planes, rows)) < 0.5
        bits = Bits(rows)
        assert (bits.count(bits.pack(line) for line in truths) == truths.sum(axis=0)).all()
