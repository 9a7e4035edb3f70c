"""`advisor rules`: the list of rules, `show` for all about one, `for` for those that read a fact."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from advisor.cli_knowledge import rules as listing
from advisor.cli_options import json_option, knowledge_option, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.api import Advice, Knowledge


@click.group(invoke_without_command=True)
@click.option("--templates/--no-templates", default=False, help="List the rules expanded from templates, too.")
@json_option
@knowledge_option
@click.pass_context
def rules(context: click.Context, templates: bool, as_json: bool, overlays: tuple[Path, ...]) -> None:
    """List the rules: what each one says, and what it does."""
    context.obj = overlays
    if context.invoked_subcommand is None:
        context.invoke(listing, templates=templates, as_json=as_json, overlays=overlays)


@rules.command("show")
@click.argument("rule")
@click.option(
    "--examples",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A directory of briefs (*/brief.yaml) to try the rule on; ./examples if it is there.",
)
@click.pass_obj
def show(overlays: tuple[Path, ...], rule: str, examples: Path | None) -> None:
    """Show one RULE: what it says, reads and does, its source and cases, and the examples that hang on it."""
    from advisor.errors import suggest
    from advisor.outline import as_text
    from advisor.rule_pages import rule_page

    knowledge = load(overlays)
    known = knowledge.rules.rules()
    if rule not in known:
        message = f"no rule '{rule}'; {suggest(rule, known) or '`advisor rules` lists them all'}"
        raise click.UsageError(message)
    click.echo(as_text(rule_page(known[rule], knowledge, _examples(examples or Path("examples"), knowledge)), knowledge.catalog), nl=False)


@rules.command("for")
@click.argument("fact")
@click.pass_obj
def for_(overlays: tuple[Path, ...], fact: str) -> None:
    """List the rules that read a FACT, a conclusion of other rules, or needs, wishes, in_house."""
    from advisor.errors import suggest
    from advisor.outline import as_text
    from advisor.rule_pages import facts_read, rules_for

    knowledge = load(overlays)
    known = {*knowledge.catalog.facts, *(name for rule in knowledge.rules.rules().values() for name in facts_read(rule.when))}
    if fact not in known:
        message = f"no fact '{fact}'; {suggest(fact, known) or '`advisor facts` lists them all'}"
        raise click.UsageError(message)
    click.echo(as_text(rules_for(fact, knowledge), knowledge.catalog), nl=False)


def _examples(directory: Path, knowledge: Knowledge) -> Iterator[Advice]:
    from advisor.api import advise, read_brief

    for path in sorted(directory.glob("*/brief.yaml")):
        yield advise(read_brief(path, knowledge), knowledge)
