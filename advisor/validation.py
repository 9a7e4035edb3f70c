"""From a document to a typed value: pydantic checks the shape, and every problem is told at its place, in plain words."""

from __future__ import annotations

import types
import typing
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from advisor.errors import MAX_ISSUES, Issue, suggest
from advisor.yamlfile import existing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import ErrorDetails

    from advisor.yamlfile import Document, Key

    Steps = tuple[Key, ...]

M = TypeVar("M", bound=BaseModel)

Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
SnakeId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$", max_length=80)]

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
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "bool_type": ("true or false", "write true or false, without quotes"),
    "int_type": ("a whole number", "write digits only, without quotes"),
}


class Record(BaseModel):
    """A frozen value read from a file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


def validate(document: Document, model: type[M], value: object = None, path: tuple[Key, ...] = ()) -> M | list[Issue]:
    """Return the document (or the given part of it, at a path) as a value of the model, or all problems found."""
    data = document.value if value is None and not path else value
    if data is None:
        names = ", ".join(field.alias or name for name, field in model.model_fields.items())
        return [document.issue(path, "nothing here", f"expected a mapping with the keys {names}")]
    try:
        return model.model_validate(data)
    except ValidationError as problem:
        return list(_issues(document, model, (data, path), problem.errors(include_url=False)[:MAX_ISSUES]))


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


def _issues(document: Document, model: type[BaseModel], base: tuple[object, Steps], errors: list[ErrorDetails]) -> Iterator[Issue]:
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


def _issue(document: Document, model: type[BaseModel], base: Steps, details: ErrorDetails) -> Issue:
    """Return one problem of pydantic in our words."""
    path, last, kind = (*base, *details["loc"]), details["loc"][-1] if details["loc"] else "", details["type"]
    if kind == "extra_forbidden":
        known = _keys_at(model, details["loc"][:-1])
        return document.issue(path, f"unknown key {describe(last)}", suggest(str(last), known, "remove it"), of_key=True)
    if kind == "missing":
        field = model.model_fields.get(str(last))
        meaning = f": {field.description}" if field and field.description else ""
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


def _keys_at(model: type[BaseModel], path: tuple[Key, ...]) -> list[str]:
    """Return the keys allowed at a path inside a model."""
    found: list[Any] = [model]
    for part in path:
        found = [inner for kind in found for inner in _step(kind, part)] or found
    models = [kind for kind in found if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return [field.alias or name for kind in models for name, field in kind.model_fields.items()]


def _step(kind: Any, part: Key) -> list[Any]:  # noqa: ANN401 - annotations are of any kind
    """Return the types one step into a type."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields: Mapping[Key, Any] = {field.alias or name: field for name, field in kind.model_fields.items()}
        return _open(fields[part].annotation) if part in fields else []
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
