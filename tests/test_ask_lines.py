"""`advisor ask` line by line: piped answers, the words that always work, and what is left when the input ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_cli import Result, run, run_process

from advisor.cli import cli

ROOT = Path(__file__).parents[1]
MAKING = "API Development, 3\nnone\nnone\n"  # settled by the state of the product's process alone
SETTLED = f"{MAKING}Developed\n1\n"


def ask(lines: str, *arguments: object) -> Result:
    """Run `advisor ask` with piped answers."""
    return run("ask", *arguments, stdin=lines.encode())


def test_piped_answers_end_in_the_recommendation(tmp_path: Path) -> None:
    """Piped answers give the report on stdout and nothing else; the brief written gives the same verdict."""
    brief = tmp_path / "brief.yaml"
    result = ask(SETTLED, "--format", "json", "-o", brief, "--name", "Two steps")
    assert result.code == 0, result.err
    told = json.loads(result.out)
    assert told["brief"] == "Two steps"
    again = run("recommend", brief, "--view", "industry", "--format", "json")
    assert json.loads(again.out) == told
    assert re.search(r"^\d+ questions left out: none can change the advice\.$", result.err, re.MULTILINE)
    assert "Leaning CDMO; " in result.err


def test_no_escape_codes(tmp_path: Path) -> None:
    """Line by line there is no escape code at all, not even one that comes with the name or the answers."""
    result = ask(f"\x1b[31mred\x1b[0m\n{SETTLED}", "-o", tmp_path / "b.yaml", "--name", "\x1b[31mred\x07")
    assert result.code == 0
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", result.out + result.err)


def test_choices_by_number_label_id_and_phrase() -> None:
    """A choice can be named by its number, label, id or a phrase, whatever the case."""
    verdicts = [
        ask(f"{named}\nnone\nnone\n1\n", "--format", "json").out for named in ("7", "clinical trials", "CLINICAL_TRIALS", "run a trial")
    ]
    assert verdicts[0]
    assert verdicts[:3] == verdicts[:1] * 3


def test_words_that_are_not_choices_search() -> None:
    """Words that name no choice find those that have them, also with a typing error; nothing is taken on a guess."""
    result = ask("stability trial\nbiostatistcs\nxyzzy\nquit\n")
    assert re.search(r"Found with 'stability trial': \d+\. ", result.err)
    assert "Found with 'biostatistcs': 8. Biostatistics" in result.err
    assert "Nothing found with 'xyzzy'." in result.err
    assert "Question 2" not in result.err
    assert "Stopped; nothing was answered yet." in result.err


def test_words_that_mean_a_function_find_it() -> None:
    """Words that no choice has find the functions they mean; nothing is taken on a guess."""
    result = ask("help us humanise the antibody\nour own statisticians do it\nquit\n")
    assert re.search(r"Found with 'help us humanise the antibody': \d+\. Discovery Research\.", result.err)
    assert "Found with 'our own statisticians do it': 8. Biostatistics." in result.err
    assert "Question 2" not in result.err


def test_list_shows_every_choice() -> None:
    """A long list shows its first group; `list` shows all of it."""
    result = ask("list\nquit\n")
    assert result.err.count("10. Consulting Services") == 2
    assert len(re.findall(r"^ +\d+\. ", result.err, re.MULTILINE)) == 10 + 74


def test_help_back_review_and_change() -> None:
    """The words for help, back and review work, and an answer can be changed from the review."""
    result = ask(f"back\n?\n{MAKING}?\nback\n\nreview\n2\nunknown\n1\n1\n")
    assert result.code == 0, result.err
    assert "This is the beginning." in result.err
    assert "Why this is asked:" in result.err
    assert "- A finished process calls for a maker, not a developer" in result.err
    assert "Your answer so far: none. An empty line keeps it." in result.err
    assert "2. What you need: API Development; Finished Dosage Forms" in result.err
    assert "none yet: the brief does not say what is needed" in result.out


def test_numbers_are_checked(tmp_path: Path) -> None:
    """A number outside its limits is refused, one with its unit or with commas is taken."""
    answers = tmp_path / "answers.yaml"
    begun = ask(f"{MAKING}Developed\n1\n", "--thorough", "--save", answers)
    assert begun.code == 1
    text = answers.read_text(encoding="utf-8") + "    batch_litres: unknown\n"
    answers.write_text(text, encoding="utf-8")
    row = re.findall(r"^ +(\d+)\. Batch size: ", ask("review\n", "--answers", answers).err, re.MULTILINE)[0]
    result = ask(f"review\n{row}\nmany\n9999999999\n2,000 litres\n", "--resume", answers)
    assert result.err.count("is not a whole number of litres from 0 to") == 2
    assert "batch_litres: 2000 " in answers.read_text(encoding="utf-8")


def test_contradiction_is_offered_for_change(tmp_path: Path) -> None:
    """Answers that cannot hold together are listed; changing one goes on with the interview."""
    answers = tmp_path / "answers.yaml"
    ask("cell_therapy_manufacturing\nnone\nnone\n", "--save", answers)
    facts = "  facts:\n    modality: cell_therapy_autologous\n    batch_litres: 10000\n"
    answers.write_text(answers.read_text(encoding="utf-8") + facts, encoding="utf-8")
    result = ask("1\nunknown\n", "--answers", answers)
    assert "These answers cannot hold together:" in result.err
    assert "- Batch size: 10000 litres" in result.err
    assert result.err.count("These answers cannot hold together:") == 1
    anyway = ask("4\n", "--answers", answers)
    assert anyway.code == 0, anyway.err
    assert "contradicts itself" in anyway.out


@pytest.mark.parametrize("option", ["--save", None])
def test_end_of_input(option: str | None, tmp_path: Path) -> None:
    """Input that ends too early ends with code 1; with --save the answers are there, and how to go on is told."""
    answers, saved = tmp_path / "my answers.yaml", option is not None
    result = ask(MAKING, *([option, answers] if saved else []))
    assert (result.code, result.out) == (1, "")
    assert answers.exists() == saved
    assert (f"To go on later:\n  advisor ask --resume '{answers}'" in result.err) == saved
    assert ("Nothing is saved; with --save FILE it is." in result.err) != saved
    if saved:
        again = ask("Developed\n1\n", "--resume", answers)
        assert again.code == 0
        assert "Question 4." in again.err
        assert "Question 1." not in again.err


def test_save_never_overwrites_another_interview(tmp_path: Path) -> None:
    """--save refuses a file that is there; places that cannot be written are refused before the first question."""
    answers = tmp_path / "answers.yaml"
    answers.write_text("mine\n", encoding="utf-8")
    result = ask(MAKING, "--save", answers, "-o", tmp_path / "none" / "b.yaml")
    assert result.code == 2
    assert "is there already" in result.err
    assert "there is no such directory" in result.err
    assert "Question" not in result.err
    assert answers.read_text(encoding="utf-8") == "mine\n"


def test_brief_that_cannot_be_written_costs_no_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the brief cannot be written at the end, the answers are saved, and how to go on is told."""
    monkeypatch.chdir(tmp_path)
    result = ask(SETTLED, "-o", tmp_path)
    assert result.code == 2
    assert "cannot be written" in result.err
    assert "advisor ask --resume advisor-answers.yaml" in result.err
    assert "developed" in (tmp_path / "advisor-answers.yaml").read_text(encoding="utf-8")


