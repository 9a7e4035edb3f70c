"""The advisor on real situations: how often it agrees with practice, and that no rule was written for one of them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_flips import assert_true

from advisor.api import advise, shipped_knowledge
from advisor.circuit import ending_of
from scripts import load_script

ROOT = Path(__file__).resolve().parent.parent
ENTRIES = yaml.safe_load((ROOT / "tests" / "data" / "real-cases.yaml").read_text(encoding="utf-8"))
MAPPED = yaml.safe_load((ROOT / "tests" / "data" / "real-cases-mapping.yaml").read_text(encoding="utf-8"))

# Words in names that are ordinary words of the field or of English, and occur in the knowledge as such.
GENERIC = frozenset(
    re.findall(
        r"\w+",
        """
        agency animal antibody bio biological biologics biotech biotechnology breakthrough british cancer center
        clinical columbia contract development drug drugs early failing five for gene generic government group health
        incumbent laboratories labs maker manufacturing medicines named national not oral paediatric pharma program
        programmes resources scientific selected services several sought sponsors technical technology therapies therapy
        trials university virtual with worldwide yet
        """,
    )
)


scoring = load_script(ROOT / "benchmarks" / "score_cases.py")


@cache
def cases() -> list[Any]:
    return list(scoring.load_cases(shipped_knowledge()))


@cache
def scored() -> Any:
    knowledge = shipped_knowledge()
    return scoring.score(cases(), lambda case: frozenset(scoring.verdict_of(case, knowledge, "industry").recommendation))


def names() -> list[tuple[str, str]]:
    """Return every name to look for, with the case it comes from: whole names, and their words that are nothing but names."""
    found = set()
    for entry in ENTRIES:
        for text in (entry["sponsor"], entry["partner"], *entry["products"]):
            for name in re.split(r"[;,()]", text or ""):
                words = re.findall(r"[\w'-]+", name.casefold())
                telling = [word for word in words if word not in GENERIC and len(word) > 2]
                found |= {(word, entry["id"]) for word in telling}
                if telling or len(words) > 2:
                    found.add((" ".join(words), entry["id"]))
    return sorted(found)


@pytest.mark.parametrize(("score", "least"), [("clean", 0.90), ("lenient", 0.85)])
def test_advisor_agrees_with_practice(score: str, least: float) -> None:
    """The industry view agrees with what sponsors did, where labels are to be trusted."""
    assert scored().total[score] >= 30
    assert scored().share(score) >= least


@pytest.mark.parametrize("score", ["strict", "lenient", "clean"])
def test_advisor_beats_the_baselines(score: str) -> None:
    """No rule on the phase alone does as well, not even one fitted to these cases, nor does always answering CDMO."""
    baselines = [
        scoring.score(cases(), scoring.always_cdmo),
        scoring.score(cases(), scoring.by_phase(scoring.PLAIN_RULE)),
        scoring.score(cases(), scoring.by_phase(scoring.best_phase_table(cases(), score))),
    ]
    assert scored().share(score) > max(baseline.share(score) for baseline in baselines)


def test_every_case_is_mapped_phrase_by_phrase() -> None:
    """The mapping has each case, each need phrase and each phrase on what is in house, word by word, and no other."""
    assert len({entry["id"] for entry in ENTRIES}) == len(ENTRIES) == 48
    assert list(MAPPED) == [entry["id"] for entry in ENTRIES]
    for entry in ENTRIES:
        mapped = MAPPED[entry["id"]]
        assert set(mapped) <= {"needs", "in_house", "facts", "text_facts", "note"}, entry["id"]
        assert list(mapped["needs"]) == entry["needs"], entry["id"]
        assert (mapped.get("in_house") or {}).get("phrase") == entry["in_house"], entry["id"]
        for stands_for in mapped["needs"].values():
            assert isinstance(stands_for, list) or set(stands_for) <= {"functions", "note", "wish"}, entry["id"]


def test_every_case_asks_for_something() -> None:
    """No case loses all its needs in the mapping, with the facts of its text or without."""
    for with_text in (False, True):
        for case in scoring.load_cases(shipped_knowledge(), with_text=with_text):
            assert case.brief.needs, case.name


def test_no_knowledge_names_a_case() -> None:
    """No rule and no catalog text names a sponsor, a partner or a product of the cases; the list of sources may cite a publisher."""
    files = [path for folder in ("catalog", "rules") for path in sorted((ROOT / folder).rglob("*.yaml")) if path.name != "sources.yaml"]
    assert files
    texts = {path: " ".join(re.findall(r"[\w'-]+", path.read_text(encoding="utf-8").casefold())) for path in files}
    found = [(path.name, name, case) for name, case in names() for path, text in texts.items() if f" {name} " in f" {text} "]
    assert not found


def test_names_are_looked_for() -> None:
    """The search for names has names to look for, of nearly every case, and they are found where they stand."""
    listed = names()
    assert len({case for _, case in listed}) >= len(ENTRIES) - 5
    text = (ROOT / "tests" / "data" / "real-cases.yaml").read_text(encoding="utf-8").casefold()
    assert all(name.split()[0] in text for name, _ in listed)


@pytest.mark.volume
def test_every_flip_of_a_case_is_true() -> None:
    """On every case each flip, applied, gives the verdict it names, and no part of it does; open answers really change it."""
    knowledge = shipped_knowledge()
    for case in scoring.load_cases(knowledge):
        verdict = advise(case.brief, knowledge, view="industry").verdict
        assert_true(verdict, knowledge)
        for fact in verdict.open.facts:
            one, other = (ending_of(advise(brief, knowledge, view="industry").verdict.outcome) for brief in fact.completions)
            assert (one, other) == fact.endings
            assert one != other
