"""A table of briefs gets the verdicts of its briefs; a bad row spoils no other; a run that is killed loses nothing."""

from __future__ import annotations

import csv
import io
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from random import Random
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pytest
from generate import draw_brief

from advisor import BriefError, advise, evaluate_table
from advisor.answers import Judge, expand_rules
from advisor.batch import Job
from advisor.certainty import certainty_of
from advisor.errors import AdvisorError
from advisor.sinks import Sink, read_rejects
from advisor.tablefile import FORMATS, Table
from advisor.tables import TableChecker
from advisor.yamlfile import load_documents

if TYPE_CHECKING:
    from pathlib import Path

    from advisor import Knowledge, Verdict
    from advisor.tables import Reject

KILLS = int(os.environ.get("ADVISOR_BATCH_KILLS", "2"))
ROWS = int(os.environ.get("ADVISOR_BATCH_ROWS", "70000"))


def drawn(knowledge: Knowledge, count: int, seed: int = 1) -> list[dict[str, Any]]:
    random = Random(seed)
    return [{"name": f"Brief {i}", **draw_brief(random, knowledge.catalog)} for i in range(count)]


def jsonl(briefs: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(brief, ensure_ascii=False).encode() + b"\n" for brief in briefs)


def flat(brief: dict[str, Any]) -> dict[str, str]:
    """Return a brief as the cells of a table."""
    cells = {key: brief[key] for key in ("name", "needs", "wishes", "in_house")} | brief["facts"]
    return {key: _cell(value) for key, value in cells.items()}


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(value) or "none"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def as_csv(briefs: list[dict[str, Any]], knowledge: Knowledge, **options: Any) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, ["name", "needs", "wishes", "in_house", *knowledge.catalog.facts], **options)
    writer.writeheader()
    writer.writerows(flat(brief) for brief in briefs)
    return text.getvalue()


def run(source: Path, knowledge: Knowledge, **options: Any) -> tuple[list[dict[str, Any]], list[Reject]]:
    """Return answers and rejects of a file."""
    said: list[str] = []
    keep = options.get("keep", ())
    table = Table(
        source, source.name, options.get("form") or FORMATS[source.suffix], TableChecker(knowledge.catalog), keep, "", said.append
    )
    job = Job(table, Judge(knowledge), Sink("jsonl"), source.parent / "work", rules=options.get("rules", False))
    job.run()
    answers = [json.loads(line) for line in (job.workspace / "out").read_text(encoding="utf-8").splitlines()]
    return [answer for answer in answers if answer], list(read_rejects(job.workspace))


