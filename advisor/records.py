"""Frozen values read from files, and what their fields may hold.

A record is a plain dataclass. Its fields say in their annotations what they may hold, and pydantic reads that when a file
is to be checked (`validation`), not before: to import pydantic and to prepare its checks takes longer than to answer a brief.
"""

from __future__ import annotations

import typing
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

C = TypeVar("C")


class Limits:
    """Limits of a value, by their names in pydantic's core schemas: `pattern`, `min_length`, `max_length`, `strict`, ..."""

    def __init__(self, **limits: object) -> None:
        """Remember the limits."""
        self.limits = limits

    def __get_pydantic_core_schema__(self, source: object, handler: Callable[[object], dict[str, Any]]) -> dict[str, Any]:
        """Add the limits to those of the type."""
        return {**handler(source), **self.limits}


class Meaning:
    """What a key means, for messages and editors."""

    def __init__(self, text: str) -> None:
        """Remember the text."""
        self.text = text

    def __get_pydantic_json_schema__(self, schema: object, handler: Callable[[object], dict[str, Any]]) -> dict[str, Any]:
        """Add the text as the description."""
        return {**handler(schema), "description": self.text}


class NotNull:
    """For a key that may be left out, but not be written without a value."""

    def __get_pydantic_core_schema__(self, source: object, handler: Callable[[object], dict[str, Any]]) -> dict[str, Any]:
        """Take null out of what is allowed."""
        schema = handler(source)
        return schema["schema"] if schema["type"] == "nullable" else schema


LISTED = Limits(strict=False)  # a tuple, written as a list
NOT_EMPTY = Limits(strict=False, min_length=1)
Text = Annotated[str, Limits(min_length=1, max_length=4000, strip_whitespace=True)]
SnakeId = Annotated[str, Limits(pattern=r"^[a-z0-9][a-z0-9_]*$", max_length=80)]


@typing.dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def record(cls: type[C]) -> type[C]:
    """Make a class a frozen value read from a file; unknown keys are refused, and `is_` stands for the key `is`."""

    def core_schema(_cls: type[C], source: object, handler: Callable[[object], dict[str, Any]]) -> dict[str, Any]:
        schema = handler(source)
        return {**schema, "strict": False} if schema["type"] == "dataclass" else schema  # strict, it would take no mapping

    rules = {"extra": "forbid", "strict": True, "alias_generator": key_of}
    cls.__pydantic_config__ = rules  # type: ignore[attr-defined]  # the name that pydantic looks for
    cls.__get_pydantic_core_schema__ = classmethod(core_schema)  # type: ignore[attr-defined]
    return dataclass(frozen=True, kw_only=True)(cls)


def key_of(name: str) -> str:
    """Return the key that a field is written under: its name, without what keeps it from being a word of Python."""
    return name.rstrip("_")


def keys_of(model: type) -> Mapping[str, Any]:
    """Return the keys of a record, each with its annotation."""
    return _keys(model)


def is_record(kind: object) -> typing.TypeGuard[type]:
    """Return whether something is a kind of record."""
    return isinstance(kind, type) and is_dataclass(kind)


def as_plain(value: object, *, all_keys: bool = True) -> Any:  # noqa: ANN401 - whatever it is made of
    """Return a value as plain mappings, lists and scalars.

    Args:
        value: a record, or anything made of records.
        all_keys: whether keys that have their default are there, too.

    """
    if is_dataclass(value):
        found = {key_of(each.name): (getattr(value, each.name), each) for each in fields(value)}
        return {key: as_plain(part, all_keys=all_keys) for key, (part, each) in found.items() if all_keys or not _is_default(part, each)}
    if isinstance(value, dict):
        return {key: as_plain(part, all_keys=all_keys) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(part, all_keys=all_keys) for part in value]
    return value


def _is_default(value: object, each: Any) -> bool:  # noqa: ANN401 - dataclasses.Field is generic in its value
    default = each.default_factory() if each.default_factory is not MISSING else each.default
    return default is not MISSING and bool(value == default)


@cache
def _keys(model: Any) -> Mapping[str, Any]:  # noqa: ANN401 - see above
    hints = typing.get_type_hints(model, include_extras=True)
    return {key_of(each.name): hints[each.name] for each in fields(model)}
