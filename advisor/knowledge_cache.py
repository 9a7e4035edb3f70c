"""Compiled knowledge kept between runs of the command line, so that a second `advisor recommend` starts fast.

It is only a copy: the key covers every byte of the knowledge and of the program, and whatever is wrong with the cache, the
knowledge is loaded from its files instead. `ADVISOR_CACHE` names another directory; empty, it switches the cache off.
"""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.api import Knowledge, load_knowledge_from

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEPT = 4  # copies: the shipped knowledge, and a few with overlays


def load_cached(directories: list[Path]) -> Knowledge:
    """Return the knowledge of some directories, from the cache if there is a sound copy.

    Raises:
        DataError: with every problem in all files.

    """
    place = _place(directories)
    if place is None:
        return load_knowledge_from(directories)
    found = _read(place)
    if found is None:
        found = load_knowledge_from(directories)
        _keep(found, place)
    return found


def _place(directories: list[Path]) -> Path | None:
    """Return the file a copy would be in, or None if there is nowhere to keep it."""
    named = os.environ.get("ADVISOR_CACHE")
    if named == "":
        return None
    try:
        base = Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "advisor"
        digest = hashlib.sha256(sys.version.encode())
        for path in _everything(directories):
            digest.update(f"{path}\n".encode())
            digest.update(path.read_bytes())
    except (OSError, RuntimeError):
        return None
    return base / f"{digest.hexdigest()}.pickle"


def _everything(directories: list[Path]) -> Iterator[Path]:
    """Yield every file the compiled knowledge depends on: the program and the data."""
    yield from sorted(Path(__file__).parent.glob("*.py"))
    for directory in directories:
        yield from sorted((directory / "catalog").rglob("*.yaml"))
        yield from sorted(path for path in (directory / "rules").glob("*.yaml") if not path.name.endswith(".cases.yaml"))


def _read(place: Path) -> Knowledge | None:
    """Return the copy in a file, or None; a file that others could have written is not trusted."""
    try:
        with place.open("rb") as stream:
            status = os.fstat(stream.fileno())
            others_may_write = 0o022
            if status.st_mode & others_may_write or (hasattr(os, "getuid") and status.st_uid != os.getuid()):
                return None
            gc.disable()  # of the many values made here none is garbage
            found = pickle.load(stream)  # noqa: S301 - our own file, checked above
    except Exception:  # noqa: BLE001 - a damaged copy can fail in any way, and is only a copy
        return None
    finally:
        gc.enable()
    return found if isinstance(found, Knowledge) else None


def _keep(knowledge: Knowledge, place: Path) -> None:
    """Write a copy aside and move it into place; remove the oldest copies. Where that fails there is no copy."""
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=place.parent)
        with os.fdopen(descriptor, "wb") as stream:
            pickle.dump(knowledge, stream, protocol=pickle.HIGHEST_PROTOCOL)
        Path(name).replace(place)
        copies = sorted(place.parent.glob("*.pickle"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in copies[_KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        return
