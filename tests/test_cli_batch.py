"""`advisor batch` from outside: what it says, what it refuses, where it writes, and how it ends."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest
from test_cli import run

if TYPE_CHECKING:
    from pathlib import Path

TABLE = "name,needs\nTrials,clinical_trials\nSynthesis,api_development\nNobody knows,\nTypo,clinical_trails\n"
SOUND = "name,needs\nTrials,clinical_trials\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a table of four briefs, of which one is not sound."""
    path = tmp_path / "briefs.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_summary_says_what_became_of_the_rows(table: Path) -> None:
    """Verdicts are counted by their names, rejected rows are counted and their file is named; the exit code is 1."""
    out = table.with_name("answers.csv")
    result = run("batch", table, "-o", out)
    assert (result.code, result.out) == (1, "")
    judged, rejected = result.err.splitlines()
    assert judged.startswith("3 briefs judged in ")
    assert judged.endswith(" s: CMO 1, CRO 1, needs not known yet 1")
    assert rejected == f"1 rows rejected, see {table.with_name('answers.rejects.csv')}"
    (reject,) = csv.DictReader(table.with_name("answers.rejects.csv").read_text(encoding="utf-8").splitlines())
    assert (reject["row"], reject["column"], reject["value"]) == ("5", "needs", "clinical_trails")


def test_rejects_go_where_they_are_wanted(table: Path) -> None:
    """Rejects are written to the file named, as CSV or as JSON lines by its ending; an old file of rejects does not stay."""
    out, rejects = table.with_name("answers.jsonl"), table.with_name("bad.jsonl")
    assert run("batch", table, "-o", out, "--rejects", rejects).code == 1
    (reject,) = map(json.loads, rejects.read_text(encoding="utf-8").splitlines())
    assert reject["row"] == 5
    assert "clinical_trials" in reject["hint"]
    table.write_text(SOUND, encoding="utf-8")
    assert run("batch", table, "-o", out, "--rejects", rejects).code == 0
    assert not rejects.exists()
    assert not list(table.parent.glob(".*")), "nothing is left behind"


def test_stdin_to_stdout(table: Path) -> None:
    """Answers go to stdout, and rejects are told on stderr, or go to a file if one is named."""
    result = run("batch", "-", "--from", "csv", "--to", "jsonl", "-o", "-", stdin=TABLE.encode())
    assert result.code == 1
    assert [json.loads(line)["guide_recommendation"] for line in result.out.splitlines()] == ["cro", "cmo", ""]
    assert "row 5, needs: 'clinical_trails' is not a function of the catalog\n" in result.err
    rejects = table.with_name("bad.csv")
    again = run("batch", "-", "--from", "csv", "--to", "jsonl", "-o", "-", "--rejects", rejects, stdin=TABLE.encode())
    assert (again.code, again.out) == (1, result.out)
    assert "row 5" not in again.err
    assert rejects.read_text(encoding="utf-8").count("clinical_trails") == 2  # the value, and in the reason


def test_view_comes_first(table: Path) -> None:
    """With --view industry its columns come first, and its verdicts are counted."""
    table.write_text("needs\napi_development; clinical_trials\n", encoding="utf-8")
    for view, counted in (("guide", "CDMO 1"), ("industry", "CDMO + CRO 1")):
        result = run("batch", table, "-o", "-", "--to", "csv", "--view", view)
        assert result.err.rstrip().endswith(counted)
        head = result.out.splitlines()[0].split(",")
        assert head.index(f"{view}_status") == min(i for i, name in enumerate(head) if name.endswith("_status"))


def test_rules_are_spelled_out(table: Path) -> None:
    """With --rules the ids of fired and waiting rules are written, without it one bit for each in hexadecimal."""
    table.write_text(SOUND, encoding="utf-8")
    (bits,) = csv.DictReader(run("batch", table, "-o", "-", "--to", "csv").out.splitlines())
    (ids,) = csv.DictReader(run("batch", table, "-o", "-", "--to", "csv", "--rules").out.splitlines())
    assert set(bits["guide_fired"]) <= set("0123456789abcdef")
    assert "match.cro.clinical-trials" in ids["guide_fired"].split(";")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name a table IN and an OUT"),
        (("IN",), "name a table IN and an OUT"),
        (("IN", "-o", "-", "--resume"), "--resume needs files"),
        (("IN", "-o", "answers.odd"), "the ending says no format; use --from or --to"),
        (("-", "-o", "answers.csv"), "the ending says no format; use --from or --to"),
        (("--template", "template.odt"), "a template is .xlsx or .csv"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], said: str, table: Path) -> None:
    """What makes no sense is refused with exit code 2, says what to do, and writes nothing."""
    before = sorted(table.parent.iterdir())
    result = run("batch", *(str(table) if word == "IN" else word for word in arguments))
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert sorted(table.parent.iterdir()) == before


@pytest.mark.parametrize(("arguments", "said"), [(("-o", "absent/answers.csv"), "cannot be written"), (("-o", "a.csv"), "No such file")])
def test_files_that_cannot_be_used(arguments: tuple[str, ...], said: str, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An input that is not there, and an output that cannot be written, are named, with exit code 2."""
    monkeypatch.chdir(table.parent)
    (table.parent / "absent").write_text("a file where a directory should be", encoding="utf-8")
    source = "nowhere.csv" if said == "No such file" else table.name
    result = run("batch", source, *arguments)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_template_says_how_to_go_on(ending: str, tmp_path: Path) -> None:
    """A template is written, and the command to judge it is named."""
    path = tmp_path / f"briefs.{ending}"
    result = run("batch", "--template", path)
    assert (result.code, result.out) == (0, "")
    assert f"advisor batch {path} -o answers.{ending}" in result.err
    assert path.stat().st_size > 100
    assert run("batch", "--template", tmp_path / "absent" / path.name).code == 2
    path.write_text("filled in", encoding="utf-8")
    assert "is there already" in run("batch", "--template", path).err
    assert path.read_text(encoding="utf-8") == "filled in"


def test_a_run_over_other_options_is_not_resumed(table: Path) -> None:
    """--resume goes on with the same run only; where there is none, it begins one."""
    out = table.with_name("answers.csv")
    workspace = out.with_name(f".{out.name}.partial")
    assert run("batch", table, "-o", out, "--resume").code == 1
    workspace.mkdir()
    (workspace / "journal.json").write_text('{"fingerprint": "another"}', encoding="utf-8")
    result = run("batch", table, "-o", out, "--resume")
    assert result.code == 2
    assert "over another input" in result.err
    assert "without `--resume`" in result.err
    assert run("batch", table, "-o", out).code == 1, "without --resume it begins anew"
    assert not workspace.exists()
