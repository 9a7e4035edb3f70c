"""What both recipes share: briefs to judge, and the comparison with a local run."""

from __future__ import annotations

from random import Random

import pyarrow as pa

from advisor import evaluate_table, load_knowledge

ROWS = 20_000


def draw_briefs(rows: int = ROWS) -> pa.Table:
    """Return generated briefs with typed columns, a few of them unsound."""
    random = Random(5)
    catalog = load_knowledge().catalog
    functions = list(catalog.functions)
    phases, modalities = list(catalog.terms("phase")), list(catalog.terms("modality"))
    return pa.table(
        {
            "name": [f"Brief {i}" for i in range(rows)],
            "needs": [random.sample(functions, random.randint(0, 4)) if i % 1000 else ["no such function"] for i in range(rows)],
            "phase": [random.choice([*phases, None]) for _ in range(rows)],
            "modality": [random.choice([*modalities, None]) for _ in range(rows)],
            "weeks_to_start": pa.array([random.choice([None, random.randint(0, 520)]) for _ in range(rows)], pa.int32()),
            "glp": [random.choice([None, True, False]) for _ in range(rows)],
        }
    )


def compare(there: pa.Table, briefs: pa.Table) -> None:
    """Print how many rows of a cluster's answers differ from a local run; the order of partitions is not part of it."""
    here = sorted(evaluate_table(briefs).drop_columns(["row"]).to_pylist(), key=_key)
    other = sorted(there.drop_columns(["row"]).to_pylist(), key=_key)
    assert len(here) == len(other) == briefs.num_rows
    differing = sum(a != b for a, b in zip(here, other, strict=True))
    refused = sum(bool(answer["problem"]) for answer in other)
    print(f"{len(other):,} rows compared one by one, {differing} differ; {refused} rows have a problem instead of a verdict")


def _key(answer: dict[str, object]) -> tuple[str, str]:
    return str(answer["name"]), str(answer["problem"])
