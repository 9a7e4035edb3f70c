"""The columnar evaluator against the engine, other rule engines and the floor, on the same briefs and rules, in one run.

Every engine answers the same question, which rules of the guide's program fire, and is checked against the reference.

    python benchmarks/batch.py                  # engines, scaling, end to end
    python benchmarks/batch.py --memory 1 5     # peak memory at so many million rows of JSON lines

Needs `pip install zen-engine clipspy psutil`; an engine that is not installed is left out.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from generate import Shape, draw_brief, draw_knowledge

from advisor import load_knowledge, read_brief
from advisor.columnar import CHUNK, Columnar
from advisor.compiler import Either, Every, Test
from advisor.facts import facts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor import Knowledge
    from advisor.compiler import Formula, Program

BRIEFS = 2_000  # different ones
CODES = 256  # that fit into a byte


def best(work: Callable[[], Any], times: int = 3) -> float:
    """Return the shortest time of a few runs, in seconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


def row(name: str, per_second: float, note: str = "") -> None:
    """Print one line of a table."""
    print(f"  {name:34} {per_second:14,.0f}/s   {note}", flush=True)


# --- the same rules for other engines ---------------------------------------------------------------------------------


def zen_text(formula: Formula) -> str:
    """Return a formula in the expression language of zen-engine, over codes."""
    match formula:
        case Test():
            return f"(a{formula.attribute} in [{', '.join(map(str, sorted(formula.codes)))}])"
        case Every():
            return "(" + " and ".join(zen_text(part) for part in formula.parts) + ")" if formula.parts else "true"
        case Either():
            return "(" + " or ".join(zen_text(part) for part in formula.parts) + ")" if formula.parts else "false"


def zen_stratum(program: Program, stratum: tuple[int, ...]) -> Any:  # noqa: ANN401 - an untyped library
    """Return a decision with one expression for each rule of a stratum: does it fire, may it fire."""
    import zen

    expressions = []
    for i in stratum:
        for key, formula in (("k", program.rules[i].known), ("p", program.rules[i].possible)):
            expressions.append({"id": f"{key}{i}", "key": f"{key}{i}", "value": zen_text(formula)})
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
        {"id": "ex", "type": "expressionNode", "name": "ex", "position": {"x": 1, "y": 0}, "content": {"expressions": expressions}},
        {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "ex", "type": "edge"},
        {"id": "2", "sourceId": "ex", "targetId": "out", "type": "edge"},
    ]
    return zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))


def zen_evaluator(program: Program) -> Callable[[list[int]], tuple[set[int], set[int]]]:
    """Return an evaluator by zen-engine; strata run in Python, as they do for durable-rules."""
    decisions = [zen_stratum(program, stratum) for stratum in program.strata]

    def evaluate(codes: list[int]) -> tuple[set[int], set[int]]:
        codes, fired, possible = list(codes), set[int](), set[int]()
        for k, decision in enumerate(decisions):
            result = decision.evaluate({f"a{i}": code for i, code in enumerate(codes)})["result"]
            now = {i for i in program.strata[k] if result[f"k{i}"]}
            may = {i for i in program.strata[k] if result[f"p{i}"]}
            program.conclude(k, codes, now, may)
            fired |= now
            possible |= may
        return fired, possible - fired

    return evaluate


def clips_tests(formula: Formula) -> str:
    """Return a formula as conditional elements of CLIPS, over one wide fact with a slot for each attribute."""
    match formula:
        case Test():
            return f"(brief (a{formula.attribute} {'|'.join(map(str, sorted(formula.codes)))}))" if formula.codes else "(never)"
        case Every():
            return "(and " + " ".join(clips_tests(part) for part in formula.parts) + ")" if formula.parts else "(always)"
        case Either():
            return "(or " + " ".join(clips_tests(part) for part in formula.parts) + ")" if formula.parts else "(never)"


