"""The interview on the screen of a terminal, with arrow keys: the only module that knows prompt_toolkit."""

from __future__ import annotations

import sys
from asyncio import get_running_loop
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from prompt_toolkit.application import Application, get_app
from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import FormattedTextControl, HSplit, Layout, ScrollOffsets, Window
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.output import create_output
from prompt_toolkit.styles import Style

from advisor.ask_picking import Picking
from advisor.ask_picture import Look, draw, help_lines
from advisor.interview_pages import move, page_of
from advisor.questionnaire import Choice

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.output import Output

    from advisor.ask_picture import Line, Picture
    from advisor.interview import Interview

    Fragments = StyleAndTextTuples

_ESCAPE_WAIT = 0.05  # seconds in which a sequence that begins with Escape is complete
_STYLE = Style.from_dict({"head": "reverse", "title": "bold", "at": "bold", "group": "underline", "notice": "bold", "standing": "bold"})


def converse(interview: Interview, *, save: Callable[[Interview], str], keep: Callable[[Interview], str], notice: str = "") -> Interview:
    """Hold an interview on the screen; return it finished, or as it was when the terminal went away.

    Args:
        interview: where to begin.
        save: saves an interview and tells how it went.
        keep: is told of every new state; returns a problem to show, or nothing.
        notice: what to tell first.

    Raises:
        KeyboardInterrupt: if the sponsor stops it.

    """
    output = create_output(stdout=sys.stderr)
    screen = _Screen(interview, save, keep, output)
    screen.picking.notice = notice
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
        rows = FormattedTextControl(self._middle, focusable=True, show_cursor=False)
        return HSplit(
            [
                self._part(lambda picture: picture.top),
                Window(rows, height=self._middle_height, scroll_offsets=ScrollOffsets(top=2, bottom=2)),
                self._part(lambda picture: picture.bottom),
            ]
        )

    def _part(self, lines: Callable[[Picture], tuple[Line, ...]]) -> Window:
        control = FormattedTextControl(lambda: _fragments(lines(self._picture())))
        return Window(control, height=lambda: Dimension(preferred=len(lines(self._picture()))), dont_extend_height=True)

    def _look(self) -> Look:
        size = self._output.get_size()
        if self.picking.at < len(self.picking.found):
            self._seen = self.picking.at
        return Look(self.interview, self.picking, self._seen, self.help_at, max(size.columns, 10), size.rows)

    def _picture(self) -> Picture:
        return draw(self._look())

    def _middle(self) -> Fragments:
        picture = self._picture()
        before, after = _fragments(picture.middle[: picture.at]), _fragments(picture.middle[picture.at :])
        return [*before, *([("", "\n")] if before else []), ("[SetCursorPosition]", ""), *after]

    def _middle_height(self) -> Dimension:
        picture = self._picture()
        return Dimension(min=1, preferred=max(1, self._output.get_size().rows - len(picture.top) - len(picture.bottom)))

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
            self.help_at = max(0, min(self.help_at + by, len(help_lines(self._look())) - 1))

    def _open_help(self) -> None:
        self.help_at = 0

    def _tell(self, notice: str) -> None:
        self.picking.notice = notice

    def _enter(self) -> None:
        chosen: Any = self.picking.enter()
        if isinstance(chosen, Choice):
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


def _fragments(lines: tuple[Line, ...]) -> Fragments:
    """Return lines in the form of the library."""
    found: Fragments = []
    for i, line in enumerate(lines):
        found += [("", "\n")] * bool(i) + [(f"class:{line.style}" if line.style else "", line.text)]
    return found
