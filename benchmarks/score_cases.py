"""Score the advisor on the real situations in tests/data, beside two baselines.

    python benchmarks/score_cases.py [--hold-out] [--with-text] [--view industry]

Input is what a case states (needs, what is in house, phase, modality, dosage form), put into the words of the catalog by
real-cases-mapping.yaml. strict: the recommendation equals the label; lenient: it equals the label or the reading of the scope;
clean: strict over the cases whose label is strong and where both agree. A pair has to match as a set.
"""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml

from advisor import advise, load_knowledge, read_brief

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from advisor import Brief, Knowledge, Verdict

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"
SCORES = ("strict", "lenient", "clean")
PHASE_GROUPS = ("discovery", "preclinical", "clinical", "registration", "commercial", "not stated")
PLAIN_RULE = {"discovery": "cro", "preclinical": "cro", "clinical": "cro", "registration": "cmo", "commercial": "cmo", "not stated": "cdmo"}

Roles = frozenset[str]


@dataclass(frozen=True, slots=True)
class RealCase:
    """One situation with its brief, and what its source and a textbook call the partner."""

    name: str
    phase: str
    brief: Brief
    label: Roles
    scope: Roles
    strong: bool

    @property
    def clean(self) -> bool:
        """Whether the label is strong and the reading of the scope agrees."""
        return self.strong and self.label == self.scope

    @property
    def held_out(self) -> bool:
        """Whether the case belongs to the fixed third that is held out."""
        return int(hashlib.sha256(self.name.encode()).hexdigest(), 16) % 3 == 0


@dataclass(frozen=True, slots=True)
class Score:
    """How many answers are right, of how many, by each of the three scores."""

    right: Mapping[str, int]
    total: Mapping[str, int]

    def share(self, score: str) -> float:
        """Return the share of right answers; 0 if there are no cases."""
        return self.right[score] / self.total[score] if self.total[score] else 0.0


def load_cases(
    knowledge: Knowledge, cases: Path = DATA / "real-cases.yaml", mapping: Path | None = None, *, with_text: bool = False
) -> list[RealCase]:
    """Load the cases with their briefs.

    Args:
        knowledge: the catalog that the briefs are checked against.
        cases: the situations.
        mapping: their needs and context in the words of the catalog; by default beside the cases.
        with_text: use also what only the text of a case states.

    Raises:
        BriefError: if the mapping does not give sound briefs.
        KeyError: if a case or a phrase is not mapped.

    """
    entries = yaml.safe_load(cases.read_text(encoding="utf-8"))
    mapped = yaml.safe_load((mapping or cases.with_name("real-cases-mapping.yaml")).read_text(encoding="utf-8"))
    return [_case(entry, mapped[entry["id"]], knowledge, with_text=with_text) for entry in entries]


def brief_of(entry: Mapping[str, Any], mapped: Mapping[str, Any], *, with_text: bool = False) -> dict[str, Any]:
    """Return the brief of a case as a mapping with the keys of a brief file."""
    needs: set[str] = set()
    wishes: set[str] = set()
    for phrase in entry["needs"]:
        stands_for = mapped["needs"][phrase]
        plain = isinstance(stands_for, list)
        functions = stands_for if plain else stands_for["functions"]
        (needs if plain or not stands_for.get("wish") else wishes).update(functions)
    done = mapped.get("in_house") or {}
    facts = {**done.get("facts", {}), **mapped.get("facts", {}), **(mapped.get("text_facts", {}) if with_text else {})}
    return {
        "name": entry["id"],
        "needs": sorted(needs),
        "wishes": sorted(wishes - needs),
        "in_house": sorted(set(done.get("functions", [])) - needs - wishes),
        "facts": facts,
    }


def score(cases: Iterable[RealCase], answer: Callable[[RealCase], Roles]) -> Score:
    """Return how an answerer scores on some cases."""
    right = dict.fromkeys(SCORES, 0)
    total = dict.fromkeys(SCORES, 0)
    for case in cases:
        found = answer(case)
        for name, counts, hit in (
            ("strict", True, found == case.label),
            ("lenient", True, found in {case.label, case.scope}),
            ("clean", case.clean, found == case.label),
        ):
            total[name] += counts
            right[name] += counts and hit
    return Score(right, total)


def by_phase(table: Mapping[str, str]) -> Callable[[RealCase], Roles]:
    """Return a rule that looks at nothing but the stated phase."""
    return lambda case: frozenset({table[phase_group(case.phase)]})


def always_cdmo(_: RealCase) -> Roles:
    """Answer CDMO, whatever the case."""
    return frozenset({"cdmo"})


def best_phase_table(cases: list[RealCase], name: str) -> dict[str, str]:
    """Return the table from phase to role that has the best score of a name on these very cases: the hardest of its kind to beat."""
    tables = [dict(zip(PHASE_GROUPS, roles, strict=True)) for roles in itertools.product(("cmo", "cro", "cdmo"), repeat=len(PHASE_GROUPS))]
    return max(tables, key=lambda table: score(cases, by_phase(table)).right[name])


