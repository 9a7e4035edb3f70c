"""Strict YAML and JSON: what values come out, where they stand, and that nothing else ever happens."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.errors import BriefError, DataError
from advisor.yamlfile import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_VALUES,
    Document,
    as_document,
    existing,
    knowledge_directory,
    knowledge_files,
    load_bytes,
    load_file,
)


def read(text: str | bytes) -> Any:
    return load(text).value


def load(text: str | bytes) -> Document:
    return load_bytes(text if isinstance(text, bytes) else text.encode(), "brief.yaml", BriefError)


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(BriefError) as caught:
        load(text)
    return [f"{issue.where}: {issue.what}" for issue in caught.value.issues]


# --- values -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["NO", "no", "yes", "Yes", "on", "Off", "y", "n", "2026-11-22", "2026-11-22 10:00:00", "12:30:45", "010", "0x1F", "0o17", "0b1", "1_000",
     ".inf", "-.INF", ".nan", "NaN", "1e400", "-1e400", "1.2.3", "+", "-1-", ".", "1e", "nullable", "truely", "9" * 19, "=", "٣"],
)  # fmt: skip
def test_words_stay_text(text: str) -> None:
    """Only null, true, false and plain numbers are anything but the text that was typed: no NO, no dates, no octal."""
    assert read(f"a: {text}\n") == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("True", True), ("FALSE", False), ("null", None), ("Null", None), ("~", None), ("", None), ("0", 0), ("-0", 0),
     ("7", 7), ("+7", 7), ("-7", -7), ("9" * 18, 10**18 - 1), ("1.5", 1.5), ("-1.", -1.0), (".5", 0.5), ("2e3", 2000.0), ("1E-2", 0.01),
     ("-1.5e2", -150.0), (".5E+1", 5.0), ("1.e1", 10.0)],
)  # fmt: skip
def test_plain_constants_and_numbers(text: str, value: object) -> None:
    """Null, truth values in any case, whole numbers up to 18 digits and decimal numbers are read as such, with their type."""
    found = read(f"a: {text}\n")["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ['"true"', "'7'", '"null"', '""', "'~'"])
def test_quotes_make_text(text: str) -> None:
    """What stands in quotes is text, whatever it looks like."""
    assert read(f"a: {text}\n") == {"a": text[1:-1]}


def test_block_scalars_are_text() -> None:
    """Literal and folded blocks are text, even if they hold a number only."""
    assert read("a: |\n  7\nb: >-\n  one\n  two\n") == {"a": "7\n", "b": "one two"}


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_byte_order_mark_and_line_ends(mark: bytes, end: str) -> None:
    """A byte order mark, and line ends of any system, make no difference: neither to values nor to places."""
    document = load(mark + end.join(["needs:", "  - b", "# é", "c: d", ""]).encode())
    assert document.value == {"needs": ["b"], "c": "d"}
    assert str(document.place(("needs", 0))) == "brief.yaml:2:5"
    assert str(document.place(("c",))) == "brief.yaml:4:4"


def test_json_with_tabs() -> None:
    """JSON indented with tabs is read as it stands."""
    assert read('{\n\t"needs": [\n\t\t"a",\t"b"\n\t],\n\t"facts": {"x": true, "y": null, "z": -1.5e2}\n}\n') == {
        "needs": ["a", "b"],
        "facts": {"x": True, "y": None, "z": -150.0},
    }


@pytest.mark.parametrize("text", ["🂡", "a😀b", "😀😀", "\\ud83d", "é\u2028", '"', "a/b", "tab\tand\nline"])
def test_json_escapes(text: str) -> None:
    """What a JSON writer escapes, pairs of surrogates included, is read back as it was."""
    assert read(json.dumps({"a": text})) == {"a": text}
    assert read(json.dumps({"a": text}).replace("/", "\\/")) == {"a": text}


def test_text_and_keys_are_normalised() -> None:
    """Composed and decomposed letters are the same, in values and in keys."""
    assert read("'e\u0301': 'e\u0301'\nb: [e\u0301]\n") == {"é": "é", "b": ["é"]}
    assert problems("é: 1\ne\u0301: 2\n") == ["brief.yaml:2:1: the key 'é' stands here a second time"]


def test_line_separators_of_unicode_do_not_shift_lines() -> None:
    """U+2028 and U+2029, which YAML 1.1 takes for line ends and editors don't, leave the line numbers as the editor has them."""
    document = load("a: one\u2028two\u2029three\nb: 1\n")
    assert document.value == {"a": "one two three", "b": 1}
    assert str(document.place(("b",))) == "brief.yaml:2:4"


def test_empty_documents() -> None:
    """A file with nothing in it has no value, and its place is the beginning."""
    for text in ("", "\n", "# nothing\n", "---\n", "--- ~\n...\n"):
        assert read(text) is None
    assert str(load("").place()) == "brief.yaml:1:1"


