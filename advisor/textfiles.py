"""The text of a document: plain text, Markdown, mail, .docx, or a PDF with a text layer."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.errors import BriefError, Issue, Place

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BYTES = 20_000_000
_EXTRA = "install the extra: pip install 'outsourcing-advisor[documents]'"


def read_document(name: str) -> str:
    """Return the text of a document; `-` is standard input.

    Raises:
        BriefError: if it cannot be read, or has no text.

    """
    if name.lower().endswith((".yaml", ".yml", ".json", ".csv", ".xlsx")):
        raise _problem(name, "this is no prose but a brief or a table", "`advisor recommend` reads briefs, `advisor batch` reads tables")
    data = _bytes(name)
    text = _reader_of(name, data)(data, name)
    if not text.strip():
        scanned = "a scanned PDF has no text layer; use one that you can select text in"
        raise _problem(name, "no text in it", scanned if data.startswith(b"%PDF") else "check that this is the right file")
    return text


def _bytes(name: str) -> bytes:
    if name == "-":
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        try:
            with Path(name).open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except (OSError, ValueError) as problem:
            reason = getattr(problem, "strerror", None) or str(problem)
            raise _problem(name, f"cannot be read: {reason}", "check the name and the permissions") from None
    if len(data) > MAX_BYTES:
        raise _problem(name, f"larger than {MAX_BYTES // 1_000_000} MB", "check that this is the right file")
    return data


def _reader_of(name: str, data: bytes) -> Callable[[bytes, str], str]:
    """Return what reads a document, by what it begins with, else by its name."""
    if data.startswith(b"%PDF"):
        return _pdf
    if data.startswith(b"PK\x03\x04"):
        return _docx
    return _mail if name.lower().endswith(".eml") else _plain


def _plain(data: bytes, name: str) -> str:
    """Return plain text: UTF-8, or what its mark says, or the usual encoding of Western office programs."""
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        if name.lower().endswith((".docx", ".pdf")):
            raise _problem(name, f"this {Path(name).suffix.lower()} is damaged: it does not begin like one", "save it anew, or as text")
        raise _problem(name, "this is not text", "give text, Markdown, a mail, a .docx or a PDF")
    for encoding in ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            return _lines(data.decode(encoding))
        except UnicodeDecodeError:
            continue
    return _lines(data.decode("latin-1"))


def _mail(data: bytes, _name: str) -> str:
    """Return subject and text of a mail."""
    from email import message_from_bytes, policy

    message = message_from_bytes(data, policy=policy.default)
    body = message.get_body(preferencelist=("plain", "html"))
    text = body.get_content() if body is not None else ""
    if body is not None and body.get_content_type() == "text/html":
        text = _without_tags(text)
    subject = message["subject"]
    return _lines(f"{subject}\n\n{text}" if subject else text)


def _without_tags(html: str) -> str:
    from html.parser import HTMLParser

    class _Text(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.parts: list[str] = []

        def handle_data(self, data: str) -> None:
            self.parts.append(data)

        def handle_endtag(self, tag: str) -> None:
            if tag in {"p", "div", "li", "tr", "h1", "h2", "h3"}:
                self.parts.append("\n\n")

    parser = _Text()
    parser.feed(html)
    return "".join(parser.parts)


def _docx(data: bytes, name: str) -> str:
    try:
        from docx import Document
    except ImportError:
        raise _problem(name, "reading .docx needs python-docx", _EXTRA) from None
    try:
        document = Document(io.BytesIO(data))
    except Exception as problem:
        kind = "this .docx is damaged" if name.lower().endswith(".docx") else "not a .docx document, though packed like one"
        raise _problem(name, kind, "save it anew as .docx or as text; `advisor batch` reads tables") from problem
    rows = [" ".join(cell.text for cell in row.cells) for table in document.tables for row in table.rows]
    listed = [f"- {p.text}" if p.style is not None and "List" in str(p.style.name) else p.text for p in document.paragraphs]
    return _lines("\n\n".join([*listed, *rows]).replace("\n\n- ", "\n- "))


def _pdf(data: bytes, name: str) -> str:
    try:
        from pypdf import PdfReader
    except ImportError:
        raise _problem(name, "reading a PDF needs pypdf", _EXTRA) from None
    try:
        return _lines("\n\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages))
    except Exception as problem:
        raise _problem(name, "this PDF is damaged or locked", "save it anew, or as text") from problem


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _problem(name: str, what: str, hint: str) -> BriefError:
    return BriefError([Issue(Place("<stdin>" if name == "-" else name), what, hint)])
