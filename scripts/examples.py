"""Write the report of every example beside its brief; the tests compare them. Run it after a change of rules or reports."""

from __future__ import annotations

from pathlib import Path

from advisor import advise, load_knowledge, read_brief
from advisor.report import render_report

EXAMPLES = Path(__file__).parent.parent / "examples"


def main() -> None:
    """Renew every examples/*/report.md."""
    knowledge = load_knowledge()
    for path in sorted(EXAMPLES.glob("*/brief.yaml")):
        advice = advise(read_brief(path, knowledge), knowledge)
        (path.parent / "report.md").write_text(render_report(advice, "md"), encoding="utf-8")


if __name__ == "__main__":
    main()