def clips_evaluator(program: Program) -> Callable[[list[int]], tuple[set[int], set[int]]]:
    """Return an evaluator by CLIPS: one environment for each stratum."""
    import clips

    fired_names: list[tuple[str, int]] = []
    environments = []
    for stratum in program.strata:
        environment = clips.Environment()
        environment.define_function(lambda key, i: fired_names.append((str(key), int(i))), name="said")
        slots = " ".join(f"(slot a{i})" for i in range(len(program.attributes)))
        environment.build(f"(deftemplate brief {slots})")
        for i in stratum:
            for key, formula in (("k", program.rules[i].known), ("p", program.rules[i].possible)):
                environment.build(f"(defrule {key}{i} (exists {clips_tests(formula)}) => (said {key} {i}))")
        environments.append(environment)

    def evaluate(codes: list[int]) -> tuple[set[int], set[int]]:
        codes, fired, possible = list(codes), set[int](), set[int]()
        for k, environment in enumerate(environments):
            fired_names.clear()
            environment.reset()
            environment.assert_string("(always)")
            environment.assert_string("(brief " + " ".join(f"(a{i} {code})" for i, code in enumerate(codes)) + ")")
            environment.run()
            now, may = ({i for name, i in fired_names if name == key} for key in ("k", "p"))
            program.conclude(k, codes, now, may)
            fired |= now
            possible |= may
        return fired, possible - fired

    return evaluate


def compare_engines(knowledge: Knowledge) -> None:
    """Print how many briefs a second each engine evaluates by the shipped rules."""
    random = Random(1)
    briefs = [read_brief(draw_brief(random, knowledge.catalog), knowledge) for _ in range(BRIEFS)]
    facts = [facts_of(brief, knowledge.catalog) for brief in briefs]
    for view, engine in knowledge.engines.items():
        program = engine.program
        print(f"\nfirings and waitings, {view}: {len(program.rules)} rules, {len(program.strata)} strata, {BRIEFS:,} briefs")
        matrix = [program.encode(each.values) for each in facts]
        columns = columns_of(program, matrix, CHUNK)
        columnar = Columnar(program)
        rates = {"columnar": CHUNK / best(lambda c=columnar, v=columns: c.evaluate(v, CHUNK))}
        reference = [engine.evaluate(each.values) for each in facts]
        rates["engine (durable-rules)"] = BRIEFS / best(lambda e=engine: [e.evaluate(each.values) for each in facts], 1)
        for name, make in (("zen-engine", zen_evaluator), ("clipspy", clips_evaluator)):
            try:
                evaluate = make(program)
            except ImportError:
                print(f"  {name} is not installed")
                continue
            some = range(200)
            wrong = sum(evaluate(matrix[i]) != (set(reference[i].fired), set(reference[i].waiting)) for i in some)
            rates[name] = len(some) / best(lambda e=evaluate, s=some, m=matrix: [e(m[i]) for i in s], 1)
            if wrong:
                print(f"  {name}: {wrong} of {len(some)} answers differ from the reference")
        for name, rate in rates.items():
            row(name, rate, f"columnar is {rates['columnar'] / rate:,.0f} times as fast" if name != "columnar" else "")


