"""Seeded generators of small knowledge directories and of briefs, for tests that must hold for any rule base.

Run as a script it prints how lively the generated cases are: how many rules fire, wait and stay silent, and all outcomes.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import yaml

from advisor import advise, load_knowledge
from advisor.api import load_knowledge_from
from advisor.catalog import LISTS
from advisor.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from advisor import Knowledge
    from advisor.catalog import Catalog

Files = dict[str, dict[str, Any]]  # path inside a knowledge directory -> content

ROLES = ("cmo", "cro", "cdmo")
OPTIONS = (("cmo",), ("cro",), ("cdmo",), ("cmo", "cro"), ("cdmo", "cro"))
TARGETS = tuple("+".join(option) for option in OPTIONS)
VIEWS = ("guide", "industry")
STRENGTHS = ("strong", "ordinary", "slight")
ANY_LEVEL = 99
ASKED = {"question": "?", "help": "?", "why": "?", "sources": ["own"]}

_ATOMS = {"fact": 5, "derived": 3, "needs": 3, "wishes": 1, "in_house": 1}
_EFFECTS = {
    "derive": 5,
    "need": 2,
    "wish": 2,
    "rule_out": 2,
    "for": 6,
    "against": 5,
    "contradiction": 0.25,
    "cover": 1.5,
    "some": 1,
    "warn": 1,
    "plan": 0.5,
    "require": 0.5,
}


@dataclass(frozen=True)
class Shape:
    """What the knowledge to draw may contain.

    Attributes:
        rules: least and greatest number of rules besides the templates.
        effects: kinds of effects that the rules use.

    """

    rules: tuple[int, int] = (5, 60)
    effects: tuple[str, ...] = tuple(_EFFECTS)


ANY_SHAPE = Shape()


def draw_knowledge(seed: int, directory: Path, shape: Shape = ANY_SHAPE) -> Knowledge:
    """Return loaded knowledge drawn from a seed; rule bases refused as circular, or as too involved, are drawn anew."""
    return draw_sound_files(seed, directory, shape)[1]


def draw_sound_files(seed: int, directory: Path, shape: Shape = ANY_SHAPE) -> tuple[Files, Knowledge]:
    """Return the files of a knowledge directory drawn from a seed, and the knowledge loaded from them."""
    random = Random(seed)
    while True:
        files = draw_files(random, shape)
        try:
            return files, load_files(files, directory)
        except DataError as problem:
            if not any(reason in str(problem) for reason in ("in a circle", "alternatives")):
                raise


def load_files(files: Files, directory: Path) -> Knowledge:
    """Write files into a directory of their own, and load the knowledge in it."""
    home = Path(tempfile.mkdtemp(dir=directory))
    for name, content in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.dump(content, Dumper=_Dumper, sort_keys=False), encoding="utf-8")
    return load_knowledge_from([home])


def files_of(facts: Mapping[str, dict[str, Any]], rules: Sequence[dict[str, Any]]) -> Files:
    """Return the files of a knowledge directory with the given facts and the given rules alone, of topic `t`."""
    files = {name: content for name, content in draw_files(Random(0)).items() if not name.startswith("rules/")}
    asked = {name: fact | {"label": name, "order": 1} | ASKED for name, fact in facts.items()}
    files["catalog/facts.yaml"]["facts"] = asked
    said = {"title": "Given", "because": "Given.", "source": "own"}
    files["rules/t.yaml"] = {"topic": "t", "rules": [rule | said for rule in rules]}
    return files


class _Dumper(yaml.CSafeDumper):
    """Writes everything out: the product allows no aliases."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        return True


def draw_files(random: Random, shape: Shape = ANY_SHAPE) -> Files:
    """Return the files of a small knowledge directory."""
    return _Drawing(random, shape).files()


