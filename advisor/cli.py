"""The command line: parse, call the library, print, exit. Data go to stdout, everything else to stderr.

Exit codes: 0 done; 1 done, with findings; 2 wrong usage or unreadable input; 3 the set-up is broken.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from advisor.errors import AdvisorError, BriefError, DataError, EvaluationError, Issue, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from advisor.api import Knowledge
    from advisor.brief import Brief

EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_SETUP = 3

_BRIEF_HINT = "see `advisor schema brief`, `advisor functions` and `advisor facts`"
_SCHEMAS = ("brief", "rules", "cases", "catalog")


def main() -> None:
    """Run the command line; every error becomes a message and an exit code."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(130)
    except AdvisorError as problem:
        _fail(problem)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except ImportError as problem:
        click.echo(f"advisor: the set-up is broken: {problem}\n  help: run `advisor doctor`, or `./run demo` in a checkout", err=True)
        sys.exit(EXIT_SETUP)


def _tell(problem: AdvisorError) -> None:
    click.echo(str(problem), err=True)
    if len(problem.issues) > 1:
        click.echo(f"{len(problem.issues)} problems found", err=True)


def _fail(problem: AdvisorError) -> NoReturn:
    _tell(problem)
    sys.exit(EXIT_FINDINGS if isinstance(problem, EvaluationError) else EXIT_USAGE)


def _version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        from advisor.report import tool_version

        click.echo(f"advisor {tool_version()}")
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit.")
def cli() -> None:
    """Recommend which kind of partner to hire, a CMO, a CRO or a CDMO, and say why.

    Start with:  advisor recommend examples/api-plus-trials/brief.yaml
    """


def _knowledge_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--knowledge",
        "overlays",
        multiple=True,
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Add to or replace entries of catalog and rules from a directory of the same shape; repeatable.",
    )(command)


def _output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write here instead of to stdout.")(command)


def _json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def _load(overlays: tuple[Path, ...]) -> Knowledge:
    from advisor.api import load_knowledge

    missing = [
        Issue(Place(str(path)), "no such knowledge directory", "name a directory with catalog/ or rules/ in it")
        for path in overlays
        if not path.is_dir()
    ]
    empty = [
        Issue(Place(str(path)), "neither catalog/ nor rules/ in this directory", "put at least one of them there")
        for path in overlays
        if path.is_dir() and not (path / "catalog").is_dir() and not (path / "rules").is_dir()
    ]
    if missing or empty:
        raise DataError([*missing, *empty])
    return load_knowledge(*overlays)


