"""A document as one HTML file: no network, no scripts, readable on a phone, on paper and by a screen reader."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from advisor.citations import Citations
from advisor.outline import Points, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.catalog import Catalog
    from advisor.outline import Document, Section, Sentence

# Contrast of text and marks is at least 7:1 on their grounds; marks are told in words as well as in colour.
_STYLE = """
:root { color-scheme: light; --ink: #1b1f24; --soft: #46505a; --line: #c9d1d9; --good: #dff3e4; --bad: #fbe3e0; --accent: #0b3d66; }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; color: var(--ink); background: #fff; }
header, main, footer, nav { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .75rem; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .75rem; padding-bottom: .25rem; border-bottom: 2px solid var(--accent); }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
.answer { font-size: 1.15rem; font-weight: 600; padding: .9rem 1.1rem; margin: 0; border-left: .4rem solid var(--accent); background: #eef4fa; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; list-style: none; padding: 0; margin: 1rem 0 0; }
a { color: var(--accent); overflow-wrap: anywhere; }
a:focus-visible, input:focus-visible, .scroll:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
ul.points { padding-left: 1.25rem; margin: .25rem 0; } ul.points li { margin: .3rem 0; }
ul.checks { list-style: none; padding: 0; margin: .25rem 0; }
ul.checks li { display: flex; gap: .5rem; align-items: flex-start; justify-content: space-between; margin: .45rem 0; } ul.checks label { display: grid; grid-template-columns: 1.6rem 1fr; }
ul.checks input { width: 1.05rem; height: 1.05rem; margin: .25rem 0 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
caption { text-align: left; color: var(--soft); padding: .25rem 0 .5rem; } caption span { display: inline-block; max-width: calc(100vw - 2.5rem); }
th, td { border: 1px solid var(--line); padding: .4rem .55rem; text-align: left; vertical-align: top; }
thead th { background: #f2f5f8; } td.good { background: var(--good); } td.bad { background: var(--bad); font-weight: 600; }
td.after { background: repeating-linear-gradient(45deg, #f6f7f8 0 6px, #fff 6px 12px); }
sup { white-space: nowrap; }
.sources li { margin: .3rem 0; overflow-wrap: anywhere; }
footer { color: var(--soft); font-size: .88rem; padding-top: 1.5rem; padding-bottom: 2.5rem; overflow-wrap: anywhere; }
@media (max-width: 34rem) { header, main, footer, nav { padding-left: .9rem; padding-right: .9rem; } h1 { font-size: 1.35rem; } table { font-size: .85rem; } }
@media print {
  body { font-size: 10pt; line-height: 1.4; } .sources { font-size: 8.5pt; } .sources li { margin: .15rem 0; } nav { display: none; } header, main, footer { max-width: none; padding-left: 0; padding-right: 0; }
  h2 { break-after: avoid; } h3 { break-after: avoid; } li, tr, .scroll { break-inside: avoid; } .scroll { overflow: visible; } table { font-size: 8.5pt; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } a { color: inherit; } @page { margin: 18mm 16mm; }
}
"""


def as_html(document: Document, catalog: Catalog) -> str:
    """Return a document as one self-contained HTML file."""
    return "\n".join(_Page(document, catalog).lines()) + "\n"


class _Page:
    """One document being written."""

    def __init__(self, document: Document, catalog: Catalog) -> None:
        self._document = document
        self._citations = Citations(catalog)

    def lines(self) -> Iterator[str]:
        document = self._document
        title = escape(document.title)
        yield f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}: recommendation</title>'
        yield f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{_STYLE}</style>\n</head>\n<body>'
        yield f'<header>\n<h1>{title}</h1>\n<p class="answer">{escape(document.headline)}</p>\n</header>'
        body = [line for section in document.sections for line in self._section(section)]
        sources = list(self._sources())
        links = [(section.key, section.title) for section in document.sections] + ([("sources", "Sources")] if sources else [])
        yield '<nav aria-label="Sections">\n<ul>'
        yield from (f'<li><a href="#{key}">{escape(name)}</a></li>' for key, name in links)
        yield "</ul>\n</nav>\n<main>"
        yield from body
        yield from sources
        yield f"</main>\n<footer>\n{''.join(f'<p>{escape(line)}</p>' for line in document.footer)}\n</footer>\n</body>\n</html>"

    def _section(self, section: Section) -> Iterator[str]:
        yield f'<section aria-labelledby="{section.key}">\n<h2 id="{section.key}">{escape(section.title)}</h2>'
        for block in section.blocks:
            yield from self._table(block) if isinstance(block, Table) else self._points(block)
        yield "</section>"

    def _points(self, points: Points) -> Iterator[str]:
        if points.lead:
            yield f"<h3>{escape(points.lead)}</h3>"
        if points.checklist:
            yield '<ul class="checks">'
            yield from (
                f'<li><label><input type="checkbox"><span>{escape(item.text)}</span></label>{self._marks(item)}</li>'
                for item in points.items
            )
        else:
            yield '<ul class="points">'
            yield from (f"<li>{escape(item.text)}{self._marks(item)}</li>" for item in points.items)
        yield "</ul>"

    def _marks(self, sentence: Sentence) -> str:
        numbers = self._citations.cite(sentence.sources)
        links = ", ".join(f'<a href="#source-{n}" aria-label="Source {n}">{n}</a>' for n in numbers)
        return f" <sup>[{links}]</sup>" if links else ""

    def _table(self, table: Table) -> Iterator[str]:
        yield f'<div class="scroll" role="region" aria-label="{escape(table.caption)}" tabindex="0">\n<table>'
        yield f"<caption><span>{escape(table.caption)}</span></caption>"
        head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.head)
        yield f"<thead><tr>{head}</tr></thead>\n<tbody>"
        for i, row in enumerate(table.rows):
            marks = table.marks[i] if table.marks else ("",) * len(row)
            cells = "".join(_cell(text, mark) for text, mark in zip(row[1:], marks[1:], strict=True))
            yield f'<tr><th scope="row">{escape(row[0])}</th>{cells}</tr>'
        yield "</tbody>\n</table>\n</div>"

    def _sources(self) -> Iterator[str]:
        listed = list(self._citations.listing())
        if listed:
            yield '<section aria-labelledby="sources">\n<h2 id="sources">Sources</h2>\n<ol class="sources">'
            for number, text, url in listed:
                link = f' <a href="{escape(url)}">{escape(url)}</a>' if url and url.startswith(("https://", "http://")) else ""
                yield f'<li id="source-{number}" value="{number}">{escape(text)}{link}</li>'
            yield "</ol>\n</section>"


def _cell(text: str, mark: str) -> str:
    kind = mark or ("after" if not text else "")
    return f'<td class="{kind}">{escape(text)}</td>' if kind else f"<td>{escape(text)}</td>"
