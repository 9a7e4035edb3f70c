"""What a verdict is made of when it is told: reasons, firings, waiting rules, notes and duties, each with rule and source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.catalog import DutyKind
    from advisor.facts import Input
    from advisor.rules import Effect, Strength


@dataclass(frozen=True, slots=True)
class Reason:
    """One effect of one rule that fired, as told to the user.

    Attributes:
        rule: the id of the rule; because: its sentence; sources: ids of what it rests on.
        facts: the known facts the rule read, by name; functions asked for stand under `needs`, `wishes` or `in_house`.
        effect: the kind of effect; target: the option, function or conclusion it is about.
        strength, theme: of a reason for or against an option; reasons of one theme count once.

    """

    rule: str
    title: str
    because: str
    sources: tuple[str, ...]
    facts: Mapping[str, Input | tuple[str, ...]]
    effect: str
    target: str
    strength: Strength | None = None
    theme: str = ""


@dataclass(frozen=True, slots=True)
class Firing:
    """A rule that fired, in the order of firing: what it read and what it did."""

    rule: str
    title: str
    because: str
    sources: tuple[str, ...]
    facts: Mapping[str, Input | tuple[str, ...]]
    effects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A rule that could still fire: what it would do, and the facts it hangs on."""

    rule: str
    title: str
    effects: tuple[str, ...]
    open_facts: tuple[str, ...]
    decisive: bool


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence that a rule adds: a warning, a plan, a condition on the partner, a question to settle first."""

    rule: str
    title: str
    text: str
    because: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty or next step that follows from the recommended roles, or a condition that a rule brings in."""

    duty: str
    kind: DutyKind
    title: str
    text: str
    sources: tuple[str, ...]
    rules: tuple[str, ...]


def effect_text(effect: Effect) -> str:
    """Return an effect in a few words, for lists of rules."""
    if effect.kind in {"for", "against"}:
        return f"{effect.kind} {effect.target} ({effect.strength})"
    if effect.function:
        return f"{effect.kind} {effect.target}: {effect.function}"
    return f"{effect.kind} {effect.target}"
