"""`advisor check`: each base under tests/bases has the one flaw it is named for, and exactly that is found.

The line with the flaw ends in the comment FLAW. A base with several has all of them found.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from test_cli import ROOT, advice, recommended, run, run_process

from advisor import DataError, advise, load_knowledge
from advisor.api import load_knowledge_from, shipped_knowledge
from advisor.catalog import BUILT_IN
from advisor.check import check_knowledge

BASES = Path(__file__).parent / "bases"
SOUND = {"good-overlay", "empty-base"}
FOUND = re.compile(r"^(?P<place>\S.*?): (?P<severity>error|warning): (?P<said>.*)$", re.MULTILINE)
UNPLACED = {
    "unknown-catalog-file",
    "rules-with-another-ending",
    "rules-in-a-folder",
    "catalog-with-another-ending",
}  # where the whole file is the flaw


@dataclass(frozen=True)
class Flaw:
    """What must be found about one base: a part of the sentence, and a part of the help."""

    said: str
    help: str
    severity: str = "error"


FLAWS = {
    # words that mean nothing
    "unknown-fact": Flaw("unknown fact 'dosage_frm'", "'dosage_form'"),
    "unknown-function-in-effect": Flaw("'clinical_trails' is not known here", "'clinical_trials'"),
    "unknown-option-in-effect": Flaw("'cro+cmo' is not known here", "'cdmo+cro'"),
    "unknown-term-in-condition": Flaw("'phase_9' is not a value of 'phase'", "'phase_3'"),
    "unknown-region-in-set": Flaw("'europe' is not a value of 'markets'", "advisor facts markets"),
    "unknown-source": Flaw("'S9999' is not among the sources", "'S99'"),
    "unknown-view": Flaw("'guied' is not known here", "'guide'"),
    "unknown-key": Flaw("unknown key 'becuase'", "'because'"),
    "unknown-strength": Flaw("'strongly' is not allowed here", "'strong'"),
    # conditions
    "text-for-boolean": Flaw("'glp' is true or false, not 'maybe'", "true or false"),
    "text-for-integer": Flaw("'weeks_to_start' is a whole number, not 'soon'", "digits"),
    "wrong-operator-for-type": Flaw("`at_least` does not go with 'phase', which is of type enum", "allowed: in, is, not"),
    "two-operators-in-one-atom": Flaw("more than one comparison of one fact", "under `all:`"),
    "condition-without-a-key": Flaw("a condition has one of the keys fact, all, any, not", "advisor schema"),
    "empty-all": Flaw("expected at least one entry", "add one"),
    "circular-derive": Flaw("in a circle: odd.one -> odd.two -> odd.one", "read facts instead"),
    # effects
    "effect-without-strength": Flaw("`strength` (strong, ordinary or slight) belongs to `for`", ""),
    "theme-without-strength": Flaw("`theme` belongs to `for` and `against` only", ""),
    "strength-without-side": Flaw("`strength` (strong, ordinary or slight) belongs to `for`", ""),
    "two-kinds-in-one-effect": Flaw("found 2 of them", "one effect per entry"),
    "derive-a-fact": Flaw("'phase' is already a fact of the catalog", "another name"),
    # the frame of a rule
    "duplicate-rule-id": Flaw("a second rule called 'odd.rule'", "another id"),
    "id-without-topic": Flaw("the id 'even.rule' does not begin with its topic", "call it 'odd.even.rule'"),
    "rule-without-id": Flaw("a rule needs an `id`", "begin it with 'odd.'"),
    "missing-because": Flaw("the key 'because' is missing", "add `because:`"),
    "empty-because": Flaw("expected some text, found ''", "write something"),
    "rules-without-topic": Flaw("the key 'topic' is missing", "add `topic:`"),
    # templates
    "template-over-unknown-work": Flaw("'make_substence' is not known here", "'make_substance'"),
    "template-over-unknown-role": Flaw("'cmoo' is not known here", "'cmo'"),
    "template-over-unknown-vocabulary": Flaw("'fase' is not known here", "'phase'"),
    "template-over-unknown-grade": Flaw("'cores' is not allowed here", "'core'"),
    "template-with-one-id": Flaw("a second rule called 'odd.term'", "$words"),
    "template-with-unknown-placeholder": Flaw("'frase' is not known here", "allowed: term, term_label"),
    # files
    "bad-yaml": Flaw("a colon where none can be", "quotes"),
    "duplicate-key": Flaw("the key 'source' stands here a second time", "keep one"),
    "anchor": Flaw("anchors are not allowed", "write the value out"),
    "two-documents": Flaw("a second document starts here", "one document"),
    "empty-file": Flaw("nothing here", "topic, rules"),
    "rules-with-another-ending": Flaw("not read: the ending is .yml", "call it 'odd.yaml'"),
    "rules-in-a-folder": Flaw("not read: files of rules stand right in 'rules'", "rules/odd.yaml'"),
    "catalog-with-another-ending": Flaw("not read: the ending is .YML", "call it 'plans.yaml'"),
    # cases
    "case-that-fails": Flaw("'odd.rule' should be 'silent' but is 'fires'", "correct the rule or the case"),
    "case-with-two-outcomes": Flaw("exactly one of the keys fires, silent, waits", ""),
    "case-with-unknown-fact": Flaw("unknown fact 'glpp'", "'glp'"),
    "case-with-unknown-need": Flaw("'clinical_trails' is not a function", "'clinical_trials'"),
    "case-for-unknown-rule": Flaw("cases for 'odd.role', which is no rule", "'odd.rule'"),
    "rule-without-near-miss": Flaw("no case shows that 'odd.rule' stays silent", "cases file"),
    # the catalog
    "unknown-catalog-file": Flaw("no such file in a catalog", "'functions.yaml'"),
    "function-without-grades": Flaw("'odd_function' has no grades in the industry view", "roles.yaml"),
    "function-of-unknown-work": Flaw("'advice' is not among the work", "'advise'"),
    "function-in-unknown-phase": Flaw("'phase_9' is not a phase", "'phase_3'"),
    "function-with-unknown-source": Flaw("'S9999' is not among the sources", "'S99'"),
    "phrase-twice": Flaw("the phrase 'Bulk Drug Manufacture' also stands for 'api_development'", "one of the two"),
    "unknown-grade-role": Flaw("'crow' is not a role", "'cro'"),
    "unknown-grade": Flaw("'often' is not allowed here", "allowed: common, core, no, rare"),
    "grades-for-unknown-function": Flaw("grades for 'bio_statistics', which is not a function", "'biostatistics'"),
    "grades-for-unknown-view": Flaw("grades for a view 'guied' that does not exist", "'guide'"),
    "option-of-unknown-role": Flaw("'crow' is not among the roles", "'cro'"),
    "vocabulary-group-is-term": Flaw("'one' is also a term", "another name"),
    "vocabulary-twice": Flaw("a second 'odd' among the vocabularies", "keep one"),
    "group-with-unknown-term": Flaw("'tow' is not a term of 'odd'", "'two'"),
    "term-of-unknown-terms": Flaw("'tow' is not a term of 'odd'", "'two'"),
    "unknown-vocabulary": Flaw("'fase' is not among the vocabularies", "'phase'"),
    "enum-without-vocabulary": Flaw("a fact of type enum needs a vocabulary", "add `vocabulary:`"),
    "integer-without-range": Flaw("a fact of type integer needs a minimum and a maximum", "add both"),
    "unknown-fact-type": Flaw("'boolean' is not allowed here", "'bool'"),
    "duty-of-unknown-role": Flaw("'cmoo' is not among the roles", "'cmo'"),
    # what is odd, though it may be meant
    "cdmo-without-cmo-function": Flaw("a CMO covers 'intermediates_production' and a CDMO does not", "or mean it", "warning"),
    "fact-nobody-reads": Flaw("no rule reads 'odd_fact'", "write a rule", "warning"),
    "plan-nobody-proposes": Flaw("no rule proposes 'odd_plan'", "write a rule", "warning"),
    "duty-nobody-owes": Flaw("no role owes 'odd_duty' and no rule requires it", "give it roles", "warning"),
}  # fmt: skip

VIEW = "case-with-unknown-view"
SEVERAL = {
    "rule-without-case": ["no case shows that 'odd.rule' fires", "no case shows that 'odd.rule' stays silent"],
    "rule-that-never-fires": ["'odd.rule' can never fire", "no case shows that 'odd.rule' fires"],
    "rule-that-always-fires": ["'odd.rule' always fires", "no case shows that 'odd.rule' stays silent"],
    "unknown-section": ["the key 'plans' is missing", "unknown key 'plan'"],
    "several-flaws": ["unknown fact 'dosage_frm'", "'S9999' is not among the sources", "'clinical_trails' is not known here"],
}


def flawed_lines(base: str) -> list[str]:
    """Return the places of the lines marked FLAW, as `file:line`."""
    return [
        f"{path}:{number}"
        for path in sorted((BASES / base).rglob("*.[yY]*"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if "# FLAW" in line
    ]


def helps(printed: str) -> list[str]:
    return [line.removeprefix("  help: ") for line in printed.splitlines() if line.startswith("  help: ")]


@pytest.mark.parametrize("base", FLAWS)
def test_flaw_is_found(base: str) -> None:
    """The flaw that a base is named for is found at its line, with a help, and nothing else is found."""
    flaw, (line,) = FLAWS[base], flawed_lines(base)
    result = run("check", "--knowledge", BASES / base)
    printed = result.out + result.err
    (found,) = FOUND.finditer(printed)
    assert found["severity"] == flaw.severity
    assert flaw.said in found["said"]
    assert (found["place"] + ":").startswith(f"{line}:" if base not in UNPLACED else line.rpartition(":")[0])
    (told,) = helps(printed)
    assert told
    assert flaw.help in told
    assert result.code == (1 if flaw.severity == "error" else 0)


@pytest.mark.parametrize("base", SEVERAL)
def test_flaws_are_found_together(base: str) -> None:
    """A base with several flaws has all of them found, in the order of their places, each with a help."""
    result = run("check", "--knowledge", BASES / base)
    printed = result.out + result.err
    found = list(FOUND.finditer(printed))
    assert len(found) == len(SEVERAL[base])
    assert all(expected in each["said"] for expected, each in zip(SEVERAL[base], found, strict=True))
    assert {":".join(each["place"].split(":")[:2]) for each in found} == set(flawed_lines(base))
    assert len(helps(printed)) == len(found)
    assert result.code == 1


def test_unknown_view_of_a_case_is_found() -> None:
    """A case in a view that does not exist is found at its place, with a help."""
    result = run("check", "--knowledge", BASES / VIEW)
    (found,) = FOUND.finditer(result.out + result.err)
    assert found["place"].startswith(flawed_lines(VIEW)[0])
    assert "'guied'" in found["said"]
    assert "'guide'" in helps(result.out + result.err)[0]
    assert result.code == 1


def test_condition_that_is_too_wide_is_found() -> None:
    """A condition with too many alternatives is refused when the knowledge is loaded, by the name of its rule."""
    result = run("check", "--knowledge", BASES / "condition-too-wide")
    assert result.code == 1
    assert "'odd.wide' has more than 512 alternatives" in result.err
    assert "derive" in helps(result.err)[0]


def test_every_base_is_expected() -> None:
    """Every base under tests/bases is in one of the tests here."""
    assert {path.name for path in BASES.iterdir()} == {*FLAWS, *SEVERAL, *SOUND, VIEW, "condition-too-wide"}


@pytest.mark.parametrize("base", ["unknown-fact", "empty-file", "unknown-grade-role", "vocabulary-group-is-term", "rules-in-a-folder"])
def test_broken_knowledge_is_not_advised_on(base: str) -> None:
    """With broken knowledge `recommend` gives no advice: the same findings, exit code 2."""
    result = run("recommend", "--need", "clinical_trials", "--knowledge", BASES / base)
    assert (result.code, result.out) == (2, "")
    assert result.err == run("check", "--knowledge", BASES / base).err


def test_a_file_that_is_not_read_is_told_of_in_spite_of_the_cache(tmp_path: Path) -> None:
    """A file added under a name that is not read is told of, although the copy of the knowledge kept from before does not know it."""
    overlay, cache = tmp_path / "overlay", {"ADVISOR_CACHE": str(tmp_path / "cache")}
    shutil.copytree(OVERLAY, overlay)
    command = ("recommend", "--need", "clinical_trials", "--knowledge", overlay)
    assert run_process(*command, environment=cache).code == 0
    assert list((tmp_path / "cache").iterdir())
    (overlay / "rules" / "more.yml").write_text("topic: more\nrules: []\n", encoding="utf-8")
    result = run_process(*command, environment=cache)
    assert result.code == 2
    assert f"{overlay / 'rules' / 'more.yml'}: error: not read" in result.err


def test_check_in_a_process_exits_1() -> None:
    """A process of its own finds the same and takes exit code 1 to the shell."""
    base = BASES / "case-that-fails"
    result = run_process("check", "--knowledge", base)
    assert result == run("check", "--knowledge", base)
    assert result.code == 1


def test_a_directory_that_is_none_is_wrong_usage() -> None:
    """A directory that does not exist is no finding about knowledge but a wrong word on the command line."""
    result = run("check", "--knowledge", BASES / "absent")
    assert (result.code, result.out) == (2, "")
    assert "no such knowledge directory" in result.err


def test_incomplete_base_is_refused() -> None:
    """A base that does not build on the shipped one has to bring everything no advice can do without."""
    with pytest.raises(DataError) as caught:
        load_knowledge_from([BASES / "empty-base"])
    said = "\n".join(issue.what for issue in caught.value.issues)
    assert all(f"no {section} in the catalog" in said for section in ("functions", "roles", "options", "views", "sources"))
    assert all(f"no '{name}' under `built_in`" in said for name in BUILT_IN)
    assert all(str(issue.where) == str(BASES / "empty-base" / "catalog") and issue.hint for issue in caught.value.issues)


def test_shipped_knowledge_has_no_finding() -> None:
    """The shipped catalog and rules are without error and without warning, loaded with overlays or alone."""
    assert check_knowledge(shipped_knowledge()) == []
    assert check_knowledge(load_knowledge_from([ROOT])) == []


# --- overlays -----------------------------------------------------------------------------------------------------------------

OVERLAY = BASES / "good-overlay"


@cache
def sponsor(*facts: str) -> bytes:
    return f"needs: [api_development]\nfacts: {{{', '.join(facts)}}}\n".encode()


def test_good_overlay_has_no_finding() -> None:
    """A sound overlay passes the check, together with the cases of the shipped rules."""
    result = run("check", "--knowledge", OVERLAY)
    assert (result.code, result.out) == (0, "")
    assert "0 errors, 0 warnings" in result.err


def test_overlay_adds_and_changes_one_verdict() -> None:
    """An overlay's fact and rule are there with it and not without it, and the rule changes the verdict it is about, no other."""
    with_it = ("--knowledge", OVERLAY)
    stated = sponsor("house_partner: development")
    assert run("recommend", "-", stdin=stated).code == 2
    assert recommended("-", stdin=sponsor()) == ["cmo"]
    assert recommended("-", *with_it, stdin=sponsor("house_partner: none")) == ["cmo"]
    assert recommended("-", *with_it, stdin=stated) == ["cdmo"]
    (reason,) = [r for r in advice("-", *with_it, stdin=stated)["views"]["guide"]["reasons"] if r["rule"] == "house.development-partner"]
    assert reason["because"] == "This house has a framework agreement with a CDMO."


