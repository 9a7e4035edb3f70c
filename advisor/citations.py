"""Sources as numbers, and what all plain formats share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from advisor.catalog import Catalog

WIDTH = 100


@dataclass(slots=True)
class Citations:
    """Sources numbered in the order in which they are first cited."""

    catalog: Catalog
    numbers: dict[str, int] = field(default_factory=dict)

    def cite(self, sources: Iterable[str]) -> list[int]:
        """Return the numbers of some sources."""
        return [self.numbers.setdefault(source, len(self.numbers) + 1) for source in sources]

    def mark(self, sources: Iterable[str]) -> str:
        """Return the numbers of some sources in brackets, to stand after a sentence; nothing if there are none."""
        numbers = self.cite(sources)
        return f" [{', '.join(map(str, numbers))}]" if numbers else ""

    def listing(self) -> Iterator[tuple[int, str, str | None]]:
        """Yield number, description and address of everything cited."""
        for source, number in self.numbers.items():
            entry = self.catalog.sources[source]
            yield number, ", ".join(part for part in (entry.title, entry.publisher) if part), entry.url


def escape(text: str) -> str:
    """Return text in which nothing is Markdown or HTML by accident."""
    for mark in "\\`*<>|_[]":
        text = text.replace(mark, f"\\{mark}")
    return text
