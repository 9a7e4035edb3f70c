"""Whatever is wrong with the input of `advisor recommend`: the place and a remedy on stderr, exit code 2, nothing else."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from test_cli import FULL, Result, run, run_process

from advisor.errors import MAX_ISSUES

if TYPE_CHECKING:
    from collections.abc import Callable

HELP = re.compile(r"^  help: \S", re.MULTILINE)


@dataclass(frozen=True)
class Bad:
    """One malformed brief.

    Attributes:
        data: the bytes of the file.
        place: `line:column`, or `line`, as the message must give it; empty if only the file can be named.
        said: what the message must name; remedy: a part of the help.

    """

    data: bytes
    place: str
    said: str
    remedy: str


def fact(line: str) -> bytes:
    return f"needs: []\nfacts:\n  {line}\n".encode()


BAD = {
    # a value of the wrong type under every key
    "needs-number": Bad(b"needs: 3\n", "1:8", "expected a list or `unknown`, found '3'", "brackets"),
    "needs-text": Bad(b"needs: clinical_trials\n", "1:8", "found 'clinical_trials'", "brackets"),
    "needs-mapping": Bad(b"needs: {clinical_trials: true}\n", "1:8", "a mapping", "brackets"),
    "needs-boolean": Bad(b"needs: true\n", "1:8", "found true", "brackets"),
    "needs-nested-list": Bad(b"needs: [[clinical_trials]]\n", "1:9", "expected text, found a list", "quotes"),
    "needs-empty-word": Bad(b"needs: ['']\n", "1:9", "some text", "write something"),
    "needs-null-word": Bad(b"needs: [clinical_trials, null]\n", "1:26", "found nothing", "quotes"),
    "wishes-text": Bad(b"needs: []\nwishes: biostatistics\n", "2:9", "expected a list", "brackets"),
    "in-house-number": Bad(b"needs: []\nin_house: 4\n", "2:11", "expected a list", "brackets"),
    "facts-list": Bad(b"needs: []\nfacts: [phase_1]\n", "2:8", "expected a mapping", "key: value"),
    "facts-text": Bad(b"needs: []\nfacts: none\n", "2:8", "expected a mapping", "key: value"),
    "name-list": Bad(b"name: [a]\nneeds: []\n", "1:7", "expected text, found a list", "quotes"),
    "name-number": Bad(b"name: 7\nneeds: []\n", "1:7", "expected text, found '7'", "quotes"),
    "name-empty": Bad(b"name: ''\nneeds: []\n", "1:7", "some text", "leave the key out"),
    "name-too-long": Bad(b"needs: []\nname: " + b"a" * 4001, "2:7", "longer than 4000", "shorten"),
    "description-mapping": Bad(b"description: {a: b}\nneeds: []\n", "1:14", "expected text, found a mapping", "quotes"),
    # words that mean nothing
    "unknown-key": Bad(b"needs: []\nwhishes: []\n", "2:1", "unknown key 'whishes'", "'wishes'"),
    "unknown-key-unlike-any": Bad(b"needs: []\nxyz: []\n", "2:1", "unknown key 'xyz'", "allowed: description, facts"),
    "number-as-key": Bad(b"needs: []\n7: x\n", "2:1", "unknown key '7'", "allowed"),
    "unknown-function": Bad(b"needs: [clinical_trails]\n", "1:9", "'clinical_trails'", "'clinical_trials'"),
    "unknown-function-unlike-any": Bad(b"needs: [zzzz]\n", "1:9", "'zzzz'", "advisor functions"),
    "unknown-fact": Bad(fact("phaze: phase_1"), "3:3", "unknown fact 'phaze'", "'phase'"),
    "unknown-fact-unlike-any": Bad(fact("zzzz: 1"), "3:3", "unknown fact 'zzzz'", "advisor facts"),
    "unknown-term": Bad(fact("phase: phase_9"), "3:10", "'phase_9' is not a value of 'phase'", "'phase_3'"),
    "country-no": Bad(fact("markets: [us, NO]"), "3:17", "'NO' is not a value of 'markets'", "advisor facts markets"),
    # facts of the wrong type
    "number-for-enum": Bad(fact("phase: 1"), "3:10", "'1' is not a value", "phase_1"),
    "boolean-for-enum": Bad(fact("phase: true"), "3:10", "true is not a value", "phase_1"),
    "list-for-enum": Bad(fact("phase: [phase_1]"), "3:10", "a list is not a value", "phase_1"),
    "date-for-enum": Bad(fact("phase: 2026-11-22"), "3:10", "'2026-11-22'", "phase_1"),
    "boolean-for-integer": Bad(fact("batch_litres: true"), "3:17", "from 0 to 100000, not true", "digits"),
    "text-for-integer": Bad(fact("batch_litres: many"), "3:17", "not 'many'", "digits"),
    "fraction-for-integer": Bad(fact("batch_litres: 1.5"), "3:17", "not '1.5'", "digits"),
    "leading-zero": Bad(fact("batch_litres: 010"), "3:17", "not '010'", "digits"),
    "negative-number": Bad(fact("batch_litres: -1"), "3:17", "not '-1'", "digits"),
    "number-above-maximum": Bad(fact("batch_litres: 100001"), "3:17", "not '100001'", "digits"),
    "number-of-5000-digits": Bad(fact(f"batch_litres: {'9' * 5000}"), "3:17", "...'", "digits"),
    "infinity": Bad(fact("batch_litres: .inf"), "3:17", "not '.inf'", "digits"),
    "not-a-number": Bad(b'{"needs": [], "facts": {"batch_litres": NaN}}', "1:41", "not 'NaN'", "digits"),
    "number-too-big-for-a-float": Bad(fact("batch_litres: 1e400"), "3:17", "not '1e400'", "digits"),
    "number-for-boolean": Bad(fact("glp: 1"), "3:8", "true or false, not '1'", "unknown"),
    "text-for-boolean": Bad(fact("glp: perhaps"), "3:8", "not 'perhaps'", "unknown"),
    "text-for-set": Bad(fact("handling: sterile"), "3:13", "a list, not 'sterile'", "brackets"),
    "list-in-set": Bad(fact("handling: [[sterile]]"), "3:14", "a list is not a value", "sterile"),
    # what cannot hold together, or is not there
    "needs-missing": Bad(b"name: x\nwishes: []\n", "1:1", "the key 'needs' is missing", "add `needs:`"),
    "needs-and-in-house": Bad(b"needs: [clinical_trials]\nin_house: [clinical_trials]\n", "2:1", "stands under `in_house`", "own_plant_full"),
    "needs-and-wishes": Bad(b"needs: [clinical_trials]\nwishes: [Clinical Trials]\n", "2:1", "under `wishes` and under `needs`", "one of"),
    "wishes-and-in-house": Bad(b"needs: []\nwishes: [quality_control]\nin_house: [quality_control]\n", "3:1", "`in_house`", "one of"),
    # YAML that is not allowed
    "duplicate-key": Bad(b"needs: []\nneeds: []\n", "2:1", "the key 'needs' stands here a second time", "keep one"),
    "duplicate-key-after-normalisation": Bad("needs: []\nfacts: {é: 1, e\u0301: 2}\n".encode(), "2:15", "a second time", "keep one"),
    "alias-bomb": Bad(b"a: &a [x, x]\nb: &b [*a, *a]\nneeds: [*b, *b]\n", "3:9", "aliases are not allowed", "write the value out"),
    "anchor": Bad(b"needs: &n [clinical_trials]\n", "1:8", "anchors are not allowed", "write the value out"),
    "tag": Bad(b"needs: !!python/object/apply:os.system ['exit 9']\n", "1:8", "tags are not allowed", "plain value"),
    "tag-of-text": Bad(b"needs: [!!str clinical_trials]\n", "1:9", "tags are not allowed", "plain value"),
    "merge-key": Bad(b"needs: []\nfacts:\n  <<: {glp: true}\n", "3:3", "merge keys are not allowed", "write the entries out"),
    "list-as-key": Bad(b"? [a, b]\n: x\nneeds: []\n", "1:3", "a key must be a plain word", "quotes"),
    "two-documents": Bad(b"needs: []\n---\nneeds: []\n", "2:1", "a second document", "one document"),
    "deep-brackets": Bad(b"needs: " + b"[" * 100_000, "1:31", "nested more than 24 levels", "three levels"),
    "deep-mappings": Bad(b"{a: " * 100_000, "1:97", "nested more than 24 levels", "three levels"),
    "deep-dashes": Bad(b"- " * 100_000, "1:49", "nested more than 24 levels", "three levels"),
    "too-many-values": Bad(b"needs: [" + b"0," * 200_000 + b"]", "1:", "more than 100000 values", "right file"),
    # text that is no YAML
    "tab-as-indentation": Bad(b"needs:\n\t- clinical_trials\n", "2:1", "can't begin with this character", "spaces, not tabs"),
    "unclosed-quote": Bad(b"needs: ['clinical_trials]\nname: x\n", "1:9", "a quote is opened here and never closed", "close it"),
    "unclosed-bracket": Bad(b"needs: [clinical_trials\nname: x\n", "1:8", "a list is opened here", "brackets"),
    "unclosed-brace": Bad(b"needs: []\nfacts: {glp: true\n", "2:8", "a mapping is opened here", "brackets"),
    "colon-in-text": Bad(b"needs: []\nname: a: b\n", "2:8", "a colon where none can be", "quotes"),
    "json-with-trailing-text": Bad(b'{"needs": []} and more\n', "1:15", "something follows", "remove it"),
    "json-with-trailing-brace": Bad(b'{"needs": []}}\n', "1:14", "something follows", "remove it"),
    "lone-surrogate": Bad(b'{"needs": [], "name": "a\\ud800b"}\n', "1:", "an escape that stands for no character", "character itself"),
    "unknown-escape": Bad(b'needs: []\nname: "C:\\users"\n', "2:", "an escape that does not exist", "single quotes"),
    "unknown-escape-letter": Bad(b'needs: []\nname: "a\\qb"\n', "2:", "an escape that does not exist", "single quotes"),
    # bytes that are no text
    "null-byte": Bad(b"needs: []\nname: a\x00b\n", "2", "control character 0x00", "remove it"),
    "escape-character": Bad(b"needs: []\nname: \x1b[31mred\n", "2", "control character 0x1b", "remove it"),
    "bell": Bad(b"needs: []\n\nname: \x07\n", "3", "control character 0x07", "remove it"),
    "next-line-character": Bad("needs: []\nname: a\x85b\n".encode(), "2", "control character 0x85", "remove it"),
    "byte-order-mark-inside": Bad("needs: []\nname: a\ufeffb\n".encode(), "2", "control character 0xfeff", "remove it"),
    "escaped-control-character": Bad(b'needs: ["\\e[31mred"]\n', "1:9", "control character 0x1b", "remove it"),
    "latin-1": Bad("needs: []\nname: Präparat\n".encode("latin-1"), "2", "not UTF-8: byte 0xe4", "save the file as UTF-8"),
    "utf-16": Bad("needs: []\n".encode("utf-16"), "1", "not UTF-8", "save the file as UTF-8"),
    "utf-16-without-mark": Bad("needs: []\n".encode("utf-16-le"), "1", "control character 0x00", "text file"),
    # files that say nothing, or something else
    "empty-file": Bad(b"", "1:1", "nothing here", "needs"),
    "blank-lines": Bad(b" \n\n", "1:1", "nothing here", "needs"),
    "only-comments": Bad(b"# needs: []\n# nothing else\n", "1:1", "nothing here", "needs"),
    "null": Bad(b"null\n", "1:1", "nothing here", "needs"),
    "list-at-top": Bad(b"- needs\n- wishes\n", "1:1", "not a list", "needs:"),
    "scalar-at-top": Bad(b"clinical_trials\n", "1:1", "a mapping (key: value), not prose", "--from-text"),
    "number-at-top": Bad(b"7\n", "1:1", "expected a mapping", "key: value"),
    "line-of-10-mb": Bad(b"needs: [" + b"a" * 10_000_000 + b"]", "", "larger than 2 MB", "right file"),
    "word-of-1-mb": Bad(b"needs: [" + b"a" * 1_000_000 + b"]", "1:9", "longer than 4000", "shorten"),
}  # fmt: skip


def check_refused(result: Result, place: str, said: str, remedy: str) -> None:
    """Fail unless the input was refused at a place, with a sentence and a remedy, on stderr only."""
    assert result.code == 2, result
    assert result.out == ""
    assert "Traceback" not in result.err
    assert f"{place}: error: " in result.err if place[-1:] != ":" else re.search(rf"{re.escape(place)}\d+: error: ", result.err)
    assert said in result.err
    assert any(remedy in line for line in result.err.splitlines() if line.startswith("  help: "))
    assert len(result.err) < 100_000
    assert all(character.isprintable() or character == "\n" for character in result.err)


@pytest.mark.parametrize("name", BAD)
def test_malformed_brief_is_refused(name: str, tmp_path: Path) -> None:
    """A malformed brief is refused at its place, with a sentence that quotes it and a remedy."""
    bad = BAD[name]
    path = tmp_path / "brief.yaml"
    path.write_bytes(bad.data)
    result = run("recommend", path)
    check_refused(result, f"{path}:{bad.place}" if bad.place else str(path), bad.said, bad.remedy)
    assert result.err.count("error: ") == len(HELP.findall(result.err)), "every problem has its remedy"


@pytest.mark.parametrize("name", ["needs-number", "alias-bomb", "escape-character"])
def test_malformed_brief_is_refused_by_a_process(name: str, tmp_path: Path) -> None:
    """A process of its own says the same about a malformed brief, and exits with 2."""
    path = tmp_path / "brief.yaml"
    path.write_bytes(BAD[name].data)
    result = run_process("recommend", path)
    check_refused(result, f"{path}:{BAD[name].place}", BAD[name].said, BAD[name].remedy)
    assert result == run("recommend", path)


@pytest.mark.parametrize("name", ["unknown-function", "latin-1", "empty-file", "deep-brackets", "line-of-10-mb"])
def test_malformed_standard_input_is_refused(name: str) -> None:
    """What comes through a pipe is judged as a file is, and is called <stdin>."""
    bad = BAD[name]
    result = run("recommend", "-", stdin=bad.data)
    check_refused(result, f"<stdin>:{bad.place}" if bad.place else "<stdin>", bad.said, bad.remedy)


def huge(folder: Path) -> Path:
    path = folder / "huge.yaml"
    path.touch()
    os.truncate(path, 100_000_000)
    return path


def unreadable(folder: Path) -> Path:
    path = folder / "unreadable.yaml"
    path.touch(mode=0o000)
    return path


def looping(folder: Path) -> Path:
    path = folder / "loop.yaml"
    path.symlink_to(path)
    return path


FILES = {
    "huge": (huge, "larger than 2 MB", "right file"),
    "directory": (lambda folder: folder, "this is a directory", "name one file"),
    "missing": (lambda folder: folder / "absent.yaml", "No such file", "check the name"),
    "missing-folder": (lambda folder: folder / "absent" / "brief.yaml", "No such file", "check the name"),
    "name-too-long": (lambda folder: folder / ("a" * 300), "File name too long", "check the name"),
    "looping-link": (looping, "symbolic links", "check the name"),
    "unreadable": pytest.param(
        unreadable, "Permission denied", "permissions", marks=pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    ),
    "endless-device": (lambda _: Path("/dev/zero"), "larger than 2 MB", "right file"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "said", "remedy"), list(FILES.values()), ids=list(FILES))
def test_unreadable_file_is_refused(make: Callable[[Path], Path], said: str, remedy: str, tmp_path: Path) -> None:
    """What cannot be read as a file is named, with the reason and a remedy, without reading more of it than a brief may have."""
    path = make(tmp_path)
    check_refused(run("recommend", path), str(path), said, remedy)


def test_empty_device_is_refused() -> None:
    """A special file is read like any other: /dev/null holds nothing."""
    check_refused(run("recommend", "/dev/null"), "/dev/null:1:1", "nothing here", "needs")


ARGUMENTS = {
    "fact-without-value": (("--need", "clinical_trials", "--fact", "phase"), "--fact phase", "ID=VALUE"),
    "unknown-view": (("--need", "clinical_trials", "--view", "guied"), "'--view': 'guied'", "'guide'"),
    "unknown-format": (("--need", "clinical_trials", "--format", "pdf"), "'--format': 'pdf'", "'text'"),
    "no-brief": ((), "nothing to advise on", "--need"),
}


@pytest.mark.parametrize(("arguments", "said", "remedy"), list(ARGUMENTS.values()), ids=list(ARGUMENTS))
def test_malformed_options_are_refused(arguments: tuple[str, ...], said: str, remedy: str) -> None:
    """An option that makes no sense is named, with what is allowed instead, and nothing is printed."""
    result = run("recommend", *arguments)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert remedy in result.err
    assert "Traceback" not in result.err


VALUES = {
    "nonsense-need": (("--need", "rocket science"), "needs.0", "'rocket science'", "advisor functions"),
    "empty-need": (("--need", ""), "needs.0", "some text", "write something"),
    "unknown-fact": (("--fact", "phaze=phase_1"), "facts.phaze", "unknown fact 'phaze'", "'phase'"),
    "unknown-term": (("--fact", "phase=phase_9"), "facts.phase", "'phase_9'", "'phase_3'"),
    "empty-term": (("--fact", "phase="), "facts.phase", "'' is not a value", "phase_1"),
    "unknown-member": (("--fact", "markets=us,xx"), "facts.markets.1", "'xx'", "advisor facts markets"),
    "number-above-maximum": (("--fact", "batch_litres=100001"), "facts.batch_litres", "not '100001'", "digits"),
    "negative-number": (("--fact", "batch_litres=-1"), "facts.batch_litres", "not '-1'", "digits"),
    "word-for-number": (("--fact", "batch_litres=many"), "facts.batch_litres", "not 'many'", "digits"),
}
DIGITS = {"two-minus-signs": "--5", "digits-of-another-script": "²", "number-of-5000-digits": "9" * 5000}


@pytest.mark.parametrize("value", list(DIGITS.values()), ids=list(DIGITS))
def test_digits_that_are_no_number_are_refused(value: str) -> None:
    """What looks like digits but is no number is judged as any other word, however long."""
    result = run("recommend", "--need", "clinical_trials", "--fact", f"batch_litres={value}")
    check_refused(result, "command line, facts.batch_litres", f"not '{value[:50]}", "digits")


@pytest.mark.parametrize(("arguments", "path", "said", "remedy"), list(VALUES.values()), ids=list(VALUES))
def test_malformed_values_of_options_are_refused(arguments: tuple[str, ...], path: str, said: str, remedy: str) -> None:
    """A need or a fact on the command line is judged as in a file; its place is its path."""
    options = arguments if arguments[0] == "--need" else ("--need", "clinical_trials", *arguments)
    check_refused(run("recommend", *options), f"command line, {path}", said, remedy)


@pytest.mark.parametrize(("name", "said"), [("absent", "no such knowledge directory"), ("empty", "neither catalog/ nor rules/")])
def test_unknown_knowledge_directory_is_refused(name: str, said: str, tmp_path: Path) -> None:
    """A knowledge directory that is none is named, and no advice is given without it."""
    (tmp_path / "empty").mkdir()
    path = tmp_path / name
    check_refused(
        run("recommend", "--need", "clinical_trials", "--knowledge", path), str(path), said, "catalog/" if name == "absent" else "there"
    )


@pytest.mark.parametrize(("output", "said"), [("absent/report.txt", "No such file or directory"), (".", "cannot be written")])
def test_output_that_cannot_be_written_is_refused(output: str, said: str, tmp_path: Path) -> None:
    """A report that cannot be written is not printed instead; the file is named."""
    path = tmp_path / output
    check_refused(run("recommend", "--need", "clinical_trials", "-o", path), str(path), said, "name another file")


SIX = """\
name: [six problems]
needs: [clinical_trials, clinical_trails]
whishes: []
facts:
  phaze: phase_1
  phase: phase_9
  batch_litres: -1
