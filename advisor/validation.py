"""From a document to a typed value: pydantic checks the shape, and every problem is told at its place, in plain words."""

from __future__ import annotations

import types
import typing
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from advisor.errors import Issue, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

    from advisor.yamlfile import Document, Key

M = TypeVar("M", bound=BaseModel)

Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
SnakeId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$", max_length=80)]

_WORDS = {dict: "a mapping (key: value)", list: "a list", str: "text", bool: "true or false", int: "a whole number", float: "a number"}
_EXPECTED = {
    "string_type": "text",
    "list_type": "a list",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "string_too_short": "some text",
}


class Record(BaseModel):
    """A frozen value read from a file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=False)


def validate(document: Document, model: type[M], value: object = None, path: tuple[Key, ...] = ()) -> M | list[Issue]:
    """Return the document (or the given part of it, at a path) as a value of the model, or all problems found."""
    data = document.value if value is None and not path else value
    if data is None:
        names = ", ".join(field.alias or name for name, field in model.model_fields.items())
        return [document.issue(path, "nothing here", f"expected a mapping with the keys {names}")]
    try:
        return model.model_validate(data)
    except ValidationError as problem:
        return [_issue(document, model, path, details) for details in problem.errors(include_url=False)]


def describe(value: object) -> str:
    """Return in plain words what kind of value was found."""
    if value is None:
        return "nothing"
    word = _WORDS.get(type(value), type(value).__name__)
    return f"'{value}'" if isinstance(value, str | int | float | bool) else word


def _issue(document: Document, model: type[BaseModel], base: tuple[Key, ...], details: ErrorDetails) -> Issue:
    """Return one problem of pydantic in our words."""
    path = (*base, *details["loc"])
    kind = details["type"]
    if kind == "extra_forbidden":
        known = _keys_at(model, details["loc"][:-1])
        return document.issue(path, f"unknown key '{details['loc'][-1]}'", suggest(str(details["loc"][-1]), known), of_key=True)
    if kind == "missing":
        return document.issue(path[:-1], f"the key '{details['loc'][-1]}' is missing")
    if kind in _EXPECTED:
        return document.issue(path, f"expected {_EXPECTED[kind]}, found {describe(details['input'])}")
    if kind == "value_error":
        what, _, hint = str(details["ctx"]["error"]).partition("\n")
        return document.issue(path, what, hint)
    if kind == "literal_error":
        allowed = details["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return document.issue(path, f"{describe(details['input'])} is not allowed here", suggest(str(details["input"]), allowed))
    message = details["msg"]
    return document.issue(path, f"{message[:1].lower()}{message[1:]}, found {describe(details['input'])}")


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