def test_hash_is_of_the_bytes() -> None:
    """The hash of a document is that of the file, byte for byte."""
    data = b"\xef\xbb\xbfa: b\r\n"
    assert load(data).sha256 == hashlib.sha256(data).hexdigest()


# --- places ---------------------------------------------------------------------------------------------------------------

PLACES = """\
# a comment
name: "ä 漢"
needs: [ä, 漢字, last]
facts:
  phase: phase_1
  markets:
    - us
    - {deep: [x]}  # key 8, list 14, x 15
"""


@pytest.mark.parametrize(
    ("path", "place", "of_key"),
    [
        ((), "2:1", None),
        (("name",), "2:7", "2:1"),
        (("needs",), "3:8", "3:1"),
        (("needs", 0), "3:9", None),
        (("needs", 1), "3:12", None),
        (("needs", 2), "3:16", None),
        (("facts",), "5:3", "4:1"),
        (("facts", "phase"), "5:10", "5:3"),
        (("facts", "markets", 0), "7:7", None),
        (("facts", "markets", 1, "deep", 0), "8:15", None),
        (("facts", "markets", 1, "deep"), "8:14", "8:8"),
    ],
)
def test_places_of_values_and_keys(path: tuple[str | int, ...], place: str, of_key: str | None) -> None:
    """Line and column of every value and every key are those an editor shows; a list item has the place of its value."""
    document = load(PLACES)
    assert str(document.place(path)) == f"brief.yaml:{place}"
    assert str(document.place(path, of_key=True)) == f"brief.yaml:{of_key or place}"


def test_places_pass_over_what_leads_nowhere() -> None:
    """A path that leads nowhere has the place of as much of it as leads somewhere, and a place has its source line."""
    document = load(PLACES)
    assert document.place(("facts", "union member", "phase", "absent")) == document.place(("facts", "phase"))
    assert document.place(("absent",)) == document.place()
    assert document.place(("facts", "phase")).text == "  phase: phase_1"


def test_places_of_a_value_without_a_file_are_paths() -> None:
    """A value that was not read from a file has its path for a place."""
    document = as_document({"needs": ["a"], "facts": {"phase": 1}}, "request")
    assert str(document.place()) == "request"
    assert str(document.place(("needs", 0))) == "request, needs.0"
    assert str(document.issue(("facts", "int", "phase"), "wrong", "help")) == "request, facts.phase: error: wrong\n  help: help"


def test_existing_parts_of_a_path() -> None:
    """Only keys of mappings and indexes of lists are parts of a value; nothing else is looked into."""
    value = {"a": [{"b": 1}], "text": "abc"}
    assert existing(value, ("list", "a", 0, "dict", "b", "int")) == ("a", 0, "b")
    assert existing(value, ("a", 1, "b")) == ("a",)
    assert existing(value, ("text", 0)) == ("text",)
    assert existing(None, ("a",)) == ()


# --- what is refused --------------------------------------------------------------------------------------------------------


def test_every_problem_of_the_notation_is_told() -> None:
    """Anchors, aliases, tags, merge keys and second keys are all reported, each at its place."""
    assert problems("a: &x !!set [1]\n<<: *x\na: 2\n") == [
        "brief.yaml:1:4: anchors are not allowed",
        "brief.yaml:1:4: tags are not allowed",
        "brief.yaml:2:1: merge keys are not allowed",
        "brief.yaml:2:5: aliases are not allowed",
        "brief.yaml:3:1: the key 'a' stands here a second time",
    ]


def test_quoted_merge_key_is_a_key() -> None:
    """In quotes, << is a key like any other."""
    assert read("'<<': 1\n") == {"<<": 1}


@pytest.mark.parametrize("form", ["[{}]", "{{a: {}}}"])
def test_depth_is_bounded_exactly(form: str) -> None:
    """As deep as allowed is read, one level more is refused."""
    text = "x"
    for _ in range(MAX_DEPTH):
        text = form.format(text)
    assert read(text)
    assert "nested more than" in problems(form.format(text))[0]


def test_size_is_bounded_exactly() -> None:
    """As many bytes as allowed are read, one more is refused."""
    fitting = b"a: b #" + b" " * (MAX_BYTES - 6)
    assert read(fitting) == {"a": "b"}
    assert problems(fitting + b" ") == ["brief.yaml: larger than 2 MB"]


def test_number_of_values_is_bounded_exactly() -> None:
    """As many values as allowed are read, one more is refused."""
    assert len(read("[" + "0," * (MAX_VALUES - 1) + "]")) == MAX_VALUES - 1
    assert "more than" in problems("[" + "0," * MAX_VALUES + "]")[0]