def test_save_word_takes_the_first_free_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`save` without a file takes a name that is free in the current directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "advisor-answers.yaml").write_text("mine\n", encoding="utf-8")
    result = ask(f"{MAKING}save\nquit\n")
    assert "Saved in advisor-answers-2.yaml. To go on later:\n  advisor ask --resume advisor-answers-2.yaml" in result.err
    assert (tmp_path / "advisor-answers.yaml").read_text(encoding="utf-8") == "mine\n"
    assert "finished_dosage_forms" in (tmp_path / "advisor-answers-2.yaml").read_text(encoding="utf-8")


def test_no_input(tmp_path: Path) -> None:
    """--no-input takes complete answers without a word, and names the first missing one with its text and the remedy."""
    answers, brief = tmp_path / "answers.yaml", tmp_path / "brief.yaml"
    ask(MAKING, "--save", answers)
    missing = run("ask", "--answers", answers, "--no-input", "-o", brief)
    assert (missing.code, missing.out, brief.exists()) == (2, "", False)
    assert "no answer to 'product_process_state': How far is the process for making the finished product?" in missing.err
    assert "add `product_process_state:` under `answers.facts`: none, laboratory, developed, locked, validated, or unknown" in missing.err
    complete = answers.read_text(encoding="utf-8") + "  facts: {product_process_state: developed}\n"
    answers.write_text(complete, encoding="utf-8")
    done = run("ask", "--answers", answers, "--no-input", "-o", brief)
    assert done.code == 0, done.err
    assert done.out == run("recommend", brief, "--view", "industry").out
    assert answers.read_text(encoding="utf-8") == complete