def columns_of(program: Program, matrix: list[list[int]], rows: int) -> dict[int, Any]:
    """Return encoded briefs as columns, repeated to a number of rows."""
    table = np.array(matrix, np.uint16).T
    times = -(-rows // table.shape[1])
    widths = [np.uint8 if attribute.size <= CODES else np.uint16 for attribute in program.attributes]
    return {i: np.tile(line, times)[:rows].astype(widths[i]) for i, line in enumerate(table)}


# --- scaling ----------------------------------------------------------------------------------------------------------


def scale_rows(knowledge: Knowledge) -> None:
    """Print the cost of a row at several numbers of rows."""
    from advisor.batch import evaluate_frame

    print("\ntable to answers, both views, shipped rules (checking, firing, ladder, certainty, answers), microseconds a row")
    random = Random(2)
    briefs = [draw_brief(random, knowledge.catalog) for _ in range(BRIEFS)]
    base = pl.DataFrame([flat(brief, knowledge) for brief in briefs], infer_schema_length=None)
    evaluate_frame(base)
    for rows in (1_000, 10_000, 65_536, 262_144):
        frame = pl.concat([base] * -(-rows // BRIEFS))[:rows]
        seconds = best(lambda f=frame: evaluate_frame(f))
        row(f"{rows:,} rows", rows / seconds, f"{seconds / rows * 1e6:.2f} us a row")


def flat(brief: dict[str, Any], knowledge: Knowledge) -> dict[str, Any]:
    """Return a brief as a row with typed columns."""
    needs = None if brief["needs"] == "unknown" else brief["needs"]
    return {"needs": needs, "wishes": brief["wishes"], "in_house": brief["in_house"]} | {
        name: brief["facts"].get(name) for name in knowledge.catalog.facts
    }


def scale_rules() -> None:
    """Print the cost of a row at several numbers of generated rules."""
    print("\nfirings and waitings, generated rules, 65,536 rows")
    with tempfile.TemporaryDirectory() as home:
        for count in (50, 100, 200, 500, 1_000):
            knowledge = draw_knowledge(3, Path(home), Shape(rules=(count, count)))
            program = knowledge.engines["guide"].program
            random = Random(3)
            briefs = [read_brief(draw_brief(random, knowledge.catalog), knowledge) for _ in range(1_000)]
            columns = columns_of(program, [program.encode(facts_of(b, knowledge.catalog).values) for b in briefs], CHUNK)
            columnar = Columnar(program)
            seconds = best(lambda c=columnar, v=columns: c.evaluate(v, CHUNK), 5)
            row(f"{len(program.rules):,} rules", CHUNK / seconds, f"{seconds / CHUNK / len(program.rules) * 1e12:,.0f} ps a row and rule")


# --- from file to file ------------------------------------------------------------------------------------------------


def write_jsonl(path: Path, rows: int, knowledge: Knowledge) -> None:
    """Write generated briefs as JSON lines."""
    random = Random(4)
    briefs = [draw_brief(random, knowledge.catalog) for _ in range(20_000)]
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(
            json.dumps({"name": f"Brief {i}", **briefs[i * 7919 % len(briefs)]}, ensure_ascii=False) + "\n" for i in range(rows)
        )


def end_to_end(knowledge: Knowledge, rows: int = 200_000) -> None:
    """Print the time from file to file, and that of Polars reading the same file and writing it back."""
    print(f"\nJSON lines to JSON lines, {rows:,} briefs")
    with tempfile.TemporaryDirectory() as home:
        source = Path(home) / "in.jsonl"
        write_jsonl(source, rows, knowledge)
        floors = [
            [sys.executable, "-c", f"import polars as pl; pl.read_ndjson({str(source)!r}).write_ndjson({home + '/floor.jsonl'!r})"],
            [sys.executable, "-m", "advisor", "batch", str(source), "-o", f"{home}/out.jsonl"],
        ]
        seconds = [best(lambda c=command: subprocess.run(c, check=True, capture_output=True), 2) for command in floors]
        row("floor: Polars reads and writes", rows / seconds[0], f"{seconds[0]:.1f} s, {source.stat().st_size / 1e6:.0f} MB")
        row("advisor batch", rows / seconds[1], f"{seconds[1]:.1f} s, {seconds[1] / seconds[0]:.2f} times the floor")


def peak_memory(millions: Iterator[int], knowledge: Knowledge) -> None:
    """Print the peak memory of a batch from JSON lines to JSON lines."""
    import psutil

    for count in millions:
        with tempfile.TemporaryDirectory() as home:
            source = Path(home) / "in.jsonl"
            write_jsonl(source, count * 1_000_000, knowledge)
            began, peak = time.monotonic(), 0
            command = [sys.executable, "-m", "advisor", "batch", str(source), "-o", f"{home}/out.jsonl"]
            with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
                watched = psutil.Process(process.pid)
                while process.poll() is None:
                    try:
                        peak = max(peak, watched.memory_info().rss)
                    except psutil.NoSuchProcess:
                        break
                    time.sleep(0.05)
            print(f"  {count} million rows: peak {peak / 1e6:,.0f} MB, {time.monotonic() - began:.0f} s", flush=True)


def main() -> None:
    """Print all tables, or memory alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memory", type=int, nargs="+", metavar="MILLIONS", help="measure peak memory instead")
    options = parser.parse_args()
    knowledge = load_knowledge()
    if options.memory:
        peak_memory(options.memory, knowledge)
        return
    compare_engines(knowledge)
    scale_rows(knowledge)
    scale_rules()
    end_to_end(knowledge)


if __name__ == "__main__":
    main()
