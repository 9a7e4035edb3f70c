"""Score the reading of the real situations in tests/data: from the prose alone, and from need phrases with their stated context.

    python benchmarks/score_reading.py [--show-held-out] [--view industry]

The development part and the held-out part (a third, by sha256 of the id) are scored apart, beside a rule on the phase alone and
"always CDMO". Nothing is mapped by hand: all words go through the reader. strict, lenient and clean as in score_cases.py.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml
from score_cases import PLAIN_RULE, RealCase, Score, always_cdmo, by_phase, load_cases, score

from advisor import advise, load_knowledge
from advisor.reading import read_text
from advisor.reading_stated import Stated, read_stated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor import Knowledge

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"
SCORES = ("strict", "lenient", "clean")
WAYS = ("prose", "needs")

Roles = frozenset[str]


def brief_from(entry: Mapping[str, Any], way: str, knowledge: Knowledge, accept: str) -> dict[str, Any]:
    """Return the brief that the reader makes of a case."""
    if way == "prose":
        return read_text(entry["text"], knowledge.catalog).brief(knowledge.catalog, accept)
    stated = Stated(tuple(entry["needs"]), *(entry.get(key) or "" for key in ("phase", "modality", "dosage_form", "in_house")))
    return read_stated(stated, knowledge.catalog)[0]


def cause(brief: Mapping[str, Any], right: Mapping[str, Any], case: RealCase, answer: Roles) -> str:
    """Return why an answer misses, as far as a brief mapped by hand can tell."""
    if answer == case.scope:
        return "as the scope reads; the source uses another word"
    found = set(brief["needs"]) if isinstance(brief["needs"], list) else set()
    wanted = set(right["needs"])
    if not found:
        return "no need found"
    parts = [f"not found: {', '.join(sorted(wanted - found))}"] if wanted - found else []
    parts += [f"not asked for: {', '.join(sorted(found - wanted))}"] if found - wanted else []
    for fact in ("phase", "modality", "dosage_form", "in_house_cmc", "substance_process_state"):
        if brief["facts"].get(fact) != right["facts"].get(fact):
            parts.append(f"{fact} {brief['facts'].get(fact)}, not {right['facts'].get(fact)}")
    return "; ".join(parts) or "the rules"


def _named(roles: Roles) -> str:
    return " + ".join(role.upper() for role in sorted(roles)) or "-"


def _line(name: str, found: Score) -> str:
    return f"{name:28}" + "".join(f"{f'{found.right[s]}/{found.total[s]} {found.share(s):.2f}':>16}" for s in SCORES)


def _confusion(cases: list[RealCase], answers: Mapping[str, Roles]) -> None:
    counts = Counter((_named(case.label), _named(answers[case.name])) for case in cases)
    names = sorted({name for pair in counts for name in pair})
    print("label (rows) against answer (columns)")
    print(f"{'':14}" + "".join(f"{name:>14}" for name in names))
    for label in names:
        row = [counts[label, answer] for answer in names]
        if sum(row):
            print(f"{label:14}" + "".join(f"{count or '':>14}" for count in row))
    print()


@click.command()
@click.option("--cases", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=DATA / "real-cases.yaml")
@click.option("--accept", default="likely", type=click.Choice(["stated", "likely", "all"]), show_default=True)
@click.option("--view", default="industry", show_default=True, type=click.Choice(["guide", "industry"]))
@click.option("--show-held-out", is_flag=True, help="List the misses of the held-out part, too; do not develop by them.")
def main(path: Path, accept: str, view: str, *, show_held_out: bool) -> None:
    """Score the reader on real situations, beside two baselines."""
    knowledge = load_knowledge()
    entries = {entry["id"]: entry for entry in yaml.safe_load(path.read_text(encoding="utf-8"))}
    by_hand = load_cases(knowledge, path)
    for held_out in (False, True):
        cases = [case for case in by_hand if case.held_out == held_out]
        print(f"{'held-out' if held_out else 'development'} part: {len(cases)} cases\n{'':28}" + "".join(f"{name:>16}" for name in SCORES))
        answered = {}
        for way in WAYS:
            briefs = {case.name: brief_from(entries[case.name], way, knowledge, accept) for case in cases}
            answers = {name: frozenset(advise(brief, knowledge, view=view).verdict.recommendation) for name, brief in briefs.items()}
            answered[way] = (briefs, answers)
            print(_line(f"advisor, from {way}", score(cases, lambda case, answers=answers: answers[case.name])))
        print(_line("phase alone", score(cases, by_phase(PLAIN_RULE))))
        print(_line("always CDMO", score(cases, always_cdmo)) + "\n")
        for way, (briefs, answers) in answered.items():
            print(f"from {way}")
            _confusion(cases, answers)
            for case in cases if show_held_out or not held_out else ():
                if answers[case.name] != case.label:
                    right = {"needs": case.brief.needs or (), "facts": case.brief.facts}
                    why = cause(briefs[case.name], right, case, answers[case.name])
                    print(f"  {case.name}: label {_named(case.label)}, answer {_named(answers[case.name])}; {why}")
            print()


if __name__ == "__main__":
    main()
