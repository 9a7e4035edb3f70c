"""`advisor recommend`: one or a few briefs, each with its report."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from advisor.cli_options import knowledge_option, load, output_option, write_text
from advisor.errors import BriefError, Issue

if TYPE_CHECKING:
    from advisor.api import Knowledge
    from advisor.brief import Brief
    from advisor.yamlfile import Document


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
    "--accept",
    type=click.Choice(["stated", "likely", "all"]),
    help="How sure a reading has to be to count. Said or not, --from-text is read (likely); a brief's plain words only if it is said.",
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
    accept: str | None,
    overlays: tuple[Path, ...],
    output: Path | None,
) -> None:
    """Recommend a kind of partner for each brief FILE (YAML or JSON; - for stdin), with reasons."""
    from advisor.api import advise
    from advisor.citations import WIDTH
    from advisor.report import advice_as_dict, render_report

    if not files and not needs and not texts:
        message = "nothing to advise on: name a brief FILE, needs with --need, or prose with --from-text"
        raise click.UsageError(message)
    if texts and (files or needs):
        message = "--from-text stands for a brief; use it without a brief FILE and without --need"
        raise click.UsageError(message)
    knowledge = load(overlays)
    issues: list[Issue] = []
    if texts:
        read = [_read_prose(name, facts, accept or "likely", knowledge) for name in texts]
    else:
        read, issues = _read_briefs(files, _Options(needs, facts, accept), knowledge)
    advices = [advise(brief, knowledge, view=view) for brief, _ in read]
    notes = [note for _, note in read]
    if form == "json" and advices:
        values = [advice_as_dict(advice) | _noted(note) for advice, note in zip(advices, notes, strict=True)]
        write_text(json.dumps(values if len(values) > 1 else values[0], indent=2, ensure_ascii=False) + "\n", output)
    elif advices:
        rule = "\n" + "-" * 100 + "\n\n" if form == "text" else "\n---\n\n"
        if form == "text":
            notes = [textwrap.fill(note, WIDTH, break_long_words=False, break_on_hyphens=False) for note in notes]
        reports = [f"{note}\n\n" * bool(note) + render_report(advice, form) for advice, note in zip(advices, notes, strict=True)]
        write_text(rule.join(reports), output)
    if issues:
        raise BriefError(issues)


def _noted(note: str) -> dict[str, str]:
    return {"reading": note} if note else {}


def _read_prose(name: str, facts: tuple[str, ...], accept: str, knowledge: Knowledge) -> tuple[Brief, str]:
    """Return the brief that prose states, and the sentence that says how far it may be trusted."""
    from advisor.api import read_brief
    from advisor.reading import read_text
    from advisor.reading_report import unconfirmed
    from advisor.textfiles import read_document

    reading = read_text(read_document(name), knowledge.catalog, directories=knowledge.directories)
    value = reading.brief(knowledge.catalog, accept)
    value["facts"] |= dict(_fact_option(text, knowledge) for text in facts)
    source = "standard input" if name == "-" else name
    return read_brief(value, knowledge, name=source), unconfirmed(reading, source, accept, knowledge.catalog)


class _Options(NamedTuple):
    """What the command line says on top of each brief: needs, facts, and how sure the reading of plain words has to be, if they are read."""

    needs: tuple[str, ...]
    facts: tuple[str, ...]
    accept: str | None


def _read_briefs(files: tuple[str, ...], options: _Options, knowledge: Knowledge) -> tuple[list[tuple[Brief, str]], list[Issue]]:
    """Return the briefs that are sound, each with the sentence on what was read in it, and the problems of the others."""
    briefs: list[tuple[Brief, str]] = []
    issues: list[Issue] = []
    for file in files or (None,):
        try:
            briefs.append(_read_one(file, options, knowledge))
        except BriefError as problem:
            issues.extend(problem.issues)
    return briefs, issues


def _read_one(file: str | None, options: _Options, knowledge: Knowledge) -> tuple[Brief, str]:
    from advisor.yamlfile import MAX_BYTES, as_document, load_bytes, load_file

    if file == "-":
        document = load_bytes(sys.stdin.buffer.read(MAX_BYTES + 1), "<stdin>", BriefError)
    elif file is not None:
        document = load_file(Path(file), BriefError)
    else:
        document = as_document({"needs": []}, "command line")
    needs, facts, _ = options
    if not needs and not facts:
        return _checked(document, options, knowledge)
    if file is not None:
        _checked(document, options, knowledge)  # the file's own problems are told at their places
    value = dict(document.value)
    listed, stated = value.get("needs"), value.get("facts")
    if needs:
        value["needs"] = [*(listed if isinstance(listed, list) else []), *needs]
    value["facts"] = (stated if isinstance(stated, dict) else {}) | dict(_fact_option(text, knowledge) for text in facts)
    return _checked(as_document(value, "command line" if file is None else f"{file} with options"), options, knowledge)


def _checked(document: Document, options: _Options, knowledge: Knowledge) -> tuple[Brief, str]:
    """Return the brief in a document, and the sentence on what was read in it."""
    from advisor.api import read_brief, read_brief_in_words

    if options.accept is None:
        return read_brief(document, knowledge), ""
    from advisor.reading_report import unconfirmed_words

    brief, words = read_brief_in_words(document, knowledge, accept=options.accept)
    return brief, unconfirmed_words(words, document.name, knowledge.catalog)


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
