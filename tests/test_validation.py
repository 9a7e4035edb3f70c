"""From documents to typed values: one problem for each place, in plain words, with a remedy."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Any, Literal

import pytest

from advisor.errors import BriefError, DataError, EvaluationError, Issue, Place, suggest
from advisor.records import LISTED, NOT_EMPTY, Limits, Meaning, SnakeId, Text, record
from advisor.validation import describe, validate
from advisor.yamlfile import as_document, load_bytes


@record
class Inner:
    """A part of the sample."""

    colour: Literal["red", "green"] = "red"
    size: int = 0


@record
class Sample:
    """Something of every shape the data files use."""

    id: SnakeId = "a"
    title: Annotated[Text | None, Meaning("what to call it")] = None
    tags: Annotated[tuple[Text, ...], NOT_EMPTY] = ("x",)
    source: str | Annotated[tuple[str, ...], LISTED] = ""
    choice: list[Text] | Literal["unknown"] | None = None
    value: str | bool | int = ""
    flag: bool = False
    size: Annotated[int, Limits(le=10)] = 0
    parts: dict[SnakeId, Inner] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.flag and self.size:
            message = "flag and size together\nkeep one of them"
            raise ValueError(message)


@record
class Strict:
    """Something that has to be there."""

    needed: Annotated[Text, Meaning("why it is needed")]
    wanted: Text


def issues(text: str, model: type = Sample) -> list[Issue]:
    found = validate(load_bytes(text.encode(), "f.yaml"), model)
    assert isinstance(found, list), found
    return sorted(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: 7", "f.yaml:1:8: expected text, found '7'"),
        ("title: ''", "f.yaml:1:8: expected some text, found ''"),
        ("title: '   '", "f.yaml:1:8: expected some text, found '   '"),
        ("id: Not-An-Id", "f.yaml:1:5: 'Not-An-Id' is not a well-formed id"),
        ("tags: red", "f.yaml:1:7: expected a list, found 'red'"),
        ("tags: []", "f.yaml:1:7: expected at least one entry, found a list"),
        ("tags: [a, 7]", "f.yaml:1:11: expected text, found '7'"),
        ("source: 7", "f.yaml:1:9: expected text or a list, found '7'"),
        ("source: [7]", "f.yaml:1:10: expected text, found '7'"),
        ("choice: {a: b}", "f.yaml:1:9: expected a list or `unknown`, found a mapping (key: value)"),
        ("choice: [[a]]", "f.yaml:1:10: expected text, found a list"),
        ("value: [1]", "f.yaml:1:8: expected text or true or false or a whole number, found a list"),
        ("flag: 1", "f.yaml:1:7: expected true or false, found '1'"),
        ("flag: 'true'", "f.yaml:1:7: expected true or false, found 'true'"),
        ("size: true", "f.yaml:1:7: expected a whole number, found true"),
        ("size: 1.5", "f.yaml:1:7: expected a whole number, found '1.5'"),
        ("size: 11", "f.yaml:1:7: input should be less than or equal to 10, found '11'"),
        ("parts: [a]", "f.yaml:1:8: expected a mapping (key: value), found a list"),
        ("parts: {a: 1}", "f.yaml:1:12: expected a mapping (key: value), found '1'"),
        ("parts: {a: {colour: blue}}", "f.yaml:1:21: 'blue' is not allowed here"),
        ("parts: {a: {colour: null}}", "f.yaml:1:21: nothing is not allowed here"),
        ("parts: {A-B: {}}", "f.yaml:1:14: 'A-B' is not a well-formed id"),
        ("parts: {a: {color: red}}", "f.yaml:1:13: unknown key 'color'"),
        ("colour: red", "f.yaml:1:1: unknown key 'colour'"),
        ("flag: true\nsize: 1", "f.yaml:1:1: flag and size together"),
        (f"title: {'a' * 4001}", "f.yaml:1:8: longer than 4000 characters"),
        ("[1]", "f.yaml:1:1: expected a mapping (key: value), found a list"),
        ("", "f.yaml:1:1: nothing here"),
    ],
)
def test_one_problem_is_told_once_and_helped(text: str, expected: str) -> None:
    """Every kind of wrong value is told once, at its place, with what was expected and found, and with a remedy."""
    (issue,) = issues(text)
    assert f"{issue.where}: {issue.what}" == expected
    assert issue.hint


def test_all_problems_are_told() -> None:
    """Several wrong values are all reported, each at its place."""
    assert [str(issue.where) for issue in issues("title: 1\ntags: [a, 2, 3]\nparts:\n  a: {size: x}\nxyz: 1\n")] == [
        "f.yaml:1:8",
        "f.yaml:2:11",
        "f.yaml:2:14",
        "f.yaml:4:13",
        "f.yaml:5:1",
    ]


def test_missing_keys_are_told_one_by_one_with_their_meaning() -> None:
    """Each missing key is named, at the mapping that lacks it, and its meaning is told where it is known."""
    first, second = issues("{}", Strict)
    assert (str(first.where), str(second.where)) == ("f.yaml:1:1", "f.yaml:1:1")
    assert (first.what, first.hint) == ("the key 'needed' is missing", "add `needed:`: why it is needed")
    assert (second.what, second.hint) == ("the key 'wanted' is missing", "add `wanted:`")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("titel: x", "did you mean 'title'?"),
        ("parts: {a: {colur: red}}", "did you mean 'colour'?"),
        ("parts: {a: {xyz: red}}", "allowed: colour, size"),
        ("parts: {a: {colour: gren}}", "did you mean 'green'?"),
        ("parts: {a: {colour: blue}}", "allowed: green, red"),
        ("flag: true\nsize: 1", "keep one of them"),
    ],
)
def test_remedies_name_the_allowed_words(text: str, hint: str) -> None:
    """Unknown keys and words come with the nearest one, or with all of them; a check's own remedy is passed on."""
    (issue,) = issues(text)
    assert issue.hint == hint