"""


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """A brief with six problems, of shape and of content, reports the six, in the order of their places, and counts them."""
    path = tmp_path / "brief.yaml"
    path.write_text(SIX, encoding="utf-8")
    result = run("recommend", path)
    assert (result.code, result.out) == (2, "")
    places = re.findall(rf"^{re.escape(str(path))}:(\d+:\d+): error: ", result.err, re.MULTILINE)
    assert places == ["1:7", "2:26", "3:1", "5:3", "6:10", "7:17"]
    assert result.err.endswith("\n6 problems found\n")


def test_problems_of_several_files_are_told_at_once(tmp_path: Path) -> None:
    """The problems of all files are told together, file by file."""
    paths = [tmp_path / name for name in ("a.yaml", "b.yaml")]
    for path in paths:
        path.write_text("needs: [clinical_trails]\n", encoding="utf-8")
    result = run("recommend", *reversed(paths))
    assert (result.code, result.out) == (2, "")
    assert [line.partition(":")[0] for line in result.err.splitlines() if " error: " in line] == [str(path) for path in paths]


@pytest.mark.parametrize("form", ["text", "md", "json"])
def test_one_bad_file_does_not_spoil_the_others(form: str, tmp_path: Path) -> None:
    """Of three files with one bad, the other two are advised on, the bad one is told of, and the exit code is 2."""
    for name, text in (("1.yaml", "needs: [clinical_trials]\n"), ("2.yaml", "needs: [clinical_trails]\n"), ("3.yaml", FULL)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    one, two, three = (tmp_path / f"{i}.yaml" for i in (1, 2, 3))
    result = run("recommend", one, two, three, "--format", form)
    assert result.code == 2
    assert result.out == run("recommend", one, three, "--format", form).out
    assert result.err == run("recommend", two).err


def test_endless_problems_are_cut_short(tmp_path: Path) -> None:
    """A file with thousands of problems is given up on after some of them, soon."""
    path = tmp_path / "brief.yaml"
    path.write_text(f"needs: [{', '.join(f'word{i}' for i in range(50_000))}]\n", encoding="utf-8")
    result = run("recommend", path)
    assert (result.code, result.out) == (2, "")
    assert result.err.count(" error: ") == MAX_ISSUES


def test_caret_stands_under_the_problem(tmp_path: Path) -> None:
    """The source line is shown with a caret under the word, also when the line is too long to be shown whole."""
    path = tmp_path / "brief.yaml"
    for lead in (0, 20, 119, 120, 500):
        path.write_text(f"needs: [{' ' * lead}clinical_trails]{' ' * 500}\n", encoding="utf-8")
        _, source, caret, *_ = run("recommend", path).err.splitlines()
        assert source[caret.index("^") :].startswith("clinical_trails"), lead
        assert len(source) < 160