def _write(text: str, output: Path | None) -> None:
    """Print, or write a file aside and move it into place, so that nothing is ever half-written."""
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        descriptor, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(output)
    except OSError as problem:
        raise BriefError([Issue(Place(str(output)), f"cannot be written: {problem.strerror}", "name another file")]) from None


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    """Return rows as columns of equal width, the last one free."""
    listed = list(rows)
    widths = [max((len(row[i]) for row in listed), default=0) for i in range(len(listed[0]) - 1)] if listed else []
    lines = ("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip() for row in listed)
    return "".join(f"{line}\n" for line in lines)


def _as_json(key: str, value: object, knowledge: Knowledge) -> str:
    from advisor.report import SCHEMA_VERSION, tool_version

    head = {
        "schema_version": SCHEMA_VERSION,
        "tool_version": tool_version(),
        "knowledge": {"version": knowledge.version, "sha256": knowledge.sha256},
    }
    return json.dumps({**head, key: value}, indent=2, ensure_ascii=False) + "\n"


@cli.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option(
    "--view", type=click.Choice(["guide", "industry"]), default="guide", show_default=True, help="The view that makes the headline."
)
@click.option("--format", "form", type=click.Choice(["text", "md", "json"]), default="text", show_default=True, help="How to print it.")
@click.option("--need", "needs", multiple=True, metavar="ID", help="A must-have, by id, name or phrase, without a file; repeatable.")
@click.option("--fact", "facts", multiple=True, metavar="ID=VALUE", help="A fact, on top of the file's; repeatable. Lists with commas.")
@_knowledge_option
@_output_option
def recommend(
    files: tuple[str, ...],
    view: str,
    form: str,
    needs: tuple[str, ...],
    facts: tuple[str, ...],
    overlays: tuple[Path, ...],
    output: Path | None,
) -> None:
    """Recommend a kind of partner for each brief FILE (YAML or JSON; - for stdin), with reasons."""
    from advisor.api import advise
    from advisor.report import advice_as_dict, render_report

    if not files and not needs:
        message = "nothing to advise on: name a brief FILE, or needs with --need"
        raise click.UsageError(message)
    knowledge = _load(overlays)
    briefs, issues = _read_briefs(files, needs, facts, knowledge)
    advices = [advise(brief, knowledge, view=view) for brief in briefs]
    if form == "json" and len(files) > 1:
        _write(json.dumps([advice_as_dict(advice) for advice in advices], indent=2, ensure_ascii=False) + "\n", output)
    elif advices:
        rule = "\n" + "-" * 100 + "\n\n" if form == "text" else "\n---\n\n"
        _write(rule.join(render_report(advice, form) for advice in advices), output)
    if issues:
        raise BriefError(issues)


def _read_briefs(
    files: tuple[str, ...], needs: tuple[str, ...], facts: tuple[str, ...], knowledge: Knowledge
) -> tuple[list[Brief], list[Issue]]:
    """Return the briefs that are sound, and the problems of the others."""
    briefs: list[Brief] = []
    issues: list[Issue] = []
    for file in files or (None,):
        try:
            briefs.append(_read_one(file, needs, facts, knowledge))
        except BriefError as problem:
            issues.extend(problem.issues)
    return briefs, issues


def _read_one(file: str | None, needs: tuple[str, ...], facts: tuple[str, ...], knowledge: Knowledge) -> Brief:
    from advisor.api import check_brief
    from advisor.yamlfile import MAX_BYTES, as_document, load_bytes, load_file

    if file == "-":
        document = load_bytes(sys.stdin.buffer.read(MAX_BYTES + 1), "<stdin>", BriefError)
    elif file is not None:
        document = load_file(Path(file), BriefError)
    else:
        document = as_document({"needs": []}, "command line")
    if not needs and not facts:
        return check_brief(document, knowledge.catalog)
    if file is not None:
        check_brief(document, knowledge.catalog)  # the file's own problems are told at their places
    value = dict(document.value)
    listed, stated = value.get("needs"), value.get("facts")
    if needs:
        value["needs"] = [*(listed if isinstance(listed, list) else []), *needs]
    value["facts"] = (stated if isinstance(stated, dict) else {}) | dict(_fact_option(text, knowledge) for text in facts)
    return check_brief(as_document(value, "command line" if file is None else f"{file} with options"), knowledge.catalog)


def _fact_option(text: str, knowledge: Knowledge) -> tuple[str, Any]:
    """Return the id and the value of a --fact."""
    key, sign, value = text.partition("=")
    if not sign:
        message = f"--fact {text}: write ID=VALUE, such as --fact phase=phase_1"
        raise click.UsageError(message)
    fact = knowledge.catalog.facts.get(key.strip())
    value = value.strip()
    if fact is not None and fact.type == "set" and value != "unknown":
        return key.strip(), [part.strip() for part in value.split(",") if part.strip()]
    if fact is not None and fact.type == "integer" and value.lstrip("-").isdigit():
        return key.strip(), int(value)
    return key.strip(), value


@cli.command()
@click.argument("function", required=False)
@_json_option
@_knowledge_option
def functions(function: str | None, as_json: bool, overlays: tuple[Path, ...]) -> None:
    """List the functions that can be outsourced, or show one with its phrases and grades."""
    knowledge = _load(overlays)
    catalog = knowledge.catalog
    chosen = {function: _known(function, catalog.functions, "function")} if function else dict(catalog.functions)
    if as_json:
        entries = {key: {**entry.model_dump(), "grades": _grades(knowledge, key)} for key, entry in chosen.items()}
        click.echo(_as_json("functions", entries, knowledge), nl=False)
    elif function:
        entry = chosen[function]
        click.echo(f"{entry.name} ({function})\n{entry.summary}\n")
        click.echo(_table([("group", catalog.groups[entry.group]), ("GxP", entry.gxp), ("phases", ", ".join(entry.phases))]), nl=False)
        click.echo(
            _table([(f"{view} view", ", ".join(f"{r} {g}" for r, g in row.items())) for view, row in _grades(knowledge, function).items()]),
            nl=False,
        )
        click.echo(f"others       {entry.others or '-'}\nphrases      {'; '.join(entry.phrases)}\nsources      {', '.join(entry.sources)}")
    else:
        for group, label in catalog.groups.items():
            members = [(f"  {key}", entry.name) for key, entry in catalog.functions.items() if entry.group == group]
            click.echo(f"{label}\n{_table(members)}")


def _grades(knowledge: Knowledge, function: str) -> dict[str, dict[str, str]]:
    catalog = knowledge.catalog
    return {view: {role: catalog.grade(view, function, role) for role in catalog.roles} for view in catalog.views}


def _known(key: str, entries: Any, kind: str) -> Any:  # noqa: ANN401 - one helper for every section of the catalog
    from advisor.errors import suggest

    if key not in entries:
        message = f"no {kind} '{key}'; {suggest(key, entries) or f'`advisor {kind}s` lists them all'}"
        raise click.UsageError(message)
    return entries[key]


@cli.command()
@_json_option
@_knowledge_option
def roles(as_json: bool, overlays: tuple[Path, ...]) -> None:
    """Show the three roles and what is on each one's list, in both views."""
    knowledge = _load(overlays)
    catalog = knowledge.catalog
    if as_json:
        entries = {key: role.model_dump() for key, role in catalog.roles.items()}
        grades = {function: _grades(knowledge, function) for function in catalog.functions}
        click.echo(_as_json("roles", {"roles": entries, "grades": grades}, knowledge), nl=False)
        return
    for role in catalog.roles.values():
        click.echo(f"{role.name}: {role.full_name}\n  {role.summary}\n")
    head = ("function", *(f"{view}: {role.name}" for view in catalog.views for role in catalog.roles.values()))
    rows = [(f, *(g for row in _grades(knowledge, f).values() for g in row.values())) for f in catalog.functions]
    click.echo(_table([head, *rows]), nl=False)


@cli.command()
@click.argument("fact", required=False)
@_json_option
@_knowledge_option
def facts(fact: str | None, as_json: bool, overlays: tuple[Path, ...]) -> None:
    """List the facts a brief may state, or show one with its values."""
    knowledge = _load(overlays)
    catalog = knowledge.catalog
    chosen = {fact: _known(fact, catalog.facts, "fact")} if fact else dict(catalog.facts)
    if as_json:
        entries = {
            key: {**entry.model_dump(), "values": {t: term.label for t, term in catalog.terms(key).items()}}
            for key, entry in chosen.items()
        }
        click.echo(_as_json("facts", entries, knowledge), nl=False)
    elif fact:
        entry = chosen[fact]
        click.echo(f"{entry.label} ({fact}): {entry.type}\n{entry.question}\n{entry.help}\nWhy: {entry.why}\n")
        if entry.type == "integer":
            click.echo(f"a whole number of {entry.unit} from {entry.minimum} to {entry.maximum}")
        values = [(f"  {term}", f"{each.label}{f' ({each.note})' if each.note else ''}") for term, each in catalog.terms(fact).items()]
        click.echo(_table(values) if values else "", nl=False)
    else:
        ordered = sorted(catalog.facts.items(), key=lambda item: (item[1].order, item[0]))
        click.echo(_table([(key, entry.type, entry.question) for key, entry in ordered]), nl=False)


@cli.command()
@click.option("--templates/--no-templates", default=False, help="List the rules expanded from templates, too.")
@_json_option
@_knowledge_option
def rules(templates: bool, as_json: bool, overlays: tuple[Path, ...]) -> None:
    """List the rules: what each one says, and what it does."""
    from advisor.explain import effect_text

    knowledge = _load(overlays)
    entries = knowledge.rules.rules()
    if as_json:
        dumped = {key: rule.model_dump(by_alias=True, exclude_unset=True) for key, rule in entries.items()}
        click.echo(_as_json("rules", dumped, knowledge), nl=False)
        return
    shown = [rule for rule in entries.values() if templates or not rule.id.startswith("match.")]
    for rule in sorted(shown, key=lambda r: r.id):
        click.echo(f"{rule.id}  ({rule.view or 'both views'})\n  {rule.because}\n  {'; '.join(effect_text(e) for e in rule.then)}")
    if not templates:
        click.echo(f"and {len(entries) - len(shown)} rules that match needs against the roles' lists (--templates)")


@cli.command()
@_knowledge_option
def check(overlays: tuple[Path, ...]) -> None:
    """Check the whole catalog and all rules with their cases, shipped or with overlays."""
    from advisor.check import check_knowledge

    try:
        knowledge = _load(overlays)
        found = check_knowledge(knowledge)
    except DataError as problem:
        _tell(problem)
        sys.exit(EXIT_FINDINGS)
    for issue in found:
        click.echo(str(issue))
    errors = sum(issue.severity == "error" for issue in found)
    counts = f"{len(knowledge.catalog.functions)} functions, {len(knowledge.catalog.facts)} facts, {len(knowledge.rules.rules())} rules"
    click.echo(f"{counts}: {errors} errors, {len(found) - errors} warnings", err=True)
    if errors:
        sys.exit(EXIT_FINDINGS)


@cli.command()
@click.argument("kind", type=click.Choice(_SCHEMAS))
def schema(kind: str) -> None:
    """Print the JSON Schema of a brief, a rule file, a cases file or the catalog files, for editors."""
    from pydantic import TypeAdapter

    from advisor.brief import BriefFile
    from advisor.catalog import CATALOG_FILES, Vocabulary
    from advisor.rules import CasesFile, RuleFile

    models: dict[str, Any] = {"brief": BriefFile, "rules": RuleFile, "cases": CasesFile}
    if kind == "catalog":
        found = {name: model.model_json_schema() for name, model in CATALOG_FILES.items()}
        found["vocabularies/*.yaml"] = Vocabulary.model_json_schema()
        click.echo(json.dumps(found, indent=2, sort_keys=True))
        return
    document = TypeAdapter(models[kind]).json_schema()
    click.echo(json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **document}, indent=2, sort_keys=True))


@cli.command()
def doctor() -> None:
    """Check that everything the advisor needs is there and works."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    rows = [("python", platform.python_version(), "ok" if sys.version_info >= (3, 11) else "needs 3.11 or later")]
    for package in ("durable-rules", "pydantic", "click", "pyyaml"):
        try:
            rows.append((package, version(package), "ok"))
        except PackageNotFoundError:
            rows.append((package, "-", "missing: pip install outsourcing-advisor"))
    rows.append(_try("engine", _self_test))
    click.echo(_table(rows), nl=False)
    if any(row[-1] != "ok" for row in rows):
        sys.exit(EXIT_SETUP)


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


if __name__ == "__main__":
    main()
