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
@click.option("--from-text", "texts", multiple=True, metavar="FILE", help="Read prose instead of a brief, unconfirmed; repeatable.")
@click.option(
    "--accept", type=click.Choice(["stated", "likely", "all"]), default="likely", show_default=True, help="What to take of a --from-text."
)
@knowledge_option
@output_option
def recommend(
    files: tuple[str, ...],
    view: str,
    form: str,
    needs: tuple[str, ...],
    facts: tuple[str, ...],
    texts: tuple[str, ...],
    accept: str,
    overlays: tuple[Path, ...],
    output: Path | None,
) -> None:
    """Recommend a kind of partner for each brief FILE (YAML or JSON; - for stdin), with reasons."""
    from advisor.api import advise
    from advisor.report import advice_as_dict, render_report

    if not files and not needs and not texts:
        message = "nothing to advise on: name a brief FILE, needs with --need, or prose with --from-text"
        raise click.UsageError(message)
    if texts and (files or needs):
        message = "--from-text stands for a brief; use it without a brief FILE and without --need"
        raise click.UsageError(message)
    knowledge = load(overlays)
    read = [_read_prose(name, facts, accept, knowledge) for name in texts]
    briefs, issues = ([brief for brief, _ in read], []) if texts else _read_briefs(files, needs, facts, knowledge)
    notes = [note for _, note in read] or [""] * len(briefs)
    advices = [advise(brief, knowledge, view=view) for brief in briefs]
    if form == "json" and len(advices) > 1:
        values = [advice_as_dict(advice) | _noted(note) for advice, note in zip(advices, notes, strict=True)]
        write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", output)
    elif form == "json" and texts:
        write_text(json.dumps(advice_as_dict(advices[0]) | _noted(notes[0]), indent=2, ensure_ascii=False) + "\n", output)
    elif advices:
        rule = "\n" + "-" * 100 + "\n\n" if form == "text" else "\n---\n\n"
        reports = [f"{note}\n\n" * bool(note) + render_report(advice, form) for advice, note in zip(advices, notes, strict=True)]
        write_text(rule.join(reports), output)
    if issues:
        raise BriefError(issues)


def _noted(note: str) -> dict[str, str]:
    return {"reading": note} if note else {}


def _read_prose(name: str, facts: tuple[str, ...], accept: str, knowledge: Knowledge) -> tuple[Brief, str]:
    """Return the brief that prose states, and the sentence that says how far it may be trusted."""
    from advisor.api import check_brief
    from advisor.reading import read_text
    from advisor.reading_report import unconfirmed
    from advisor.textfiles import read_document
    from advisor.yamlfile import as_document

    reading = read_text(read_document(name), knowledge.catalog, directories=knowledge.directories)
    value = reading.brief(knowledge.catalog, accept)
    value["facts"] |= dict(_fact_option(text, knowledge) for text in facts)
    source = "standard input" if name == "-" else name
    return check_brief(as_document(value, source), knowledge.catalog, shape=knowledge.brief_shape), unconfirmed(reading, source, accept)


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
        return check_brief(document, knowledge.catalog, shape=knowledge.brief_shape)
    if file is not None:
        check_brief(document, knowledge.catalog, shape=knowledge.brief_shape)  # the file's own problems are told at their places
    value = dict(document.value)
    listed, stated = value.get("needs"), value.get("facts")
    if needs:
        value["needs"] = [*(listed if isinstance(listed, list) else []), *needs]
    value["facts"] = (stated if isinstance(stated, dict) else {}) | dict(_fact_option(text, knowledge) for text in facts)
    return check_brief(
        as_document(value, "command line" if file is None else f"{file} with options"), knowledge.catalog, shape=knowledge.brief_shape
    )


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
