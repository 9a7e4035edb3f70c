"""A document as a Word file. The only module that knows python-docx, which comes with the extra `office`."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from advisor.citations import Citations
from advisor.outline import Table, cited

if TYPE_CHECKING:
    from advisor.catalog import Catalog
    from advisor.outline import Document, Points

_ACROSS, _FIRST = 166, 40  # of a table and of its first column, in millimetres
_KEPT = 12  # rows of a table that are kept on one page with its caption
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
    _lay_out(word)
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
        _hanging(word.add_paragraph(), f"[{number}]\t{text}{f', {url}' if url else ''}", 8.5)
    for line in document.footer:
        word.add_paragraph().add_run(line).italic = True
    stream = BytesIO()
    word.save(stream)
    return stream.getvalue()


def _lay_out(word: Any) -> None:  # noqa: ANN401 - python-docx has no types
    """Set up A4 with narrow margins and a plain typeface."""
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    (section,) = word.sections
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(20)
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "Calibri")
    normal.paragraph_format.space_after = Pt(4)


def _hanging(paragraph: Any, text: str, points: float | None = None) -> None:  # noqa: ANN401 - python-docx has no types
    """Write text whose further lines stand under its first word, not under its mark."""
    from docx.shared import Mm, Pt

    run = paragraph.add_run(text)
    paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = Mm(8), Mm(-8)
    if points is not None:
        run.font.size = Pt(points)
        paragraph.paragraph_format.space_after = Pt(1)


def _add_points(word: Any, points: Points, citations: Citations) -> None:  # noqa: ANN401 - python-docx has no types
    if points.lead:
        word.add_heading(points.lead, level=2)
    for item in points.items:
        text = cited(item, citations)
        if points.checklist:
            _hanging(word.add_paragraph(), f"\N{BALLOT BOX}\t{text}")
        else:
            word.add_paragraph(text, style="List Bullet")


def _add_table(word: Any, table: Table) -> None:  # noqa: ANN401 - python-docx has no types
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    word.add_paragraph(table.caption).paragraph_format.keep_with_next = True
    made = word.add_table(rows=0, cols=len(table.head))
    made.style, made.autofit = "Table Grid", False
    widths = [Mm(_FIRST), *[Mm((_ACROSS - _FIRST) / (len(table.head) - 1))] * (len(table.head) - 1)]
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    for i, row in enumerate((table.head, *table.rows)):
        cells = made.add_row().cells
        for j, text in enumerate(row):
            cells[j].width = widths[j]
            paragraph = cells[j].paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            paragraph.paragraph_format.keep_with_next = i < min(len(table.rows), _KEPT)
            run = paragraph.add_run(text)
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