@dataclass
class _Drawing:
    """One knowledge directory being drawn.

    What rules conclude has a level, and a rule mostly reads only what has a lower one, so that circles are rare.
    """

    random: Random
    shape: Shape
    functions: dict[str, dict[str, Any]] = field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    vocabularies: dict[str, dict[str, Any]] = field(default_factory=dict)
    derived: dict[str, int] = field(default_factory=dict)
    levels: dict[tuple[str, str], int] = field(default_factory=dict)

    def files(self) -> Files:
        self._draw_words()
        catalog = {
            "knowledge.yaml": {"knowledge": {"version": "drawn", "title": "Drawn"}},
            "sources.yaml": {"sources": {"own": {"title": "Drawn"}}},
            "functions.yaml": {"groups": {"all": "All"}, "work": {tag: tag for tag in self._tags()}, "functions": self.functions},
            "roles.yaml": self._roles(),
            "facts.yaml": {"lists": {key: ASKED | {"label": key} for key in LISTS}, "facts": self.facts},
            "plans.yaml": {"plans": {"plan": {"title": "Plan", "text": "Plan", "sources": ["own"]}}},
            "duties.yaml": {"duties": {"duty": {"kind": "oversight", "title": "Duty", "text": "Duty", "roles": [], "sources": ["own"]}}},
        }
        catalog |= {f"vocabularies/{name}.yaml": content for name, content in self.vocabularies.items()}
        return {f"catalog/{name}": content for name, content in catalog.items()} | self._rule_files()

    # --- the catalog --------------------------------------------------------------------------------------------------

    def _draw_words(self) -> None:
        random = self.random
        umbrellas: list[str] = []
        for i in range(random.randint(4, 12)):
            under = random.choice(umbrellas) if umbrellas and random.random() < 0.3 else None
            self.functions[f"function_{i}"] = self._function(i, under)
            if under is None and random.random() < 0.4:
                umbrellas.append(f"function_{i}")
        for i in range(random.randint(2, 4)):
            self.vocabularies[f"vocabulary_{i}"] = self._vocabulary(i)
        for i in range(random.randint(4, 9)):
            self.facts[f"fact_{i}"] = self._fact(i)
        self.derived = {f"derived_{i}": random.randint(1, 5) for i in range(random.randint(1, 6))}
        for kind in ("needs", "wishes"):
            for name in self.functions:
                self.levels[kind, name] = random.choice((0, 0, 0, 1, 2, 3, 4, 5))

    def _tags(self) -> list[str]:
        return [f"work_{i}" for i in range(4)]

    def _function(self, i: int, under: str | None) -> dict[str, Any]:
        tags = self.random.sample(self._tags(), self.random.choice((1, 1, 2)))
        entry = {"name": f"Function {i}", "group": "all", "work": tags, "gxp": "none", "phases": [], "summary": "Drawn."}
        return entry | {"phrases": [f"do function {i}"], "basis": "Drawn.", "sources": ["own"]} | ({"under": under} if under else {})

    def _vocabulary(self, i: int) -> dict[str, Any]:
        random = self.random
        values = [f"term_{i}_{k}" for k in range(random.randint(2, 6))]
        terms: dict[str, Any] = {value: {"label": f"Label of {value}"} for value in values}
        groups = {f"group_{i}_{k}": random.sample(values, random.randint(1, len(values))) for k in range(random.randint(0, 2))}
        for k in range(random.randint(0, 2)):
            terms[f"vague_{i}_{k}"] = {"label": f"Vague {i} {k}", "one_of": random.sample(values, random.randint(2, len(values)))}
        return {"vocabulary": f"vocabulary_{i}", "title": "Drawn", "source": "own", "terms": terms, "groups": groups}

    def _fact(self, i: int) -> dict[str, Any]:
        random = self.random
        kind = random.choice(("enum", "enum", "set", "bool", "bool", "integer"))
        entry: dict[str, Any] = {"type": kind, "label": f"Fact {i}", "question": "?", "help": "Drawn.", "why": "Drawn.", "order": i}
        entry["sources"] = ["own"]
        if kind == "integer":
            entry |= {"minimum": random.choice((0, 0, 1, -10)), "maximum": random.choice((5, 20, 1000)), "unit": "units"}
        if kind == "enum":
            entry["vocabulary"] = random.choice(list(self.vocabularies))
        if kind == "set":  # a member of a set is known or not; only a single value may be vague
            name = random.choice(list(self.vocabularies))
            terms = self.vocabularies[name]["terms"]
            self.vocabularies[name]["terms"] = {term: entry for term, entry in terms.items() if "one_of" not in entry}
            entry["vocabulary"] = name
        return entry

    def _roles(self) -> dict[str, Any]:
        random = self.random
        role = {"name": "R", "full_name": "Role", "summary": "Drawn.", "sources": ["own"]}
        reasons = {key: {"strength": random.choice(STRENGTHS), "title": key, "because": key, "source": "own"} for key in _BUILT_IN}
        return {
            "roles": {name: role | {"name": name.upper()} for name in ROLES},
            "options": [list(option) for option in OPTIONS],
            "views": {view: {"title": view, "summary": view, "source": "own"} for view in VIEWS},
            "built_in": reasons,
            "grades": {view: self._grades() for view in VIEWS},
        }

    def _grades(self) -> dict[str, dict[str, str]]:
        random = self.random
        broad = random.random() < 0.5  # then a CDMO covers all that a CMO covers
        rows: dict[str, dict[str, str]] = {}
        for name, function in self.functions.items():
            if random.random() < (0.5 if "under" in function else 0.05):
                continue
            row = {role: random.choice(("core", "common", "rare", "no", "no")) for role in ROLES}
            if row["cmo"] in {"core", "common"} and (broad or random.random() < 0.5):
                row["cdmo"] = "common"
            rows[name] = row
        return rows

    # --- the rules ----------------------------------------------------------------------------------------------------

    def _rule_files(self) -> Files:
        random = self.random
        topics = [f"topic-{i}" for i in range(random.randint(1, 4))]
        files: Files = {f"rules/{topic}.yaml": {"topic": topic, "rules": []} for topic in topics}
        must = [{"derive": name} for name in self.derived]  # every conclusion has a rule, or reading it would be refused
        for i in range(max(len(must), random.randint(*self.shape.rules))):
            topic = random.choice(topics)
            files[f"rules/{topic}.yaml"]["rules"].append(self._rule(f"{topic}.rule-{i}", must[i : i + 1]))
        return {"rules/match.yaml": {"topic": "match", "rules": self._templates()}} | files

    def _templates(self) -> list[dict[str, Any]]:
        rules = [_template("match.$role.$function", "needs", "cover", ["core", "common"])]
        if self.random.random() < 0.8:
            rules.append(_template("match.wish.$role.$function", "wishes", "cover", ["core", "common"]))
        if self.random.random() < 0.5:
            rules.append(_template("match.some.$role.$function", "needs", "some", ["rare"]))
        return rules

    def _rule(self, name: str, effects: list[dict[str, str]]) -> dict[str, Any]:
        random = self.random
        kinds = random.choices(self.shape.effects, [_EFFECTS[kind] for kind in self.shape.effects], k=random.choice((1, 1, 1, 2, 3)))
        effects = effects or [self._effect(kind) for kind in kinds]
        level = min((self._level_of(effect) for effect in effects), default=ANY_LEVEL)
        if random.random() < 0.01:
            level = ANY_LEVEL
        rule = {"id": name, "title": name, "when": self._condition(level, 3), "then": effects, "because": name, "source": "own"}
        return rule | ({"view": random.choice(VIEWS)} if random.random() < 0.2 else {})

    def _level_of(self, effect: Mapping[str, str]) -> int:
        """Return the level of what an effect concludes."""
        if "derive" in effect:
            return self.derived[effect["derive"]]
        if "need" in effect:
            return self.levels["needs", effect["need"]]
        return self.levels["wishes", effect["wish"]] if "wish" in effect else ANY_LEVEL

    def _effect(self, kind: str) -> dict[str, str]:
        random = self.random
        if kind in {"need", "wish"}:
            where = "needs" if kind == "need" else "wishes"
            free = [name for name in self.functions if self.levels[where, name]]
            return {kind: random.choice(free)} if free else {"warn": "Nothing to ask for."}
        if kind in {"for", "against"}:
            theme = {"theme": f"theme-{random.randint(0, 4)}"} if random.random() < 0.5 else {}
            return {kind: random.choice(TARGETS), "strength": random.choice(STRENGTHS)} | theme
        if kind in {"cover", "some"}:
            return {kind: random.choice(ROLES), "function": random.choice(list(self.functions))}
        targets = {"derive": list(self.derived), "rule_out": TARGETS, "plan": ["plan"], "require": ["duty"]}
        return {kind: random.choice(targets.get(kind, ["Drawn."]))}

    def _condition(self, level: int, depth: int) -> dict[str, Any]:
        random = self.random
        roll = random.random()
        if depth == 0 or roll < 0.35:
            return self._atom(level)
        if roll < 0.45:
            return {"not": self._condition(level, depth - 1)}
        parts = [self._condition(level, depth - 1) for _ in range(random.choice((1, 2, 2, 2, 3, 3)))]
        return {random.choice(("all", "any")): parts}

    def _atom(self, level: int) -> dict[str, Any]:
        random = self.random
        kind = random.choices(list(_ATOMS), list(_ATOMS.values()))[0]
        below = [name for name, its in self.derived.items() if its < level]
        if kind == "derived" and below:
            return {"fact": random.choice(below)} | random.choice(({}, {}, {"is": True}, {"is": False}, {"not": True}))
        if kind in {"needs", "wishes", "in_house"}:
            words = self._readable(kind, level)
            if words:
                return {"fact": kind, "has": _one_or_more(random, words)}
        return self._comparison(random.choice(list(self.facts)))

    def _readable(self, kind: str, level: int) -> list[str]:
        """Return the functions and kinds of work that a rule of a level may look for."""
        names = [name for name in self.functions if kind == "in_house" or self.levels[kind, name] < level]
        hidden = {tag for name in self.functions if name not in names for tag in self.functions[name]["work"]}
        return names + [tag for tag in self._tags() if tag not in hidden]

    def _comparison(self, name: str) -> dict[str, Any]:
        random, fact = self.random, self.facts[name]
        if fact["type"] == "bool":
            return {"fact": name} | random.choice(({}, {"is": True}, {"is": False}, {"not": True}, {"not": False}))
        if fact["type"] == "integer":
            return {"fact": name} | self._number_test(fact["minimum"], fact["maximum"])
        content = self.vocabularies[fact["vocabulary"]]
        values = [term for term, entry in content["terms"].items() if "one_of" not in entry]
        if fact["type"] == "set":
            return {"fact": name, "has": _one_or_more(random, [*values, *content["groups"]])}
        operator = random.choice(("is", "not", "in", "in"))
        if operator == "in":
            return {"fact": name, "in": random.sample(pool := [*values, *content["groups"]], random.randint(1, min(3, len(pool))))}
        return {"fact": name, operator: random.choice(values)}

    def _number_test(self, low: int, high: int) -> dict[str, Any]:
        random = self.random
        operator = random.choice(("is", "not", "in", "at_least", "at_most", "below", "above"))
        numbers = [random.choice((low, high, random.randint(low - 1, high + 1))) for _ in range(2)]
        return {operator: numbers if operator == "in" else numbers[0]}