@pytest.mark.parametrize("code", [0x00, 0x01, 0x08, 0x0B, 0x0C, 0x1B, 0x7F, 0x80, 0x85, 0x9F, 0xFEFF, 0xFFFE, 0xFFFF])
def test_control_characters_are_refused_raw_and_escaped(code: int) -> None:
    """A control character is refused in the line it stands in, written as itself or as an escape."""
    assert problems(f"a: 1\nb: x{chr(code)}y\n") == [f"brief.yaml:2: control character 0x{code:02x} in the text"]
    assert problems(f'a: 1\nb: "x\\u{code:04x}y"\n') == [f"brief.yaml:2:4: an escape stands for control character 0x{code:02x}"]


def test_kind_of_error_is_chosen_by_the_reader() -> None:
    """Who reads says whether a problem is one of the data or of a brief."""
    with pytest.raises(DataError):
        load_bytes(b"a: *b", "rules.yaml")
    with pytest.raises(BriefError):
        load_bytes(b"a: *b", "brief.yaml", BriefError)


def test_file_is_read_by_its_name(tmp_path: Path) -> None:
    """A file is read as its bytes are, and messages carry the name it was given by."""
    path = tmp_path / "ä brief.yaml"
    path.write_bytes(b"a: b\n")
    assert load_file(path).value == {"a": "b"}
    assert load_file(path).name == str(path)


def test_impossible_file_name_is_refused() -> None:
    """A name that no file can have is refused like a missing file."""
    with pytest.raises(BriefError, match="cannot be read: embedded null byte"):
        load_file(Path("a\0b"), BriefError)


def test_knowledge_is_found_with_its_files() -> None:
    """The shipped knowledge has files of both parts, in the order of their names, subdirectories included."""
    for part in ("catalog", "rules"):
        files = list(knowledge_files(knowledge_directory(), part))
        assert files == sorted(files)
        assert all(load_file(path).value for path in files)
    assert any(path.parent.name == "vocabularies" for path in knowledge_files(knowledge_directory(), "catalog"))


# --- anything at all --------------------------------------------------------------------------------------------------------

SPICE = [
    "&a ",
    "*a",
    "!!x ",
    "<<: ",
    "? ",
    "- ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    "|\n",
    ">",
    "#",
    "%YAML 1.1\n",
    "---\n",
    "...\n",
    "\t",
]
SPICE += ["\n", "\r", " ", ",", "\\", "\\ud83d", "\\ude00", "\x00", "\x85", "\u2028", "\ufeff", "é", "😀", "1e400", "NO", "\ud800"]


def holds_only_plain_values(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and holds_only_plain_values(part) for key, part in value.items())
    if isinstance(value, list):
        return all(holds_only_plain_values(part) for part in value)
    if isinstance(value, str):
        return unicodedata.is_normalized("NFC", value)
    return value is None or type(value) in {bool, int, float}


def check_reads_or_refuses(data: bytes) -> None:
    try:
        document = load(data)
    except BriefError as refused:
        issues = refused.issues
    else:
        assert holds_only_plain_values(document.value)
        return
    assert issues
    lines = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert all(issue.what and issue.hint and issue.where.line <= len(lines) for issue in issues)


@settings(max_examples=300, deadline=2000)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Random bytes give plain values or a BriefError with a remedy at a line that exists; never another exception."""
    check_reads_or_refuses(data)


@settings(max_examples=500, deadline=2000)
@given(st.lists(st.one_of(st.sampled_from(SPICE), st.text(max_size=6)), max_size=40))
def test_any_mixture_of_notation_is_read_or_refused(parts: list[str]) -> None:
    """Any mixture of the special signs of YAML and JSON gives plain values or a BriefError, and never another exception."""
    check_reads_or_refuses("".join(parts).encode("utf-8", "surrogatepass"))


@settings(max_examples=300, deadline=2000)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=40), inner, max_size=4),
        max_leaves=12,
    ),
    st.booleans(),
    st.sampled_from([None, 1, "\t"]),
)
def test_json_is_read_as_json_or_refused(value: Any, escaped: bool, indent: int | str | None) -> None:  # noqa: FBT001
    """Whatever a JSON writer writes is read as the JSON reader reads it (in normal form), or refused for a control character."""
    text = json.dumps(value, ensure_ascii=escaped, indent=indent)
    try:
        found = read(text.encode("utf-8", "surrogatepass"))
    except BriefError as refused:
        told = str(refused)
        assert any(reason in told for reason in ("control character", "no character", "a second time", "not UTF-8")), told
    else:
        assert found == normal(json.loads(text), raw=not escaped)


def normal(value: Any, *, raw: bool) -> Any:
    """Return a value as strict reading has it; in raw text line separators are spaces."""
    if isinstance(value, dict):
        return {normal(key, raw=raw): normal(part, raw=raw) for key, part in value.items()}
    if isinstance(value, list):
        return [normal(part, raw=raw) for part in value]
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value.replace("\u2028", " ").replace("\u2029", " ") if raw else value)
    return value
