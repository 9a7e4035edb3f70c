"""Judge briefs on Dask: the partitions are Arrow tables, each a task for `advisor.evaluate_table`."""

from __future__ import annotations

import pyarrow as pa
from briefs import compare, draw_briefs
from distributed import Client, LocalCluster

from advisor import evaluate_table

PARTITION = 2_500


def main() -> None:
    """Judge generated briefs on two local workers, and compare."""
    briefs = draw_briefs()
    parts = [briefs.slice(start, PARTITION).combine_chunks() for start in range(0, briefs.num_rows, PARTITION)]
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        # not `pure`: Dask would name tasks by a hash in which slices of one Arrow table are all the same
        answers = client.gather(client.map(evaluate_table, parts, pure=False))
        workers = len(client.scheduler_info()["workers"])
    print(f"{len(parts)} partitions on {workers} workers")
    compare(pa.concat_tables(answers), briefs)


if __name__ == "__main__":
    main()
