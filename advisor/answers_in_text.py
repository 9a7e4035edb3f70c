"""From prose to answers that are to be confirmed: what was read, by question, with the words it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.api import read_brief
from advisor.interview import Found
from advisor.reading import LISTS, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from advisor.api import Knowledge
    from advisor.reading import Finding

_SHOWN = 3  # quotes of one answer


def answers_in(text: str, knowledge: Knowledge, accept: str = "likely") -> dict[str, Found]:
    """Return what a text answers, by question; nothing of it is confirmed.

    Args:
        text: prose in the sponsor's own words.
        knowledge: what to read by.
        accept: how sure a finding has to be: `stated`, `likely` or `all`.

    """
    reading = read_text(text, knowledge.catalog, directories=knowledge.directories)
    brief = read_brief(reading.brief(knowledge.catalog, accept), knowledge, name="text")
    taken = reading.accepted(accept)
    lists = {"needs": brief.needs or frozenset(), "in_house": brief.in_house, "wishes": brief.wishes}
    found = {
        key: Found(functions, _origin(f for f in taken if f.taken == LISTS[key] and f.target in functions))
        for key, functions in lists.items()
        if functions
    }
    return found | {
        fact: Found(said, _origin(f for f in taken if f.taken == "fact" and f.target == fact)) for fact, said in brief.facts.items()
    }


def _origin(findings: Iterable[Finding]) -> str:
    quotes = list(dict.fromkeys(" ".join(finding.quote.split()) for finding in findings))
    more = f" and {len(quotes) - _SHOWN} more" if len(quotes) > _SHOWN else ""
    return "from your text: " + ", ".join(f'"{quote}"' for quote in quotes[:_SHOWN]) + more