def told(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as the columns of an answer."""
    facts = verdict._facts
    return {
        "status": verdict.status,
        "recommendation": "+".join(verdict.recommendation),
        "runner_up": "+".join(verdict.runner_up),
        "tied": ";".join(sorted("+".join(option) for option in verdict.tied)),
        "certainty": certainty_of(verdict._ladder, verdict._facts, verdict._evaluation, verdict.outcome),  # the bound, for many rows
        "decided_at": verdict.decided_at or "",
        "grade": verdict.grade or "",
        "partial": verdict.partial,
        "uncovered": ";".join(verdict.uncovered),
        "outside": ";".join(sorted(verdict.outcome.outside)),
        "implied": ";".join(sorted(verdict.outcome.needs - facts.needs)),
        "needs": ";".join(sorted(verdict.outcome.needs)),
    }


def assert_answers(answers: list[dict[str, Any]], briefs: list[dict[str, Any]], knowledge: Knowledge) -> None:
    """The answers are those of the engine, brief by brief, in both views."""
    assert [answer["name"] for answer in answers] == [brief["name"] for brief in briefs]
    for answer, brief in zip(answers, briefs, strict=True):
        for view, verdict in advise(brief, knowledge).verdicts.items():
            expected = {f"{view}_{key}": value for key, value in told(verdict).items()}
            assert {key: answer[key] for key in expected} == expected, brief
            ids = [rule.rule.id for rule in knowledge.engines[view].program.rules]
            fired = {ids[i] for i in verdict._evaluation.fired}
            assert set(expand_rules(answer[f"{view}_fired"], ids)) == fired


# --- the same answers from every format -------------------------------------------------------------------------------


def test_jsonl(shipped: Knowledge, tmp_path: Path) -> None:
    """JSON lines of briefs get the verdicts of `advise`."""
    briefs = drawn(shipped, 400)
    (tmp_path / "in.jsonl").write_bytes(jsonl(briefs))
    answers, rejects = run(tmp_path / "in.jsonl", shipped)
    assert not rejects
    assert_answers(answers, briefs, shipped)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv(shipped: Knowledge, tmp_path: Path, encoding: str, delimiter: str) -> None:
    """So does CSV, in every encoding and with every separator that spreadsheets write."""
    briefs = drawn(shipped, 60)
    briefs[0]["name"] = 'Größe, "klein";\nzwei Zeilen'
    (tmp_path / "in.csv").write_bytes(as_csv(briefs, shipped, delimiter=delimiter).encode(encoding))
    answers, rejects = run(tmp_path / "in.csv", shipped)
    assert not rejects
    assert_answers(answers, briefs, shipped)


def test_json_and_yaml(shipped: Knowledge, tmp_path: Path) -> None:
    """So do a JSON array, YAML of many documents, and a folder of briefs."""
    briefs = drawn(shipped, 60)
    (tmp_path / "in.json").write_text(json.dumps(briefs), encoding="utf-8")
    (tmp_path / "in.yaml").write_text("".join(f"---\n{json.dumps(brief)}\n" for brief in briefs), encoding="utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    for i, brief in enumerate(briefs):
        (folder / f"{i:03}.yaml").write_text(json.dumps(brief), encoding="utf-8")
    for source, form in ((tmp_path / "in.json", "json"), (tmp_path / "in.yaml", "yaml"), (folder, "yaml")):
        answers, rejects = run(source, shipped, form=form)
        assert not rejects
        assert_answers(answers, briefs, shipped)


def test_parquet(shipped: Knowledge, tmp_path: Path) -> None:
    """So does Parquet, with lists as lists, numbers as numbers and truth values as such."""
    briefs = drawn(shipped, 200)
    facts = shipped.catalog.facts
    rows = []
    for brief in briefs:
        known = {name: brief["facts"].get(name) for name in facts}
        rows.append(
            {
                **{k: brief[k] for k in ("name", "wishes", "in_house")},
                "needs": None if brief["needs"] == "unknown" else brief["needs"],
                **known,
            }
        )
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(tmp_path / "in.parquet")
    answers, rejects = run(tmp_path / "in.parquet", shipped)
    assert not rejects
    assert_answers(answers, briefs, shipped)


def test_xlsx(shipped: Knowledge, tmp_path: Path) -> None:
    """So does Excel; a reject there names sheet and cell."""
    import xlsxwriter

    briefs = drawn(shipped, 60)
    with xlsxwriter.Workbook(str(tmp_path / "in.xlsx")) as book:
        sheet = book.add_worksheet("briefs")
        names = ["name", "needs", "wishes", "in_house", *shipped.catalog.facts]
        sheet.write_row(0, 0, names)
        for i, brief in enumerate(briefs, start=1):
            cells = flat(brief)
            for j, name in enumerate(names):
                value = brief["facts"].get(name, cells.get(name, ""))
                sheet.write(i, j, cells.get(name, "") if isinstance(value, list) else value)
        sheet.write(len(briefs) + 1, 0, "Bad")
        sheet.write(len(briefs) + 1, 1, "api_develpment")
    answers, rejects = run(tmp_path / "in.xlsx", shipped)
    assert_answers(answers, briefs, shipped)
    assert [(r.row, r.column) for r in rejects] == [(62, "briefs!B62")]
    assert "api_development" in rejects[0].hint


def test_words_and_marks(shipped: Knowledge, tmp_path: Path) -> None:
    """Phrases, labels and other cases are understood; so is one column for each function."""
    text = "Name,Needs,clinical_trials,Quality Control,phase\nA,API development ; Clinical  Trials,,,\nB,,yes,wish,PHASE_1\nC,,no,in house,unknown\nD,,,,\n"
    (tmp_path / "in.csv").write_text(text, encoding="utf-8")
    answers, rejects = run(tmp_path / "in.csv", shipped)
    assert not rejects
    control = next(name for name, f in shipped.catalog.functions.items() if f.name.lower() == "quality control")
    briefs = [
        {"name": "A", "needs": ["api_development", "clinical_trials"]},
        {"name": "B", "needs": ["clinical_trials"], "wishes": [control], "facts": {"phase": "phase_1"}},
        {"name": "C", "needs": [], "in_house": [control]},
        {"name": "D", "needs": "unknown"},
    ]
    assert_answers(answers, briefs, shipped)


# --- rejects ----------------------------------------------------------------------------------------------------------

# what is wrong -> the line, the column it is found in, a part of the reason, a part of the hint
BAD_LINES: dict[str, tuple[bytes, str, str, str]] = {
    "no JSON": (b"what is this", "", "not valid JSON", ""),
    "cut off": (b'{"needs": ["api_development"', "", "not valid JSON", ""),
    "two values": (b'{"needs": []} {"needs": []}', "", "not valid JSON", ""),
    "a list": (b'["api_development"]', "", "a brief is a mapping", "needs"),
    "a number": (b"42", "", "a brief is a mapping", "needs"),
    "not UTF-8": (b'{"needs": [], "name": "Gr\xf6\xdfe"}', "", "not UTF-8", ""),
    "no number of JSON": (b'{"needs": [], "facts": {"weeks_to_start": 01}}', "", "not valid JSON", ""),
    "unknown key": (b'{"neds": ["api_development"]}', "neds", "unknown key", "needs"),
    "unknown fact": (b'{"needs": [], "facts": {"phse": "phase_1"}}', "phse", "unknown fact", "phase"),
    "key twice": (b'{"needs": [], "needs": ["api_development"]}', "needs", "second time", ""),
    "fact twice": (b'{"needs": [], "facts": {"phase": "phase_1", "phase": "phase_2"}}', "phase", "second time", ""),
    "facts are a list": (b'{"needs": [], "facts": ["phase"]}', "facts", "expected a mapping", ""),
    "unknown function": (b'{"needs": ["api_develpment"]}', "needs", "not a function", "api_development"),
    "unknown wish": (b'{"needs": [], "wishes": ["no such thing at all"]}', "wishes", "not a function", "advisor functions"),
    "unknown value": (b'{"needs": [], "facts": {"phase": "phase_9"}}', "phase", "not a value of 'phase'", "did you mean"),
    "unknown member": (b'{"needs": [], "facts": {"markets": ["uss"]}}', "markets", "not a value of 'markets'", "us"),
    "number too great": (b'{"needs": [], "facts": {"weeks_to_start": 521}}', "weeks_to_start", "from 0 to 520", "digits"),
    "number in words": (b'{"needs": [], "facts": {"weeks_to_start": "ten"}}', "weeks_to_start", "whole number", "digits"),
    "a fraction": (b'{"needs": [], "facts": {"weeks_to_start": 1.5}}', "weeks_to_start", "whole number", "digits"),
    "neither true nor false": (b'{"needs": [], "facts": {"glp": "perhaps"}}', "glp", "true or false", "unknown"),
    "needs and in house": (
        b'{"needs": ["api_development"], "in_house": ["api_development"]}',
        "in_house",
        "stands under",
        "one of the two",
    ),
    "needs and wishes": (b'{"needs": ["api_development"], "wishes": ["api_development"]}', "wishes", "stands under", "one of the two"),
    "nested": (b'{"needs": [{"id": "api_development"}]}', "needs", "list of words", "nesting"),
    "a need as a fact": (b'{"needs": [], "facts": {"needs": ["api_development"]}}', "needs", "unknown fact", ""),
}


def test_bad_lines(shipped: Knowledge, tmp_path: Path) -> None:
    """In a file with 1 % bad rows of two dozen kinds, every good row is judged and every bad one is rejected for its reason."""
    good = drawn(shipped, 99 * len(BAD_LINES))
    lines = [json.dumps(brief).encode() for brief in good]
    expected = {}
    for i, (line, column, reason, hint) in enumerate(BAD_LINES.values()):
        place = i * 100 + 37
        lines.insert(place, line)
        expected[place + 1] = (column, reason, hint)
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    answers, rejects = run(tmp_path / "in.jsonl", shipped)
    assert {reject.row for reject in rejects} == expected.keys()
    for reject in rejects:
        column, reason, hint = expected[reject.row]
        assert reject.column == column, reject
        assert reason in reject.reason, reject
        assert hint in reject.hint, reject
    assert len(answers) == len(good)
    assert_answers(answers[:500], good[:500], shipped)


def test_bad_csv(shipped: Knowledge, tmp_path: Path) -> None:
    """Broken records of CSV spoil no other: too many cells, too few, a quote never closed, bytes of another encoding."""
    text = 'name,needs,phase\nä,none,\na,none,,\nb,none\n"c,none,\nd,none,\ne\x00,none,\nf,no"ne,\n"g\ng",none,\nh,none,nonsense\n'
    (tmp_path / "in.csv").write_bytes(text.encode() + b"\xff,none,\ni,none,\n")
    answers, rejects = run(tmp_path / "in.csv", shipped)
    assert [answer["name"] for answer in answers] == ["ä", "d", "g\ng", "i"]
    reasons = {reject.row: reject.reason for reject in rejects}
    assert list(reasons) == [3, 4, 5, 7, 8, 11, 12]
    assert "4 cells" in reasons[3]
    assert "2 cells" in reasons[4]
    assert "never closed" in reasons[5]
    assert "never closed" in reasons[8]
    assert "0xff" in reasons[12]


def test_bad_documents(shipped: Knowledge, tmp_path: Path) -> None:
    """A broken YAML document spoils no other, and its problem is told with its place."""
    (tmp_path / "in.yaml").write_text(
        "needs: []\nname: A\n---\nneeds: [a\n---\nneeds: []\nneeds: []\n---\n# empty\n---\nname: B\nneeds: none\n"
    )
    answers, rejects = run(tmp_path / "in.yaml", shipped)
    assert [answer["name"] for answer in answers] == ["A", "B"]
    assert [(reject.row, reject.reason) for reject in rejects] == [
        (2, "not valid YAML: a list is opened here, and then a comma or ] is missing"),
        (3, "the key 'needs' stands here a second time"),
    ]


def test_documents_are_told_apart() -> None:
    """Many documents are read one by one, and comments alone are no document."""
    found = list(load_documents(io.BytesIO(b"# heading\n---\na: 1\n--- {b: 2}\n---\n: :\n"), "x"))
    assert [document.value for document in found if not isinstance(document, AdvisorError)][:2] == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize("heading", ["name,phse", "name,phase", "needs,needs", "needs,Client"])
def test_bad_headings(shipped: Knowledge, tmp_path: Path, heading: str) -> None:
    """A column that means nothing, or none that says what is needed, is a problem of the whole file."""
    (tmp_path / "in.csv").write_text(f"{heading}\n,\n", encoding="utf-8")
    with pytest.raises(BriefError):
        run(tmp_path / "in.csv", shipped)


def test_own_columns(shipped: Knowledge, tmp_path: Path) -> None:
    """A column to keep is taken along."""
    (tmp_path / "in.csv").write_text("needs,Client\nclinical_trials,=1+1\n", encoding="utf-8")
    answers, _ = run(tmp_path / "in.csv", shipped, keep=("Client",))
    assert answers[0]["Client"] == "=1+1"


def test_refused_encodings(shipped: Knowledge, tmp_path: Path) -> None:
    """UTF-16 is refused by name, and so is what is neither UTF-8 nor cp1252."""
    for data, word in (("needs\nnone\n".encode("utf-16"), "UTF-16"), (b"needs,name\nnone,\x81\x8d\n", "cp1252")):
        (tmp_path / "in.csv").write_bytes(data)
        with pytest.raises(BriefError, match=word):
            run(tmp_path / "in.csv", shipped)


# --- the command ------------------------------------------------------------------------------------------------------


def command(*arguments: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "advisor", "batch", *map(str, arguments)], capture_output=True, check=False, **options)


def test_formulas_are_neutralised(tmp_path: Path) -> None:
    """No cell of CSV begins as a formula does; neither in the answers nor in the rejects."""
    (tmp_path / "in.csv").write_text("name,needs\n=1+1,none\n@SUM(A1),-2+3\n", encoding="utf-8")
    done = command(tmp_path / "in.csv", "-o", tmp_path / "out.csv")
    assert done.returncode == 1
    for file in ("out.csv", "out.rejects.csv"):
        for row in csv.reader((tmp_path / file).read_text(encoding="utf-8").splitlines()):
            assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    assert "1 briefs judged" in done.stderr.decode()
    assert "1 rows rejected" in done.stderr.decode()


@pytest.mark.parametrize("form", ["csv", "jsonl", "json", "yaml", "xlsx", "parquet"])
def test_same_bytes_twice(shipped: Knowledge, tmp_path: Path, form: str) -> None:
    """Two runs write the same bytes, in every format, and leave nothing else behind."""
    (tmp_path / "in.jsonl").write_bytes(jsonl(drawn(shipped, 50)))
    for name in ("a", "b"):
        assert command(tmp_path / "in.jsonl", "-o", tmp_path / f"{name}.{form}").returncode == 0
    assert (tmp_path / f"a.{form}").read_bytes() == (tmp_path / f"b.{form}").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"in.jsonl", f"a.{form}", f"b.{form}"}


def test_streams(shipped: Knowledge) -> None:
    """Text comes from stdin and goes to stdout."""
    done = command("-", "--from", "jsonl", "--to", "json", "-o", "-", input=jsonl(drawn(shipped, 5)))
    assert done.returncode == 0
    assert [row["name"] for row in json.loads(done.stdout)] == [f"Brief {i}" for i in range(5)]


@pytest.mark.parametrize("form", ["csv", "jsonl", "json", "yaml", "xlsx", "parquet"])
def test_no_rows(tmp_path: Path, form: str) -> None:
    """A table without rows becomes a table without rows."""
    (tmp_path / "in.csv").write_text("name,needs\n", encoding="utf-8")
    assert command(tmp_path / "in.csv", "-o", tmp_path / f"out.{form}").returncode == 0
    assert (tmp_path / f"out.{form}").is_file()


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_template(tmp_path: Path, form: str) -> None:
    """The template is itself a table that can be read."""
    assert command("--template", tmp_path / f"t.{form}").returncode == 0
    assert command(tmp_path / f"t.{form}", "-o", tmp_path / "out.xlsx").returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_kill_and_resume(shipped: Knowledge, tmp_path: Path, form: str) -> None:
    """A run that is killed at any moment and resumed ends with the bytes of an undisturbed one."""
    lines = jsonl(drawn(shipped, 500)).splitlines(keepends=True)
    lines[7] = b"{no brief\n"
    (tmp_path / "in.jsonl").write_bytes(b"".join(lines[i % 500] for i in range(ROWS)))
    began = time.monotonic()
    assert command(tmp_path / "in.jsonl", "-o", tmp_path / f"whole.{form}").returncode == 1
    seconds = time.monotonic() - began
    random = Random(form)
    for _ in range(KILLS):
        killed = [sys.executable, "-m", "advisor", "batch", str(tmp_path / "in.jsonl"), "-o", str(tmp_path / f"out.{form}")]
        with subprocess.Popen([*killed, "--resume"], stderr=subprocess.DEVNULL) as process:
            time.sleep(random.uniform(0, seconds))
            process.send_signal(signal.SIGKILL)
        assert command(tmp_path / "in.jsonl", "-o", tmp_path / f"out.{form}", "--resume").returncode == 1
        for file in ("{}." + form, "{}.rejects.csv"):
            assert (tmp_path / file.format("out")).read_bytes() == (tmp_path / file.format("whole")).read_bytes()


# --- Arrow ------------------------------------------------------------------------------------------------------------


def test_evaluate_table(shipped: Knowledge) -> None:
    """An Arrow table gets one row for each row; the function can be pickled; a bad row has a problem instead of a verdict."""
    table = pa.table({"name": ["a", "b", "c"], "needs": [["clinical_trials"], ["nonsense"], None], "phase": ["phase_1", None, None]})
    answers = pickle.loads(pickle.dumps(evaluate_table))(table).to_pylist()  # noqa: S301 - our own bytes
    assert [row["guide_recommendation"] for row in answers] == ["cro", None, ""]
    assert ["nonsense" in row["problem"] for row in answers] == [False, True, False]
    assert {row["knowledge"] for row in answers} == {shipped.sha256, None}
