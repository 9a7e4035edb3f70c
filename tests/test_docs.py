"""The generated pages are those that the knowledge gives, and rules can be looked up."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from click import Context

from advisor.api import shipped_knowledge
from advisor.cli import cli
from advisor.rule_pages import condition_words, effect_words, rules_for

ROOT = Path(__file__).parent.parent


def script() -> Any:
    spec = importlib.util.spec_from_file_location("docs", ROOT / "scripts" / "docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["rules", "catalog"])
def test_generated_page_is_current(page: str) -> None:
    """docs/rules.md and docs/catalog.md are what scripts/docs.py writes."""
    wanted = getattr(script(), f"{page}_page")(shipped_knowledge())
    assert (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8") == wanted, "run: python scripts/docs.py"


def test_every_rule_has_words() -> None:
    """Every condition and every effect can be said in words."""
    knowledge = shipped_knowledge()
    for rule in knowledge.rules.rules().values():
        assert condition_words(rule.when, knowledge.catalog)
        assert all(effect_words(effect, knowledge.catalog) for effect in rule.then)


def test_rules_for_a_fact() -> None:
    """The rules that read a fact are listed, and no others."""
    knowledge = shipped_knowledge()
    (section,) = rules_for("batch_litres", knowledge).sections
    assert any("contradiction.autologous-large-batch" in item.text for item in section.blocks[0].items)  # type: ignore[union-attr]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "advisor", *arguments], capture_output=True, text=True, check=False, cwd=ROOT)


def test_rules_command() -> None:
    """`rules` lists, `rules show` tells all about one, `rules for` lists by fact; a wrong name is a usage error with a hint."""
    assert "contradiction.autologous-large-batch" in run("rules").stdout
    page = run("rules", "show", "contradiction.autologous-large-batch").stdout
    for part in ("What it says", "When it fires", "What it does", "Its cases", "Examples in which it fires", "Sources"):
        assert part in page
    assert "Batch size" in run("rules", "for", "batch_litres").stdout
    wrong = run("rules", "show", "contradiction.autologous-large-batches")
    assert wrong.returncode == 2
    assert "did you mean" in wrong.stderr
    assert run("rules", "for", "batch").returncode == 2


def test_every_command_is_documented() -> None:
    """The README names every command."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in cli.list_commands(Context(cli)) if f"| `advisor {name}" not in readme]
    assert not missing


def test_readme_interview_is_a_real_one(tmp_path: Path) -> None:
    """The interview in the README, held again, prints the lines that the README shows."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"\$ printf '(.*?)' \| advisor (.*?)\n(.*?)\n\n[^ ]", readme, re.DOTALL)
    assert shown is not None
    command = [sys.executable, "-m", "advisor", *shown[2].split()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    typed = shown[1].replace("\\n", "\n")
    done = subprocess.run(
        command, input=typed, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True, cwd=tmp_path, env=environment
    )
    for part in shown[3].split("    ...\n"):
        assert textwrap.dedent(part) in done.stdout
