"""`advisor explain` and `advisor compare`: all that can be said about one verdict, and what sets two apart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from advisor.cli_options import knowledge_option, load, output_option, write_text
from advisor.errors import BriefError, Issue, Place

if TYPE_CHECKING:
    from advisor.api import Knowledge
    from advisor.brief import Brief
    from advisor.outline import Document
    from advisor.verdict import Option

_FORMATS = ("text", "md", "json", "html", "docx")
_VIEW = click.option(
    "--view", type=click.Choice(["guide", "industry"]), default="guide", show_default=True, help="The view that makes the headline."
)


@click.command()
@click.argument("file", metavar="BRIEF")
@_VIEW
@click.option("--format", "form", type=click.Choice(_FORMATS), help="How to print it; by default as -o ends, else text.")
@click.option("--why", "parts", flag_value="why", multiple=True, help="Only why.")
@click.option("--why-not", "why_not", metavar="OPTION", help="Only why not this option, such as cmo or cmo+cro; `all` for each.")
@click.option("--flips", "parts", flag_value="flips", multiple=True, help="Only what would change it.")
@click.option("--open", "parts", flag_value="open", multiple=True, help="Only what is still open.")
@click.option("--rests-on", "parts", flag_value="rests-on", multiple=True, help="Only the answers it rests on.")
@click.option("--robust", "parts", flag_value="robust", multiple=True, help="Only how solid it is.")
@click.option("--duties", "parts", flag_value="duties", multiple=True, help="Only what you owe next.")
@click.option("--trace", "parts", flag_value="trace", multiple=True, help="Only the rules that fired, in order.")
@knowledge_option
@output_option
def explain(
    file: str, view: str, form: str | None, parts: tuple[str, ...], why_not: str | None, overlays: tuple[Path, ...], output: Path | None
) -> None:
    """Explain the recommendation for BRIEF (YAML or JSON; - for stdin): why, why not, what would flip it, what is open."""
    from advisor.api import advise
    from advisor.explanation import explain as explanation_of
    from advisor.explanation_json import as_json
    from advisor.telling import tell

    form = form or _form_of(output)
    knowledge = load(overlays)
    explanation = explanation_of(advise(_read(file, knowledge), knowledge, view=view))
    if form == "json":
        write_text(as_json(explanation), output)
        return
    wanted = [*(["why-not"] if why_not else []), *parts]
    option = _option(why_not, knowledge) if why_not else None
    _write(tell(explanation, wanted, option=option), form, knowledge, output)


@click.command()
@click.argument("file", metavar="BRIEF")
@click.argument("other", metavar="[OTHER]", required=False)
@click.option(
    "--knowledge-before", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Another catalog and rules."
)
@_VIEW
@click.option("--format", "form", type=click.Choice(("text", "md", "html", "docx")), help="How to print it.")
@knowledge_option
@output_option
def compare(
    file: str,
    other: str | None,
    knowledge_before: Path | None,
    view: str,
    form: str | None,
    overlays: tuple[Path, ...],
    output: Path | None,
) -> None:
    """Compare two briefs, or one BRIEF by two knowledge versions: what differs, and which rules made the difference."""
    from advisor.api import advise, load_knowledge_from
    from advisor.comparison import compare_advices

    if (other is None) == (knowledge_before is None):
        message = "name a second brief, or --knowledge-before DIR, one of the two"
        raise click.UsageError(message)
    knowledge = load(overlays)
    after = advise(_read(other or file, knowledge), knowledge, view=view)
    earlier = load_knowledge_from([knowledge_before]) if knowledge_before else knowledge
    before = advise(_read(file, earlier), earlier, view=view)
    _write(compare_advices(before, after), form or _form_of(output), knowledge, output)


def _read(file: str, knowledge: Knowledge) -> Brief:
    import sys

    from advisor.api import read_brief

    return read_brief(sys.stdin.buffer.read(), knowledge, name="<stdin>") if file == "-" else read_brief(Path(file), knowledge)


def _form_of(output: Path | None) -> str:
    """Return the format that the ending of a file asks for."""
    ending = output.suffix.lstrip(".").lower() if output is not None else ""
    return ending if ending in _FORMATS else "text"


def _option(name: str, knowledge: Knowledge) -> Option | None:
    """Return an option by its name, in any order and case; None for all."""
    if name == "all":
        return None
    roles = frozenset(part.strip().lower() for part in name.split("+"))
    for option in knowledge.catalog.options:
        if frozenset(option) == roles:
            return option
    options = ", ".join("+".join(option) for option in knowledge.catalog.options)
    message = f"no option '{name}'; there are {options}, and all"
    raise click.UsageError(message)


def _write(document: Document, form: str, knowledge: Knowledge, output: Path | None) -> None:
    from advisor.html_report import as_html
    from advisor.outline import as_markdown, as_text

    if form == "docx":
        _write_docx(document, knowledge, output)
        return
    render = {"text": as_text, "md": as_markdown, "html": as_html}[form]
    write_text(render(document, knowledge.catalog), output)


def _write_docx(document: Document, knowledge: Knowledge, output: Path | None) -> None:
    from advisor.docx_report import as_docx

    if output is None:
        message = "a .docx file is not for the screen: name one with -o"
        raise click.UsageError(message)
    try:
        content = as_docx(document, knowledge.catalog)
    except ImportError:
        message = "python-docx is not installed: pip install 'outsourcing-advisor[office]'"
        raise click.ClickException(message) from None
    try:
        output.write_bytes(content)
    except OSError as problem:
        raise BriefError([Issue(Place(str(output)), f"cannot be written: {problem.strerror}", "name another file")]) from None
