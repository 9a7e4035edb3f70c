"""The interview on the screen of a terminal, with arrow keys: the only module that knows prompt_toolkit."""

from __future__ import annotations

import sys
import textwrap
from asyncio import get_running_loop
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from prompt_toolkit.application import Application, get_app
from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import FormattedTextControl, HSplit, Layout, ScrollOffsets, Window
from prompt_toolkit.output import create_output
from prompt_toolkit.styles import Style

from advisor.ask_picking import Picking
from advisor.interview_input import printable
from advisor.interview_pages import Row, help_of, move, page_of, standing_of

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Iterator

    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.output import Output

    from advisor.interview import Interview

    Fragments = StyleAndTextTuples

_ESCAPE_WAIT = 0.05  # seconds in which a sequence that begins with Escape is complete
_SEARCHED = 9  # a list this long shows that it can be searched
_LIST_LINES = 7  # that are kept for the rows, whatever there is to say
_NOTE_LINES = 2
_STYLE = Style.from_dict({"head": "reverse", "title": "bold", "at": "bold", "group": "underline", "notice": "bold", "standing": "bold"})
_KEYS = {
    "one": ("Up/Down: choose", "Enter: answer", "letters: search"),
    "several": ("Space: tick", "Enter: go on", "Tab: end of list", "letters: search"),
    "number": ("digits: type it", "Enter: answer"),
    "menu": ("Up/Down: choose", "Enter: do it"),
}
_ALWAYS = ("?: why", "Left: back", "Ctrl-R: review", "Ctrl-S: save", "Ctrl-C: stop")
_NARROW = 60  # columns; below it help tells the rest
_ALWAYS_NARROW = ("Enter: answer", "?: help", "Left: back", "Ctrl-C: stop")
_IN_HELP = ("Up/Down: scroll", "any other key: back to the question")


def converse(interview: Interview, *, save: Callable[[Interview], str], keep: Callable[[Interview], str]) -> Interview:
    """Hold an interview on the screen; return it finished, or as it was when the terminal went away.

    Args:
        interview: where to begin.
        save: saves an interview and tells how it went.
        keep: is told of every new state; returns a problem to show, or nothing.

    Raises:
        KeyboardInterrupt: if the sponsor stops it.

    """
    output = create_output(stdout=sys.stderr)
    screen = _Screen(interview, save, keep, output)
    application: Application[None] = Application(
        layout=Layout(screen.layout()),
        key_bindings=screen.keys(),
        style=_STYLE,
        full_screen=True,
        input=create_input(sys.stdin),
        output=output,
    )
    application.ttimeoutlen = application.timeoutlen = _ESCAPE_WAIT

    def end(_loop: AbstractEventLoop, context: dict[str, Any]) -> None:
        if not application.is_done:
            application.exit(exception=context.get("exception") or RuntimeError(context["message"]))

    # What fails outside of a key's action is raised here, too; the library's own way waits for Enter on a broken screen.
    with suppress(EOFError):  # the terminal went away
        application.run(set_exception_handler=False, pre_run=lambda: get_running_loop().set_exception_handler(end))
    return screen.interview


