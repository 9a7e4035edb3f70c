"""Compiled knowledge kept between runs of the command line, so that a second `advisor recommend` starts fast.

It is only a copy: it names place, size and time of every file of the knowledge and of the program, as Python's own
cache of compiled modules does, and whatever is wrong with the copy, the knowledge is loaded from its files instead. `ADVISOR_CACHE` names another directory; empty, it switches the cache off.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
from binascii import crc32
from pathlib import Path

from advisor.api import Knowledge, load_knowledge_from

_KEPT = 4  # copies: the shipped knowledge, and a few with overlays


def load_cached(directories: list[Path]) -> Knowledge:
    """Return the knowledge of some directories, from the cache if there is a sound copy of the same state.

    Raises:
        DataError: with every problem in all files.

    """
    place = _place(directories)
    if place is None:
        return load_knowledge_from(directories)
    try:
        state = _state(directories)
    except OSError:  # what is wrong with the files is told by whoever reads them
        return load_knowledge_from(directories)
    found = _read(place, state)
    if found is None:
        found = load_knowledge_from(directories)
        _keep(found, state, place)
    return found


def _place(directories: list[Path]) -> Path | None:
    """Return the file a copy of these directories would be in, or None if there is nowhere to keep it."""
    named = os.environ.get("ADVISOR_CACHE")
    if named == "":
        return None
    try:
        base = Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "advisor"
    except RuntimeError:
        return None
    label = "\n".join(map(str, [sys.version, Path(__file__), *directories]))
    return base / f"{crc32(label.encode()):08x}.pickle"


def _state(directories: list[Path]) -> list[tuple[str, int, int]]:
    """Return every file the compiled knowledge depends on, program and data, with its size and time."""
    files = [*sorted(Path(__file__).parent.glob("*.py"))]
    for directory in directories:
        files += sorted((directory / "catalog").rglob("*.yaml"))
        files += sorted(path for path in (directory / "rules").glob("*.yaml") if not path.name.endswith(".cases.yaml"))
    return [(str(path), (status := path.stat()).st_size, status.st_mtime_ns) for path in files]


def _read(place: Path, state: list[tuple[str, int, int]]) -> Knowledge | None:
    """Return the copy in a file, or None; a file that others could have written is not trusted."""
    try:
        with place.open("rb") as stream:
            status = os.fstat(stream.fileno())
            others_may_write = 0o022
            if status.st_mode & others_may_write or (hasattr(os, "getuid") and status.st_uid != os.getuid()):
                return None
            gc.disable()  # of the many values made here none is garbage
            if pickle.load(stream) != (sys.version, state):  # noqa: S301 - our own file, checked above
                return None
            found = pickle.load(stream)  # noqa: S301
    except Exception:  # noqa: BLE001 - a damaged copy can fail in any way, and is only a copy
        return None
    finally:
        gc.enable()
    return found if isinstance(found, Knowledge) else None


def _keep(knowledge: Knowledge, state: list[tuple[str, int, int]], place: Path) -> None:
    """Write a copy aside and move it into place; remove the oldest copies. Where that fails there is no copy."""
    import tempfile

    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=place.parent)
        with os.fdopen(descriptor, "wb") as stream:
            pickle.dump((sys.version, state), stream, protocol=pickle.HIGHEST_PROTOCOL)
            pickle.dump(knowledge, stream, protocol=pickle.HIGHEST_PROTOCOL)
        Path(name).replace(place)
        copies = sorted(place.parent.glob("*.pickle"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in copies[_KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        return
