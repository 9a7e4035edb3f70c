"""Strict YAML and JSON with the place of every value: the only module that knows YAML.

Strict means: no duplicate keys, no anchors, aliases, merge keys or tags, one document, bounded size and depth, and only
`true` and `false` are booleans (`NO` stays the text it was typed as).
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from advisor.errors import MAX_ISSUES, AdvisorError, DataError, Issue, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_BYTES = 2_000_000
MAX_DEPTH = 24
MAX_VALUES = 100_000

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_REAL = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?")
_SURROGATES = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_BREAKS = {0x2028: " ", 0x2029: " "}  # to YAML these end a line, to editors they do not
_CONSTANTS = {"": None, "~": None, "null": None, "true": True, "false": False}

_NO_ESCAPE = ("an escape that does not exist", "write \\\\ for a backslash, or use single quotes")
# what libyaml says -> what we say, and what to do about it
_SYNTAX = {
    "found character that cannot start any token": (
        "a value can't begin with this character",
        "indent with spaces, not tabs; put text that begins with a special character in quotes",
    ),
    "found unexpected end of stream": ("a quote is opened here and never closed", "close it"),
    "did not find expected ',' or ']'": ("a list is opened here, and then a comma or ] is missing", "check commas, quotes and brackets"),
    "did not find expected ',' or '}'": ("a mapping is opened here, and then a comma or } is missing", "check commas, quotes and brackets"),
    "did not find expected <document start>": ("the value is complete, but something follows", "remove it, or check the brackets"),
    "found invalid Unicode character escape code": ("an escape that stands for no character", "write the character itself"),
    "found unknown escape character": _NO_ESCAPE,
    "did not find expected hexdecimal number": _NO_ESCAPE,
    "mapping values are not allowed in this context": (
        "a colon where none can be",
        "put text with a colon in quotes; check the indentation",
    ),
}

Key = str | int


@dataclass(slots=True)
class _Node:
    """The place of one value, and the places of what it holds."""

    line: int
    column: int
    children: dict[Key, _Node] = field(default_factory=dict)
    keys: dict[Key, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML or JSON file: its plain value, and the place of each part of it."""

    name: str
    value: Any
    _data: bytes
    _root: _Node
    _lines: list[str]

    @property
    def sha256(self) -> str:
        """The hash of its bytes, in hexadecimal."""
        import hashlib  # only for knowledge; a brief is not hashed

        return hashlib.sha256(self._data).hexdigest()

    def place(self, path: tuple[Key, ...] = (), *, of_key: bool = False) -> Place:
        """Return where the value at a path of keys and indexes stands; parts that lead nowhere are passed over.

        With `of_key` it is the place of the last key itself.
        """
        node = self._root
        line, column = node.line, node.column
        for part in path:
            if part in node.children:
                key = node.keys.get(part)
                node = node.children[part]
                line, column = key if of_key and key and part == path[-1] else (node.line, node.column)
        if not self._lines:
            steps = ".".join(str(part) for part in existing(self.value, path))
            return Place(f"{self.name}, {steps}" if steps else self.name)
        return Place(self.name, line + 1, column + 1, self._lines[line] if line < len(self._lines) else "")

    def issue(self, path: tuple[Key, ...], what: str, hint: str = "", *, of_key: bool = False) -> Issue:
        """Return a problem found at a path of this document."""
        return Issue(self.place(path, of_key=of_key), what, hint)


def load_file(path: Path, error: type[AdvisorError] = DataError) -> Document:
    """Read one file.

    Raises:
        AdvisorError: of the given kind, if it cannot be read or is not strict YAML; with every problem found.

    """
    name = str(path)
    try:
        if path.is_dir():
            raise error([Issue(Place(name), "this is a directory, not a file", "name one file in it")])
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as problem:  # a name with a null character is a ValueError
        reason = getattr(problem, "strerror", None) or str(problem)
        raise error([Issue(Place(name), f"cannot be read: {reason}", "check the name and the permissions")]) from None
    return load_bytes(data, name, error)


def load_bytes(data: bytes, name: str, error: type[AdvisorError] = DataError) -> Document:
    """Read one document from bytes; `name` stands for the file in messages. Raises as `load_file` does."""
    text = _decode(data, name, error)
    lines = text.split("\n")
    reader = _Reader(name, lines)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            reader.take(event)
    except yaml.YAMLError as problem:
        reader.issues.append(_syntax_issue(problem, name, lines))
    except _Unreadable:
        pass
    if reader.issues:
        raise error(reader.issues)
    root = reader.root or _Node(0, 0)
    return Document(name, reader.value, data, root, lines)


