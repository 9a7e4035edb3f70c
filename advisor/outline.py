"""A document without a format: sections of sentences, lists and tables, with the sources they cite; and its plain formats."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from advisor.citations import WIDTH, Citations, escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and the ids of the sources it rests on."""

    text: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Points:
    """Sentences under a lead; `checklist` if they are to be ticked off."""

    items: tuple[Sentence, ...]
    lead: str = ""
    checklist: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first column names its rows; `marks` says for each cell how it may be shown: good, bad or plain."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marks: tuple[tuple[Literal["good", "bad", ""], ...], ...] = ()


Block = Points | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it; `key` names it in files and links."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document: its title, its answer in one line, its sections, and a line on what it rests on."""

    title: str
    headline: str
    sections: tuple[Section, ...]
    footer: tuple[str, ...]


def as_text(document: Document, catalog: Catalog) -> str:
    """Return a document as plain text, at most a hundred columns wide but for tables."""
    citations = Citations(catalog)
    lines = [document.title, "", *textwrap.wrap(document.headline, WIDTH)] if document.headline else [document.title]
    for section in document.sections:
        lines += ["", section.title, "-" * len(section.title)]
        for block in section.blocks:
            lines += _text_table(block) if isinstance(block, Table) else _text_points(block, citations)
    listed = list(citations.listing())
    if listed:
        lines += ["", "Sources", "-------"]
        for number, text, url in listed:
            lines += _wrapped(f"  [{number}] ", f"{text}{f', {url}' if url else ''}")
    return "\n".join([*lines, "", *document.footer]) + "\n"


def as_markdown(document: Document, catalog: Catalog) -> str:
    """Return a document as Markdown."""
    citations = Citations(catalog)
    lines = [f"# {escape(document.title)}", ""]
    if document.headline:
        lines += [f"**{escape(document.headline)}**", ""]
    for section in document.sections:
        lines += [f"## {escape(section.title)}", ""]
        for block in section.blocks:
            lines += [*(_markdown_table(block) if isinstance(block, Table) else _markdown_points(block, citations)), ""]
    listed = list(citations.listing())
    if listed:
        lines += ["## Sources", "", *(f"{number}. {escape(text)}{f' <{url}>' if url else ''}" for number, text, url in listed), ""]
    return "\n".join([*lines, *(f"*{escape(line)}*  " for line in document.footer)]) + "\n"


def cited(sentence: Sentence, citations: Citations) -> str:
    """Return a sentence with the numbers of its sources in brackets."""
    return f"{sentence.text}{citations.mark(sentence.sources)}"


def _text_points(points: Points, citations: Citations) -> Iterator[str]:
    if points.lead:
        yield from textwrap.wrap(points.lead, WIDTH)
    for item in points.items:
        yield from _wrapped("  [ ] " if points.checklist else "  - ", cited(item, citations))


def _wrapped(mark: str, text: str) -> list[str]:
    indent = " " * len(mark)
    return textwrap.wrap(text, WIDTH, initial_indent=mark, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _text_table(table: Table) -> Iterator[str]:
    yield table.caption
    rows = [table.head, *table.rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(table.head))]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _markdown_points(points: Points, citations: Citations) -> Iterator[str]:
    if points.lead:
        yield escape(points.lead)
        yield ""
    yield from (f"- {'[ ] ' if points.checklist else ''}{escape(cited(item, citations))}" for item in points.items)


def _markdown_table(table: Table) -> Iterator[str]:
    yield from (f"{escape(table.caption)}", "", _markdown_row(table.head), _markdown_row(tuple("---" for _ in table.head), raw=True))
    yield from (_markdown_row(row) for row in table.rows)


def _markdown_row(row: tuple[str, ...], *, raw: bool = False) -> str:
    return f"| {' | '.join(cell if raw else escape(cell) for cell in row)} |"
