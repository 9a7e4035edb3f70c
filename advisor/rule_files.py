"""The files of a rule base as an author writes them: rules, templates and cases."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Any, Literal

from advisor.catalog import Ids
from advisor.records import LISTED, Limits, SnakeId, Text, record


@record
class Expansion:
    """Over what a template rule is expanded: roles and functions by grade and work, or the terms of a vocabulary."""

    roles: Ids = ()
    grades: Annotated[tuple[Literal["core", "common", "rare"], ...], LISTED] = ()
    work: Ids = ()
    without_work: Ids = ()
    vocabulary: SnakeId | None = None


@record
class RuleFile:
    """<topic>.yaml; template rules also carry `for_each`."""

    topic: Annotated[str, Limits(pattern=r"^[a-z0-9-]+$")]
    rules: list[dict[str, Any]]


@record
class Case:
    """A small brief, and whether one rule fires, stays silent or waits on it; the sentence says why."""

    fires: Text | None = None
    silent: Text | None = None
    waits: Text | None = None
    needs: list[str] | Literal["unknown"] = field(default_factory=list)
    wishes: list[str] = field(default_factory=list)
    in_house: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    view: SnakeId | None = None

    def __post_init__(self) -> None:
        """Refuse no outcome or several."""
        if sum(text is not None for text in (self.fires, self.silent, self.waits)) != 1:
            message = "a case has exactly one of the keys fires, silent, waits"
            raise ValueError(message)

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


@record
class CasesFile:
    """<topic>.cases.yaml."""

    cases: dict[str, list[Case]]
