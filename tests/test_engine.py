"""The engine hides what durable-rules does badly: each limit that was measured has its guard here."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from generate import draw_brief, files_of, load_files

from advisor import Brief, DataError, EvaluationError, Knowledge, advise, engine, read_brief
from advisor.api import shipped_knowledge
from advisor.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def rule_of(name: str, when: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"t.{name}", "when": when, "then": [{"warn": name}]}


def fired(knowledge: Knowledge, **facts: object) -> set[str]:
    verdict = advise({"needs": [], "facts": facts}, knowledge).verdict
    return {note.rule.removeprefix("t.") for note in verdict.warnings}


def waiting(knowledge: Knowledge, **facts: object) -> set[str]:
    return {each.rule.removeprefix("t.") for each in advise({"needs": [], "facts": facts}, knowledge).verdict.waiting}


def rulesets_of(knowledge: Knowledge) -> int:
    return sum(len(plan.rulesets) for plan in knowledge.engines["guide"]._plans)


# --- limits of durable-rules ------------------------------------------------------------------------------------------


def test_many_conditions_hold_at_once(tmp_path: Path) -> None:
    """Where more conditions hold at once than durable-rules can bear on one fact (64), every rule still fires."""
    names = [f"yes_{i}" for i in range(90)]
    knowledge = load_files(
        files_of({name: {"type": "bool"} for name in names}, [rule_of(f"r{name[4:]}", {"fact": name}) for name in names]), tmp_path
    )
    assert rulesets_of(knowledge) > 1
    assert len(fired(knowledge, **dict.fromkeys(names, True))) == 90
    assert fired(knowledge, yes_7=True, yes_8=False) == {"r7"}
    assert len(waiting(knowledge, yes_7=True, yes_8=False)) == 88


def test_many_tests_in_one_condition(tmp_path: Path) -> None:
    """A condition of more tests than durable-rules can bear at once fires when all of them hold, and only then."""
    names = [f"yes_{i}" for i in range(90)]
    rules = [rule_of("all", {"all": [{"fact": name} for name in names]}), rule_of("any", {"any": [{"fact": name} for name in names]})]
    knowledge = load_files(files_of({name: {"type": "bool"} for name in names}, rules), tmp_path)
    assert fired(knowledge, **dict.fromkeys(names, True)) == {"all", "any"}
    assert fired(knowledge, **dict.fromkeys(names, True) | {"yes_89": False}) == {"any"}
    assert fired(knowledge, **dict.fromkeys(names, False)) == set()


def test_many_first_conditions(tmp_path: Path) -> None:
    """With more distinct conditions than durable-rules ever comes back from compiling (512), the right one fires."""
    rules = [rule_of(f"r{n}", {"fact": "number", "is": n}) for n in range(530)]
    knowledge = load_files(files_of({"number": {"type": "integer", "minimum": 0, "maximum": 1000}}, rules), tmp_path)
    assert rulesets_of(knowledge) > 1
    assert [fired(knowledge, number=n) for n in (0, 399, 400, 401, 529, 530)] == [{"r0"}, {"r399"}, {"r400"}, {"r401"}, {"r529"}, set()]
    assert len(waiting(knowledge)) == 530


def test_many_rules_with_one_condition(tmp_path: Path) -> None:
    """Where 260 rules have the same condition, all of them fire together, and no other."""
    rules = [rule_of(f"r{n}", {"all": [{"fact": "a"}, {"fact": "b"}]}) for n in range(260)] + [rule_of("other", {"fact": "b", "is": False})]
    knowledge = load_files(files_of({"a": {"type": "bool"}, "b": {"type": "bool"}}, rules), tmp_path)
    assert fired(knowledge, a=True, b=True) == {f"r{n}" for n in range(260)}
    assert fired(knowledge, a=True, b=False) == {"other"}
    assert waiting(knowledge, a=True) == {f"r{n}" for n in range(260)} | {"other"}


def test_too_many_alternatives(tmp_path: Path) -> None:
    """A condition that expands to too many alternatives is refused when it is loaded, with the rule and what to do."""
    pairs = [{"any": [{"fact": f"a_{i}"}, {"fact": f"b_{i}"}]} for i in range(10)]
    facts = {f"{letter}_{i}": {"type": "bool"} for letter in "ab" for i in range(10)}
    with pytest.raises(DataError, match=r"'t\.wide' has more than 512 alternatives(?s:.*)derive"):
        load_files(files_of(facts, [rule_of("wide", {"all": pairs})]), tmp_path)
    assert fired(load_files(files_of(facts, [rule_of("wide", {"all": pairs[:9]})]), tmp_path)) == set()


def test_too_many_facts_in_one_condition(tmp_path: Path) -> None:
    """A condition that reads more facts than durable-rules takes in one (252) is refused when it is loaded."""
    facts = {f"yes_{i}": {"type": "bool"} for i in range(260)}
    with pytest.raises(DataError, match=r"t\.wide"):
        load_files(files_of(facts, [rule_of("wide", {"all": [{"fact": name} for name in facts]})]), tmp_path)


def test_nothing_fires_first() -> None:
    """A process whose first brief fires nothing ends well, even if the memory it got was dirty."""
    code = "from advisor import advise; print(advise({'needs': []}).verdict.status)"
    environment = os.environ | {"MALLOC_PERTURB_": "165"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "nothing_needed\n", "")


# --- names ------------------------------------------------------------------------------------------------------------

TWINS = ("costarring", "liquid")  # one 32-bit FNV-1a hash


def test_hash_is_the_one_of_durable_rules() -> None:
    """Two names with the same `_hash` are one name to durable-rules, so the guard looks at the right number."""
    assert engine._hash(TWINS[0]) == engine._hash(TWINS[1])
    handle = engine.durable.create_ruleset("twins", json.dumps({"1": {"all": [{"m": {TWINS[0]: 1}}]}}))
    assert engine._assert(handle, f'{{"sid":"s","id":"b","{TWINS[0]}":1}}') == [1]
    assert engine._assert(handle, f'{{"sid":"s","id":"b","{TWINS[1]}":1}}') == [1]
    assert engine._assert(handle, '{"sid":"s","id":"b","solid":1}') == []
    engine.durable.delete_state(handle, "s")
    engine.durable.delete_ruleset(handle)


def test_names_with_one_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where two property names share a hash, others are taken; where none are left, it is said."""
    files = files_of(
        {"a": {"type": "bool"}, "b": {"type": "bool"}}, [rule_of("both", {"all": [{"fact": "a"}, {"fact": "b", "is": False}]})]
    )
    monkeypatch.setattr(engine, "_hash", lambda name, plain=engine._hash: 0 if name.startswith("a") else plain(name))
    knowledge = load_files(files, tmp_path)
    names = {each.name[0] for plan in knowledge.engines["guide"]._plans for ruleset in plan.rulesets for each in ruleset.properties}
    assert names == {"b"}
    assert (fired(knowledge, a=True, b=False), fired(knowledge, a=False, b=True)) == ({"both"}, set())
    monkeypatch.setattr(engine, "_hash", lambda _: 0)
    with pytest.raises(EvaluationError, match="no property names without a hash collision"):
        load_files(files, tmp_path)


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("used", [True, False])
@pytest.mark.parametrize("function", ["assert_fact", "start_action_for_state", "complete_and_start_action", "retract_fact"])
def test_an_error_leaves_no_trace(function: str, used: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    """An error inside durable-rules is reported as ours, and every brief after it is answered right."""
    knowledge = shipped_knowledge()
    verdicts = [advise(brief).verdict for brief in draw_briefs(10)]
    fresh = Engine(knowledge.engines["guide"].program)
    if used:
        fresh.evaluate({})
    for verdict in verdicts:
        with monkeypatch.context() as patch:
            patch.setattr(engine.durable, function, failing_once(getattr(engine.durable, function)))
            with pytest.raises(EvaluationError, match="durable-rules failed"):
                fresh.evaluate(verdict._facts.values)
        assert fresh.evaluate(verdict._facts.values) == verdict._evaluation


def failing_once(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that fails at its first call."""
    calls = iter([True])

    def fail(*arguments: object) -> object:
        if next(calls, False):
            raise MemoryError
        return function(*arguments)

    return fail


# --- threads and processes --------------------------------------------------------------------------------------------


def draw_briefs(count: int) -> list[Brief]:
    knowledge, random = shipped_knowledge(), Random(8)
    return [read_brief(draw_brief(random, knowledge.catalog), knowledge) for _ in range(count)]


def answer(brief: Brief) -> tuple[Any, ...]:
    """Return what every view says, in a form that can be compared and sent between processes."""
    verdicts = advise(brief).verdicts.values()
    return tuple((verdict._evaluation, verdict.status, verdict.certainty, verdict.recommendation) for verdict in verdicts)


@pytest.mark.volume
def test_threads() -> None:
    """Eight threads that use one engine at a time each get the answers that one thread gets."""
    briefs = draw_briefs(50)
    expected = [answer(brief) for brief in briefs]
    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            runs = list(pool.map(lambda shift: [answer(brief) for brief in briefs[shift:] + briefs[:shift]], range(8)))
    finally:
        sys.setswitchinterval(switching)
    assert runs == [expected[shift:] + expected[:shift] for shift in range(8)]


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="needs fork")
def test_fork() -> None:
    """Processes forked after the engine was used answer as their parent does, and their parent goes on as before."""
    briefs = draw_briefs(40)
    expected = [answer(brief) for brief in briefs]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(answer, briefs, chunksize=5) == expected
    assert [answer(brief) for brief in briefs] == expected
