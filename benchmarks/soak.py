"""Show that the engine keeps its memory and its answers: many briefs in a row, in threads, and in forked processes.

    python benchmarks/soak.py

It prints the resident memory after 2,000, 10,000 and 20,000 briefs, and ends with 1 if any answer differs.
"""

from __future__ import annotations

import gc
import multiprocessing
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

from advisor import Brief, advise, read_brief
from advisor.api import shipped_knowledge

BRIEFS = 20_000
LOOK_AT = (200, 2_000, 10_000, 20_000)
THREADS, WORKERS, EACH = 8, 4, 1_000

Answer = tuple[Any, ...]


def main() -> None:
    """Run the three parts."""
    briefs = draw_briefs(EACH)
    expected = run_in_a_row(briefs)
    wrong = run_in_threads(briefs, expected) + run_in_processes(briefs, expected)
    sys.exit(1 if wrong else 0)


def draw_briefs(count: int) -> list[Brief]:
    """Return generated briefs, always the same."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    from generate import draw_brief

    knowledge, random = shipped_knowledge(), Random(20_000)
    return [read_brief(draw_brief(random, knowledge.catalog), knowledge) for _ in range(count)]


def answer(brief: Brief) -> Answer:
    """Return what every view says, in a form that can be compared and sent between processes."""
    verdicts = advise(brief).verdicts.values()
    return tuple((v._evaluation, v.status, v.certainty, v.recommendation, v.runner_up, v.decided_at) for v in verdicts)  # noqa: SLF001


def run_in_a_row(briefs: list[Brief]) -> list[Answer]:
    """Answer many briefs, print the memory on the way, and return the answers to the first of them."""
    expected, wrong, start = [answer(brief) for brief in briefs], 0, time.perf_counter()
    for i in range(1, BRIEFS + 1):
        wrong += answer(briefs[i % len(briefs)]) != expected[i % len(briefs)]
        if i in LOOK_AT:
            gc.collect()
            print(f"{i:6} briefs  {resident_memory():7.1f} MB  {time.perf_counter() - start:6.1f} s  {wrong} wrong")
    return expected


def run_in_threads(briefs: list[Brief], expected: list[Answer]) -> int:
    """Answer the same briefs in several threads at once, in another order in each; return how many answers differ."""
    start, switching = time.perf_counter(), sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    with ThreadPoolExecutor(THREADS) as pool:
        wrong = sum(pool.map(count_wrong, *zip(*((seed, briefs, expected) for seed in range(THREADS)), strict=True)))
    sys.setswitchinterval(switching)
    print(f"{THREADS} threads x {len(briefs)} briefs: {wrong} wrong, {time.perf_counter() - start:.1f} s, {resident_memory():.1f} MB")
    return wrong


def count_wrong(seed: int, briefs: list[Brief], expected: list[Answer]) -> int:
    """Answer briefs in an order of their own; return how many answers differ."""
    order = list(range(len(briefs)))
    Random(seed).shuffle(order)
    return sum(answer(briefs[i]) != expected[i] for i in order)


def run_in_processes(briefs: list[Brief], expected: list[Answer]) -> int:
    """Answer the same briefs in processes forked from this one, which has used the engine; return how many answers differ."""
    start = time.perf_counter()
    with multiprocessing.get_context("fork").Pool(WORKERS) as pool:
        found = pool.map(answer, briefs, chunksize=20)
    wrong = sum(a != b for a, b in zip(found, expected, strict=True))
    print(f"{WORKERS} forked processes, {len(briefs)} briefs: {wrong} wrong, {time.perf_counter() - start:.1f} s")
    wrong += sum(answer(brief) != told for brief, told in zip(briefs, expected, strict=True))
    print(f"and in this process afterwards: {wrong} wrong")
    return wrong


def resident_memory() -> float:
    """Return the resident memory of this process in MB."""
    line = next(line for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