def test_no_input_takes_no_answers_of_another_knowledge(tmp_path: Path) -> None:
    """Unattended, an answer that does not fit the knowledge is a problem with its place."""
    answers = tmp_path / "answers.yaml"
    ask(MAKING, "--save", answers)
    text = re.sub("sha256: .*", 'sha256: "0"', answers.read_text(encoding="utf-8"))
    answers.write_text(text + "  facts: {moon_base: true, product_process_state: developed}\n", encoding="utf-8")
    result = run("ask", "--answers", answers, "--no-input")
    assert result.code == 2
    assert "unknown fact 'moon_base'" in result.err
    told = ask("1\n", "--answers", answers)
    assert told.code == 0
    assert "'moon_base' is not asked for any more." in told.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--no-input"], "it needs --answers FILE"),
        (["--resume", "a", "--answers", "b"], "use one of them"),
        (["--resume", "missing.yaml"], "missing.yaml: error: "),
        (["--view", "other"], "'other' is not one of"),
    ],
)
def test_wrong_usage(arguments: list[str], told: str) -> None:
    """Options that make no sense, and a file that is missing, end with code 2 and what to do."""
    result = ask("", *arguments)
    assert result.code == 2
    assert told in result.err


def test_view_of_the_file_is_kept_unless_named(tmp_path: Path) -> None:
    """Going on keeps the view the interview was begun with; an option of its own comes first."""
    answers = tmp_path / "answers.yaml"
    ask("clinical trials\n", "--view", "guide", "--save", answers)
    assert json.loads(ask("none\nnone\n1\n", "--answers", answers, "--format", "json").out)["view"] == "guide"
    named = ask("none\nnone\n1\n", "--answers", answers, "--format", "json", "--view", "industry")
    assert json.loads(named.out)["view"] == "industry"


def test_interrupt_saves_and_tells_how_to_go_on(tmp_path: Path) -> None:
    """Ctrl-C, `quit`, or a window that is closed, saves under a free name and ends with code 130."""
    assert ask("clinical trials\nquit\n", "--save", tmp_path / "quit.yaml").code == 130
    for number, name in ((signal.SIGINT, "advisor-answers.yaml"), (signal.SIGHUP, "advisor-answers-2.yaml")):
        process = subprocess.Popen(
            [sys.executable, "-m", "advisor", "ask"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(MAKING.encode())
        process.stdin.flush()
        seen = b""
        while b"Question 4" not in seen:
            line = process.stderr.readline()
            assert line, seen
            seen += line
        time.sleep(0.2)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out) == (130, b"")
        assert f"advisor ask --resume {name}".encode() in err
        assert "finished_dosage_forms" in (tmp_path / name).read_text(encoding="utf-8")


def test_bytes_that_are_no_text() -> None:
    """Whatever comes through a pipe is answered in words."""
    result = run_process("ask", stdin=b"\xff\xfe\x00\x1b[A\n" + b"x" * 300_000 + b"\n\n,,,\n0\n99999999999999999999\nquit\n")
    assert result.code == 130
    assert "Traceback" not in result.err
    assert "Nothing found with" in result.err


def test_an_interview_begins_with_prose(tmp_path: Path) -> None:
    """What prose says is shown with its words, counts once it is confirmed, and is not asked for again."""
    text = tmp_path / "mail.txt"
    text.write_text("We need somebody to make the tablets for Phase III. We keep statistics in house.\n", encoding="utf-8")
    result = CliRunner().invoke(
        cli, ["ask", "--plain", "--from-text", str(text)], input="1\nnone\nvalidated\nsmall_molecule\nnone\n" + "1\n" * 3
    )
    assert result.exit_code == 0, result.output
    shown = " ".join(result.stderr.split())
    assert 'Clinical Trial Material (Drug Product) Manufacture (from your text: "make the tablets")' in shown
    assert "Where is the programme today?" not in result.stderr
    assert "Recommendation:" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["--from-text", "-"], "put it into a file"), (["--from-text", "a.txt", "--resume", "b.yaml"], "use one of them")],
)
def test_prose_and_other_beginnings(arguments: list[str], says: str) -> None:
    """Prose from standard input, or beside answers of a file, is refused with the way out."""
    result = CliRunner().invoke(cli, ["ask", *arguments])
    assert result.exit_code == 2
    assert says in result.output
