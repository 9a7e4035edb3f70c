"""Score the reading of situations in tests/data: from the prose alone, and from need phrases with their stated context.

    python benchmarks/score_reading.py [--show-held-out] [--view industry]

Four sets: the real cases, more public situations, further and invented situations, all labelled before the reader saw them. Each has a
development part and a part held out (a third and a half by sha256 of the id, or named so), scored apart, beside a rule on the phase alone
and "always CDMO". Nothing is mapped by hand: all words go through the reader. strict, lenient and clean as in score_cases.py.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import yaml
from score_cases import PLAIN_RULE, RealCase, Score, always_cdmo, by_phase, load_cases, score

from advisor import advise, load_knowledge, read_brief, read_brief_in_words
from advisor.reading import read_text
from advisor.reading_match import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from advisor import Brief, Knowledge
    from advisor.catalog import Catalog

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"
SHORT_HELD_OUT = DATA / "short-situations-held-out.yaml"
SCORES = ("strict", "lenient", "clean")
WAYS = ("prose", "needs")

Roles = frozenset[str]


class Answer(NamedTuple):
    """The brief read of a case, and the roles recommended on it."""

    brief: Brief
    roles: Roles


@dataclass(frozen=True, slots=True)
class Part:
    """Cases that are scored together, with what was written of each."""

    title: str
    cases: list[RealCase]
    entries: Mapping[str, Mapping[str, Any]]
    held_out: bool


def load_parts(knowledge: Knowledge, data: Path = DATA) -> list[Part]:
    """Return the four sets, each as its development part and its held-out part."""
    names = ("real-cases.yaml", "public-situations.yaml", "situations.yaml", "invented-situations.yaml")
    real, public, further, invented = (_entries(data / name) for name in names)
    by_hand = load_cases(knowledge, data / "real-cases.yaml")
    others = {name: _situation(entry, knowledge) for name, entry in [*public.items(), *further.items(), *invented.items()]}
    return [
        Part(f"{title}, {out if held_out else 'development'}", [case for case in cases if is_out(case) is held_out], entries, held_out)
        for title, entries, cases, is_out, out in (
            ("real cases", real, by_hand, lambda case: case.held_out, "held out until 22 November 2026"),
            (
                "public situations",
                public,
                [others[name] for name in public],
                lambda case: public[case.name].get("held_out", False),
                "held out",
            ),
            ("further situations", further, [others[name] for name in further], _is_other_half, "held out"),
            (
                "invented situations",
                invented,
                [others[name] for name in invented],
                lambda case: invented[case.name].get("held_out", False),
                "held out",
            ),
        )
        for held_out in (False, True)
    ]


def _entries(path: Path) -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in yaml.safe_load(path.read_text(encoding="utf-8"))}


def _is_other_half(case: RealCase) -> bool:
    return int(hashlib.sha256(case.name.encode()).hexdigest(), 16) % 2 == 0


def _situation(entry: Mapping[str, Any], knowledge: Knowledge) -> RealCase:
    return RealCase(
        name=entry["id"],
        phase=entry.get("phase") or "",
        brief=read_brief({"name": entry["id"], "needs": entry.get("functions", "unknown")}, knowledge),
        label=_roles(entry["label"]),
        scope=_roles(entry["scope_reading"]),
        strong=entry.get("label_strength", "strong") == "strong",
    )


def _roles(label: str | list[str]) -> Roles:
    return frozenset(name.lower() for name in ([label] if isinstance(label, str) else label))


def brief_from(entry: Mapping[str, Any], way: str, knowledge: Knowledge, accept: str) -> Brief:
    """Return the brief that the reader makes of a case."""
    if way == "prose":
        return read_brief(read_text(entry["text"], knowledge.catalog).brief(knowledge.catalog, accept), knowledge)
    facts = {fact: entry[fact] for fact in ("phase", "modality", "dosage_form") if entry.get(fact)}
    said = {"needs": entry["needs"], "in_house": [entry["in_house"]] if entry.get("in_house") else [], "facts": facts}
    return read_brief_in_words(said, knowledge, accept=accept)[0]


def cause(brief: Brief, right: Mapping[str, Any], case: RealCase, answer: Roles) -> str:
    """Return why an answer misses, as far as a brief mapped by hand can tell."""
    if answer == case.scope:
        return "as the scope reads; the source uses another word"
    found = brief.needs or frozenset()
    wanted = set(right["needs"])
    if not found:
        return "no need found"
    parts = [f"not found: {', '.join(sorted(wanted - found))}"] if wanted - found else []
    parts += [f"not asked for: {', '.join(sorted(found - wanted))}"] if found - wanted else []
    for fact in ("phase", "modality", "dosage_form", "in_house_cmc", "substance_process_state"):
        if brief.facts.get(fact) != right["facts"].get(fact):
            parts.append(f"{fact} {brief.facts.get(fact)}, not {right['facts'].get(fact)}")
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


def answers_from(part: Part, way: str, knowledge: Knowledge, *, accept: str = "likely", view: str = "industry") -> dict[str, Answer]:
    """Return the brief that is read of each case of a part, and the recommendation."""
    briefs = {case.name: brief_from(part.entries[case.name], way, knowledge, accept) for case in part.cases}
    return {name: Answer(brief, frozenset(advise(brief, knowledge, view=view).verdict.recommendation)) for name, brief in briefs.items()}


def _causes(part: Part, found: Mapping[str, Answer], knowledge: Knowledge) -> None:
    """Print how often a kind of work that was asked for is missed, and how often one is read that was not, among the misses."""
    counts: Counter[str] = Counter()
    for case in part.cases:
        brief, answer = found[case.name]
        if answer in {case.label, case.scope}:
            continue
        read, asked = _kinds(brief.needs or (), knowledge), _kinds(case.brief.needs or (), knowledge)
        counts.update(f"{kind} not read" for kind in asked - read)
        counts.update(f"{kind} read, not asked for" for kind in read - asked)
        counts["the rules or the facts"] += read == asked
    print("causes: " + ("; ".join(f"{cause} {count}" for cause, count in sorted(counts.items()) if count) or "none") + "\n")


def _kinds(needs: Iterable[str], knowledge: Knowledge) -> set[str]:
    """Return the broad kinds of work: making, developing, evidence, or other."""
    works = [set(knowledge.catalog.functions[name].work) for name in needs]
    broad = {"making": {"make_substance", "make_product", "validate"}, "developing": {"develop"}, "evidence": EVIDENCE}
    return {kind for kind, members in broad.items() if any(members & work for work in works)} or {"other"}


def _missed(part: Part, way: str, found: Mapping[str, Answer]) -> None:
    """Print each miss of a part, with its cause."""
    for case in part.cases:
        brief, answer = found[case.name]
        if answer != case.label:
            known = case.brief.facts or brief.facts
            why = cause(brief, {"needs": case.brief.needs or (), "facts": known}, case, answer)
            print(f"  {case.name} ({way}): label {_named(case.label)}, answer {_named(answer)}; {why}")


@dataclass(frozen=True, slots=True)
class Counted:
    """What was found in the sentences of one class: right, wrong, missed; refused: sentences with something that must not be taken."""

    right: int
    wrong: int
    missed: int
    refused: int

    @property
    def precision(self) -> float:
        """Return the share of what was found that is right; 1 if nothing was found."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Return the share of what is there that was found; 1 if there is nothing."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def count_sentences(rows: Iterable[Mapping[str, Any]], catalog: Catalog) -> Counted:
    """Return what is found in sentences that say what must and must not be found."""
    right = wrong = missed = refused = 0
    for row in rows:
        found = {f.target for f in read_text(row["text"], catalog).accepted("likely") if f.taken == "need"}
        wanted = set(row.get("needs", ()))
        right += len(found & wanted)
        missed += len(wanted - found)
        wrong += len(found - wanted - set(row.get("also", ())))
        refused += bool(found & set(row.get("never", ())))
    return Counted(right, wrong, missed, refused)


