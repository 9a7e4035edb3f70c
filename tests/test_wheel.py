"""The built wheel works away from the source tree: rules and catalog are in it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_wheel_recommends_without_the_source_tree(tmp_path: Path) -> None:
    """Unpacked elsewhere, the wheel finds its own knowledge and recommends."""
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("outsourcing_advisor-*.whl")
    target = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    program = "import advisor; print(advisor.__file__); print(advisor.advise({'needs': ['biostatistics']}).verdict.recommendation)"
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(target)},
        check=True,
        capture_output=True,
        text=True,
    )
    place, answer = run.stdout.splitlines()
    assert Path(place).is_relative_to(target)
    assert answer == "('cro',)"