class _Screen:
    """What is on the screen, and what keys do to it."""

    def __init__(self, interview: Interview, save: Callable[[Interview], str], keep: Callable[[Interview], str], output: Output) -> None:
        self.interview = interview
        self.picking = Picking(page_of(interview))
        self.help_at: int | None = None  # the first line of help shown; None if help is closed
        self._seen = 0  # the row of the list last pointed at: that part of it is on the screen
        self._save = save
        self._keep = keep
        self._output = output

    # --- what is shown ------------------------------------------------------------------------------------------------

    def layout(self) -> HSplit:
        """Return the parts of the screen, from top to bottom; the list takes what the others leave."""
        rows = FormattedTextControl(self._rows, focusable=True, show_cursor=False)
        return HSplit(
            [
                self._part(self._head),
                self._part(self._top),
                Window(rows, wrap_lines=True, scroll_offsets=ScrollOffsets(top=2, bottom=2)),
                self._part(self._bottom),
            ]
        )

    def _part(self, content: Callable[[], Fragments]) -> Window:
        return Window(FormattedTextControl(content), dont_extend_height=True, wrap_lines=True, always_hide_cursor=True)

    def _size(self) -> tuple[int, int]:
        """Return columns and lines of the terminal."""
        size = self._output.get_size()
        return max(size.columns, 10), size.rows

    def _wrap(self, text: str, indent: str = "", hang: str = "") -> list[str]:
        return textwrap.wrap(
            printable(text), self._size()[0] - 1, initial_indent=indent, subsequent_indent=hang or indent, break_on_hyphens=False
        ) or [""]

    def _head(self) -> Fragments:
        answers = list(self.interview.answers)
        changing = self.interview.changing
        number = answers.index(changing) if changing in answers else len(answers)
        left = f" Question {number + 1}" if self.interview.question else " Interview"
        right = "advisor ask "
        space = self._size()[0] - len(left) - len(right)
        return [("class:head", left + " " * space + right if space > 0 else left)]

    def _top(self) -> Fragments:
        """Return the question, as much of its help as there is room for, and the search line."""
        columns, lines = self._size()
        page = self.picking.page
        title = self._wrap(page.title, " ")
        text = [line for paragraph in page.text for line in self._wrap(paragraph, " ")] if self.help_at is None else []
        footer = len(self._bottom_lines())
        room = max(0, lines - len(title) - footer - _LIST_LINES - 2)
        if len(text) > room:
            text = [*text[: room - 1], " (more with ?)"] if room else []
        found: Fragments = [("", "\n"), *(("class:title", f"{line}\n") for line in title), *(("", f"{line}\n") for line in text)]
        if page.kind in {"one", "several"} and self.help_at is None and (self.picking.typed or len(page.rows) >= _SEARCHED):
            found.append(("", f" Search: {self.picking.typed}_"[-columns + 1 :] + "\n"))
        return [*found[:-1], (found[-1][0], found[-1][1].removesuffix("\n"))]

    def _rows(self) -> Fragments:
        if self.help_at is not None:
            return self._help()
        if self.picking.at < len(self.picking.found):
            self._seen = self.picking.at
        found: Fragments = []
        group = ""
        for i, row in enumerate(self.picking.found):
            if row.group != group and not self.picking.typed:
                group = row.group
                found += [("", " "), ("class:group", group), ("", "\n")]
            if i == self._seen:
                found.append(("[SetCursorPosition]", ""))
            found += [(style, f"{line}\n") for style, line in self._row(i, row)]
        return found or [("", " Nothing found. Backspace or Esc takes it back.")]

    def _row(self, at: int, row: Row) -> Iterator[tuple[str, str]]:
        here = at == self.picking.at
        mark = f" {'>' if here else ' '} {self.picking.mark(row)}"
        label = f"{row.label}: {row.note}" if row.note and self.picking.page.kind == "one" else row.label
        yield from (("class:at" if here else "", line) for line in self._wrap(label, mark, " " * len(mark)))

    def _help(self) -> Fragments:
        paragraphs = help_of(self.interview) or ("Choose a line with Up and Down, and press Enter.",)
        lines = [line for text in paragraphs for line in self._wrap(text, " ", "   " if text.startswith("- ") else " ")]
        lines += [" Keys:", *self._key_lines((*_KEYS[self.picking.page.kind], *_ALWAYS))]
        self.help_at = max(0, min(self.help_at or 0, len(lines) - 1))
        return [("", f"{line}\n") for line in lines[self.help_at :]]

    def _bottom(self) -> Fragments:
        return [(style, line if i == 0 else f"\n{line}") for i, (style, line) in enumerate(self._bottom_lines())]

    def _bottom_lines(self) -> list[tuple[str, str]]:
        """Return what is known about the row pointed at, the last notice, where the advice stands, and the keys."""
        picking, found = self.picking, list[tuple[str, str]]()
        if self.help_at is None:
            found += [line for i, row in enumerate(picking.fixed) for line in self._row(len(picking.found) + i, row)]
        if picking.page.kind in {"several", "menu"} and any(row.note for row in picking.page.rows) and self.help_at is None:
            note = self._wrap(picking.rows[picking.at].note, "   ")[:_NOTE_LINES]
            found += [("", line) for line in [*note, *[""] * (_NOTE_LINES - len(note))]]
        found += [("class:notice", line) for text in picking.notice.splitlines() for line in self._wrap(text, " ")]
        if self.interview.answers and self.interview.stage != "end":
            found += [("class:standing", line) for line in self._wrap(standing_of(self.interview), " ")]
        keys = (*_KEYS[picking.page.kind], *_ALWAYS) if self._size()[0] >= _NARROW else _ALWAYS_NARROW
        return [*found, *(("", line) for line in self._key_lines(keys if self.help_at is None else _IN_HELP))]

    def _key_lines(self, keys: tuple[str, ...]) -> list[str]:
        """Return what keys do, a line broken between two keys only."""
        fixed = "  ".join(key.replace(" ", "\N{NO-BREAK SPACE}") for key in keys)
        lines = textwrap.wrap(fixed, self._size()[0] - 1, initial_indent=" ", subsequent_indent=" ")
        return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]

    # --- keys ---------------------------------------------------------------------------------------------------------

    def keys(self) -> KeyBindings:
        """Return what each key does."""
        bindings = KeyBindings()
        does: dict[str, Callable[[KeyPressEvent], None]] = {
            "up": lambda _: self._move(-1),
            "down": lambda _: self._move(1),
            "pageup": lambda _: self._move(-10),
            "pagedown": lambda _: self._move(10),
            "home": lambda _: self._move(-len(self.picking.rows)),
            "tab": lambda _: self.picking.to_end(),
            "end": lambda _: self._move(len(self.picking.rows)),
            "space": lambda _: self.picking.space(),
            "enter": lambda _: self._enter(),
            "c-j": lambda _: None,  # a line break inside pasted text, not the Enter key
            "backspace": lambda _: self.picking.erase(),
            "escape": lambda _: self.picking.erase(everything=True),
            "left": lambda _: self._back(),
            "?": lambda _: self._open_help(),
            "f1": lambda _: self._open_help(),
            "c-r": lambda _: self._go(self.interview.review()),
            "c-s": lambda _: self._tell(self._save(self.interview)),
            Keys.Vt100MouseEvent: lambda _: None,  # colours in pasted text look like one to the library, and would break it
            Keys.BracketedPaste: lambda event: self.picking.type(event.data),
            Keys.Any: lambda event: self.picking.type(event.data if event.data.isprintable() else ""),
        }
        for key, action in does.items():
            bindings.add(key, eager=key == "escape")(self._guarded(key, action))
        for key in ("c-c", Keys.SIGINT):
            bindings.add(key)(lambda event: event.app.exit(exception=KeyboardInterrupt()))
        return bindings

    def _guarded(self, key: str, action: Callable[[KeyPressEvent], None]) -> Callable[[KeyPressEvent], None]:
        """Return the action of a key: with help open it closes it; whatever goes wrong ends the interview, not the event loop."""

        def act(event: KeyPressEvent) -> None:
            if self.help_at is not None and key not in {"up", "down", "pageup", "pagedown"}:
                self.help_at = None
                return
            try:
                action(event)
            except Exception as problem:  # noqa: BLE001 - raised again where the interview began
                event.app.exit(exception=problem)

        return act

    def _move(self, by: int) -> None:
        if self.help_at is None:
            self.picking.move(by)
        else:
            self.help_at = max(0, self.help_at + by)

    def _open_help(self) -> None:
        self.help_at = 0

    def _tell(self, notice: str) -> None:
        self.picking.notice = notice

    def _enter(self) -> None:
        chosen: Any = self.picking.enter()
        if isinstance(chosen, Row):
            self._go(move(self.interview, chosen.id))
        elif chosen is not None:
            self._go(self.interview.answer(chosen))

    def _back(self) -> None:
        earlier = self.interview.back()
        if earlier is self.interview:
            self._tell("This is the beginning.")
        else:
            self._go(earlier)

    def _go(self, interview: Interview) -> None:
        """Show the interview after a move; end if it is finished."""
        self.interview = interview
        problem = self._keep(interview)
        if interview.stage == "finished":
            get_app().exit()
            return
        self.picking = Picking(page_of(interview))
        self._seen = 0
        self._tell(problem)
