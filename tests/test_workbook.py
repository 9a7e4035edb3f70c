"""Excel: the report tells each brief what `advise` tells it, in words and in print; the template offers what is understood."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from generate import draw_brief
from python_calamine import CalamineWorkbook

from advisor import advise
from advisor.answers import Judge
from advisor.batch import Job
from advisor.brief import term_words
from advisor.sinks import Sink
from advisor.tablefile import Table
from advisor.tables import TableChecker
from advisor.wording import option_name
from advisor.workbook import xlsx_template

if TYPE_CHECKING:
    from pathlib import Path

    from advisor import Knowledge, Verdict

BRIEFS = 120
BAD = {"name": "Bad", "needs": ["api_develpment"]}
RULED_OUT = {"name": "=1+1", "needs": ["clinical_trials"], "facts": {"phase": "commercial", "milestone": "first_in_human"}}


@pytest.fixture(scope="module")
def briefs(shipped: Knowledge) -> list[dict[str, Any]]:
    random = Random(5)
    return [RULED_OUT, *({"name": f"Brief {i}", **draw_brief(random, shipped.catalog)} for i in range(BRIEFS))]


def written(briefs: list[dict[str, Any]], knowledge: Knowledge, view: str, home: Path) -> bytes:
    """Return the workbook of a batch."""
    import json

    source = home / "in.jsonl"
    source.write_text("".join(json.dumps(brief) + "\n" for brief in briefs), encoding="utf-8")
    table = Table(source, source.name, "jsonl", TableChecker(knowledge.catalog))
    job = Job(table, Judge(knowledge, view), Sink("xlsx"), home / "work")
    job.complete(home / "out.xlsx", home / "rejects.csv", job.run())
    return (home / "out.xlsx").read_bytes()


def rows_of(book: bytes, sheet: str) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name(sheet).to_python()


def parts_of(book: bytes) -> dict[str, str]:
    """Return the XML of a workbook; of a sheet by the name of the sheet."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    names = re.findall(r'<sheet name="(\w+)"', parts["xl/workbook.xml"])
    return parts | {name: parts[f"xl/worksheets/sheet{i}.xml"] for i, name in enumerate(names, start=1)}


def headline(verdict: Verdict, knowledge: Knowledge) -> str:
    if verdict.recommendation:
        return option_name(verdict.recommendation, knowledge.catalog)
    if verdict.tied:
        return "Tie: " + " or ".join(sorted(option_name(option, knowledge.catalog) for option in verdict.tied))
    unknown = verdict.status == "nothing_needed" and verdict.certainty == "open"
    return "Needs not known yet" if unknown else SAID[verdict.status]


SAID = {
    "nothing_needed": "Nothing to outsource",
    "outside": "None of the three roles",
    "ruled_out": "No option left, every one is ruled out",
    "contradictory": "No advice, the brief contradicts itself",
}


@pytest.mark.parametrize("view", ["guide", "industry"])
def test_each_row_says_what_advise_says(view: str, briefs: list[dict[str, Any]], shipped: Knowledge, tmp_path: Path) -> None:
    """Recommendation, remark, runner-up, reasons, gaps, next steps and agreements of each row are those of the brief alone."""
    heading, *rows = rows_of(written(briefs, shipped, view, tmp_path), "Briefs")
    functions = shipped.catalog.functions
    for brief, row in zip(briefs, rows, strict=True):
        told = dict(zip(heading, row, strict=True))
        verdicts = advise(brief, shipped).verdicts
        verdict = verdicts[view]
        (other,) = (each for name, each in verdicts.items() if name != view)
        assert told["Brief"] == brief["name"]
        assert told["Recommendation"] == headline(verdict, shipped)
        assert told[shipped.catalog.views[other.view].title] == headline(other, shipped)
        assert told["Runner-up"] == option_name(verdict.runner_up, shipped.catalog)
        assert told["How firm"] == (verdict.grade or "").replace("_", " ")
        needs = [line.removesuffix(" (implied)") for line in told["Needs"].splitlines()]
        assert needs == [functions[name].name for name in sorted(verdict.outcome.needs)]
        assert told["Needs"].count(" (implied)") == len(verdict.implied_needs)
        because = {reason.because for reason in [*verdict.reasons, *verdict.contradictions]}
        reasons = [re.sub(r"^\d\. ", "", line) for line in told["Reasons"].splitlines()]
        assert len(reasons) <= 3
        assert all(reason in because or reason.startswith("Covers ") for reason in reasons)
        assert bool(reasons) == bool(verdict.recommendation or verdict.status in {"contradictory", "ruled_out"})
        gaps = [line.partition(": ")[0] for line in told["Gaps"].splitlines()]
        assert gaps == [
            functions[name].name for name in (*(verdict.uncovered if verdict.recommendation or verdict.tied else ()), *verdict.outside)
        ]
        assert told["Next steps"].splitlines() == [duty.title for duty in verdict.duties if duty.kind == "next_step"]
        assert told["Agreements"] == "; ".join(duty.title for duty in verdict.duties if duty.kind == "agreement")


