"""The commands that show and check what the advisor knows: functions, roles, facts, rules, check, schema, doctor."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

import click

from advisor.cli_options import (
    EXIT_FINDINGS,
    EXIT_SETUP,
    as_json_text,
    as_table,
    check_directories,
    json_option,
    knowledge_option,
    load,
    tell,
)
from advisor.errors import DataError
from advisor.records import as_plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from advisor.api import Knowledge

_PACKAGE = "outsourcing-advisor"
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)[^;]*(?:;.*extra == ['\"](?P<extra>[\w.-]+)['\"])?")
_SCHEMAS = ("brief", "rules", "cases", "catalog")


@click.command()
@click.argument("function", required=False)
@json_option
@knowledge_option
def functions(function: str | None, as_json: bool, overlays: tuple[Path, ...]) -> None:
    """List the functions that can be outsourced, or show one with its phrases and grades."""
    knowledge = load(overlays)
    catalog = knowledge.catalog
    chosen = {function: _known(function, catalog.functions, "function")} if function else dict(catalog.functions)
    if as_json:
        entries = {key: {**as_plain(entry), "grades": _grades(knowledge, key)} for key, entry in chosen.items()}
        click.echo(as_json_text("functions", entries, knowledge), nl=False)
    elif function:
        entry = chosen[function]
        click.echo(f"{entry.name} ({function})\n{entry.summary}\n")
        click.echo(as_table([("group", catalog.groups[entry.group]), ("GxP", entry.gxp), ("phases", ", ".join(entry.phases))]), nl=False)
        click.echo(
            as_table(
                [(f"{view} view", ", ".join(f"{r} {g}" for r, g in row.items())) for view, row in _grades(knowledge, function).items()]
            ),
            nl=False,
        )
        click.echo(f"others       {entry.others or '-'}\nphrases      {'; '.join(entry.phrases)}\nsources      {', '.join(entry.sources)}")
    else:
        for group, label in catalog.groups.items():
            members = [(f"  {key}", entry.name) for key, entry in catalog.functions.items() if entry.group == group]
            click.echo(f"{label}\n{as_table(members)}")


def _grades(knowledge: Knowledge, function: str) -> dict[str, dict[str, str]]:
    catalog = knowledge.catalog
    return {view: {role: catalog.grade(view, function, role) for role in catalog.roles} for view in catalog.views}


def _known(key: str, entries: Any, kind: str) -> Any:  # noqa: ANN401 - one helper for every section of the catalog
    from advisor.errors import suggest

    if key not in entries:
        message = f"no {kind} '{key}'; {suggest(key, entries) or f'`advisor {kind}s` lists them all'}"
        raise click.UsageError(message)
    return entries[key]


@click.command()
@json_option
@knowledge_option
def roles(as_json: bool, overlays: tuple[Path, ...]) -> None:
    """Show the three roles and what is on each one's list, in both views."""
    knowledge = load(overlays)
    catalog = knowledge.catalog
    if as_json:
        entries = {key: as_plain(role) for key, role in catalog.roles.items()}
        grades = {function: _grades(knowledge, function) for function in catalog.functions}
        click.echo(as_json_text("roles", {"roles": entries, "grades": grades}, knowledge), nl=False)
        return
    for role in catalog.roles.values():
        click.echo(f"{role.name}: {role.full_name}\n  {role.summary}\n")
    head = ("function", *(f"{view}: {role.name}" for view in catalog.views for role in catalog.roles.values()))
    rows = [(f, *(g for row in _grades(knowledge, f).values() for g in row.values())) for f in catalog.functions]
    click.echo(as_table([head, *rows]), nl=False)


@click.command()
@click.argument("fact", required=False)
@json_option
@knowledge_option
def facts(fact: str | None, as_json: bool, overlays: tuple[Path, ...]) -> None:
    """List the facts a brief may state, or show one with its values."""
    knowledge = load(overlays)
    catalog = knowledge.catalog
    chosen = {fact: _known(fact, catalog.facts, "fact")} if fact else dict(catalog.facts)
    if as_json:
        entries = {
            key: {**as_plain(entry), "values": {t: term.label for t, term in catalog.terms(key).items()}} for key, entry in chosen.items()
        }
        click.echo(as_json_text("facts", entries, knowledge), nl=False)
    elif fact:
        entry = chosen[fact]
        click.echo(f"{entry.label} ({fact}): {entry.type}\n{entry.question}\n{entry.help}\nWhy: {entry.why}\n")
        if entry.type == "integer":
            click.echo(f"a whole number of {entry.unit} from {entry.minimum} to {entry.maximum}")
        values = [(f"  {term}", f"{each.label}{f' ({each.note})' if each.note else ''}") for term, each in catalog.terms(fact).items()]
        click.echo(as_table(values) if values else "", nl=False)
    else:
        ordered = sorted(catalog.facts.items(), key=lambda item: (item[1].order, item[0]))
        click.echo(as_table([(key, entry.type, entry.question) for key, entry in ordered]), nl=False)


@click.command()
@click.option("--templates/--no-templates", default=False, help="List the rules expanded from templates, too.")
@json_option
@knowledge_option
def rules(templates: bool, as_json: bool, overlays: tuple[Path, ...]) -> None:
    """List the rules: what each one says, and what it does."""
    from advisor.reasons import effect_text

    knowledge = load(overlays)
    entries = knowledge.rules.rules()
    if as_json:
        dumped = {key: as_plain(rule, all_keys=False) for key, rule in entries.items()}
        click.echo(as_json_text("rules", dumped, knowledge), nl=False)
        return
    shown = [rule for rule in entries.values() if templates or not rule.id.startswith("match.")]
    for rule in sorted(shown, key=lambda r: r.id):
        click.echo(f"{rule.id}  ({rule.view or 'both views'})\n  {rule.because}\n  {'; '.join(effect_text(e) for e in rule.then)}")
    if not templates:
        click.echo(f"and {len(entries) - len(shown)} rules that match needs against the roles' lists (--templates)")


