"""Rules, their conditions and effects, and their cases: what an author writes, as typed values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from advisor.catalog import SourceIds
from advisor.records import NOT_EMPTY, Limits, NotNull, SnakeId, Text, record

if TYPE_CHECKING:
    from collections.abc import Mapping

RuleId = Annotated[str, Limits(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
Strength = Literal["strong", "ordinary", "slight"]
STRENGTHS: tuple[Strength, ...] = ("strong", "ordinary", "slight")
NEED_FACTS = ("needs", "wishes", "in_house")
OPERATORS = ("is", "not", "in", "at_least", "at_most", "below", "above", "has")

Value = str | bool | int
Words = str | Annotated[tuple[str, ...], NOT_EMPTY]


Given = NotNull()


class OneCondition:
    """A condition is an atom, or one of `all`, `any` and `not`, told apart by their keys."""

    def __get_pydantic_core_schema__(self, _source: object, handler: Any) -> dict[str, Any]:  # noqa: ANN401 - pydantic calls it
        """Return the union of them, with a message of its own for what is none of them."""
        from pydantic_core.core_schema import tagged_union_schema

        kinds = {f"<{kind.__name__}>": handler.generate_schema(kind) for kind in (Atom, All, AnyOf, Not)}
        message = "a condition has one of the keys fact, all, any, not"
        union = tagged_union_schema(kinds, _condition_tag, custom_error_type="condition", custom_error_message=message)
        return dict(union)


@record
class Atom:
    """A comparison of one fact with a value; without an operator, a fact that must be true."""

    fact: SnakeId
    is_: Annotated[Value | None, Given] = None
    not_: Annotated[Value | None, Given] = None
    in_: Annotated[Annotated[tuple[Value, ...], NOT_EMPTY] | None, Given] = None
    at_least: Annotated[int | None, Given] = None
    at_most: Annotated[int | None, Given] = None
    below: Annotated[int | None, Given] = None
    above: Annotated[int | None, Given] = None
    has: Annotated[Words | None, Given] = None

    def __post_init__(self) -> None:
        """Refuse two comparisons in one."""
        if len(self._given()) > 1:
            message = "more than one comparison of one fact\nput each into an entry of its own under `all:`"
            raise ValueError(message)

    @property
    def operator(self) -> str:
        """The operator used; `is` if there is none (then the value is true)."""
        return next(iter(self._given()), "is")

    @property
    def operand(self) -> Value | tuple[Value, ...]:
        """The value or values compared with."""
        return next(iter(self._given().values()), True)

    def _given(self) -> dict[str, Value | tuple[Value, ...]]:
        found = {"is": self.is_, "not": self.not_, "in": self.in_, "has": self.has}
        found |= {"at_least": self.at_least, "at_most": self.at_most, "below": self.below, "above": self.above}
        return {operator: operand for operator, operand in found.items() if operand is not None}


@record
class All:
    """Every part holds."""

    all: Annotated[tuple[Condition, ...], NOT_EMPTY]


@record
class AnyOf:
    """At least one part holds."""

    any: Annotated[tuple[Condition, ...], NOT_EMPTY]


@record
class Not:
    """The part does not hold."""

    not_: Condition


def _condition_tag(value: object) -> str | None:
    for key, tag in (("fact", "<Atom>"), ("all", "<All>"), ("any", "<AnyOf>"), ("not", "<Not>")):
        if isinstance(value, dict) and key in value:
            return tag
    return None


Condition = Annotated[Atom | All | AnyOf | Not, OneCondition()]


EFFECTS = ("derive", "need", "wish", "rule_out", "for", "against", "require", "plan", "warn", "contradiction", "cover", "some")


@record
class Effect:
    """What a rule does when it fires: one kind, one target, and for some kinds more."""

    derive: Annotated[SnakeId | None, Given] = None
    need: Annotated[SnakeId | None, Given] = None
    wish: Annotated[SnakeId | None, Given] = None
    rule_out: Annotated[str | None, Given] = None
    for_: Annotated[str | None, Given] = None
    against: Annotated[str | None, Given] = None
    require: Annotated[SnakeId | None, Given] = None
    plan: Annotated[SnakeId | None, Given] = None
    warn: Annotated[Text | None, Given] = None
    contradiction: Annotated[Text | None, Given] = None
    cover: Annotated[SnakeId | None, Given] = None
    some: Annotated[SnakeId | None, Given] = None
    strength: Annotated[Strength | None, Given] = None
    theme: Annotated[Annotated[str, Limits(pattern=r"^[a-z0-9-]+$")] | None, Given] = None
    function: Annotated[SnakeId | None, Given] = None

    def __post_init__(self) -> None:
        """Refuse no kind or several, and keys that do not belong to the kind."""
        used = self._given()
        if len(used) != 1:
            message = f"an effect has one of the keys {', '.join(EFFECTS)}; found {len(used)} of them\nwrite one effect per entry"
            raise ValueError(message)
        if (self.kind in {"for", "against"}) != (self.strength is not None):
            message = "`strength` (strong, ordinary or slight) belongs to `for` and `against`, and they need it"
            raise ValueError(message)
        if self.theme is not None and self.strength is None:
            message = "`theme` belongs to `for` and `against` only"
            raise ValueError(message)
        if (self.kind in {"cover", "some"}) != (self.function is not None):
            message = "`function` belongs to `cover` and `some`, and they need it"
            raise ValueError(message)

    @property
    def kind(self) -> str:
        """The kind of effect: one of EFFECTS."""
        return next(iter(self._given()))

    @property
    def target(self) -> str:
        """What the effect is about: an id, an option, or the text of a warning or a question."""
        return next(iter(self._given().values()))

    def _given(self) -> dict[str, str]:
        found = {kind: getattr(self, "for_" if kind == "for" else kind) for kind in EFFECTS}
        return {kind: target for kind, target in found.items() if target is not None}


@record
class Rule:
    """One rule: when its condition is known to hold, it has its effects, for the reason it gives."""

    id: RuleId
    title: Text
    view: SnakeId | None = None
    when: Condition
    then: Annotated[tuple[Effect, ...], NOT_EMPTY]
    because: Text
    source: str | SourceIds

    @property
    def sources(self) -> tuple[str, ...]:
        """The ids of the sources."""
        return (self.source,) if isinstance(self.source, str) else self.source


@dataclass(frozen=True)
class RuleBase:
    """All rules as they hold in each view, in the order of their ids."""

    by_view: Mapping[str, tuple[Rule, ...]]
    places: Mapping[str, str]

    def rules(self) -> dict[str, Rule]:
        """Return every rule by its id; of a rule that differs between views, the one of the last view."""
        return {rule.id: rule for rules in self.by_view.values() for rule in rules}