def load_documents(stream: Iterable[bytes], name: str, error: type[AdvisorError] = DataError) -> Iterator[Document | AdvisorError]:
    """Yield the documents of a stream of many, a line at a time; one that can't be read is yielded as its error.

    A document begins where a line begins with `---`; one that holds nothing but comments is passed over.
    """
    number, lines = 0, list[bytes]()
    for line in chain(stream, [b"---\n"]):
        if not line.startswith((b"---", b"\xef\xbb\xbf---")):
            lines.append(line)
            continue
        if any(part.strip() and not part.lstrip().startswith(b"#") for part in lines):
            number += 1
            try:
                yield load_bytes(b"".join(lines), f"{name}, document {number}", error)
            except AdvisorError as problem:
                yield problem
        lines = [line.removeprefix(b"\xef\xbb\xbf").removeprefix(b"---")]


def knowledge_directory() -> Path:
    """Return the directory that holds the shipped `catalog/` and `rules/`, in a wheel or in a checkout."""
    package = Path(__file__).parent
    installed = package / "knowledge"
    return installed if installed.is_dir() else package.parent


def knowledge_files(directory: Path, part: str) -> Iterator[Path]:
    """Yield the YAML files of one part of a knowledge directory, by name: all below `catalog`, or those right in `rules`."""
    yield from sorted((directory / part).glob("**/*.yaml" if part == "catalog" else "*.yaml"))


def unread_files(directory: Path, part: str) -> Iterator[Issue]:
    """Yield a problem for each YAML file in one part of a knowledge directory that is not read, for its ending or its place."""
    read = set(knowledge_files(directory, part))
    for path in sorted((directory / part).rglob("*")):
        if path.suffix.lower() in {".yaml", ".yml"} and path not in read and path.is_file():
            if path.suffix != ".yaml":
                yield Issue(Place(str(path)), f"not read: the ending is {path.suffix}, not .yaml", f"call it '{path.stem}.yaml'")
            else:
                yield Issue(
                    Place(str(path)), f"not read: files of {part} stand right in '{part}'", f"move it to '{directory / part / path.name}'"
                )


class _Unreadable(Exception):  # noqa: N818 - a signal inside this module, never seen outside
    """Reading cannot go on; the reason is among the issues."""


