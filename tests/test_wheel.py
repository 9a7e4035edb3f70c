"""The built wheel works in an environment of its own, away from the source tree: rules and catalog are in it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BRIEF = "name: Elsewhere\nneeds: [biostatistics]\n"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a fresh environment with the wheel installed; its dependencies are those installed here."""
    home = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(home), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = home.glob("outsourcing_advisor-*.whl")
    environment = home / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True, capture_output=True)
    install = ["install", "--quiet", "--no-deps", "--no-index", "--ignore-installed", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", f"--python={environment / 'bin' / 'python'}", *install], check=True, capture_output=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(environment), "platbase": str(environment)})
    # A plain path, whose own .pth files are not read: so the editable install of the source tree is not seen.
    (Path(packages) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return environment


def run(installed: Path, place: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the environment in an empty directory."""
    (place / "brief.yaml").write_text(BRIEF, encoding="utf-8")
    program, *arguments = command
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "ADVISOR", "COV", "VIRTUAL_ENV"))}
    environment = clean | {"HOME": str(place), "ADVISOR_CACHE": ""}
    path = str(installed / "bin" / program)
    return subprocess.run([path, *arguments], cwd=place, env=environment, check=False, capture_output=True, text=True)


@pytest.mark.slow
def test_wheel_stands_alone(installed: Path, tmp_path: Path) -> None:
    """The package and its knowledge come out of the wheel, not out of the source tree."""
    program = "import advisor, advisor.yamlfile as y; print(advisor.__file__); print(y.knowledge_directory())"
    found = run(installed, tmp_path, "python", "-c", program)
    assert not found.stderr
    for line in found.stdout.splitlines():
        assert Path(line).is_relative_to(installed), line


@pytest.mark.slow
def test_wheel_recommends(installed: Path, tmp_path: Path) -> None:
    """`advisor recommend`, as installed, says what the source tree says."""
    there = run(installed, tmp_path, "advisor", "recommend", "brief.yaml")
    assert (there.returncode, there.stderr) == (0, "")
    assert "Recommendation: CRO" in there.stdout
    here = subprocess.run(
        [sys.executable, "-m", "advisor", "recommend", str(tmp_path / "brief.yaml")], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert there.stdout == here.stdout


@pytest.mark.slow
def test_wheel_is_sound(installed: Path, tmp_path: Path) -> None:
    """`advisor doctor`, as installed, finds nothing missing."""
    found = run(installed, tmp_path, "advisor", "doctor")
    assert (found.returncode, found.stderr) == (0, "")
