"""`advisor recommend`: one or a few briefs, each with its report."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from advisor.cli_options import knowledge_option, load, output_option, write_text
from advisor.errors import BriefError, Issue

if TYPE_CHECKING:
    from advisor.api import Knowledge
    from advisor.brief import Brief


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option(
    "--view", type=click.Choice(["guide", "industry"]), default="guide", show_default=True, help="The view that makes the headline."
)
@click.option("--format", "form", type=click.Choice(["text", "md", "json"]), default="text", show_default=True, help="How to print it.")
@click.option("--need", "needs", multiple=True, metavar="ID", help="A must-have, by id, name or phrase, without a file; repeatable.")
@click.option("--fact", "facts", multiple=True, metavar="ID=VALUE", help="A fact, on top of the file's; repeatable. Lists with commas.")
@knowledge_option
@output_option
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
    knowledge = load(overlays)
    briefs, issues = _read_briefs(files, needs, facts, knowledge)
    advices = [advise(brief, knowledge, view=view) for brief in briefs]
    if form == "json" and len(files) > 1:
        write_text(json.dumps([advice_as_dict(advice) for advice in advices], indent=2, ensure_ascii=False) + "\n", output)
    elif advices:
        rule = "\n" + "-" * 100 + "\n\n" if form == "text" else "\n---\n\n"
        write_text(rule.join(render_report(advice, form) for advice in advices), output)
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
    if fact is not None and fact.type == "integer" and re.fullmatch(r"-?[0-9]{1,18}", value):
        return key.strip(), int(value)
    return key.strip(), value
