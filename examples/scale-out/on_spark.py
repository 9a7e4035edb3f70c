"""Judge briefs on Spark: `mapInArrow` hands partitions to `advisor.evaluate_table` as Arrow batches."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
from briefs import compare, draw_briefs
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from advisor import evaluate_table

if TYPE_CHECKING:
    from collections.abc import Iterator


def judge(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the answers to each batch of briefs."""
    from advisor import evaluate_table

    for batch in batches:
        yield from evaluate_table(pa.Table.from_batches([batch])).to_batches()


def main() -> None:
    """Judge generated briefs on two local workers, and compare."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = SparkSession.builder.master("local[2]").appName("advisor").config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    briefs = draw_briefs()
    schema = from_arrow_schema(evaluate_table(briefs.slice(0, 1)).schema)
    answers = spark.createDataFrame(briefs).repartition(8).mapInArrow(judge, schema)
    compare(answers.toArrow(), briefs)
    spark.stop()


if __name__ == "__main__":
    main()
