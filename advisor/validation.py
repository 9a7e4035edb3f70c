"""From a document to a typed value: pydantic checks the shape, and every problem is told at its place, in plain words."""

from __future__ import annotations

import types
import typing
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from advisor.errors import MAX_ISSUES, Issue, suggest
from advisor.records import Meaning, is_record, keys_of
from advisor.yamlfile import existing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import ErrorDetails, SchemaValidator

    from advisor.yamlfile import Document, Key

    Steps = tuple[Key, ...]

M = TypeVar("M")

_SEE_SCHEMA = "`advisor schema` shows what may stand here"
_MAX_SHOWN = 60  # characters of a value in a message
_WORDS: Mapping[type, str] = {dict: "a mapping (key: value)", list: "a list"}
_LIST = ("a list", "write it in brackets, such as [a, b]; [] is an empty list")
_MAPPING = ("a mapping (key: value)", "write `key: value`, one to a line, indented alike")

# kind of pydantic's problem -> what was expected, and what to do about it
_EXPECTED = {
    "string_type": ("text", "put it in quotes if it is meant as text"),
    "string_too_short": ("some text", "write something, or leave the key out"),
    "list_type": _LIST,
    "tuple_type": _LIST,
    "too_short": ("at least one entry", "add one"),
    "dict_type": _MAPPING,
    "dataclass_type": _MAPPING,
    "bool_type": ("true or false", "write true or false, without quotes"),
    "int_type": ("a whole number", "write digits only, without quotes"),
}


class Shape(Generic[M]):
    """What pydantic checks values of one model with; it can be stored, and needs little of pydantic when it is taken up again."""

    def __init__(self, model: type[M]) -> None:
        """Let pydantic prepare the checks."""
        from pydantic import TypeAdapter

        self.model = model
        self.validator: SchemaValidator = TypeAdapter(model).validator  # type: ignore[assignment]  # not deferred


@cache
def _shape(model: Any) -> Shape[Any]:  # noqa: ANN401 - mypy does not see that a type can be hashed
    return Shape(model)


def validate(document: Document, model: type[M] | Shape[M], value: object = None, path: tuple[Key, ...] = ()) -> M | list[Issue]:
    """Return the document (or the given part of it, at a path) as a value of the model, or all problems found."""
    from pydantic_core import ValidationError

    shape: Shape[M] = model if isinstance(model, Shape) else _shape(model)  # type: ignore[arg-type]  # as above
    data = document.value if value is None and not path else value
    if data is None:
        return [document.issue(path, "nothing here", f"expected a mapping with the keys {', '.join(keys_of(shape.model))}")]
    try:
        found: M = shape.validator.validate_python(data)
    except ValidationError as problem:
        return list(_issues(document, shape.model, (data, path), problem.errors(include_url=False)[:MAX_ISSUES]))
    return found


def describe(value: object) -> str:
    """Return in plain words what was found."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        text = str(value)
        return f"'{text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 3] + '...'}'"
    kind = type(value)
    return _WORDS.get(kind, kind.__name__)


def _issues(document: Document, model: type, base: tuple[object, Steps], errors: list[ErrorDetails]) -> Iterator[Issue]:
    """Yield the problems of pydantic in our words: one for each place, though each member of a union has its own."""
    data, start = base
    groups: dict[Steps, list[ErrorDetails]] = {}
    for details in errors:
        groups.setdefault(existing(data, details["loc"]), []).append(details)
    for path, group in groups.items():
        shapes = [details for details in group if details["type"] in _EXPECTED or details["type"] == "literal_error"]
        yield from (_issue(document, model, start, details) for details in group if details not in shapes)
        deeper = any(other != path and other[: len(path)] == path for other in groups)  # where a member of a union got further
        if shapes and not deeper:
            yield _mismatch(document, (*start, *path), shapes)


def _mismatch(document: Document, path: Steps, group: list[ErrorDetails]) -> Issue:
    """Return that a value is of another kind than it should be, or not one of the allowed words."""
    found = group[0]["input"]
    words = [word for details in group if details["type"] == "literal_error" for word in _allowed(details)]
    kinds = [_EXPECTED[details["type"]] for details in group if details["type"] in _EXPECTED]
    if not kinds:
        return document.issue(path, f"{describe(found)} is not allowed here", suggest(str(found), words, f"allowed: {', '.join(words)}"))
    expected = dict.fromkeys([*(kind for kind, _ in kinds), *(f"`{word}`" for word in words)])
    return document.issue(path, f"expected {' or '.join(expected)}, found {describe(found)}", kinds[0][1])


def _allowed(details: ErrorDetails) -> list[str]:
    """Return the words of a literal."""
    allowed: list[str] = details["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
    return allowed


def _issue(document: Document, model: type, base: Steps, details: ErrorDetails) -> Issue:
    """Return one problem of pydantic in our words."""
    path, last, kind = (*base, *details["loc"]), details["loc"][-1] if details["loc"] else "", details["type"]
    if kind == "unexpected_keyword_argument":
        known = _keys_at(model, details["loc"][:-1])
        return document.issue(path, f"unknown key {describe(last)}", suggest(str(last), known, "remove it"), of_key=True)
    if kind == "missing":
        known_keys = keys_of(model)
        meaning = "".join(f": {each.text}" for each in getattr(known_keys.get(str(last)), "__metadata__", ()) if isinstance(each, Meaning))
        return document.issue(path[:-1], f"the key '{last}' is missing", f"add `{last}:`{meaning}")
    if kind == "value_error":
        what, _, hint = str(details["ctx"]["error"]).partition("\n")
        return document.issue(path, what, hint or _SEE_SCHEMA)
    if kind == "string_too_long":
        return document.issue(path, f"longer than {details['ctx']['max_length']} characters", "shorten it")
    if kind == "string_pattern_mismatch":
        what = f"{describe(details['input'])} is not a well-formed id"
        return document.issue(path, what, f"use small letters and digits in the form {details['ctx']['pattern']}")
    message = details["msg"]
    return document.issue(path, f"{message[:1].lower()}{message[1:]}, found {describe(details['input'])}", _SEE_SCHEMA)


def _keys_at(model: type, path: tuple[Key, ...]) -> list[str]:
    """Return the keys allowed at a path inside a model."""
    found: list[Any] = [model]
    for part in path:
        found = [inner for kind in found for inner in _step(kind, part)] or found
    return [key for kind in found if is_record(kind) for key in keys_of(kind)]


def _step(kind: Any, part: Key) -> list[Any]:  # noqa: ANN401 - annotations are of any kind
    """Return the types one step into a type."""
    if is_record(kind):
        return _open(keys_of(kind)[str(part)]) if part in keys_of(kind) else []
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is dict:
        return _open(arguments[1])
    if origin in {list, tuple}:
        return _open(arguments[0])
    return []


def _open(kind: Any) -> list[Any]:  # noqa: ANN401
    """Return the members of a union, or the type itself."""
    if typing.get_origin(kind) is Annotated:
        return _open(typing.get_args(kind)[0])
    if typing.get_origin(kind) in {typing.Union, types.UnionType}:
        return [inner for member in typing.get_args(kind) for inner in _open(member)]
    return [kind]
