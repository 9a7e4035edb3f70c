"""How long each section of a full explanation takes, on generated briefs by the shipped knowledge: `python benchmarks/explain.py`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from generate import draw_brief

from advisor import advise, load_knowledge, read_brief
from advisor.explanation import explain
from advisor.explanation_json import as_json
from advisor.html_report import as_html
from advisor.outline import as_text
from advisor.telling import tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.explanation import Explanation

SECTIONS: dict[str, Callable[[Explanation], object]] = {
    "certainty": lambda e: e.verdict.certainty,
    "why, why not": lambda e: e.why_not,
    "flips": lambda e: e.flips,
    "open": lambda e: e.open,
    "rests on": lambda e: e.rests_on,
    "conflict": lambda e: e.conflict,
    "robust": lambda e: e.robust,
    "duties, trace": lambda e: (e.duties, e.trace),
    "text": lambda e: as_text(tell(e), e.knowledge.catalog),
    "html": lambda e: as_html(tell(e), e.knowledge.catalog),
    "json": as_json,
}


def main() -> None:
    """Print median, 95th percentile and worst of every section, in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--briefs", type=int, default=1000)
    parser.add_argument("--view", choices=["guide", "industry"], default="industry")
    options = parser.parse_args()
    knowledge, random = load_knowledge(), Random(4)
    explain_all = advise({"needs": ["api_development"]}, knowledge, view=options.view)
    for section in SECTIONS.values():  # encode once, outside the clock
        section(explain(explain_all))
    times: dict[str, list[float]] = {name: [] for name in (*SECTIONS, "all but the formats")}
    found: Counter[str] = Counter()
    for _ in range(options.briefs):
        explanation = explain(advise(read_brief(draw_brief(random, knowledge.catalog), knowledge), knowledge, view=options.view))
        total = 0.0
        for name, section in SECTIONS.items():
            start = perf_counter()
            section(explanation)
            times[name].append(perf_counter() - start)
            total += times[name][-1] if name not in {"text", "html", "json"} else 0
        times["all but the formats"].append(total)
        verdict = explanation.verdict
        found[f"{verdict.status}, {verdict.certainty}"] += 1
        found["searches cut off"] += not (explanation.open.complete and explanation.rests_on.complete and explanation.flips.complete)
    for name, taken in times.items():
        taken.sort()
        p50, p95, worst = (1000 * taken[min(len(taken) - 1, int(len(taken) * q))] for q in (0.5, 0.95, 1.0))
        print(f"{name:20} p50 {p50:7.1f} ms   p95 {p95:7.1f} ms   worst {worst:7.1f} ms")
    for name, count in sorted(found.items()):
        print(f"{name:30} {count}")


if __name__ == "__main__":
    main()
