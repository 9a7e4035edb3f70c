"""How long reading takes, by length: `python benchmarks/reading.py`. Twice the length should take about twice the time."""

from __future__ import annotations

import argparse
from pathlib import Path
from time import process_time

import yaml

from advisor import load_knowledge
from advisor.reading import read_text

SITUATIONS = Path(__file__).parent.parent / "tests" / "data" / "short-situations.yaml"


def main() -> None:
    """Print the seconds for texts of growing length, and what a megabyte takes against the one before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=int, default=1_000_000, help="length of the longest text")
    longest = parser.parse_args().bytes
    catalog = load_knowledge().catalog
    prose = "\n\n".join(row["text"] for row in yaml.safe_load(SITUATIONS.read_text(encoding="utf-8")))
    read_text(prose, catalog)  # what the reader knows is loaded outside the clock
    before = 0.0
    for length in (longest // 8, longest // 4, longest // 2, longest):
        text = (prose * (1 + length // len(prose)))[:length]
        start = process_time()
        findings = len(read_text(text, catalog).findings)
        seconds = process_time() - start
        growth = f"   {seconds / before:4.2f} times the half" if before else ""
        print(f"{length:9} bytes   {seconds:6.2f} s   {findings:6} findings   {1e6 * seconds / length:5.2f} s for 1 MB{growth}")
        before = seconds


if __name__ == "__main__":
    main()
