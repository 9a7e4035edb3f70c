"""Laws that hold for any rule base, tried on generated ones; docs/decisions say why each of them is wanted.

ADVISOR_LAW_BASES and ADVISOR_LAW_BRIEFS raise the sizes for a long run.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import re
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from generate import Files, Shape, draw_brief, draw_knowledge, draw_sound_files, files_of, load_files

from advisor import Brief, advise, read_brief
from advisor.verdict import Ladder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from advisor import Advice, Knowledge, Verdict
    from advisor.compiler import Program

BASES = int(os.environ.get("ADVISOR_LAW_BASES", "12"))
FIRST_BASE = 50  # from here on some bases leave runners-up level, which order must not break
BRIEFS = int(os.environ.get("ADVISOR_LAW_BRIEFS", "25"))
ALL_COMPLETIONS = 200
SAMPLED_COMPLETIONS = 40

LISTS_ONLY = Shape(effects=("derive", "wish", "rule_out", "for", "against", "warn"))  # needs and coverage come from brief and lists

any_base = pytest.mark.parametrize("seed", range(FIRST_BASE, FIRST_BASE + BASES))


def drawn_briefs(seed: int, knowledge: Knowledge) -> list[dict[str, Any]]:
    random = Random(seed)
    return [draw_brief(random, knowledge.catalog) for _ in range(BRIEFS)]


def told(verdict: Verdict) -> dict[str, Any]:
    """Return all that a verdict says, without texts and without any order."""
    rules = verdict._ladder.program.rules
    return {
        "fired": {rules[i].rule.id for i in verdict._evaluation.fired},
        "waiting": {rules[i].rule.id for i in verdict._evaluation.waiting},
        "result": (verdict.status, verdict.recommendation, verdict.runner_up, verdict.decided_at, verdict.certainty),
        "tied": set(verdict.tied),
        "needs": set(verdict.outcome.needs),
        "gaps": (set(verdict.uncovered), set(verdict.outside)),
        "open": set(verdict.open_facts),
        "reasons": {(reason.rule, reason.effect, reason.target, reason.strength) for reason in verdict.reasons},
    }


def all_told(advice: Advice) -> dict[str, dict[str, Any]]:
    return {view: told(verdict) for view, verdict in advice.verdicts.items()}


# --- order ------------------------------------------------------------------------------------------------------------


@any_base
def test_order_never_matters(seed: int, tmp_path: Path) -> None:
    """The order of lists, of mappings and of files, and how rules are spread over files, changes nothing."""
    files, knowledge = draw_sound_files(seed, tmp_path)
    shuffled = load_files(respread(reorder(files, Random(seed)), Random(seed)), tmp_path)
    for brief in drawn_briefs(seed, knowledge):
        assert all_told(advise(reorder(brief, Random(seed)), shuffled)) == all_told(advise(brief, knowledge)), brief


def reorder(value: Any, random: Random) -> Any:
    """Return a value with all its lists and mappings in another order; only the partners of a pair stay in theirs."""
    if isinstance(value, dict):
        pairs = [(key, [tuple(option) for option in part] if key == "options" else part) for key, part in value.items()]
        return {key: reorder(part, random) for key, part in random.sample(pairs, len(pairs))}
    if isinstance(value, list):
        return [reorder(part, random) for part in random.sample(value, len(value))]
    return list(value) if isinstance(value, tuple) else value


def respread(files: Files, random: Random) -> Files:
    """Return the rule files cut in two, and those whose names are free under other names."""
    found: Files = {}
    for i, (name, content) in enumerate(files.items()):
        if name.startswith("rules/"):
            cut = random.randint(0, len(content["rules"]))
            for part in (content["rules"][:cut], content["rules"][cut:]):
                found[f"rules/{random.randint(0, 999)}-{i}-{len(found)}.yaml"] = content | {"rules": part}
        else:
            found[name if "vocabularies" not in name else f"catalog/vocabularies/{random.randint(0, 999)}-{i}.yaml"] = content
    return found


# --- names ------------------------------------------------------------------------------------------------------------


@any_base
def test_names_never_matter(seed: int, tmp_path: Path) -> None:
    """Renaming rules, facts, functions, values, kinds of work, conclusions and themes renames the verdict, no more."""
    files, knowledge = draw_sound_files(seed, tmp_path)
    names = new_names(files, Random(seed))
    renamed = load_files(rename(files, names), tmp_path)
    for brief in drawn_briefs(seed, knowledge):
        assert all_told(advise(rename(brief, names), renamed)) == rename(all_told(advise(brief, knowledge)), names), brief


_NAME = re.compile(r"topic-\d+\.rule-\d+|(?:function|fact|term|vague|group|work|derived|vocabulary|theme)[_-]\d+(?:_\d+)?")


def new_names(files: Files, random: Random) -> dict[str, str]:
    """Return a new name for every name; in the ids of rules a function is written with a hyphen."""
    names: dict[str, str] = {}
    for name in sorted(set(_NAME.findall(json.dumps(files)))):
        topic, dot, _ = name.rpartition(".")
        names[name] = topic + dot + "q" + "".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=8))
    return names | {name.replace("_", "-"): new for name, new in names.items()}


def rename(value: Any, names: dict[str, str]) -> Any:
    """Return a value with every name in it replaced."""
    if isinstance(value, str):
        return _NAME.sub(lambda found: names[found.group()], value)
    if isinstance(value, dict):
        return {rename(key, names): rename(part, names) for key, part in value.items()}
    if isinstance(value, list | tuple | set):
        return type(value)(rename(part, names) for part in value)
    return value


# --- one brief after another ------------------------------------------------------------------------------------------


@any_base
def test_briefs_leave_no_trace(seed: int, tmp_path: Path) -> None:
    """A brief gets the same verdict whatever was asked before, and from knowledge loaded anew."""
    files, knowledge = draw_sound_files(seed, tmp_path)
    briefs = drawn_briefs(seed, knowledge)
    first = [all_told(advise(brief, knowledge)) for brief in briefs]
    for i in Random(seed).choices(range(len(briefs)), k=2 * len(briefs)):
        assert all_told(advise(briefs[i], knowledge)) == first[i], briefs[i]
    fresh = load_files(files, tmp_path)
    assert [all_told(advise(brief, fresh)) for brief in reversed(briefs)] == first[::-1]


# --- coverage ---------------------------------------------------------------------------------------------------------


@any_base
def test_a_need_on_a_roles_list_does_not_worsen_its_coverage(seed: int, tmp_path: Path) -> None:
    """Adding a must-have that a role has on its list never makes that role leave more must-haves open."""
    knowledge = draw_knowledge(seed, tmp_path, LISTS_ONLY)
    for brief in drawn_briefs(seed, knowledge):
        if brief["needs"] != "unknown":
            assert_coverage_stays(knowledge, brief)


def assert_coverage_stays(knowledge: Knowledge, brief: dict[str, Any]) -> None:
    before = gaps(advise(brief, knowledge))
    for function in sorted(set(knowledge.catalog.functions) - {*brief["needs"], *brief["wishes"], *brief["in_house"]}):
        after = gaps(advise(brief | {"needs": [*brief["needs"], function]}, knowledge))
        for (view, role), gap in after.items():
            if knowledge.catalog.grade(view, function, role) in {"core", "common"}:
                assert gap <= before.get((view, role), 0), (view, role, function, brief)


def gaps(advice: Advice) -> dict[tuple[str, str], int]:
    """Return how many must-haves each single role leaves open, in each view in which options were compared."""
    verdicts = advice.verdicts.items()
    return {(view, s.option[0]): len(s.uncovered) for view, v in verdicts for s in v.outcome.standings if len(s.option) == 1}


# --- certainty --------------------------------------------------------------------------------------------------------


@any_base
def test_settled_means_settled(seed: int, tmp_path: Path) -> None:
    """However a settled brief is completed, short of a contradiction, the winner stays."""
    knowledge = draw_knowledge(seed, tmp_path)
    random = Random(seed)
    for raw in drawn_briefs(seed, knowledge):
        brief = read_brief(raw, knowledge)
        for view, verdict in advise(brief, knowledge).verdicts.items():
            if verdict.certainty == "settled" and verdict.status != "contradictory":
                assert_settled(knowledge, brief, view, random)


def test_settled_minds_a_cover_that_ends_with_the_need(tmp_path: Path) -> None:
    """A rule that covers a function only while nobody needs it is no reason to call a verdict settled."""
    asked, both = {"fact": "needs", "has": "function_0"}, [{"cover": role, "function": "function_0"} for role in ("cmo", "cdmo")]
    rules = [
        {
            "id": "t.asked",
            "when": asked,
            "then": [*both, {"cover": "cdmo", "function": "function_1"}, {"for": "cmo", "strength": "strong"}],
        },
        {"id": "t.idle", "when": {"not": {"fact": "needs", "has": "function_1"}}, "then": [{"cover": "cmo", "function": "function_1"}]},
        {"id": "t.more", "when": {"fact": "extra"}, "then": [{"need": "function_1"}]},
    ]
    knowledge = load_files(files_of({"extra": {"type": "bool"}}, rules), tmp_path)
    verdict = advise({"needs": ["function_0"]}, knowledge).verdict
    assert (verdict.recommendation, verdict.certainty) == (("cmo",), "provisional")
    assert advise({"needs": ["function_0"], "facts": {"extra": True}}, knowledge).verdict.recommendation == ("cdmo",)


def assert_settled(knowledge: Knowledge, brief: Brief, view: str, random: Random) -> None:
    told_now = advise(brief, knowledge).verdicts[view]
    for complete in completions(brief, knowledge, view, random):
        then = advise(complete, knowledge).verdicts[view]
        if then.status != "contradictory":
            assert (then.status, then.recommendation) == (told_now.status, told_now.recommendation), (view, brief, complete)


def completions(brief: Brief, knowledge: Knowledge, view: str, random: Random) -> Iterator[Brief]:
    """Yield completions of a brief that rules can tell apart: all if they are few, else a sample."""
    program = knowledge.engines[view].program
    choices = {name: values_left(brief, program, name) for name in knowledge.catalog.facts}
    few = math.prod(len(values) for values in choices.values()) <= ALL_COMPLETIONS
    sampled = ([random.choice(values) for values in choices.values()] for _ in range(SAMPLED_COMPLETIONS))
    for values in itertools.product(*choices.values()) if few else sampled:
        yield replace(brief, facts=dict(zip(choices, values, strict=True)))


def values_left(brief: Brief, program: Program, name: str) -> list[Any]:
    """Return the values that a fact may still have; of values that no rule can tell apart, one."""
    fact, terms, known = program.catalog.facts[name], program.catalog.terms(name), brief.facts.get(name)
    if known is not None:
        return list(terms[known].one_of) or [known] if fact.type == "enum" else [known]
    if fact.type == "set":
        read = [term for term in terms if f"{name}:{term}" in program.index]
        return [frozenset(members) for n in range(len(read) + 1) for members in itertools.combinations(read, n)]
    if fact.type == "integer":
        return list(program.attributes[program.index[name]].bounds) if name in program.index else [fact.minimum]
    values = [True, False] if fact.type == "bool" else [term for term, entry in terms.items() if not entry.one_of]
    return values if name in program.index else values[:1]


# --- reasons and options ----------------------------------------------------------------------------------------------


@any_base
def test_a_losing_option_makes_no_difference(seed: int, tmp_path: Path) -> None:
    """Without an option that lost, the same option wins, and what was level stays level."""
    knowledge = draw_knowledge(seed, tmp_path)
    ladders = {
        (view, option): ladder_without(knowledge, view, option) for view in knowledge.ladders for option in knowledge.catalog.options
    }
    for brief in drawn_briefs(seed, knowledge):
        for view, verdict in advise(brief, knowledge).verdicts.items():
            winners = {standing.option for standing in verdict.outcome.winners}
            for loser in set(knowledge.catalog.options) - winners if winners else ():
                outcome = ladders[view, loser].decide(verdict._facts, verdict._evaluation)
                assert {standing.option for standing in outcome.winners} == winners, (view, loser, brief)


def ladder_without(knowledge: Knowledge, view: str, option: tuple[str, ...]) -> Ladder:
    program = knowledge.engines[view].program
    options = tuple(other for other in program.catalog.options if other != option)
    return Ladder(replace(program, catalog=replace(program.catalog, options=options)))


@any_base
def test_saying_it_twice_adds_nothing(seed: int, tmp_path: Path) -> None:
    """A second rule with the same condition and the same reasons, under the same themes, changes no verdict."""
    files, knowledge = draw_sound_files(seed, tmp_path)
    twice = load_files(say_twice(files), tmp_path)
    for brief in drawn_briefs(seed, knowledge):
        expected = {view: told(verdict)["result"] for view, verdict in advise(brief, knowledge).verdicts.items()}
        assert {view: told(verdict)["result"] for view, verdict in advise(brief, twice).verdicts.items()} == expected, brief


def say_twice(files: Files) -> Files:
    """Return the files with a copy of every rule that gives reasons, which says nothing else."""
    found = dict(files)
    for name, content in files.items():
        if name.startswith("rules/topic"):
            rules = [rule | {"then": [with_theme(effect, rule["id"]) for effect in rule["then"]]} for rule in content["rules"]]
            copies = [rule | {"id": f"{rule['id']}-again", "then": [e for e in rule["then"] if "strength" in e]} for rule in rules]
            found[name] = content | {"rules": rules + [rule for rule in copies if rule["then"]]}
    return found


def with_theme(effect: dict[str, str], rule: str) -> dict[str, str]:
    """Return an effect with its theme written out; without one it is the rule's own."""
    own = "own-" + rule.replace(".", "-")
    return {"theme": own} | effect if "strength" in effect else effect
