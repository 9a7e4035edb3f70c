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
from advisor.facts import NOT_KNOWN, facts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from advisor import Knowledge
    from advisor.compiler import Formula, Program

BRIEFS = 2_000  # different ones
SOME = 500  # of them, for engines that are checked and timed brief by brief
CLIPS_BATCH = 100  # briefs asserted together; 1 and 500 are no faster
CODES = 256  # that fit into a byte

Firings = tuple[set[int], set[int]]  # the rules that fire, and those that wait


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


def zen_evaluator(program: Program) -> Callable[[list[int]], Firings]:
    """Return an evaluator by zen-engine; strata run in Python, as they do for durable-rules."""
    decisions = [zen_stratum(program, stratum) for stratum in program.strata]

    def evaluate(codes: list[int]) -> Firings:
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


def clips_constructs(program: Program) -> Iterator[str]:
    """Yield templates and rules: all rules in one environment, and each stratum in turn by its salience.

    A brief is one fact with a slot for each attribute; what rules conclude about it are facts of their own. A conjunction is
    one pattern over the slots, whatever is nested in it a predicate over their values: CLIPS would turn `or` between patterns
    into a rule for each combination.
    """
    slots = " ".join(f"(slot a{i} (default {attribute.default}))" for i, attribute in enumerate(program.attributes))
    yield f"(deftemplate brief (slot id) {slots})"
    concluded = {target: k for k, written in enumerate(program.written) for target, _ in written}
    for k, stratum in enumerate(program.strata):
        for i in stratum:
            for key, formula in (("fires", program.rules[i].known), ("may", program.rules[i].possible)):
                yield f"(defrule {key}-{i} (declare (salience {-4 * k})) {clips_patterns(formula, concluded)} => (assert ({key} ?b {i})))"
    for target, k in concluded.items():
        yield from clips_conclusions(program, target, -4 * k - 1)


def clips_patterns(formula: Formula, concluded: Mapping[int, int]) -> str:
    """Return the left-hand side for a formula."""
    parts = formula.parts if isinstance(formula, Every) else (formula,)
    codes: dict[int, frozenset[int]] = {}
    for part in parts:
        if isinstance(part, Test):
            codes[part.attribute] = codes.get(part.attribute, part.codes) & part.codes
    slots = {attribute: "|".join(map(str, sorted(some))) or "none" for attribute, some in codes.items()}
    nested = [part for part in parts if not isinstance(part, Test)]
    bound = {attribute: f"?a{attribute}" for part in nested for attribute in read_by(part)}
    values = {i: "&".join(each[i] for each in (bound, slots) if i in each) for i in sorted({*slots, *bound})}
    brief = "".join(f" (a{i} {value})" for i, value in values.items() if i not in concluded)
    facts = "".join(f" (a{i} ?b {value})" for i, value in values.items() if i in concluded)
    tests = "".join(f" (test {clips_predicate(part)})" for part in nested)
    return f"(brief (id ?b){brief}){facts}{tests}"


def clips_predicate(formula: Formula) -> str:
    """Return a formula as an expression over bound values."""
    match formula:
        case Test():
            return "(or FALSE FALSE " + " ".join(f"(eq ?a{formula.attribute} {code})" for code in sorted(formula.codes)) + ")"
        case Every():
            return "(and TRUE TRUE " + " ".join(map(clips_predicate, formula.parts)) + ")"
        case Either():
            return "(or FALSE FALSE " + " ".join(map(clips_predicate, formula.parts)) + ")"


def read_by(formula: Formula) -> Iterator[int]:
    """Yield the attributes that a formula tests."""
    if isinstance(formula, Test):
        yield formula.attribute
    else:
        yield from (attribute for part in formula.parts for attribute in read_by(part))


def clips_conclusions(program: Program, target: int, salience: int) -> Iterator[str]:
    """Yield the rules that say what an attribute has become: true, still open, or what it was."""
    attribute, veto = program.attributes[target], program.vetoes.get(target)
    true, unknown = attribute.codes[True], attribute.codes[NOT_KNOWN]
    held = f" (a{veto} ~{program.attributes[veto].codes[True]})" if veto is not None else ""
    rules = [rule for written in program.written for each, some in written if each == target for rule in some]
    told = "|".join(map(str, rules))
    for step, (key, code) in enumerate((("fires", true), ("may", unknown))):
        others = f"(brief (id ?b) (a{target} ~{true}){held}) (not (a{target} ?b ?)) (exists ({key} ?b {told}))"
        yield f"(defrule {key}-a{target} (declare (salience {salience - step})) {others} => (assert (a{target} ?b {code})))"
    same = f"(brief (id ?b) (a{target} ?code)) (not (a{target} ?b ?))"
    yield f"(defrule same-a{target} (declare (salience {salience - 2})) {same} => (assert (a{target} ?b ?code)))"