def phase_group(stated: str) -> str:
    """Return the group of a stated phase: where the programme stands today, which is how a range begins."""
    words = stated.lower().replace("-", " ").split()
    if not words or words[0] == "multiple":
        return "not stated"
    if words[0] in {"pre", "preclinical"}:
        return "registration" if "authorisation" in words else "preclinical"
    return words[0] if words[0] in PHASE_GROUPS else "clinical"


def verdict_of(case: RealCase, knowledge: Knowledge, view: str) -> Verdict:
    """Return the advisor's verdict on a case."""
    return advise(case.brief, knowledge, view=view).verdict


def _case(entry: Mapping[str, Any], mapped: Mapping[str, Any], knowledge: Knowledge, *, with_text: bool) -> RealCase:
    return RealCase(
        name=entry["id"],
        phase=entry["phase"] or "",
        brief=read_brief(brief_of(entry, mapped, with_text=with_text), knowledge, name=entry["id"]),
        label=_roles(entry["label"]),
        scope=_roles(entry["scope_reading"]),
        strong=entry["label_strength"] == "strong",
    )


def _roles(label: str | list[str]) -> Roles:
    return frozenset(name.lower() for name in ([label] if isinstance(label, str) else label))


def _named(roles: Iterable[str]) -> str:
    return " + ".join(role.upper() for role in sorted(roles, key=["cmo", "cdmo", "cro"].index)) or "-"


def _table(title: str, cases: list[RealCase], answers: Mapping[str, Roles]) -> None:
    best = {name: best_phase_table(cases, name) for name in SCORES}
    fitted = {name: score(cases, by_phase(table)) for name, table in best.items()}
    rows = {
        "advisor": score(cases, lambda case: answers[case.name]),
        "phase alone, plain rule": score(cases, by_phase(PLAIN_RULE)),
        "phase alone, fitted to these cases": Score({n: fitted[n].right[n] for n in SCORES}, {n: fitted[n].total[n] for n in SCORES}),
        "always CDMO": score(cases, always_cdmo),
    }
    print(f"{title}: {len(cases)} cases\n")
    print(f"{'':36}" + "".join(f"{name:>16}" for name in SCORES))
    for name, found in rows.items():
        print(f"{name:36}" + "".join(f"{f'{found.right[s]}/{found.total[s]} {found.share(s):.2f}':>16}" for s in SCORES))
    print()
    for name, table in {"plain rule": PLAIN_RULE, **{f"fitted to {name}": best[name] for name in SCORES}}.items():
        print(f"{name:18}" + ", ".join(f"{group} -> {role.upper()}" for group, role in table.items()))
    print()


@click.command()
@click.option("--cases", "cases_path", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=DATA / "real-cases.yaml")
@click.option(
    "--mapping", "mapping_path", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="By default beside the cases."
)
@click.option("--knowledge", "overlays", type=click.Path(exists=True, file_okay=False, path_type=Path), multiple=True, help="An overlay.")
@click.option("--view", default="industry", show_default=True, type=click.Choice(["guide", "industry"]))
@click.option("--hold-out", is_flag=True, help="Score a fixed third (by sha256 of the id) apart from the rest.")
@click.option("--with-text", is_flag=True, help="Use also what only the text of a case states.")
def main(cases_path: Path, mapping_path: Path | None, overlays: tuple[Path, ...], view: str, *, hold_out: bool, with_text: bool) -> None:  # noqa: PLR0913 - one for each option
    """Score the advisor on real situations, beside two baselines."""
    knowledge = load_knowledge(*overlays)
    cases = load_cases(knowledge, cases_path, mapping_path, with_text=with_text)
    verdicts = {case.name: verdict_of(case, knowledge, view) for case in cases}
    answers = {name: frozenset(verdict.recommendation) for name, verdict in verdicts.items()}
    parts = {"all": cases}
    if hold_out:
        parts = {"kept": [c for c in cases if not c.held_out], "held out": [c for c in cases if c.held_out]}
    for title, part in parts.items():
        _table(title, part, answers)
    misses = [case for case in cases if answers[case.name] != case.label]
    print(f"misses of the {view} view (strict): {len(misses)}\n")
    for case in misses:
        verdict = verdicts[case.name]
        kind = "as the scope reads" if answers[case.name] == case.scope else ("clean" if case.clean else "not clean")
        print(f"{case.name}: label {_named(case.label)}, scope {_named(case.scope)}; {kind}{', held out' if case.held_out else ''}")
        print(
            f"    answer {_named(answers[case.name])} ({verdict.status}, {verdict.certainty}), runner-up {_named(verdict.runner_up)},"
            f" decided_at {verdict.decided_at}"
        )


if __name__ == "__main__":
    main()
