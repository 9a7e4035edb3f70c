"""The library: load knowledge, advise on a brief. Everything public is re-exported by `advisor`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.brief import Brief, BriefFile, check_brief
from advisor.compiler import compile_rules
from advisor.engine import Engine
from advisor.errors import BriefError
from advisor.explain import Verdict
from advisor.facts import facts_of
from advisor.logic import Questions
from advisor.validation import Shape
from advisor.verdict import Ladder
from advisor.yamlfile import Document, as_document, knowledge_directory, load_bytes, load_file

__all__ = [
    "Advice",
    "Brief",
    "Knowledge",
    "Verdict",
    "advise",
    "load_knowledge",
    "load_knowledge_from",
    "read_brief",
    "read_brief_in_words",
    "shipped_knowledge",
]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from advisor.brief_words import ReadWords
    from advisor.catalog import Catalog
    from advisor.rules import RuleBase


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """Catalog and rules, compiled; safe to share between threads and to take through a fork.

    Attributes:
        version: of the shipped knowledge, and of each overlay, joined by `+`.
        sha256: of all files read, in hexadecimal.
        directories: where it was read from; later ones add to and replace entries of earlier ones.

    """

    version: str
    sha256: str
    catalog: Catalog
    rules: RuleBase
    directories: tuple[Path, ...]
    engines: Mapping[str, Engine]
    ladders: Mapping[str, Ladder]
    questions: Mapping[str, Questions]
    brief_shape: Shape[BriefFile]


@dataclass(frozen=True, slots=True)
class Advice:
    """The answer to one brief: a verdict in each view, and what it rests on."""

    brief: Brief
    view: str
    verdicts: Mapping[str, Verdict]
    knowledge: Knowledge

    @property
    def verdict(self) -> Verdict:
        """The verdict of the chosen view."""
        return self.verdicts[self.view]


def load_knowledge(*overlays: Path | str) -> Knowledge:
    """Load the shipped catalog and rules, and overlays that add to and replace entries of them.

    Args:
        overlays: knowledge directories, each with `catalog/` or `rules/` or both; later ones win.

    Raises:
        DataError: with every problem in all files.

    """
    return load_knowledge_from([knowledge_directory(), *(Path(overlay) for overlay in overlays)])


def load_knowledge_from(directories: list[Path]) -> Knowledge:
    """Load knowledge from the given directories alone. Raises as `load_knowledge` does."""
    from advisor.catalog_files import load_catalog  # not needed where the compiled knowledge is at hand
    from advisor.rulebase import load_rules

    catalog, catalog_files = load_catalog(directories)
    rules, rule_files = load_rules(directories, catalog)
    programs = {view: compile_rules(rules, catalog, view) for view in catalog.views}
    ladders = {view: Ladder(program) for view, program in programs.items()}
    return Knowledge(
        version=catalog.version,
        sha256=_digest([*((d.name, d.sha256) for d in [*catalog_files, *rule_files]), *_reading_files(directories)], directories),
        catalog=catalog,
        rules=rules,
        directories=tuple(directories),
        engines={view: Engine(program) for view, program in programs.items()},
        ladders=ladders,
        questions={view: Questions(ladder) for view, ladder in ladders.items()},
        brief_shape=Shape(BriefFile),
    )


def read_brief(
    source: Path | str | bytes | Mapping[str, Any] | Document, knowledge: Knowledge | None = None, *, name: str = "brief"
) -> Brief:
    """Read a brief from a file (a path), from text (bytes), from a mapping, or from what `yamlfile` made of one of these.

    Raises:
        BriefError: with every problem found, each with its place.

    """
    known = knowledge or shipped_knowledge()
    return check_brief(_document(source, name), known.catalog, shape=known.brief_shape)


def read_brief_in_words(
    source: Path | str | bytes | Mapping[str, Any] | Document,
    knowledge: Knowledge | None = None,
    *,
    accept: str = "likely",
    name: str = "brief",
) -> tuple[Brief, tuple[ReadWords, ...]]:
    """Read a brief that may say needs and facts in other words than the catalog's, such as 'run US Phase 3 trial'.

    Args:
        source: a path, bytes, a mapping or a document, as for `read_brief`.
        knowledge: what to decide by; the shipped knowledge if not given.
        name: what stands for the brief in messages.
        accept: how sure a reading has to be: `stated`, `likely` or `all`.

    Returns:
        The brief, and what was read as what; words that were not understood count for nothing.

    Raises:
        BriefError: with every other problem found, each with its place.

    """
    from advisor.brief_words import in_catalog_words
    from advisor.reading_stated import StatedReader

    known = knowledge or shipped_knowledge()
    document = _document(source, name)
    document, words = in_catalog_words(document, known.catalog, StatedReader(known.catalog, accept, known.directories))
    return check_brief(document, known.catalog, shape=known.brief_shape), words


def _document(source: Path | str | bytes | Mapping[str, Any] | Document, name: str) -> Document:
    if isinstance(source, Document):
        return source
    if isinstance(source, bytes):
        return load_bytes(source, name, BriefError)
    if isinstance(source, Path | str):
        return load_file(Path(source), BriefError)
    return as_document(source, name)


def advise(brief: Brief | Mapping[str, Any], knowledge: Knowledge | None = None, *, view: str = "guide") -> Advice:
    """Recommend CMO, CRO, CDMO or a pair for one brief, in every view.

    Args:
        brief: a checked brief, or a mapping with the keys of a brief file.
        knowledge: what to decide by; the shipped knowledge if not given.
        view: the view that makes the headline.

    Raises:
        BriefError: if a mapping is not a sound brief.
        ValueError: if there is no such view.

    """
    known = knowledge or shipped_knowledge()
    if view not in known.catalog.views:
        message = f"no view '{view}'; there are {', '.join(known.catalog.views)}"
        raise ValueError(message)
    checked = brief if isinstance(brief, Brief) else read_brief(brief, known)
    facts = facts_of(checked, known.catalog)
    verdicts = {}
    for each, engine in known.engines.items():
        evaluation = engine.evaluate(facts.values)
        ladder = known.ladders[each]
        outcome = ladder.decide(facts, evaluation)
        verdicts[each] = Verdict(each, checked, outcome, ladder, facts, evaluation, known.questions[each])
    return Advice(checked, view, verdicts, known)


@cache
def shipped_knowledge() -> Knowledge:
    """Return the shipped knowledge, loaded at first use."""
    return load_knowledge()


def _reading_files(directories: list[Path]) -> Iterator[tuple[str, str]]:
    """Yield name and hash of the files the reader of prose loads when it is first used; their bytes are part of the knowledge."""
    import hashlib

    for directory in directories:
        for path in sorted((directory / "catalog" / "reading").glob("*.yaml")):
            yield str(path), hashlib.sha256(path.read_bytes()).hexdigest()


def _digest(files: Iterable[tuple[str, str]], directories: list[Path]) -> str:
    """Return one hash over the names and contents of all files, whatever directory they are in."""
    import hashlib

    digest = hashlib.sha256()
    for name, sha256 in files:
        path = Path(name)
        inside = next((path.relative_to(d) for d in directories if path.is_relative_to(d)), path)
        digest.update(f"{inside.as_posix()}\n{sha256}\n".encode())
    return digest.hexdigest()
