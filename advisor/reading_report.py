"""A reading written down: a brief in YAML with the words it rests on beside each entry, or everything found as plain values."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from advisor.reading import LISTS
from advisor.wording import value_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from advisor.brief_words import ReadWords
    from advisor.catalog import Catalog
    from advisor.reading import Finding, Reading

_WHY = {
    "negated": "said not to be needed",
    "done": "already done, or of the past",
    "contracted": "somebody else does it already",
    "in_house": "kept in house",
    "description": "describes somebody",
    "question": "only asked about",
    "wish": "a wish",
    "conditional": "depends on something",
}
_QUOTE = 70  # characters of a quote in a comment


def as_yaml(reading: Reading, catalog: Catalog, source: str, accept: str) -> str:
    """Return a brief in YAML; comments show the words behind each entry, and what was seen but not taken."""
    brief = reading.brief(catalog, accept)
    lines = [f"# Read from {_one_line(source)} by patterns; nothing is confirmed. Check each line, then delete what is wrong."]
    if brief["needs"] == "unknown" and not brief["wishes"] and not brief["in_house"]:
        lines.append("# Nothing in it was understood as work to be given out. Say in a sentence what is needed, or answer `advisor ask`.")
    for key, kind in LISTS.items():
        lines.extend(_list(key, brief[key], [f for f in reading.accepted(accept) if f.taken == kind]))
    lines.extend(_facts(brief["facts"], reading, accept))
    left = reading.left(accept)
    if left:
        lines.append("# Seen, but not taken:")
        lines.extend(f"#   {_what(finding)}: {_comment(finding)}" for finding in left)
    return "\n".join(lines) + "\n"


def as_values(reading: Reading, source: str, accept: str) -> dict[str, Any]:
    """Return everything found as plain values."""
    accepted = set(reading.accepted(accept))
    return {"source": source, "accept": accept, "findings": [{**asdict(f), "in_brief": f in accepted} for f in reading.findings]}


def unconfirmed(reading: Reading, source: str, accept: str, catalog: Catalog) -> str:
    """Return the sentences that mark a recommendation as resting on a reading, with what was taken and how much was left."""
    brief = reading.brief(catalog, accept)
    read = [(key.replace("_", " "), [catalog.functions[name].name for name in brief[key] if brief[key] != "unknown"]) for key in LISTS]
    facts = ((fact, frozenset(value) if isinstance(value, list) else value) for fact, value in brief["facts"].items())
    read.append(("facts", [f"{catalog.facts[fact].label}: {value_name(fact, value, catalog)}" for fact, value in facts]))
    told = ". ".join(f"{kind.capitalize()}: {'; '.join(names)}" for kind, names in read if names) or "Nothing was understood"
    return f"Rests on an unconfirmed reading of {_one_line(source)}. {told}. {len(reading.left(accept))} findings were left out."


def unconfirmed_words(words: Iterable[ReadWords], source: str, catalog: Catalog) -> str:
    """Return the sentences that mark a recommendation as resting on plain words of a brief; empty if none were read."""
    told = [(each.words, "; ".join(_name(each.key, meant, catalog) for meant in each.meant)) for each in words]
    read = ", ".join(f'"{_one_line(said)}" as {meant}' for said, meant in told if meant)
    lost = ", ".join(f'"{_one_line(said)}"' for said, meant in told if not meant)
    sentences = [f"Rests on an unconfirmed reading of {_one_line(source)}: {read}."] if read else []
    return " ".join([*sentences, *([f"Not understood, and left out: {lost}."] if lost else [])])


def _name(key: str, meant: str, catalog: Catalog) -> str:
    return catalog.functions[meant].name if meant in catalog.functions else value_name(key, meant, catalog)


def _list(key: str, names: list[str] | str, findings: list[Finding]) -> Iterator[str]:
    if not names or isinstance(names, str):
        yield f"{key}: {names or []}"
        return
    yield f"{key}:"
    for name in names:
        first = next(finding for finding in findings if finding.target == name)
        yield f"  - {name}  # {_comment(first)}"


def _facts(facts: dict[str, Any], reading: Reading, accept: str) -> Iterator[str]:
    if not facts:
        yield "facts: {}"
        return
    yield "facts:"
    for fact, value in facts.items():
        first = next(finding for finding in reading.accepted(accept) if finding.target == fact and finding.taken == "fact")
        yield f"  {fact}: {json.dumps(value)}  # {_comment(first)}"


def _what(finding: Finding) -> str:
    return finding.target if finding.value is None else f"{finding.target}: {json.dumps(finding.value)}"


def _comment(finding: Finding) -> str:
    why = _WHY.get(finding.why, finding.why) if finding.taken != "need" else ""
    cue = f' ("{_one_line(finding.cue)}")' if finding.cue and why else ""
    reason = f"; {why}{cue}" if why and why != "the words themselves" else ""
    return f'line {finding.line}, {finding.sureness}: "{_one_line(finding.quote)}"{reason}'


def _one_line(text: str) -> str:
    """Return text on one line, printable, and not too long."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= _QUOTE else plain[: _QUOTE - 3] + "..."
