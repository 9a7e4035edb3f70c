"""Rules about rules and catalog: what an author should mend before anybody relies on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.brief import check_brief
from advisor.compiler import Either, Every, Test
from advisor.errors import BriefError, Issue, Place, suggest
from advisor.facts import facts_of
from advisor.reading_data import load_lexicon
from advisor.records import as_plain
from advisor.rulebase import load_cases
from advisor.yamlfile import as_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from advisor.api import Knowledge
    from advisor.brief import Brief
    from advisor.catalog import Catalog
    from advisor.compiler import Formula, Program
    from advisor.errors import Severity
    from advisor.rulebase import LocatedCase
    from advisor.rules import RuleBase
    from advisor.verdict import Evaluation


def check_knowledge(knowledge: Knowledge) -> list[Issue]:
    """Return every finding about loaded knowledge, in the order of their places; errors and warnings alike.

    Raises:
        DataError: if what the reader of prose knows, or a file of cases, is not sound.

    """
    load_lexicon(knowledge.catalog, knowledge.directories)
    cases = load_cases(list(knowledge.directories))
    programs = {view: engine.program for view, engine in knowledge.engines.items()}
    found = [
        *_phrases(knowledge.catalog),
        *_roles(knowledge.catalog),
        *_unused(knowledge.catalog, knowledge.rules),
        *_conditions(knowledge.rules, programs),
        *_cases(knowledge, cases),
        *_untested(knowledge, cases),
    ]
    return sorted(set(found))


def _phrases(catalog: Catalog) -> Iterator[Issue]:
    """Yield phrases that stand for more than one function."""
    owners: dict[str, str] = {}
    for name, function in catalog.functions.items():
        for phrase in function.phrases:
            other = owners.setdefault(phrase.casefold(), name)
            if other != name:
                yield _at(catalog, ("functions", name), f"the phrase '{phrase}' also stands for '{other}'", "keep it with one of the two")


def _roles(catalog: Catalog) -> Iterator[Issue]:
    """Yield what is odd in the role lists."""
    for view in catalog.views:
        lists = {
            role: {f for f in catalog.functions if catalog.grade(view, f, role) in {"core", "common"}}
            for role in ("cmo", "cdmo")
            if role in catalog.roles
        }
        for function in sorted(lists.get("cmo", set()) - lists.get("cdmo", set())):
            what = f"in the {view} view a CMO covers '{function}' and a CDMO does not, so a CDMO no longer counts as the broader of the two"
            yield _at(catalog, (f"grades {view}", function), what, "grade the CDMO common or core, or mean it", "warning")
    for function in catalog.functions:
        if ("grades industry", function) not in catalog.places:
            yield _at(catalog, ("functions", function), f"'{function}' has no grades in the industry view", "add a row to roles.yaml")


def _unused(catalog: Catalog, rules: RuleBase) -> Iterator[Issue]:
    """Yield facts no rule reads, and plans and conditions no rule brings in."""
    everything = rules.rules().values()
    read = {name for rule in everything for name in _facts_read(as_plain(rule.when))}
    for fact in sorted(set(catalog.facts) - read):
        yield _at(catalog, ("facts", fact), f"no rule reads '{fact}'", "write a rule, or do not ask for it", "warning")
    named = {(effect.kind, effect.target) for rule in everything for effect in rule.then}
    for plan in sorted(catalog.plans):
        if ("plan", plan) not in named:
            yield _at(catalog, ("plans", plan), f"no rule proposes '{plan}'", "write a rule, or remove it", "warning")
    for duty, entry in sorted(catalog.duties.items()):
        if not entry.roles and ("require", duty) not in named:
            yield _at(catalog, ("duties", duty), f"no role owes '{duty}' and no rule requires it", "give it roles, or a rule", "warning")


def _facts_read(condition: object) -> Iterator[str]:
    if isinstance(condition, dict):
        if isinstance(condition.get("fact"), str):
            yield condition["fact"]
        for part in condition.values():
            yield from _facts_read(part)
    elif isinstance(condition, list | tuple):
        for part in condition:
            yield from _facts_read(part)


def _conditions(rules: RuleBase, programs: Mapping[str, Program]) -> Iterator[Issue]:
    """Yield rules whose condition can never or will always hold, as far as one can see without trying."""
    for program in programs.values():
        for compiled in program.rules:
            place = Place(rules.places.get(compiled.rule.id, "rules"))
            if _never(compiled.known):
                yield Issue(place, f"'{compiled.rule.id}' can never fire", "its condition admits no value")
            if _always(compiled.known, program):
                yield Issue(place, f"'{compiled.rule.id}' always fires", "its condition admits every value", "warning")


def _never(formula: Formula) -> bool:
    match formula:
        case Test():
            return not formula.codes
        case Every():
            return any(_never(part) for part in formula.parts)
        case Either():
            return all(_never(part) for part in formula.parts)


def _always(formula: Formula, program: Program) -> bool:
    match formula:
        case Test():
            return len(formula.codes) == program.attributes[formula.attribute].size
        case Every():
            return all(_always(part, program) for part in formula.parts)
        case Either():
            return any(_always(part, program) for part in formula.parts)


def _cases(knowledge: Knowledge, cases: list[LocatedCase]) -> Iterator[Issue]:
    """Yield cases that do not hold."""
    known = knowledge.rules.rules()
    for located in cases:
        view = located.case.view
        if located.rule not in known:
            hint = suggest(located.rule, known)
            yield located.document.issue(located.path[:-1], f"cases for '{located.rule}', which is no rule", hint, of_key=True)
        elif view is not None and view not in knowledge.engines:
            yield located.document.issue((*located.path, "view"), f"'{view}' is not a view", suggest(view, knowledge.engines))
        else:
            yield from _case(knowledge, located, view or known[located.rule].view or _view_of(located.rule, knowledge))


def _case(knowledge: Knowledge, located: LocatedCase, view: str) -> Iterator[Issue]:
    """Yield what is wrong with one case."""
    try:
        brief = brief_of_case(located, knowledge.catalog)
    except BriefError as problem:
        for issue in problem.issues:
            yield located.document.issue(located.path, issue.what, issue.hint)
        return
    engine = knowledge.engines[view]
    outcome = _outcome(located.rule, engine.evaluate(facts_of(brief, knowledge.catalog).values), engine.program)
    if outcome != located.case.outcome:
        what = f"'{located.rule}' should be '{located.case.outcome}' but is '{outcome}' ({view} view): {located.case.sentence}"
        yield located.document.issue(located.path, what, "correct the rule or the case")


def brief_of_case(located: LocatedCase, catalog: Catalog) -> Brief:
    """Return the brief of a case.

    Raises:
        BriefError: if it is not sound.

    """
    case = located.case
    value = {"needs": case.needs, "wishes": case.wishes, "in_house": case.in_house, "facts": case.facts}
    return check_brief(as_document(value, located.document.name), catalog)


def _view_of(rule: str, knowledge: Knowledge) -> str:
    """Return the first view in which a rule holds."""
    return next(view for view, rules in knowledge.rules.by_view.items() if any(each.id == rule for each in rules))


def _outcome(rule: str, evaluation: Evaluation, program: Program) -> str:
    indexes = {i for i, compiled in enumerate(program.rules) if compiled.rule.id == rule}
    if indexes & evaluation.fired:
        return "fires"
    return "waits" if indexes & evaluation.waiting else "silent"


def _untested(knowledge: Knowledge, cases: list[LocatedCase]) -> Iterator[Issue]:
    """Yield rules without a case in which they fire, and one in which they stay silent; a template needs one of each."""
    tested: dict[str, set[str]] = {}
    places = knowledge.rules.places
    for located in cases:
        if located.rule in places:
            tested.setdefault(places[located.rule], set()).add(located.case.outcome)
    for rule in knowledge.rules.rules():
        missing = {"fires", "silent"} - tested.get(places[rule], set())
        for outcome in sorted(missing):
            place = Place(places[rule])
            yield Issue(
                place, f"no case shows that '{rule}' {'fires' if outcome == 'fires' else 'stays silent'}", "add one to the cases file"
            )


def _at(catalog: Catalog, entry: tuple[str, str], what: str, hint: str, severity: Severity = "error") -> Issue:
    place = catalog.places.get(entry, Place("catalog"))
    return Issue(place, what, hint, severity)