_BUILT_IN = ("second_partner", "unused_breadth", "open_wish")


def _template(name: str, reads: str, effect: str, grades: list[str]) -> dict[str, Any]:
    """Return a rule that is expanded over the role lists."""
    when = {"fact": reads, "has": "$function"}
    then = [{effect: "$role", "function": "$function"}]
    return {"id": name, "title": name, "for_each": {"grades": grades}, "when": when, "then": then, "because": name, "source": "$list"}


def _one_or_more(random: Random, words: Sequence[str]) -> str | list[str]:
    return random.choice((random.choice(words), random.sample(words, random.randint(1, min(3, len(words))))))


# --- briefs -----------------------------------------------------------------------------------------------------------


def draw_brief(random: Random, catalog: Catalog) -> dict[str, Any]:
    """Return a brief, as it would be written: much or little is known, some of it in part."""
    known = random.choice((0.0, 0.3, 0.6, 0.9, 1.0))
    functions = sorted(catalog.functions)
    random.shuffle(functions)
    needs = [functions.pop() for _ in range(random.choice((0, 1, 1, 2, 2, 3, 4)))]
    wishes = [functions.pop() for _ in range(random.choice((0, 0, 1, 2)) if len(functions) > 1 else 0)]
    in_house = [functions.pop() for _ in range(random.choice((0, 0, 1, 2)) if len(functions) > 1 else 0)]
    brief: dict[str, Any] = {"needs": "unknown" if random.random() < 0.06 else needs, "wishes": wishes, "in_house": in_house}
    brief["facts"] = {name: _draw_value(random, catalog, name) for name in sorted(catalog.facts) if random.random() < known}
    return brief