def test_overlay_replaces_whole_entries() -> None:
    """An entry of the same id is replaced whole, a rule as well as a plan; all others stay as they were."""
    plain, overlaid = shipped_knowledge(), load_knowledge(OVERLAY)
    assert overlaid.catalog.plans["dual_source"].text == "This house always has two manufacturers."
    assert {key for key in plain.catalog.plans if plain.catalog.plans[key] != overlaid.catalog.plans[key]} == {"dual_source"}
    before, after = plain.rules.rules(), overlaid.rules.rules()
    assert after["control.exit-wish"].because == "This house writes its own exit terms."
    assert {key for key in before if before[key] != after[key]} == {"control.exit-wish"}
    assert set(after) - set(before) == {"house.development-partner"}


def test_later_overlays_win(tmp_path: Path) -> None:
    """Of several overlays a later one replaces what an earlier one says, and versions are told in their order."""
    for name in ("first", "second"):
        folder = tmp_path / name / "catalog"
        folder.mkdir(parents=True)
        (folder / "knowledge.yaml").write_text(f"knowledge: {{version: {name}}}\n", encoding="utf-8")
        plan = f"plans:\n  dual_source: {{title: By {name}, text: Something., sources: [known]}}\n"
        (folder / "plans.yaml").write_text(plan, encoding="utf-8")
    for names in (("first", "second"), ("second", "first")):
        knowledge = load_knowledge(*(tmp_path / name for name in names))
        assert knowledge.catalog.plans["dual_source"].title == f"By {names[-1]}"
        assert knowledge.version.endswith(f"+{names[0]}+{names[1]}")


def test_overlay_leaves_the_shipped_knowledge_alone() -> None:
    """Advice without the overlay is the same after advice with it."""
    brief = {"needs": ["api_development"]}
    before = advise(brief).verdict.outcome
    overlaid = load_knowledge(OVERLAY)
    assert advise({**brief, "facts": {"house_partner": "development"}}, overlaid).verdict.recommendation == ("cdmo",)
    assert advise(brief).verdict.outcome == before
