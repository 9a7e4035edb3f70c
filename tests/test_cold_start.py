"""A second run of the command takes the compiled knowledge from the cache, and imports no more than it needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SAYS = """
import sys
from advisor.cli import main
sys.argv = ["advisor", "recommend", "examples/api-plus-trials/brief.yaml", "--format", "json"]
try:
    main()
finally:
    print([name for name in sys.modules if name.split(".")[0] in {unwanted!r} or name in {unwanted!r}], file=sys.stderr)
"""
UNWANTED = ("pydantic", "numpy", "polars", "importlib.metadata", "advisor.flips", "advisor.reading", "prompt_toolkit")


def run(cache: Path, source: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ADVISOR_CACHE": str(cache)}
    return subprocess.run([sys.executable, "-c", source], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)


def test_second_run(tmp_path: Path) -> None:
    """The second run says what the first said, byte for byte, and imports neither pydantic nor anything of tables."""
    source = SAYS.replace("{unwanted!r}", repr(UNWANTED))
    first, second = run(tmp_path, source), run(tmp_path, source)
    assert first.stdout == second.stdout
    assert "pydantic" in first.stderr
    assert second.stderr.strip() == "[]"


@pytest.mark.parametrize("damage", [b"", b"no pickle", b"\x80\x05N."])
def test_damaged_copy(tmp_path: Path, damage: bytes) -> None:
    """A damaged copy is as good as none."""
    source = SAYS.replace("{unwanted!r}", "()")
    whole = run(tmp_path, source)
    copies = list(tmp_path.glob("*.pickle"))
    assert len(copies) == 1
    copies[0].write_bytes(damage)
    assert run(tmp_path, source).stdout == whole.stdout
