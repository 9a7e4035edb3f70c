"""The command line from outside: every command and option, its output, its files and its exit codes.

`run` is used by the other tests of the command line, too: it calls `advisor.cli.main` in this process.
"""

from __future__ import annotations

import importlib.metadata
import io
import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import click
import pytest

from advisor.api import load_knowledge_from, shipped_knowledge
from advisor.brief import BriefFile
from advisor.catalog_files import CATALOG_FILES
from advisor.cli import cli, main
from advisor.records import keys_of
from advisor.yamlfile import knowledge_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor import Knowledge

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "api-plus-trials" / "brief.yaml"
TRIALS = "needs: [clinical_trials]\n"
SYNTHESIS = "needs: [api_development]\n"


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: object
    out: str
    err: str


@cache
def load_once(*directories: Path) -> Knowledge:
    return shipped_knowledge() if directories == (knowledge_directory(),) else load_knowledge_from(list(directories))


def load_shared(directories: list[Path]) -> Knowledge:
    return load_once(*directories)


def run(*arguments: object, stdin: bytes = b"", load: Callable[[list[Path]], Knowledge] = load_shared) -> Result:
    """Run the command line in this process; knowledge is loaded once for all tests, for it never changes."""
    out, err = io.BytesIO(), io.BytesIO()
    streams = {name: io.TextIOWrapper(raw, encoding="utf-8", write_through=True) for name, raw in (("stdout", out), ("stderr", err))}
    argv = ["advisor", *map(str, arguments)]
    code: object = 0
    standard = mock.patch.multiple(sys, argv=argv, stdin=io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"), **streams)
    with standard, mock.patch("advisor.knowledge_cache.load_cached", load):
        try:
            main()
        except SystemExit as end:
            code = end.code
    return Result(code, out.getvalue().decode(), err.getvalue().decode())


def run_process(*arguments: object, stdin: bytes | None = None, environment: dict[str, str] | None = None) -> Result:
    """Run the command line as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "advisor", *map(str, arguments)],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        check=False,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, "ADVISOR_CACHE": "", **(environment or {})},
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def advice(*arguments: object, stdin: bytes = b"") -> Any:
    """Return what `recommend --format json` says."""
    result = run("recommend", "--format", "json", *arguments, stdin=stdin)
    assert result.code == 0, result.err
    return json.loads(result.out)


def recommended(*arguments: object, view: str = "guide", stdin: bytes = b"") -> list[str]:
    """Return the roles that `recommend` names in a view."""
    found: list[str] = advice(*arguments, stdin=stdin)["views"][view]["recommendation"]
    return found


def commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        yield name, command


def options() -> Iterator[Any]:
    for name, command in commands():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                yield pytest.param(name, parameter, id=f"{name}-{parameter.name}")


@pytest.fixture
def trials(tmp_path: Path) -> Path:
    """Return a brief that asks for trials only."""
    path = tmp_path / "trials.yaml"
    path.write_text(TRIALS, encoding="utf-8")
    return path


# --- help -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_has_help(name: str) -> None:
    """`advisor COMMAND --help` says what the command is for, and -h says the same."""
    long, short = run(name, "--help"), run(name, "-h")
    assert (long.code, long.err) == (0, "")
    assert f"advisor {name}" in long.out
    assert len(long.out.split("\n\n")[1].strip()) > 20, "a sentence says what it does"
    assert short == long


@pytest.mark.parametrize(("name", "option"), list(options()))
def test_every_option_has_help(name: str, option: click.Option) -> None:
    """Every option is listed in the help of its command, with a sentence."""
    assert option.help, f"advisor {name} {option.opts[0]}"
    listed = run(name, "--help").out
    assert all(word in listed for word in option.opts)


def test_help_lists_every_command() -> None:
    """`advisor --help` names every command, and so does a wrong one point at the help."""
    result = run("--help")
    assert result.code == 0
    assert all(f"  {name}" in result.out for name, _ in commands())


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("recomend",), "recomend"),
        (("recommend", "--veiw", "guide"), "--veiw"),
        (("recommend", "--format", "pdf", EXAMPLE), "pdf"),
        (("recommend",), "FILE"),
        (("functions", "a", "b"), "b"),
        (("schema", "briefs"), "briefs"),
        (("--colour",), "--colour"),
    ],
)
def test_wrong_usage_exits_2(arguments: tuple[object, ...], word: str) -> None:
    """A wrong command, option, value or number of arguments is refused on stderr with exit code 2, and the word is named."""
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("Usage: ")
    assert re.search(rf"Error: .*{re.escape(word)}", result.err)
    assert "Traceback" not in result.err


def test_version() -> None:
    """`advisor --version` prints name and version on one line."""
    result = run("--version")
    assert (result.code, result.err) == (0, "")
    assert re.fullmatch(r"advisor \d+\.\d+\.\d+\n", result.out)


# --- the commands that show the knowledge -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["functions", "roles", "facts", "rules"])
def test_json_listings_say_what_they_are(name: str) -> None:
    """--json output parses, and carries schema_version, tool_version and the version and hash of the knowledge."""
    result = run(name, "--json")
    assert (result.code, result.err) == (0, "")
    document = json.loads(result.out)
    assert list(document) == ["schema_version", "tool_version", "knowledge", name]
    assert isinstance(document["schema_version"], int)
    assert run("--version").out == f"advisor {document['tool_version']}\n"
    assert re.fullmatch(r"[0-9a-f]{64}", document["knowledge"]["sha256"])
    assert document["knowledge"]["version"]
    assert document[name]


@pytest.mark.parametrize(
    ("name", "some"), [("functions", "sterile_fill_finish"), ("facts", "weeks_to_start"), ("roles", "CDMO"), ("rules", "control.exit-wish")]
)
def test_listings_for_people(name: str, some: str) -> None:
    """Without --json a listing names every entry, and ends its lines without trailing spaces."""
    result = run(name)
    assert (result.code, result.err) == (0, "")
    assert some in result.out
    assert not re.search(r" +$", result.out, re.MULTILINE)


def test_listings_are_complete() -> None:
    """The listings for people name every function and every fact of the JSON listings, and with --templates every rule."""
    for name, arguments in (("functions", ()), ("facts", ()), ("rules", ("--templates",))):
        entries = json.loads(run(name, "--json").out)[name]
        shown = set(run(name, *arguments).out.split())
        assert not set(entries) - shown
    assert len(run("rules").out) < len(run("rules", "--templates").out)


def test_one_function() -> None:
    """`advisor functions ID` shows its phrases and its grades in both views; with --json only this one."""
    shown = run("functions", "clinical_trials").out
    assert "guide view" in shown
    assert "industry view" in shown
    assert list(json.loads(run("functions", "clinical_trials", "--json").out)["functions"]) == ["clinical_trials"]


@pytest.mark.parametrize(("fact", "part"), [("phase", "phase_1"), ("weeks_to_start", "weeks"), ("glp", "Why: ")])
def test_one_fact(fact: str, part: str) -> None:
    """`advisor facts ID` shows its question and the values it may have."""
    result = run("facts", fact)
    assert result.code == 0
    assert f"({fact})" in result.out
    assert part in result.out


@pytest.mark.parametrize(
    ("name", "word", "better"),
    [("functions", "clinical_trails", "clinical_trials"), ("facts", "fase", "phase"), ("facts", "zzz", "advisor facts")],
)
def test_unknown_entry_is_refused_with_a_remedy(name: str, word: str, better: str) -> None:
    """An id that does not exist exits with 2, is quoted, and a near one or the listing is proposed."""
    result = run(name, word)
    assert (result.code, result.out) == (2, "")
    assert f"'{word}'" in result.err
    assert better in result.err


def test_knowledge_option_reaches_every_command() -> None:
    """Every command that shows or uses knowledge takes --knowledge, and counts the overlay's version in."""
    overlay = Path(__file__).parent / "bases" / "good-overlay"
    taking = {name for name, command in commands() if any(p.name == "overlays" for p in command.params)}
    assert {"recommend", "functions", "roles", "facts", "rules", "check"} <= taking
    plain = json.loads(run("functions", "--json").out)["knowledge"]
    overlaid = json.loads(run("functions", "--json", "--knowledge", overlay).out)["knowledge"]
    assert overlaid["version"] == f"{plain['version']}+good-overlay"
    assert overlaid["sha256"] != plain["sha256"]


# --- recommend: what it prints --------------------------------------------------------------------------------------------

VERDICT_KEYS = {
    "status": str,
    "recommendation": list,
    "tied": list,
    "runner_up": list,
    "partial": bool,
    "certainty": str,
    "grade": (str, type(None)),
    "decided_at": (str, type(None)),
    "reasons": list,
    "uncovered": list,
    "outside": list,
    "implied_needs": list,
    "coverage": dict,
    "waiting": list,
    "open_facts": list,
    "contradictions": list,
    "warnings": list,
    "plans": list,
    "duties": list,
}
ENTRY_KEYS = {
    "reasons": {"rule", "title", "because", "source", "facts", "effect"},
    "outside": {"function", "name", "others"},
    "implied_needs": {"function", "rules"},
    "waiting": {"rule", "title", "effects", "open_facts", "decisive"},
    "contradictions": {"rule", "title", "text", "because", "source"},
    "warnings": {"rule", "title", "text", "because", "source"},
    "plans": {"rule", "title", "text", "because", "source"},
    "duties": {"duty", "kind", "title", "text", "source", "rules"},
}
FULL = """\
name: Everything at once
needs: [api_development, sterile_fill_finish, clinical_trials, commercial_sales_force]
wishes: [biostatistics]
facts: {phase: phase_2, modality: small_molecule, markets: [us], glp: unknown, planned_transfers: 2, first_time: true}
"""


@pytest.mark.parametrize("view", ["guide", "industry"])
@pytest.mark.parametrize("brief", [TRIALS, FULL, "needs: unknown\n", "needs: []\n", "needs: [commercial_sales_force]\n"])
def test_json_has_every_key_with_its_type(view: str, brief: str) -> None:
    """`recommend --format json` carries every promised key, of the promised type, whatever the outcome."""
    found = advice("-", "--view", view, stdin=brief.encode())
    assert found["schema_version"] == 1
    assert isinstance(found["tool_version"], str)
    assert set(found["knowledge"]) == {"version", "sha256"}
    assert isinstance(found["brief"], str)
    assert found["view"] == view
    assert set(found["views"]) == {"guide", "industry"}
    for verdict in found["views"].values():
        assert VERDICT_KEYS.keys() <= verdict.keys()
        for key, kind in VERDICT_KEYS.items():
            assert isinstance(verdict[key], kind), key
        for key, inner in ENTRY_KEYS.items():
            for entry in verdict[key]:
                assert inner <= entry.keys(), key


@pytest.mark.parametrize("form", ["text", "md", "json"])
def test_output_is_the_same_byte_for_byte(form: str, tmp_path: Path) -> None:
    """This process and one with another hash seed print the same bytes, and end them in one newline."""
    brief = tmp_path / "brief.yaml"
    brief.write_text(FULL, encoding="utf-8")
    text = run("recommend", brief, "--format", form).out
    assert text == run_process("recommend", brief, "--format", form, environment={"PYTHONHASHSEED": "1"}).out
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("name", ["functions", "roles", "facts", "rules"])
def test_listings_are_the_same_byte_for_byte(name: str) -> None:
    """Listings do not depend on the hash seed either."""
    assert run(name, "--json").out == run_process(name, "--json", environment={"PYTHONHASHSEED": "1"}).out


def test_text_and_markdown_name_the_recommendation() -> None:
    """Both formats for people name the recommended role and the version of the knowledge."""
    version = advice(EXAMPLE)["knowledge"]["version"]
    for form in ("text", "md"):
        shown = run("recommend", EXAMPLE, "--format", form)
        assert (shown.code, shown.err) == (0, "")
        assert "CDMO" in shown.out
        assert version in shown.out


def test_view_makes_the_headline() -> None:
    """--view says which view the report is about; both views are in the JSON whichever is chosen."""
    guide, industry = (advice(EXAMPLE, "--view", view) for view in ("guide", "industry"))
    assert (guide["view"], industry["view"]) == ("guide", "industry")
    assert guide["views"] == industry["views"]
    assert run("recommend", EXAMPLE).out == run("recommend", EXAMPLE, "--view", "guide").out
    assert run("recommend", EXAMPLE).out != run("recommend", EXAMPLE, "--view", "industry").out


# --- recommend: where it reads and writes -----------------------------------------------------------------------------


def test_stdin() -> None:
    """`-` reads the brief from standard input."""
    assert recommended("-", stdin=TRIALS.encode()) == ["cro"]


def test_stdin_problem_is_placed() -> None:
    """A problem in standard input names line and column of it."""
    result = run("recommend", "-", stdin=b"needs:\n  - clinical_trails\n")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("<stdin>:2:5: error: ")


def test_several_files(trials: Path, tmp_path: Path) -> None:
    """Several files are advised on in their order: as a JSON list, or as one report after the other."""
    other = tmp_path / "synthesis.yaml"
    other.write_text(SYNTHESIS, encoding="utf-8")
    found = advice(trials, other)
    assert [each["views"]["guide"]["recommendation"] for each in found] == [["cro"], ["cmo"]]
    for form in ("text", "md"):
        both = run("recommend", trials, other, "--format", form).out
        assert all(run("recommend", each, "--format", form).out in both for each in (trials, other))


def test_needs_without_a_file() -> None:
    """--need takes ids, names and phrases, may be repeated, and needs no file."""
    assert recommended("--need", "clinical_trials") == ["cro"]
    assert recommended("--need", "Clinical Trials") == ["cro"]
    assert recommended("--need", "need someone to make our API") == ["cmo"]
    assert recommended("--need", "clinical_trials", "--need", "api_development") == ["cdmo"]


def test_needs_on_top_of_a_file(trials: Path) -> None:
    """--need adds to the needs of a file, also of one that does not know its needs."""
    assert recommended(trials, "--need", "api_development") == ["cdmo"]
    assert recommended("-", "--need", "api_development", stdin=b"needs: unknown\n") == ["cmo"]


@pytest.mark.parametrize(
    ("option", "written"),
    [
        ("phase=phase_1", "phase: phase_1"),
        ("phase=Phase I", "phase: phase_1"),
        ("glp=yes", "glp: true"),
        ("glp = false ", "glp: false"),
        ("weeks_to_start=3", "weeks_to_start: 3"),
        ("markets=us,eu", "markets: [us, eu]"),
        ("markets=", "markets: []"),
        ("markets=unknown", "markets: unknown"),
    ],
)
def test_fact_says_the_same_as_the_file(option: str, written: str) -> None:
    """--fact ID=VALUE is the same as the line in the file, whatever the type of the fact."""
    with_option = advice("-", "--fact", option, stdin=TRIALS.encode())
    with_line = advice("-", stdin=f"{TRIALS}facts: {{{written}}}\n".encode())
    assert with_option == with_line


@pytest.mark.parametrize("stated", ["", "facts: unknown\n", "facts: {phase: phase_3}\n"])
def test_fact_replaces_what_the_file_says(stated: str) -> None:
    """--fact wins over the file, also where the file says that no fact is known."""
    found = advice("-", "--fact", "phase=phase_1", stdin=f"{TRIALS}{stated}".encode())
    assert found == advice("-", stdin=f"{TRIALS}facts: {{phase: phase_1}}\n".encode())


def test_output_is_written_whole_and_alone(trials: Path, tmp_path: Path) -> None:
    """-o writes what would be printed, over an old file, readable for all, and leaves nothing else behind."""
    folder = tmp_path / "out"
    folder.mkdir()
    target = folder / "report.txt"
    target.write_text("old", encoding="utf-8")
    result = run("recommend", trials, "-o", target)
    assert (result.code, result.out, result.err) == (0, "", "")
    assert target.read_text(encoding="utf-8") == run("recommend", trials).out
    assert [path.name for path in folder.iterdir()] == ["report.txt"]
    assert target.stat().st_mode & 0o777 == 0o644


def test_output_that_fails_leaves_the_old_file(trials: Path, tmp_path: Path) -> None:
    """If writing fails half-way, the old file is untouched and the exit code is 2: the new text never was in its place."""
    target = tmp_path / "report.txt"
    target.write_text("old", encoding="utf-8")
    with mock.patch.object(Path, "replace", side_effect=OSError(28, "No space left on device")):
        result = run("recommend", trials, "-o", target)
    assert (result.code, result.out) == (2, "")
    assert f"{target}: error: cannot be written: No space left on device" in result.err
    assert target.read_text(encoding="utf-8") == "old"


def test_output_that_fails_leaves_nothing_behind(trials: Path, tmp_path: Path) -> None:
    """A report that cannot be moved into place leaves no half of itself behind."""
    (tmp_path / "folder").mkdir()
    assert run("recommend", trials, "-o", tmp_path / "folder").code == 2
    assert {path.name for path in tmp_path.iterdir()} == {"folder", trials.name}


# --- schema, doctor, check ----------------------------------------------------------------------------------------------


def references(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for part in schema.values():
            yield from references(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from references(part)


def check_schema(schema: dict[str, Any]) -> None:
    """Fail unless a JSON Schema of an object is well-formed: types, properties, and references that lead somewhere."""
    assert schema["type"] == "object"
    assert schema["properties"]
    assert schema.get("additionalProperties") is False
    assert set(schema.get("required", [])) <= set(schema["properties"])
    for reference in references(schema):
        assert reference.startswith("#/$defs/")
        assert reference.removeprefix("#/$defs/") in schema["$defs"]


@pytest.mark.parametrize("kind", ["brief", "rules", "cases"])
def test_schema_is_json_schema(kind: str) -> None:
    """`advisor schema KIND` prints a JSON Schema that says which draft it follows."""
    result = run("schema", kind)
    assert (result.code, result.err) == (0, "")
    schema = json.loads(result.out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    check_schema(schema)


def test_schema_of_a_brief_explains_every_key() -> None:
    """The schema of a brief has every key a brief may have, each with a description, and requires `needs` only."""
    schema = json.loads(run("schema", "brief").out)
    assert set(schema["properties"]) == set(keys_of(BriefFile))
    assert all(entry.get("description") for entry in schema["properties"].values())
    assert schema["required"] == ["needs"]


def test_schema_of_the_catalog_has_every_file() -> None:
    """`advisor schema catalog` has a schema for each kind of file in a catalog."""
    schemas = json.loads(run("schema", "catalog").out)
    assert set(schemas) == {*CATALOG_FILES, "vocabularies/*.yaml"}
    for schema in schemas.values():
        check_schema(schema)


def test_doctor_is_well() -> None:
    """`advisor doctor` finds everything it needs here, row by row, and exits with 0."""
    result = run("doctor")
    assert (result.code, result.err) == (0, "")
    rows = dict(row.split("  ", 1) for row in result.out.splitlines())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[<>=]", dependency)[0] for dependency in project["dependencies"]}
    tests = {"python", "one brief", "exact questions", "many briefs"}
    extras = {f"extra {name}" for name in project["optional-dependencies"] if name != "dev"}
    assert set(rows) == needed | tests | extras
    assert all(rows[name].endswith("ok") for name in needed | tests)


def test_doctor_finds_what_is_missing() -> None:
    """A package that is always needed and missing is a fault; one of an extra is told of, with the command that brings it."""

    def version_of(package: str, version: Callable[[str], str] = importlib.metadata.version) -> str:
        if package == missing:
            raise importlib.metadata.PackageNotFoundError(package)
        return version(package)

    with mock.patch("importlib.metadata.version", version_of):
        missing = "python-sat"
        result = run("doctor")
        assert result.code == 3
        assert re.search(r"^python-sat +- +missing: pip install outsourcing-advisor$", result.out, re.MULTILINE)
        missing = "xlsxwriter"
        result = run("doctor")
        assert result.code == 0
        assert re.search(
            r"^extra office +2 of 3 +without xlsxwriter: pip install 'outsourcing-advisor\[office\]'$", result.out, re.MULTILINE
        )


def test_doctor_finds_a_broken_engine() -> None:
    """If the engine does not work, doctor says so in its row and exits with 3."""
    with mock.patch("advisor.api.advise", side_effect=RuntimeError("no engine")):
        result = run("doctor")
    assert result.code == 3
    assert "RuntimeError: no engine" in result.out


def test_check_counts_what_it_checked() -> None:
    """`advisor check` prints nothing on stdout when all is well, and counts functions, facts and rules on stderr."""
    result = run("check")
    assert (result.code, result.out) == (0, "")
    assert re.search(r"\d+ functions, \d+ facts, \d+ rules: 0 errors, 0 warnings", result.err)


# --- processes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [("rules", "--json"), ("recommend", str(EXAMPLE), "--format", "json"), ("functions",)])
def test_broken_pipe_does_not_trace(arguments: tuple[str, ...]) -> None:
    """When the reader goes away (`advisor rules | head -1`), nothing is said about it."""
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [sys.executable, "-m", "advisor", *arguments], stdout=writing, stderr=subprocess.PIPE, check=False, timeout=60, cwd=ROOT
    )
    os.close(writing)
    assert process.stderr == b""


def test_interrupt_does_not_trace() -> None:
    """Ctrl-C ends with exit code 130 and one line."""
    result = run("functions", load=mock.Mock(side_effect=KeyboardInterrupt))
    assert (result.code, result.out) == (130, "")
    assert "Traceback" not in result.err


def test_missing_package_is_a_broken_set_up() -> None:
    """If a package can't be imported, the message names it and the doctor, and the exit code is 3."""
    result = run("functions", load=mock.Mock(side_effect=ImportError("No module named 'durable_rules_engine'")))
    assert (result.code, result.out) == (3, "")
    assert "durable_rules_engine" in result.err
    assert "advisor doctor" in result.err


def test_module_and_process(tmp_path: Path) -> None:
    """`python -m advisor` is the command line, from any directory, and takes its exit code out to the shell."""
    brief = tmp_path / "brief.yaml"
    brief.write_text("needs: [clinical_trails]\n", encoding="utf-8")
    good, bad = run_process("recommend", EXAMPLE), run_process("recommend", brief)
    assert (good.code, good.err) == (0, "")
    assert good.out == run("recommend", EXAMPLE).out
    assert (bad.code, bad.out) == (2, "")
    assert bad.err == run("recommend", brief).err


def test_plain_terminal_encodings_do_not_trace() -> None:
    """A terminal that knows ASCII only gets every answer, with replacements where it has to be."""
    result = run_process(
        "recommend", "-", stdin="name: Präparat 漢字\nneeds: [clinical_trials]\n".encode(), environment={"PYTHONIOENCODING": "ascii"}
    )
    assert "Traceback" not in result.err
    assert "CRO" in result.out
