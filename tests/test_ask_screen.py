"""`advisor ask` on a real terminal: a pseudo-terminal, with the screen as an emulator shows it."""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import psutil
import pyte
import pytest

from advisor.ask_picking import Picking
from advisor.facts import NOT_KNOWN
from advisor.interview_pages import Page
from advisor.questionnaire import Choice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]
PATIENCE = 30  # seconds; a machine may be busy
UP, DOWN, LEFT, HOME, TAB, ENTER, ESCAPE, BACKSPACE = "\x1b[A", "\x1b[B", "\x1b[D", "\x1b[H", "\t", "\r", "\x1b", "\x7f"
CTRL_C, CTRL_R, CTRL_S = "\x03", "\x12", "\x13"


_NUMBERS = itertools.count()


class Terminal:
    """A terminal in which `advisor ask` runs; what it prints to stdout goes elsewhere, so that it can be told apart."""

    def __init__(self, directory: Path, *arguments: object, columns: int = 80, lines: int = 24, **environment: str) -> None:
        self.directory = directory
        self.screen = pyte.Screen(columns, lines)
        self.raw = b""
        self.out = directory / f"stdout-{next(_NUMBERS)}"
        self._stream = pyte.ByteStream(self.screen)
        self._master, slave = pty.openpty()
        self._resize(columns, lines)
        variables = {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **environment}
        with self.out.open("wb") as out:
            self.process = self._start(slave, out, arguments, variables)
        os.close(slave)

    def _start(self, slave: int, out: Any, arguments: tuple[object, ...], variables: dict[str, str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "advisor", "ask", *map(str, arguments)],
            stdin=slave,
            stdout=out,
            stderr=slave,
            cwd=self.directory,
            env={key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "LINES", "COLUMNS"}} | variables,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - nothing else runs in this process
        )

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def _resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def resize(self, columns: int, lines: int) -> None:
        self.screen.resize(lines, columns)
        self.screen.reset()
        self._resize(columns, lines)
        os.kill(self.process.pid, signal.SIGWINCH)

    def read(self, seconds: float) -> bool:
        """Read what there is; return whether the other end is still there."""
        if select.select([self._master], [], [], seconds)[0]:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                return False
            self.raw += data
            self._stream.feed(data)
            return bool(data)
        return True

    def wait(self, holds: str | Callable[[str], bool]) -> str:
        """Wait until the screen shows a text, and has come to rest; return it."""
        until = time.monotonic() + PATIENCE
        shown = (lambda text: holds in text) if isinstance(holds, str) else holds
        while not shown(self.text):
            assert self.read(0.05), f"ended; waited for {holds!r}:\n{self.text}"
            assert time.monotonic() < until, f"waited for {holds!r}:\n{self.text}"
        while select.select([self._master], [], [], 0.05)[0] and self.read(0):
            pass
        return self.text

    def press(self, *keys: str) -> None:
        """Press keys; a paste counts as one."""
        for key in keys:
            os.write(self._master, key.encode())

    def end(self) -> tuple[int, str]:
        """Wait for the end; return the exit code and what went to stdout."""
        until = time.monotonic() + PATIENCE
        while self.read(0.05) and self.process.poll() is None:
            assert time.monotonic() < until, self.text
        while select.select([self._master], [], [], 0.05)[0] and self.read(0):
            pass
        return self.process.wait(PATIENCE), self.out.read_text(encoding="utf-8")

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._master)


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Return a way to open terminals, all in one directory; they are closed at the end."""
    opened: list[Terminal] = []

    def begin(*arguments: object, **options: object) -> Terminal:
        opened.append(Terminal(tmp_path, *arguments, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield begin
    for terminal in opened:
        terminal.close()


def answer_lists(terminal: Terminal) -> None:
    """Tick two needs, and nothing else."""
    terminal.wait("Question 1")
    terminal.press("api development", ENTER)
    terminal.wait("Ticked: API Development")
    terminal.press("finished", ENTER)
    terminal.wait("Go on with 2 ticked")
    terminal.press(ENTER)
    for number in (2, 3):
        terminal.wait(f"Question {number}")
        terminal.press(TAB, ENTER)
    terminal.wait("Question 4")


def test_whole_interview(terminals: Callable[..., Terminal], tmp_path: Path) -> None:
    """A whole interview by keys ends in the report on stdout, and in a brief that gives the same verdict."""
    terminal = terminals("-o", "brief.yaml", "--format", "json")
    first = terminal.wait("None of these")
    assert "What should somebody else do for you?" in first
    assert "From the guide\n > [ ] API Development" in first
    answer_lists(terminal)
    fourth = terminal.wait("could still change it")
    assert "Leaning CDMO; " in fourth
    assert "( ) Locked: frozen, ready to be validated" in fourth
    terminal.press(DOWN, DOWN, ENTER)
    last = terminal.wait("Finish and show")
    assert re.search(r"\d+ questions left out: none can change the advice\.", last)
    terminal.press(ENTER)
    code, out = terminal.end()
    assert code == 0
    command = [sys.executable, "-m", "advisor", "recommend", "brief.yaml", "--view", "industry", "--format", "json"]
    again = subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)
    assert json.loads(again.stdout) == json.loads(out)
    assert "The brief is in brief.yaml." in terminal.text


def test_back_change_and_unknown(terminals: Callable[..., Terminal]) -> None:
    """Back shows the answer that was given; the review changes any; "I don't know" is always there, and told at the end."""
    terminal = terminals()
    answer_lists(terminal)
    terminal.press("dont", BACKSPACE * 4, "unheard")
    assert "I don't know" in terminal.wait("Nothing found.")
    terminal.press(ESCAPE)
    terminal.wait("Developed")
    terminal.press(DOWN, DOWN, ENTER)
    terminal.wait("Recommendation: CDMO")
    terminal.press(LEFT)
    assert " > (x) Developed" in terminal.wait("Question 4")
    terminal.press(CTRL_R)
    terminal.wait("What is taken care of: none")
    terminal.press(DOWN, DOWN, DOWN, DOWN, ENTER)
    terminal.wait("(x) Developed")
    terminal.press(DOWN, DOWN, DOWN, ENTER)
    terminal.wait("State of the drug-product process: I don't know")
    terminal.press(ENTER)
    assert "How far is the process for making the drug substance?" in terminal.wait("Question 5")
    terminal.press(LEFT, LEFT, LEFT, LEFT, LEFT)
    assert "[x] API Development" in terminal.wait("This is the beginning.")


def test_help(terminals: Callable[..., Terminal]) -> None:
    """`?` says why it is asked and which rules wait for it; any key leads back, and answers nothing."""
    terminal = terminals()
    answer_lists(terminal)
    terminal.press("?")
    shown = terminal.wait("Why this is asked:")
    assert "- A finished process calls for a maker, not a developer" in shown
    assert "( ) Locked" not in shown
    terminal.press(ENTER)
    assert "Question 4" in terminal.wait("( ) Locked")


def test_resize_and_narrow(terminals: Callable[..., Terminal]) -> None:
    """The screen follows the size of the terminal; at 40 columns nothing is cut off, and no word is broken."""
    terminal = terminals()
    answer_lists(terminal)
    for columns, lines in ((40, 24), (100, 40), (40, 12), (20, 8), (80, 24)):
        terminal.resize(columns, lines)
        shown = terminal.wait(lambda text: "( )" in text and "I don't know" in text)
        assert "Question 4" in shown
    terminal.resize(40, 24)
    words = " ".join(terminal.wait("I don't know").split())
    for text in ("How far is the process for making the finished product?", "Laboratory process: works at the bench, not scaled or"):
        assert text in words
    assert "Ctrl-C: stop" in words
    terminal.press(DOWN, DOWN, ENTER, ENTER)
    assert terminal.end()[0] == 0


@pytest.mark.parametrize("named", [[], ["--save", "mine.yaml"]])
def test_interrupt_and_resume(named: list[str], terminals: Callable[..., Terminal], tmp_path: Path) -> None:
    """Ctrl-C saves and tells how to go on; going on begins where it was left."""
    terminal = terminals(*named)
    answer_lists(terminal)
    terminal.press(CTRL_C)
    assert terminal.end() == (130, "")
    file = named[-1] if named else "advisor-answers.yaml"
    assert f"advisor ask --resume {file}" in " ".join(terminal.text.split())
    assert "finished_dosage_forms" in (tmp_path / file).read_text(encoding="utf-8")
    again = terminals("--resume", file)
    again.wait("Question 4")
    again.press(DOWN, DOWN, ENTER)
    again.wait("Recommendation: CDMO")
    again.press(ENTER)
    code, out = again.end()
    assert code == 0
    assert "Recommendation: CDMO" in out
    assert "product_process_state: developed" in (tmp_path / file).read_text(encoding="utf-8")


def test_closed_window_saves(terminals: Callable[..., Terminal], tmp_path: Path) -> None:
    """A terminal that goes away does not take the answers with it."""
    terminal = terminals()
    answer_lists(terminal)
    os.kill(terminal.process.pid, signal.SIGHUP)
    assert terminal.end()[0] == 130
    assert "finished_dosage_forms" in (tmp_path / "advisor-answers.yaml").read_text(encoding="utf-8")


def test_other_knowledge_and_contradiction(terminals: Callable[..., Terminal], tmp_path: Path) -> None:
    """What does not fit the knowledge any more is told and to be confirmed; then answers that cannot hold together are named."""
    (tmp_path / "old.yaml").write_text(
        "questionnaire: 1\nknowledge: {version: old, sha256: none}\nanswers:\n  needs: [cell_therapy_manufacturing, moon_trials]\n"
        "  in_house: []\n  wishes: []\n  facts: {modality: cell_therapy_autologous, batch_litres: 10000, moon: true}\n",
        encoding="utf-8",
    )
    terminal = terminals("--answers", "old.yaml")
    first = terminal.wait("Is this right?")
    assert "'moon' is not asked for any more." in first
    assert "What you need: Cell Therapy Manufacture" in first
    terminal.press(ENTER)
    second = terminal.wait("These answers cannot hold together:")
    assert "- Batch size: 10000 litres" in second
    terminal.press(CTRL_R)
    assert "(not used)" not in terminal.wait("Your answers")
    terminal.press(LEFT, ENTER)
    terminal.wait("How large")
    terminal.press("5", ENTER)
    assert "cannot hold together" not in terminal.wait(lambda text: "How large" not in text)


def test_save_key(terminals: Callable[..., Terminal], tmp_path: Path) -> None:
    """Ctrl-S saves without stopping."""
    terminal = terminals("--save", "mine.yaml")
    answer_lists(terminal)
    terminal.press(CTRL_S)
    assert "Question 4" in terminal.wait("Saved in mine.yaml")
    assert (tmp_path / "mine.yaml").exists()


@pytest.mark.parametrize("paste", ["\x1b[200~{}\x1b[201~", "{}"])
def test_paste_of_odd_characters(paste: str, terminals: Callable[..., Terminal]) -> None:
    """Pasted text of any kind is searched for, or does nothing; it neither breaks the screen nor answers anything."""
    terminal = terminals()
    terminal.wait("None of these")
    terminal.press(paste.format("Zürich \N{GRINNING FACE} \u202e\u0301\x00\x08 漢字\n\x1b[31m" + "w" * 200))
    terminal.press(ESCAPE)
    time.sleep(0.3)
    terminal.press("biostat")
    shown = terminal.wait("Search: biostat_")
    assert "Question 1" in shown
    assert "[ ] Biostatistics" in shown


def test_no_colour(terminals: Callable[..., Terminal]) -> None:
    """With NO_COLOR no colour is set, and everything is told by marks and words."""
    terminal = terminals(NO_COLOR="1")
    answer_lists(terminal)
    terminal.press(DOWN, ENTER)
    terminal.wait(lambda text: "Question 4" not in text)
    sequences = re.findall(rb"\x1b\[([0-9;]*)m", terminal.raw)
    codes = {int(code) for sequence in sequences for code in sequence.split(b";") if code}
    assert codes
    assert not {code for code in codes if 30 <= code <= 49 or 90 <= code <= 107}


@pytest.mark.parametrize("how", [{"TERM": "dumb"}, {"plain": "--plain"}])
def test_plain_in_a_terminal(how: dict[str, str], terminals: Callable[..., Terminal]) -> None:
    """With TERM=dumb or --plain a terminal is used line by line, without a single escape code."""
    terminal = terminals(*[value for key, value in how.items() if key == "plain"], **{k: v for k, v in how.items() if k != "plain"})
    terminal.wait('or "unknown":')
    terminal.press("clinical trials\n")
    terminal.wait("Question 2")
    terminal.press("none\n")
    terminal.wait("Question 3")
    terminal.press("none\n")
    terminal.wait("Number:")
    terminal.press("1\n")
    code, out = terminal.end()
    assert code == 0
    assert "Recommendation: CRO" in out
    assert b"\x1b" not in terminal.raw


def test_first_screen_is_quick(terminals: Callable[..., Terminal], tmp_path: Path) -> None:
    """The first question takes less than a second of work; other work of the machine does not count."""
    taken = []
    for _ in range(2):  # the first fills the cache
        terminal = terminals(ADVISOR_CACHE=str(tmp_path / "cache"))
        terminal.wait("What should somebody else do for you?")
        times = psutil.Process(terminal.process.pid).cpu_times()
        taken.append(times.user + times.system)
    assert taken[-1] < 1, taken


# --- choosing, without a terminal -------------------------------------------------------------------------------------

ROWS = (Choice("a", "Alpha"), Choice("b", "Beta", words=("second letter",)), Choice("c", "Gamma"))


def test_enter_never_ticks_by_accident() -> None:
    """Enter with nothing ticked points at "None of these" first; ticking needs Space, or Enter on what was searched for."""
    picking = Picking(Page("several", "?", (), ROWS))
    assert picking.enter() is None
    assert picking.ticked == set()
    assert picking.rows[picking.at].label == "None of these"
    assert picking.enter() == frozenset()
    picking.type("second")
    assert picking.enter() is None
    assert (picking.ticked, picking.typed) == ({"b"}, "")
    assert picking.enter() == {"b"}


@pytest.mark.parametrize("kind", ["one", "several"])
def test_search_without_a_find_answers_nothing(kind: Literal["one", "several"]) -> None:
    """Enter after words that find nothing says so, and does not fall on the rows that are always there."""
    picking = Picking(Page(kind, "?", (), ROWS))
    picking.type("xyzzy")
    assert picking.enter() is None
    assert "Nothing found for 'xyzzy'" in picking.notice


def test_what_words_mean_is_asked_for_only_where_no_row_has_them() -> None:
    """Words that no row has find the rows they mean; where a row has them, or the page does not say what words mean, nobody is asked."""
    asked = []

    def meant(words: str) -> frozenset[str]:
        asked.append(words)
        return frozenset({"c"})

    picking = Picking(Page("several", "?", (), ROWS, meant=meant))
    picking.type("second")
    assert [row.id for row in picking.found] == ["b"]
    assert not asked
    picking.type(" to none")
    assert [row.id for row in picking.found] == ["c"]
    assert asked == ["second to none"]
    assert Picking(Page("several", "?", (), ROWS), typed="second to none").found == ()


def test_space_ticks_and_searches() -> None:
    """Space ticks and unticks; within search words it is a space."""
    picking = Picking(Page("several", "?", (), ROWS, frozenset({"a"}), "Alpha"))
    picking.space()
    assert picking.ticked == set()
    picking.type("second")
    picking.space()
    picking.type("l")
    assert picking.typed == "second l"
    assert [row.id for row in picking.found] == ["b"]


def test_answers_so_far_are_pointed_at() -> None:
    """A page begins at the answer so far, also if that is not known."""
    one = Picking(Page("one", "?", (), ROWS, frozenset({"c"}), "Gamma"))
    assert one.enter() == "c"
    unknown = Picking(Page("one", "?", (), ROWS, frozenset(), "I don't know"))
    assert unknown.enter() is NOT_KNOWN


def test_number_page() -> None:
    """A number is checked; Enter alone keeps the one given before."""
    page = Page("number", "?", (), (), frozenset(), "12 weeks", 0, 520, "weeks")
    assert Picking(page).found[0].label == "_ weeks (so far: 12 weeks)"
    assert Picking(page).enter() == 12
    picking = Picking(page)
    picking.type("521")
    assert picking.enter() is None
    assert picking.notice == "Type a whole number of weeks from 0 to 520."
    picking.erase()
    assert picking.enter() == 52
    picking.move(1)
    assert picking.enter() is NOT_KNOWN
