"""Rules, their conditions and effects, and their cases: what an author writes, as typed values."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, StringConstraints, Tag, model_validator

from advisor.catalog import Ids, SourceIds
from advisor.validation import Record, SnakeId, Text

RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
Strength = Literal["strong", "ordinary", "slight"]
STRENGTHS: tuple[Strength, ...] = ("strong", "ordinary", "slight")
NEED_FACTS = ("needs", "wishes", "in_house")
OPERATORS = ("is", "not", "in", "at_least", "at_most", "below", "above", "has")

Value = str | bool | int
Words = str | Annotated[tuple[str, ...], Field(strict=False, min_length=1)]


class Atom(Record):
    """A comparison of one fact with a value; without an operator, a fact that must be true."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, validate_by_name=True, validate_by_alias=True)

    fact: SnakeId
    is_: Value | None = Field(default=None, alias="is")
    not_: Value | None = Field(default=None, alias="not")
    in_: Annotated[tuple[Value, ...], Field(strict=False, min_length=1)] | None = Field(default=None, alias="in")
    at_least: int | None = None
    at_most: int | None = None
    below: int | None = None
    above: int | None = None
    has: Words | None = None

    @model_validator(mode="after")
    def _one_operator(self) -> Atom:
        if len(self.model_fields_set) > 2:  # noqa: PLR2004 - the fact and one operator
            message = "more than one comparison of one fact\nput each into an entry of its own under `all:`"
            raise ValueError(message)
        return self

    @property
    def operator(self) -> str:
        """The operator used; `is` if there is none (then the value is true)."""
        for name in self.model_fields_set - {"fact"}:
            return name.rstrip("_")
        return "is"

    @property
    def operand(self) -> Value | tuple[Value, ...]:
        """The value or values compared with."""
        for name in self.model_fields_set - {"fact"}:
            value: Value | tuple[Value, ...] = getattr(self, name)
            return value
        return True


class All(Record):
    """Every part holds."""

    all: Annotated[tuple[Condition, ...], Field(strict=False, min_length=1)]


class AnyOf(Record):
    """At least one part holds."""

    any: Annotated[tuple[Condition, ...], Field(strict=False, min_length=1)]


class Not(Record):
    """The part does not hold."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, validate_by_name=True, validate_by_alias=True)

    not_: Condition = Field(alias="not")


def _condition_tag(value: object) -> str | None:
    if isinstance(value, All | AnyOf | Not | Atom):
        return f"<{type(value).__name__}>"
    if isinstance(value, dict):
        for key, tag in (("fact", "<Atom>"), ("all", "<All>"), ("any", "<AnyOf>"), ("not", "<Not>")):
            if key in value:
                return tag
    return None


Condition = Annotated[
    Annotated[Atom, Tag("<Atom>")] | Annotated[All, Tag("<All>")] | Annotated[AnyOf, Tag("<AnyOf>")] | Annotated[Not, Tag("<Not>")],
    Discriminator(
        _condition_tag,
        custom_error_type="condition",
        custom_error_message="a condition has one of the keys fact, all, any, not",
    ),
]


class Effect(Record):
    """What a rule does when it fires: one kind, one target, and for some kinds more."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, validate_by_name=True, validate_by_alias=True)

    derive: SnakeId | None = None
    need: SnakeId | None = None
    wish: SnakeId | None = None
    rule_out: str | None = None
    for_: str | None = Field(default=None, alias="for")
    against: str | None = None
    require: SnakeId | None = None
    plan: SnakeId | None = None
    warn: Text | None = None
    contradiction: Text | None = None
    cover: SnakeId | None = None
    some: SnakeId | None = None
    strength: Strength | None = None
    theme: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")] | None = None
    function: SnakeId | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Effect:
        used = self.model_fields_set - {"strength", "theme", "function"}
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
        return self

    @property
    def kind(self) -> str:
        """The kind of effect: one of EFFECTS."""
        return next(name.rstrip("_") for name in self.model_fields_set if name.rstrip("_") in EFFECTS)

    @property
    def target(self) -> str:
        """What the effect is about: an id, an option, or the text of a warning or a question."""
        value: str = getattr(self, "for_" if self.kind == "for" else self.kind)
        return value


EFFECTS = ("derive", "need", "wish", "rule_out", "for", "against", "require", "plan", "warn", "contradiction", "cover", "some")


class Expansion(Record):
    """Over what a template rule is expanded: roles and functions by grade and work, or the terms of a vocabulary."""

    roles: Ids = ()
    grades: Annotated[tuple[Literal["core", "common", "rare"], ...], Field(strict=False)] = ()
    work: Ids = ()
    without_work: Ids = ()
    vocabulary: SnakeId | None = None


class Rule(Record):
    """One rule: when its condition is known to hold, it has its effects, for the reason it gives."""

    id: RuleId
    title: Text
    view: SnakeId | None = None
    when: Condition
    then: Annotated[tuple[Effect, ...], Field(strict=False, min_length=1)]
    because: Text
    source: str | SourceIds

    @property
    def sources(self) -> tuple[str, ...]:
        """The ids of the sources."""
        return (self.source,) if isinstance(self.source, str) else self.source


class RuleFile(Record):
    """<topic>.yaml; template rules also carry `for_each`."""

    topic: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    rules: list[dict[str, Any]]


class Case(Record):
    """A small brief, and whether one rule fires, stays silent or waits on it; the sentence says why."""

    fires: Text | None = None
    silent: Text | None = None
    waits: Text | None = None
    needs: list[str] | Literal["unknown"] = []
    wishes: list[str] = []
    in_house: list[str] = []
    facts: dict[str, Any] = {}
    view: SnakeId | None = None

    @model_validator(mode="after")
    def _one_outcome(self) -> Case:
        if sum(text is not None for text in (self.fires, self.silent, self.waits)) != 1:
            message = "a case has exactly one of the keys fires, silent, waits"
            raise ValueError(message)
        return self

    @property
    def outcome(self) -> Literal["fires", "silent", "waits"]:
        """What the rule must do."""
        if self.fires is not None:
            return "fires"
        return "silent" if self.silent is not None else "waits"

    @property
    def sentence(self) -> str:
        """Why."""
        return self.fires or self.silent or self.waits or ""


class CasesFile(Record):
    """<topic>.cases.yaml."""

    cases: dict[str, list[Case]]
