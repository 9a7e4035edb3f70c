"""The shipped examples and the README say what the advisor really answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from advisor import advise, read_brief
from advisor.api import shipped_knowledge
from advisor.cli import cli
from advisor.report import render_report

ROOT = Path(__file__).parent.parent
BRIEFS = sorted((ROOT / "examples").glob("*/brief.yaml"))


@pytest.mark.parametrize("path", BRIEFS, ids=lambda path: path.parent.name)
def test_example_has_the_report_beside_it(path: Path) -> None:
    """The report of each example is the one beside it, to the byte (renew with scripts/examples.py)."""
    knowledge = shipped_knowledge()
    report = render_report(advise(read_brief(path, knowledge), knowledge), "md")
    assert report == (path.parent / "report.md").read_text(encoding="utf-8")


def test_there_are_examples_of_every_kind() -> None:
    """The examples show an answer of one role, a pair in practice, and each way of not answering."""
    knowledge = shipped_knowledge()
    advices = [advise(read_brief(path, knowledge), knowledge) for path in BRIEFS]
    assert len(BRIEFS) >= 8
    assert {"decided", "nothing_needed", "outside", "contradictory"} <= {advice.verdict.status for advice in advices}
    assert {1, 2} <= {len(verdict.recommendation) for advice in advices for verdict in advice.verdicts.values()}


def test_readme_brief_gives_the_readme_answer(tmp_path: Path) -> None:
    """The brief in the README, typed in, begins with the lines the README shows."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    brief = re.search(r"```yaml\n(name:.*?)```", readme, re.DOTALL)
    shown = re.search(r"\$ advisor recommend brief.yaml\n(.*?)\n      \.\.\.", readme, re.DOTALL)
    assert brief
    assert shown
    (tmp_path / "brief.yaml").write_text(brief.group(1), encoding="utf-8")
    result = CliRunner().invoke(cli, ["recommend", str(tmp_path / "brief.yaml")])
    assert result.exit_code == 0
    expected = "\n".join(line.removeprefix("    ") for line in shown.group(1).splitlines())
    assert result.output.startswith(expected)


def test_every_command_is_in_the_readme() -> None:
    """The README's table names every command."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in cli.list_commands(None) if f"`advisor {name}" not in readme]  # type: ignore[arg-type]
    assert not missing
