"""`advisor read`: prose in, a brief out, with the words behind each of its lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from advisor.cli_options import knowledge_option, load, output_option, write_text

if TYPE_CHECKING:
    from advisor.reading import Reading


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--accept",
    type=click.Choice(["stated", "likely", "all"]),
    default="likely",
    show_default=True,
    help="How sure a finding has to be to go into the brief.",
)
@click.option("--findings", metavar="FILE", type=click.Path(path_type=Path), help="Write everything found to this file, as JSON.")
@knowledge_option
@output_option
def read(files: tuple[str, ...], accept: str, findings: Path | None, overlays: tuple[Path, ...], output: Path | None) -> None:
    """Read prose (text, Markdown, mail, .docx, PDF with text; - for stdin) and print a brief in YAML.

    Several files are read as one text. Each entry shows the words it rests on; nothing is taken that was not said.
    """
    from advisor.reading import read_text
    from advisor.reading_report import as_values, as_yaml
    from advisor.textfiles import read_document

    knowledge = load(overlays)
    text = "\n\n".join(read_document(name) for name in files)
    source = ", ".join("standard input" if name == "-" else name for name in files)
    reading: Reading = read_text(text, knowledge.catalog, directories=knowledge.directories)
    if findings is not None:
        write_text(json.dumps(as_values(reading, source, accept), indent=2, ensure_ascii=False) + "\n", findings)
    write_text(as_yaml(reading, knowledge.catalog, source, accept), output)