class Clips:
    """CLIPS over batches of briefs, of which only what differs from the defaults is asserted."""

    def __init__(self, program: Program) -> None:
        import clips

        self._defaults = program.defaults
        self._environment = clips.Environment()
        for construct in clips_constructs(program):
            self._environment.build(construct)

    def run(self, matrix: list[list[int]]) -> None:
        """Let all rules fire on a batch."""
        self._environment.reset()
        for b, codes in enumerate(matrix):
            said = (f"(a{i} {code})" for i, code in enumerate(codes) if code != self._defaults[i])
            self._environment.assert_string(f"(brief (id {b}) {' '.join(said)})")
        self._environment.run()

    def read(self, rows: int) -> list[Firings]:
        """Return what fired and waits in the batch."""
        told = {key: [set[int]() for _ in range(rows)] for key in ("fires", "may")}
        for fact in self._environment.facts():
            if fact.template.name in told:
                brief, rule = fact
                told[fact.template.name][brief].add(rule)
        return [(fires, may - fires) for fires, may in zip(told["fires"], told["may"], strict=True)]


def compare_engines(knowledge: Knowledge) -> None:
    """Print how many briefs a second each engine evaluates by the shipped rules."""
    random = Random(1)
    briefs = [read_brief(draw_brief(random, knowledge.catalog), knowledge) for _ in range(BRIEFS)]
    facts = [facts_of(brief, knowledge.catalog) for brief in briefs]
    for view, engine in knowledge.engines.items():
        program = engine.program
        print(f"\nfirings and waitings, {view}: {len(program.rules)} rules, {len(program.strata)} strata, {BRIEFS:,} briefs")
        matrix = [program.encode(each.values) for each in facts]
        reference = [(set(each.fired), set(each.waiting)) for each in (engine.evaluate(each.values) for each in facts)]
        columns = columns_of(program, matrix, CHUNK)
        columnar = Columnar(program)
        rates = {"columnar": CHUNK / best(lambda c=columnar, v=columns: c.evaluate(v, CHUNK))}
        rates["engine (durable-rules)"] = BRIEFS / best(lambda e=engine: [e.evaluate(each.values) for each in facts], 1)
        for name, measure in (("zen-engine", zen_rate), ("clipspy", clips_rate)):
            try:
                rates[name] = measure(program, matrix, reference)
            except ImportError:
                print(f"  {name} is not installed")
        for name, rate in rates.items():
            row(name, rate)
        print(
            "  columnar is "
            + ", ".join(f"{rates['columnar'] / rate:,.0f} times as fast as {name}" for name, rate in list(rates.items())[1:])
        )


def zen_rate(program: Program, matrix: list[list[int]], reference: list[Firings]) -> float:
    """Return how many briefs a second zen-engine evaluates, one after the other."""
    evaluate, some = zen_evaluator(program), matrix[:SOME]
    complain("zen-engine", [evaluate(codes) for codes in some], reference)
    return len(some) / best(lambda: [evaluate(codes) for codes in some])


def clips_rate(program: Program, matrix: list[list[int]], reference: list[Firings]) -> float:
    """Return how many briefs a second CLIPS evaluates; reading the answers out of its facts is not counted."""
    engine, some = Clips(program), matrix[:SOME]
    engine.run(some)
    complain("clipspy", engine.read(len(some)), reference)
    return len(some) / best(lambda: [engine.run(some[i : i + CLIPS_BATCH]) for i in range(0, len(some), CLIPS_BATCH)])


def complain(name: str, answers: list[Firings], reference: list[Firings]) -> None:
    """Print how many answers of an engine differ from the reference, if any do."""
    wrong = sum(answer != expected for answer, expected in zip(answers, reference, strict=False))
    if wrong:
        print(f"  {name}: {wrong} of {len(answers)} answers differ from the reference")


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