class _Reader:
    """Builds a plain value and its places from parse events, without recursion: depth can't overflow anything."""

    def __init__(self, name: str, lines: list[str]) -> None:
        self.issues: list[Issue] = []
        self.value: Any = None
        self.root: _Node | None = None
        self._name = name
        self._lines = lines
        self._stack: list[tuple[Any, _Node]] = []
        self._keys: list[str | None] = []
        self._key_mark = (0, 0)
        self._documents = 0
        self._values = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event of the parser."""
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._open(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._stack.pop()
                self._keys.pop()
            case yaml.AliasEvent():
                self._refuse(event, "aliases are not allowed", "write the value out")
                self._take_alias(event)
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._refuse(event, "a second document starts here", "keep one document in a file")
                    raise _Unreadable

    def _expects_key(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1][0], dict) and self._keys[-1] is None

    def _take_alias(self, event: yaml.AliasEvent) -> None:
        """Let something stand for the alias, so that what follows is read as it is meant."""
        if self._expects_key():
            self._keys[-1] = "*"
        else:
            self._add(None, event)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._check_node(event)
        if self._expects_key():
            self._take_key(event)
            return
        plain = event.style is None or event.style == ""
        self._add(_resolve(event.value) if plain else normalize(event.value), event)

    def _take_key(self, event: yaml.ScalarEvent) -> None:
        key = normalize(event.value)
        if key == "<<" and not event.style:
            self._refuse(event, "merge keys are not allowed", "write the entries out")
        if key in self._stack[-1][0]:
            self._refuse(event, f"the key '{key}' stands here a second time", "keep one of the two")
        self._keys[-1] = key
        self._key_mark = _position(event)

    def _open(self, event: yaml.CollectionStartEvent, container: dict[str, Any] | list[Any]) -> None:
        self._check_node(event)
        if self._expects_key():
            self._refuse(event, "a key must be a plain word", "put the key in quotes, or check the brackets")
            raise _Unreadable
        if len(self._stack) >= MAX_DEPTH:
            self._refuse(event, f"nested more than {MAX_DEPTH} levels deep", "a brief needs at most three levels")
            raise _Unreadable
        node = self._add(container, event)
        self._stack.append((container, node))
        self._keys.append(None)

    def _add(self, value: object, event: yaml.Event) -> _Node:
        node = _Node(*_position(event))
        if not self._stack:
            self.value, self.root = value, node
            return node
        container, parent = self._stack[-1]
        if isinstance(container, list):
            parent.children[len(container)] = node
            container.append(value)
        else:
            key = self._keys[-1] or ""
            container[key] = value
            parent.children[key] = node
            parent.keys[key] = self._key_mark
            self._keys[-1] = None
        return node

    def _check_node(self, event: yaml.NodeEvent) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            self._refuse(event, f"more than {MAX_VALUES} values", "check that this is the right file")
            raise _Unreadable
        found = _FORBIDDEN.search(event.value) if isinstance(event, yaml.ScalarEvent) else None
        if found:
            self._refuse(event, f"an escape stands for control character 0x{ord(found.group()):02x}", "remove it")
        if event.anchor:
            self._refuse(event, "anchors are not allowed", "write the value out where it is needed")
        if event.tag and event.tag != "!":  # type: ignore[attr-defined]  # the stubs leave tag out
            self._refuse(event, "tags are not allowed", "write a plain value")

    def _refuse(self, event: yaml.Event, what: str, hint: str) -> None:
        line, column = _position(event)
        self.issues.append(Issue(Place(self._name, line + 1, column + 1, self._lines[line]), what, hint))
        if len(self.issues) >= MAX_ISSUES:
            raise _Unreadable


def _decode(data: bytes, name: str, error: type[AdvisorError]) -> str:
    """Return the text of a file, or say why it is none."""
    if len(data) > MAX_BYTES:
        limit = f"{MAX_BYTES // 1_000_000} MB"
        raise error([Issue(Place(name), f"larger than {limit}", "a brief is a page of text; check that this is the right file")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        what = f"not UTF-8: byte 0x{data[problem.start]:02x} cannot be read"
        raise error([Issue(Place(name, line), what, "save the file as UTF-8")]) from None
    found = _FORBIDDEN.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        what = f"control character 0x{ord(found.group()):02x} in the text"
        raise error([Issue(Place(name, line), what, "remove it; is this really a text file?")])
    # JSON writes characters beyond the basic plane as two escapes, which YAML does not know
    text = _SURROGATES.sub(_join_surrogates, text)
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_BREAKS)


def _join_surrogates(pair: re.Match[str]) -> str:
    """Return the character that two escapes stand for."""
    return pair.group().encode().decode("unicode-escape").encode("utf-16", "surrogatepass").decode("utf-16")


def _position(event: yaml.Event) -> tuple[int, int]:
    """Return line and column of an event, counted from 0."""
    mark = event.start_mark
    return (mark.line, mark.column) if mark else (0, 0)


def _syntax_issue(problem: yaml.YAMLError, name: str, lines: list[str]) -> Issue:
    """Return a problem of the YAML itself, where it shows; one that shows only at the end of the file, where it begins."""
    mark = getattr(problem, "problem_mark", None)
    found = getattr(problem, "problem", None) or getattr(problem, "reason", None) or str(problem)
    what, hint = _SYNTAX.get(found, (found, "check indentation, colons, quotes and brackets near this place"))
    if found.startswith(("found unexpected end", "did not find expected ','")):
        mark = getattr(problem, "context_mark", None) or mark
    if mark is None:
        return Issue(Place(name), f"not valid YAML: {what}", hint)
    line, column = (mark.line, mark.column) if mark.line < len(lines) else (len(lines) - 1, len(lines[-1]))
    return Issue(Place(name, line + 1, column + 1, lines[line]), f"not valid YAML: {what}", hint)


def _resolve(text: str) -> str | int | float | bool | None:
    """Return the value of a plain scalar; only null, true, false and numbers are anything but text."""
    if text.lower() in _CONSTANTS:
        return _CONSTANTS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _REAL.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return normalize(text)


def normalize(text: str) -> str:
    """Return text in the one Unicode form that comparisons use."""
    return unicodedata.normalize("NFC", text)


def existing(value: Any, path: tuple[Key, ...]) -> tuple[Key, ...]:  # noqa: ANN401 - values are of any kind
    """Return the parts of a path that are keys and indexes of a value; parts that lead nowhere are passed over."""
    found: list[Key] = []
    for part in path:
        if part in value if isinstance(value, dict) else isinstance(value, list) and part in range(len(value)):
            value = value[part]
            found.append(part)
    return tuple(found)


def as_document(value: object, name: str) -> Document:
    """Return a value that was not read from a file as a document; its places are paths instead of lines."""
    return Document(name, value, b"", _Node(-1, -1), [])
