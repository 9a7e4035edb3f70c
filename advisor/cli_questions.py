"""`advisor questions`: what the questionnaire asks when, for those who write rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from advisor.cli_options import knowledge_option, load, output_option, write_text

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.option("--need", "needs", multiple=True, metavar="FUNCTION", help="Show the tree of questions for this need; repeatable.")
@click.option("--view", default="industry", show_default=True, help="The view whose verdict matters.")
@click.option("--depth", type=click.IntRange(1, 6), default=3, show_default=True, help="How many questions deep the tree goes.")
@click.option("--format", "form", type=click.Choice(["text", "md", "mermaid"]), help="text or md for the table, mermaid for the tree.")
@output_option
@knowledge_option
def questions(needs: tuple[str, ...], view: str, depth: int, form: str | None, output: Path | None, overlays: tuple[Path, ...]) -> None:
    """Show which questions there are, which can matter, and which can never change a recommendation.

    With --need it draws the tree of what is asked for that brief, as a Mermaid flow chart.
    """
    from advisor.api import read_brief
    from advisor.outline import as_markdown, as_text
    from advisor.question_tree import as_mermaid, grow_tree, overview
    from advisor.questionnaire import Questionnaire

    if needs and form in {"text", "md"}:
        raise click.UsageError("a table is about all needs: leave out --need, or ask for --format mermaid")
    if form == "mermaid" and not needs:
        raise click.UsageError("a tree begins with needs: add --need FUNCTION (`advisor functions` lists them)")
    knowledge = load(overlays)
    if view not in knowledge.catalog.views:
        raise click.UsageError(f"no view '{view}'; there are {', '.join(knowledge.catalog.views)}")
    questionnaire = Questionnaire(knowledge, view=view)
    if needs:
        asked = read_brief({"needs": list(needs)}, knowledge, name="--need").needs or frozenset()
        write_text(as_mermaid(grow_tree(questionnaire, asked, depth), knowledge.catalog), output)
    else:
        render = as_markdown if form == "md" else as_text
        write_text(render(overview(questionnaire), knowledge.catalog), output)