def _draw_value(random: Random, catalog: Catalog, name: str) -> object:
    fact = catalog.facts[name]
    if fact.type == "bool":
        return random.choice((True, False))
    if fact.type == "integer":
        low, high = fact.minimum or 0, fact.maximum or 0
        return random.choice((low, high, random.randint(low, high), random.randint(low, min(high, low + 10))))
    terms = sorted(catalog.terms(name))
    return random.choice(terms) if fact.type == "enum" else random.sample(terms, random.randint(0, min(3, len(terms))))


# --- how lively it is -------------------------------------------------------------------------------------------------


def tally(knowledge: Knowledge, briefs: int, random: Random, counts: Counter[str]) -> None:
    """Count what rules do and how briefs end, over generated briefs in every view."""
    for _ in range(briefs):
        for verdict in advise(draw_brief(random, knowledge.catalog), knowledge).verdicts.values():
            evaluation, total = verdict._evaluation, len(verdict._ladder.program.rules)
            counts["rules that fire"] += len(evaluation.fired)
            counts["rules that wait"] += len(evaluation.waiting)
            counts["rules that stay silent"] += total - len(evaluation.fired) - len(evaluation.waiting)
            counts[f"status {verdict.status}"] += 1
            counts[f"certainty {verdict.certainty}"] += 1
            counts[f"decided at {verdict.decided_at}"] += 1


def main() -> None:
    """Print one table for generated knowledge, one for the shipped."""
    with tempfile.TemporaryDirectory() as home:
        drawn: Counter[str] = Counter()
        for seed in range(60):
            tally(draw_knowledge(seed, Path(home)), 50, Random(seed), drawn)
    shipped: Counter[str] = Counter()
    tally(load_knowledge(), 500, Random(0), shipped)
    for title, counts in (("60 generated bases, 50 briefs each", drawn), ("shipped knowledge, 500 briefs", shipped)):
        sys.stdout.write(f"{title}, both views\n")
        for key, count in sorted(counts.items()):
            total = sum(n for other, n in counts.items() if other.split()[0] == key.split()[0])
            sys.stdout.write(f"  {key:24} {count:8}  {count / total:6.1%}\n")


if __name__ == "__main__":
    main()