def test_summary_counts_and_names_what_was_rejected(briefs: list[dict[str, Any]], shipped: Knowledge, tmp_path: Path) -> None:
    """The summary counts the verdicts under the names of the rows, most first, has a chart of them, and tells of rejected rows."""
    book = written([*briefs, BAD], shipped, "guide", tmp_path)
    summary = rows_of(book, "Summary")
    start = summary.index(next(row for row in summary if row[0] == "Verdict"))
    counted = [(row[0], int(row[1])) for row in summary[start + 1 : summary.index([""] * len(summary[0]), start)]]
    recommended = [row[3] for row in rows_of(book, "Briefs")[1:]]
    expected = Counter("A tie" if name.startswith("Tie: ") else name for name in recommended)
    assert dict(counted) == expected
    assert counted == sorted(counted, key=lambda pair: (-pair[1], pair[0]))
    assert f"{len(briefs)} briefs, by the guide; 1 row could not be judged, see the sheet Rejected" in [row[0] for row in summary]
    (bad,) = rows_of(book, "Rejected")[1:]
    assert (bad[0], bad[1], bad[2]) == (len(briefs) + 1, "needs", "api_develpment")
    assert "api_development" in bad[4]
    chart = parts_of(book)["xl/charts/chart1.xml"]
    assert f"Summary!$B$5:$B${4 + len(counted)}" in chart


def test_sheets_can_be_read_and_printed(briefs: list[dict[str, Any]], shipped: Knowledge, tmp_path: Path) -> None:
    """Headings are frozen and repeated, filters set; pages lie across and are one sheet wide; rows are high enough; nothing runs."""
    parts = parts_of(written(briefs, shipped, "industry", tmp_path))
    assert "Rejected" not in parts, "no sheet for what there is none of"
    for name in ("Summary", "Briefs", "Answers"):
        assert 'orientation="landscape"' in parts[name]
        assert 'fitToHeight="0"' in parts[name]
        assert "<f>" not in parts[name], "a name like =1+1 is text"
    for name in ("Briefs", "Answers"):
        assert 'state="frozen"' in parts[name]
        assert "<autoFilter" in parts[name]
        assert f"{name}!$1:$1" in parts["xl/workbook.xml"]
    heights = [float(height) for height in re.findall(r'<row r="\d+"[^>]* ht="([\d.]+)"', parts["Briefs"])]
    rows = rows_of((tmp_path / "out.xlsx").read_bytes(), "Briefs")[1:]
    assert len(heights) == len(rows)
    for height, row in zip(heights, rows, strict=True):
        assert height >= min(15 * max(str(cell).count("\n") + 1 for cell in row), 409)


def test_every_value_offered_is_understood(shipped: Knowledge) -> None:
    """Each heading of the template stands for its column, and each value of a drop-down for its term."""
    book = xlsx_template(shipped.catalog)
    checker = TableChecker(shipped.catalog)
    (heading,) = rows_of(book, "briefs")
    columns = checker.columns_of([str(name) for name in heading], "template")
    assert set(columns) == {"name", "needs", "wishes", "in_house", *shipped.catalog.facts}
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        lists = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name("values").to_python(skip_empty_area=False)
        assert 'state="hidden"' in archive.read("xl/workbook.xml").decode()
    offered = {name: [row[i] for row in lists[1:] if row[i]] for i, name in enumerate(lists[0]) if name}
    choices = {name for name, fact in shipped.catalog.facts.items() if fact.type != "integer"}
    assert set(offered) == choices
    for name, values in offered.items():
        assert values[-1] == "unknown"
        table = pl.DataFrame({"needs": ["none"] * len(values), name: values})
        _, rejects = checker.check(table, pl.Series(range(len(values))).to_numpy(), ())
        assert not rejects
        if shipped.catalog.facts[name].type != "bool":
            terms = term_words(shipped.catalog, name)
            assert [terms[word] if word in terms else terms[word.casefold()] for word in values[:-1]] == list(shipped.catalog.terms(name))


def test_template_explains_and_limits(shipped: Knowledge) -> None:
    """Every column has a note with its question; numbers have their limits; the functions are listed with what they are."""
    book = xlsx_template(shipped.catalog)
    parts = parts_of(book)
    assert parts["xl/comments1.xml"].count("<comment ") == len(shipped.catalog.facts) + 4
    numbers = [fact for fact in shipped.catalog.facts.values() if fact.type == "integer"]
    assert parts["briefs"].count('type="whole"') == len(numbers) > 0
    for fact in numbers:
        assert f"<formula1>{fact.minimum}</formula1><formula2>{fact.maximum}</formula2>" in parts["briefs"]
    listed = rows_of(book, "functions")[1:]
    assert [row[3] for row in listed] == list(shipped.catalog.functions)
    assert all(row[0] and row[1] and row[2] for row in listed)
