"""A document as a Word file. The only module that knows python-docx, which comes with the extra `office`."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from advisor.outline import Citations, Table, cited

if TYPE_CHECKING:
    from advisor.catalog import Catalog
    from advisor.outline import Document, Points

_FILLS = {"good": "DFF3E4", "bad": "FBE3E0"}


def as_docx(document: Document, catalog: Catalog) -> bytes:
    """Return a document as the bytes of a .docx file.

    Raises:
        ImportError: if python-docx is not installed.

    """
    import docx

    citations = Citations(catalog)
    word = docx.Document()
    word.core_properties.title = document.title
    word.add_heading(document.title, level=0)
    word.add_paragraph().add_run(document.headline).bold = True
    for section in document.sections:
        word.add_heading(section.title, level=1)
        for block in section.blocks:
            if isinstance(block, Table):
                _add_table(word, block)
            else:
                _add_points(word, block, citations)
    listed = list(citations.listing())
    if listed:
        word.add_heading("Sources", level=1)
    for number, text, url in listed:
        word.add_paragraph(f"[{number}] {text}{f', {url}' if url else ''}")
    for line in document.footer:
        word.add_paragraph().add_run(line).italic = True
    stream = BytesIO()
    word.save(stream)
    return stream.getvalue()


def _add_points(word: Any, points: Points, citations: Citations) -> None:  # noqa: ANN401 - python-docx has no types
    if points.lead:
        word.add_heading(points.lead, level=2)
    for item in points.items:
        text = cited(item, citations)
        if points.checklist:
            word.add_paragraph(f"\N{BALLOT BOX} {text}")
        else:
            word.add_paragraph(text, style="List Bullet")


def _add_table(word: Any, table: Table) -> None:  # noqa: ANN401 - python-docx has no types
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    word.add_paragraph(table.caption)
    made = word.add_table(rows=0, cols=len(table.head))
    made.style = "Table Grid"
    for i, row in enumerate((table.head, *table.rows)):
        cells = made.add_row().cells
        for j, text in enumerate(row):
            run = cells[j].paragraphs[0].add_run(text)
            run.font.size = Pt(8)
            run.bold = i == 0 or j == 0
            mark = table.marks[i - 1][j] if i and table.marks else ""
            if mark:
                shade = OxmlElement("w:shd")
                for key, value in (("w:val", "clear"), ("w:fill", _FILLS[mark])):
                    shade.set(qn(key), value)
                cells[j]._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 - python-docx has no other way to shade
    head = OxmlElement("w:tblHeader")
    head.set(qn("w:val"), "true")
    made.rows[0]._tr.get_or_add_trPr().append(head)  # noqa: SLF001 - nor to repeat the head