def score_short(knowledge: Knowledge, path: Path = DATA / "short-situations.yaml") -> tuple[int, int]:
    """Return how many short situations are answered as labelled, in the industry view, and how many there are."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    briefs = [read_text(row["text"], knowledge.catalog).brief(knowledge.catalog) for row in rows]
    answers = [frozenset(advise(brief, knowledge, view="industry").verdict.recommendation) for brief in briefs]
    return sum(answer == _roles(row["label"]) for row, answer in zip(rows, answers, strict=True)), len(rows)


def _classes(knowledge: Knowledge) -> None:
    print(f"{'sentences by class':28}{'precision':>12}{'recall':>12}{'refused':>12}")
    for kind, rows in yaml.safe_load((DATA / "reading.yaml").read_text(encoding="utf-8")).items():
        counted = count_sentences(rows, knowledge.catalog)
        print(f"{kind:28}{counted.precision:12.2f}{counted.recall:12.2f}{counted.refused:12}")
    print(
        "\nshort situations: {}/{} developed on, {}/{} held out\n".format(*score_short(knowledge), *score_short(knowledge, SHORT_HELD_OUT))
    )


@click.command()
@click.option("--accept", default="likely", type=click.Choice(["stated", "likely", "all"]), show_default=True)
@click.option("--view", default="industry", show_default=True, type=click.Choice(["guide", "industry"]))
@click.option("--show-held-out", is_flag=True, help="List the misses of the held-out parts, too; do not develop by them.")
def main(accept: str, view: str, *, show_held_out: bool) -> None:
    """Score the reader on situations, beside two baselines."""
    knowledge = load_knowledge()
    _classes(knowledge)
    for part in load_parts(knowledge):
        print(f"{part.title}: {len(part.cases)} cases\n{'':28}" + "".join(f"{name:>16}" for name in SCORES))
        found = {way: answers_from(part, way, knowledge, accept=accept, view=view) for way in WAYS}
        for way, answers in found.items():
            print(_line(f"advisor, from {way}", score(part.cases, lambda case, answers=answers: answers[case.name].roles)))
        print(_line("phase alone", score(part.cases, by_phase(PLAIN_RULE))))
        print(_line("always CDMO", score(part.cases, always_cdmo)) + "\n")
        for way, answers in found.items():
            print(f"from {way}")
            _confusion(part.cases, {name: answer.roles for name, answer in answers.items()})
            _causes(part, answers, knowledge)
            if show_held_out or not part.held_out:
                _missed(part, way, answers)
            print()


if __name__ == "__main__":
    main()
