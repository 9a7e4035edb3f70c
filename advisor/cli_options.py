"""What the commands of the command line share: options, loading, printing, exit codes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from advisor.errors import BriefError, DataError, Issue, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from advisor.api import Knowledge
    from advisor.errors import AdvisorError

EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_SETUP = 3


def knowledge_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --knowledge to a command."""
    return click.option(
        "--knowledge",
        "overlays",
        multiple=True,
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Add to or replace entries of catalog and rules from a directory of the same shape; repeatable.",
    )(command)


def output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add -o to a command."""
    return click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write here instead of to stdout.")(command)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --json to a command."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def check_directories(overlays: tuple[Path, ...]) -> None:
    """Raise DataError if a knowledge directory is none."""
    issues = []
    for path in overlays:
        if not path.is_dir():
            issues.append(Issue(Place(str(path)), "no such knowledge directory", "name a directory with catalog/ or rules/ in it"))
        elif not (path / "catalog").is_dir() and not (path / "rules").is_dir():
            issues.append(Issue(Place(str(path)), "neither catalog/ nor rules/ in this directory", "put at least one of them there"))
    if issues:
        raise DataError(issues)


def load(overlays: tuple[Path, ...]) -> Knowledge:
    """Return the knowledge, shipped and overlaid.

    Raises:
        DataError: if a directory is none, or anything in it is not sound.

    """
    from advisor.knowledge_cache import load_cached
    from advisor.yamlfile import knowledge_directory, unread_files

    check_directories(overlays)
    directories = [knowledge_directory(), *overlays]
    if any(True for overlay in overlays for part in ("catalog", "rules") for _ in unread_files(overlay, part)):
        from advisor.api import load_knowledge_from

        return load_knowledge_from(directories)  # which refuses it; a cached copy is found by the files that are read
    return load_cached(directories)


def write_text(text: str, output: Path | None) -> None:
    """Print, or write a file aside and move it into place, so that nothing is ever half-written."""
    if output is None:
        click.echo(text, nl=False)
        return
    import tempfile

    aside: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
        aside = Path(name)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        aside.chmod(0o644)
        aside.replace(output)
    except OSError as problem:
        if aside is not None:
            aside.unlink(missing_ok=True)
        raise BriefError([Issue(Place(str(output)), f"cannot be written: {problem.strerror}", "name another file")]) from None


def as_table(rows: Iterable[tuple[str, ...]]) -> str:
    """Return rows as columns of equal width, the last one free."""
    listed = list(rows)
    widths = [max((len(row[i]) for row in listed), default=0) for i in range(len(listed[0]) - 1)] if listed else []
    lines = ("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip() for row in listed)
    return "".join(f"{line}\n" for line in lines)


def as_json_text(key: str, value: object, knowledge: Knowledge) -> str:
    """Return a value as JSON under a key, beside the versions of tool and knowledge."""
    from advisor.report import SCHEMA_VERSION, tool_version

    head = {
        "schema_version": SCHEMA_VERSION,
        "tool_version": tool_version(),
        "knowledge": {"version": knowledge.version, "sha256": knowledge.sha256},
    }
    return json.dumps({**head, key: value}, indent=2, ensure_ascii=False) + "\n"


def tell(problem: AdvisorError) -> None:
    """Print every problem to stderr."""
    click.echo(str(problem), err=True)
    if len(problem.issues) > 1:
        click.echo(f"{len(problem.issues)} problems found", err=True)