def test_sound_document_becomes_a_value() -> None:
    """A document without problems is the typed value; texts are stripped, lists are tuples."""
    found = validate(load_bytes(b"title: ' a '\ntags: [b]\nparts: {c: {colour: green}}", "f.yaml"), Sample)
    assert found == Sample(title="a", tags=("b",), parts={"c": Inner(colour="green")})


def test_part_of_a_document_is_placed_in_the_whole() -> None:
    """A part that is validated by itself keeps its places in the file."""
    document = load_bytes(b"outer:\n  - {colour: red}\n  - {colour: blue}\n", "f.yaml")
    found = validate(document, Inner, document.value["outer"][1], ("outer", 1))
    assert isinstance(found, list)
    assert [str(issue.where) for issue in found] == ["f.yaml:3:14"]
    nothing = validate(document, Inner, None, ("outer", 0))
    assert isinstance(nothing, list)
    assert (str(nothing[0].where), nothing[0].what) == ("f.yaml:2:5", "nothing here")


def test_values_without_a_file_are_placed_by_path() -> None:
    """Values from a program are told by their path."""
    found = validate(as_document({"parts": {"a": {"size": None}}}, "request"), Sample)
    assert isinstance(found, list)
    assert [str(issue) for issue in found] == [
        "request, parts.a.size: error: expected a whole number, found nothing\n  help: write digits only, without quotes"
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "true"),
        (0, "'0'"),
        (1.5, "'1.5'"),
        ("a b", "'a b'"),
        ("", "''"),
        ({}, "a mapping (key: value)"),
        ([1], "a list"),
        ((1,), "tuple"),
        ("a" * 60, "'" + "a" * 60 + "'"),
        ("a" * 61, "'" + "a" * 57 + "...'"),
    ],
)
def test_values_are_described_in_plain_words(value: Any, words: str) -> None:
    """What was found is quoted as it would be written, cut short if it is long, or named by its kind."""
    assert describe(value) == words


# --- the printed text of problems ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("fase", ["phase", "glp"], "did you mean 'phase'?"),
        ("PHASE", ["Phase", "glp"], "did you mean 'Phase'?"),
        ("aab", ["aac", "aad", "aae"], "did you mean 'aae' or 'aad'?"),
        ("xyz", ["b", "a"], "allowed: a, b"),
        ("xyz", [f"word{i}" for i in range(13)], ""),
        ("xyz", [], ""),
    ],
)
def test_suggestions(word: str, known: list[str], hint: str) -> None:
    """A near word is proposed, at most two; else all words if they are few; else nothing."""
    assert suggest(word, known) == hint


def test_problem_is_printed_like_a_compiler_does() -> None:
    """Place, kind, sentence, source line, caret and help, each on its line; parts that are not there are left out."""
    place = Place("f.yaml", 3, 5, "key: value")
    assert str(Issue(place, "wrong", "mend it")) == "f.yaml:3:5: error: wrong\n    key: value\n        ^\n  help: mend it"
    assert str(Issue(Place("f.yaml"), "odd", severity="warning")) == "f.yaml: warning: odd"
    assert str(Issue(Place("f.yaml", 2), "wrong")) == "f.yaml:2: error: wrong"


def test_printed_problem_cannot_move_the_cursor() -> None:
    """Tabs, line ends, escapes and invisible signs of direction are printed as spaces, whatever part they stand in."""
    printed = str(Issue(Place("f", 1, 3, "\ta\x1b[2Jb\u202e"), "x\ny\r", "z\x9b"))
    assert printed == "f:1:3: error: x y \n     a [2Jb \n      ^\n  help: z "


@pytest.mark.parametrize(("column", "shown"), [(1, 0), (120, 0), (121, 60), (500, 439)])
def test_long_line_is_shown_around_the_problem(column: int, shown: int) -> None:
    """Of a long line 120 characters are shown, with the caret under the one that is meant."""
    line = "".join(chr(0x4E00 + i) for i in range(600))
    _, source, caret = str(Issue(Place("f", 1, column, line), "x")).splitlines()
    assert source == "    " + line[shown : shown + 120]
    assert source[caret.index("^")] == line[column - 1]


def test_error_carries_every_problem_in_order_and_once() -> None:
    """An error prints all its problems in the order of their places, each once."""
    later, earlier = Issue(Place("f", 10, 1), "b"), Issue(Place("f", 9, 1), "a")
    error = BriefError([later, earlier, later])
    assert error.issues == (earlier, later)
    assert str(error) == "f:9:1: error: a\nf:10:1: error: b"
    assert not isinstance(error, DataError)


def test_fault_of_the_program_says_so() -> None:
    """An error of the engine is told as the program's own fault."""
    assert "this is a fault of the program" in str(EvaluationError("rule x failed"))