@click.command()
@knowledge_option
def check(overlays: tuple[Path, ...]) -> None:
    """Check the whole catalog and all rules with their cases, shipped or with overlays."""
    from advisor.check import check_knowledge

    check_directories(overlays)
    try:
        knowledge = load(overlays)
        found = check_knowledge(knowledge)
    except DataError as problem:
        tell(problem)
        sys.exit(EXIT_FINDINGS)
    for issue in found:
        click.echo(str(issue))
    errors = sum(issue.severity == "error" for issue in found)
    counts = f"{len(knowledge.catalog.functions)} functions, {len(knowledge.catalog.facts)} facts, {len(knowledge.rules.rules())} rules"
    click.echo(f"{counts}: {errors} errors, {len(found) - errors} warnings", err=True)
    if errors:
        sys.exit(EXIT_FINDINGS)


@click.command()
@click.argument("kind", type=click.Choice(_SCHEMAS))
def schema(kind: str) -> None:
    """Print the JSON Schema of a brief, a rule file, a cases file or the catalog files, for editors."""
    from pydantic import TypeAdapter

    from advisor.brief import BriefFile
    from advisor.catalog import Vocabulary
    from advisor.catalog_files import CATALOG_FILES
    from advisor.rule_files import CasesFile, RuleFile

    models: dict[str, Any] = {"brief": BriefFile, "rules": RuleFile, "cases": CasesFile}
    if kind == "catalog":
        found = {name: TypeAdapter(model).json_schema() for name, model in CATALOG_FILES.items()}
        found["vocabularies/*.yaml"] = TypeAdapter(Vocabulary).json_schema()
        click.echo(json.dumps(found, indent=2, sort_keys=True))
        return
    document = TypeAdapter(models[kind]).json_schema()
    click.echo(json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **document}, indent=2, sort_keys=True))


@click.command()
def doctor() -> None:
    """Check that everything the advisor needs is there and works."""
    import platform

    needed, extras = _dependencies()
    rows = [("python", platform.python_version(), "ok" if sys.version_info >= (3, 11) else "needs 3.11 or later")]
    rows += [(name, _version(name) or "-", "ok" if _version(name) else f"missing: pip install {_PACKAGE}") for name in needed]
    rows += [_try("one brief", _self_test), _try("exact questions", _test_questions), _try("many briefs", _test_batch)]
    click.echo(as_table([*rows, *(_extra(name, parts) for name, parts in extras.items())]), nl=False)
    if any(row[-1] != "ok" for row in rows):
        sys.exit(EXIT_SETUP)


def _dependencies() -> tuple[list[str], dict[str, list[str]]]:
    """Return the packages that the advisor always needs, and those of each extra, as its own metadata name them."""
    from importlib.metadata import requires

    needed: list[str] = []
    extras: dict[str, list[str]] = {}
    for requirement in requires(_PACKAGE) or ():
        found = _REQUIREMENT.match(requirement)
        if found is None or found["name"] == _PACKAGE:
            continue
        (extras.setdefault(found["extra"], []) if found["extra"] else needed).append(found["name"])
    return sorted(needed), {name: sorted(parts) for name, parts in sorted(extras.items()) if name != "dev"}


def _version(package: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _extra(name: str, packages: list[str]) -> tuple[str, str, str]:
    """Return a line on packages that only some commands need: what is missing is told, and is no fault."""
    missing = [package for package in packages if _version(package) is None]
    state = f"without {', '.join(missing)}: pip install '{_PACKAGE}[{name}]'" if missing else "ok"
    return f"extra {name}", f"{len(packages) - len(missing)} of {len(packages)}", state


def _try(name: str, test: Callable[[], str]) -> tuple[str, str, str]:
    try:
        return (name, test(), "ok")
    except Exception as problem:  # noqa: BLE001 - whatever is wrong is to be told
        return (name, "-", f"{type(problem).__name__}: {problem}")


def _self_test() -> str:
    """Advise on one need and return the answer; raise if it is not what the guide says."""
    from advisor.api import advise

    answer = advise({"needs": ["api_development"]}).verdict.recommendation
    if answer != ("cmo",):
        message = f"API development should give CMO by the guide, not {answer}"
        raise RuntimeError(message)
    return "advises"


def _test_questions() -> str:
    """Ask how a brief that says nothing may end; raise unless it is in several ways."""
    from advisor.api import read_brief, shipped_knowledge

    knowledge = shipped_knowledge()
    if len(knowledge.questions["guide"].possible_endings(read_brief({"needs": "unknown"}, knowledge))) < 2:  # noqa: PLR2004 - several
        message = "a brief that says nothing should be able to end in several ways"
        raise RuntimeError(message)
    return "answers"


def _test_batch() -> str:
    """Advise on a table of one brief, in a process of its own for what it loads; raise if the answer is not what the guide says."""
    import subprocess

    command = [sys.executable, "-m", "advisor", "batch", "-", "--from", "jsonl", "--to", "jsonl", "-o", "-"]
    done = subprocess.run(command, input=b'{"needs": ["api_development"]}\n', capture_output=True, check=False)  # noqa: S603 - our own
    if b'"guide_recommendation":"cmo"' not in done.stdout:
        raise RuntimeError(done.stderr.decode(errors="replace").strip().rpartition("\n")[2] or "no answer")
    return "advises"
