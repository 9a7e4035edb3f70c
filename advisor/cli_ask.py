"""`advisor ask`: the interview that ends in a recommendation and a brief; where its answers are kept, and how it ends."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from advisor.cli_options import EXIT_FINDINGS, knowledge_option, load, write_text
from advisor.errors import BriefError, Issue, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

    from advisor.answersfile import Saved
    from advisor.api import Knowledge
    from advisor.interview import Found, Interview
    from advisor.questionnaire import Questionnaire

_INTERRUPTED = 130
_DEFAULT = "advisor-answers"
_MAX_NAMES = 1000
_MAX_LINE = 100_000
_SHOWN = 8  # choices in a message


@dataclass
class _Keeper:
    """Where the answers of one interview are kept.

    Attributes:
        place: the file; None until there is one. latest: the interview as it was last seen.
        options: what every command about this interview needs, too.
        set_aside: answers of the file that have no place under this knowledge.

    """

    place: Path | None
    latest: Interview
    options: str = ""
    set_aside: Mapping[str, Any] = field(default_factory=dict)

    def keep(self, interview: Interview) -> str:
        """Take note of a new state, and save it if a file was named; return the problem, if there is one."""
        changed = interview.answers != self.latest.answers or interview.unconfirmed != self.latest.unconfirmed
        self.latest = interview
        if self.place is not None and changed:
            try:
                self.write()
            except BriefError as problem:
                return str(problem)
        return ""

    def save(self, interview: Interview) -> str:
        """Save, and tell how it went; the first free name in the current directory if no file was named."""
        self.latest = interview
        try:
            self.place = self.place or _free_name()
            self.write()
        except BriefError as problem:
            return str(problem)
        return f"Saved in {self.place}. To go on later:\n  advisor ask --resume {shlex.quote(str(self.place))}{self.options}"

    def write(self) -> None:
        """Write the answers to their file."""
        from advisor.answersfile import answers_text

        write_text(answers_text(self.latest, self.set_aside), self.place)


@click.command()
@click.option(
    "--view",
    type=click.Choice(["guide", "industry"]),
    default="industry",
    show_default=True,
    help="The view to advise by. By the guide the needs alone decide, and no further question is asked.",
)
@click.option("--both-views", is_flag=True, help="Ask on until the advice is settled in both views.")
@click.option("--thorough", is_flag=True, help="Ask everything some rule could use, also what cannot change the advice.")
@click.option("--plain", is_flag=True, help="Line by line, without escape codes; the default for pipes and with TERM=dumb.")
@click.option("--name", metavar="TEXT", help="What to call the brief.")
@click.option("--save", metavar="FILE", type=click.Path(path_type=Path), help="Keep the answers in this new file, from the first one on.")
@click.option("--resume", metavar="FILE", type=click.Path(path_type=Path), help="Go on with the answers in a file, and keep them there.")
@click.option("--answers", metavar="FILE", type=click.Path(path_type=Path), help="Take the answers from a file, and leave it as it is.")
@click.option("--from-text", "texts", multiple=True, metavar="FILE", help="Begin with what prose says, to be confirmed; repeatable.")
@click.option("--no-input", is_flag=True, help="Ask nothing: fail at the first question that --answers leaves out.")
@click.option("--format", "form", type=click.Choice(["text", "md", "json"]), default="text", show_default=True, help="Of the report.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write the brief here, for `advisor recommend`.")
@knowledge_option
@click.pass_context
def ask(
    context: click.Context,
    view: str,
    both_views: bool,
    thorough: bool,
    plain: bool,
    name: str | None,
    save: Path | None,
    resume: Path | None,
    answers: Path | None,
    texts: tuple[str, ...],
    no_input: bool,
    form: str,
    output: Path | None,
    overlays: tuple[Path, ...],
) -> None:
    """Answer questions, and get a recommendation and a brief. Asks only what can still change the advice."""
    _check_usage(resume, answers, texts, no_input)
    _check_places(save if save != resume else None, output)
    from advisor.interview_pages import summary_of
    from advisor.questionnaire import Questionnaire

    knowledge = load(overlays)
    saved = _read(resume or answers, knowledge)
    given = {
        key for key in ("view", "both_views", "thorough") if context.get_parameter_source(key) is not click.core.ParameterSource.DEFAULT
    }
    chosen = {"view": view, "both_views": both_views, "thorough": thorough}
    chosen |= {key: getattr(saved, key) for key in chosen if saved and key not in given}
    questionnaire = Questionnaire(knowledge, **chosen)  # type: ignore[arg-type]  # a word and two flags
    interview = _begin(questionnaire, saved, texts, name)
    options = "".join(f" --knowledge {shlex.quote(str(overlay))}" for overlay in overlays)
    keeper = _Keeper(save or resume, interview, options, saved.set_aside if saved else {})
    if no_input:
        _check_complete(interview, saved, answers)
        if keeper.place is not None:
            keeper.write()
    else:
        plain = plain or not _full_terminal()
        interview = _hold(interview, keeper, "\n".join(saved.changes) if saved else "", plain=plain)
    for text in summary_of(interview) if no_input or not plain else ():  # line by line it was told just before
        click.echo(text, err=True)
    _report(interview, form, output, keeper)


def _check_usage(resume: Path | None, answers: Path | None, texts: tuple[str, ...], no_input: bool) -> None:
    if bool(resume) + bool(answers) + bool(texts) > 1:
        message = "--resume, --answers and --from-text each name the answers to begin with; use one of them"
        raise click.UsageError(message)
    if "-" in texts:
        message = "--from-text - would take your answers for the text: put it into a file"
        raise click.UsageError(message)
    if no_input and not answers:
        message = "--no-input asks nothing, so it needs --answers FILE"
        raise click.UsageError(message)


def _check_places(save: Path | None, output: Path | None) -> None:
    """Raise BriefError if something cannot be written later, or would take the place of other answers."""
    issues = [
        Issue(Place(str(path)), "there is no such directory", "make it, or name another file")
        for path in (save, output)
        if path and not path.parent.is_dir()
    ]
    if save and save.exists():
        issues.append(Issue(Place(str(save)), "is there already", "go on with it by --resume, or name a new file"))
    if issues:
        raise BriefError(issues)


def _full_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty() and os.environ.get("TERM", "dumb") not in {"", "dumb"}


def _read(path: Path | None, knowledge: Knowledge) -> Saved | None:
    from advisor.answersfile import read_answers
    from advisor.yamlfile import load_file

    return read_answers(load_file(path, BriefError), knowledge) if path else None


def _begin(questionnaire: Questionnaire, saved: Saved | None, texts: tuple[str, ...], name: str | None) -> Interview:
    from advisor.interview import Interview
    from advisor.interview_input import printable

    if saved is None:
        return Interview(questionnaire, {}, _answers_in(texts, questionnaire.knowledge), name=printable(name or "").strip())
    return Interview(questionnaire, saved.answers, saved.unconfirmed, name=printable(name or saved.name).strip())


def _answers_in(texts: tuple[str, ...], knowledge: Knowledge) -> Mapping[str, Found]:
    """Return what prose answers, to be confirmed; the reader is loaded only if there is any."""
    if not texts:
        return {}
    from advisor.answers_in_text import answers_in
    from advisor.textfiles import read_document

    return answers_in("\n\n".join(read_document(name) for name in texts), knowledge)


def _check_complete(interview: Interview, saved: Saved | None, path: Path | None) -> None:
    """Raise BriefError if an answer is missing or does not fit the knowledge."""
    if saved and saved.issues:
        raise BriefError(saved.issues)
    question = interview.step.question
    if interview.unconfirmed:
        keys = ", ".join(interview.unconfirmed)
        raise BriefError([Issue(Place(str(path)), f"answers that nobody confirmed: {keys}", "move them to `answers`, or remove them")])
    if question:
        where = "answers" if question.id in interview.questionnaire.knowledge.catalog.lists else "answers.facts"
        values = {"yes_no": "true, false", "number": f"a number from {question.minimum} to {question.maximum}"}
        listed = values.get(question.kind) or ", ".join(choice.id for choice in question.choices[:_SHOWN]) + ", ..." * (
            len(question.choices) > _SHOWN
        )
        what = f"no answer to '{question.id}': {question.text}"
        raise BriefError([Issue(Place(str(path)), what, f"add `{question.id}:` under `{where}`: {listed}, or unknown")])


# --- the interview ----------------------------------------------------------------------------------------------------


def _hold(interview: Interview, keeper: _Keeper, notice: str, *, plain: bool) -> Interview:
    """Return the interview when it is finished; otherwise save it, tell how to go on, and end."""
    try:
        with _closing_interrupts():
            ended = _by_lines(interview, keeper, notice) if plain else _on_screen(interview, keeper, notice)
    except KeyboardInterrupt:
        click.echo(err=True)
        _stop(keeper, _INTERRUPTED, save=True)
    except Exception:
        if keeper.latest.answers:
            click.echo(keeper.save(keeper.latest), err=True)
        raise
    if ended.stage != "finished":
        _stop(keeper, EXIT_FINDINGS, save=sys.stdin.isatty())
    return ended


@contextmanager
def _closing_interrupts() -> Iterator[None]:
    """Treat a window that is closed like Ctrl-C, so that it does not take the answers with it."""

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (getattr(signal, "SIGHUP", None), signal.SIGTERM) if number}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _by_lines(interview: Interview, keeper: _Keeper, notice: str) -> Interview:
    from advisor.ask_lines import Lines, converse

    def read() -> str | None:
        line = sys.stdin.buffer.readline(_MAX_LINE)
        return line.decode("utf-8", "replace").rstrip("\r\n") if line else None

    if notice:
        click.echo(f"{notice}\n", err=True)
    width = min(shutil.get_terminal_size().columns, 100)
    return converse(interview, Lines(read, lambda line: click.echo(line, err=True), keeper.save, keeper.keep, max(width, 20)))


def _on_screen(interview: Interview, keeper: _Keeper, notice: str) -> Interview:
    from advisor.ask_screen import converse

    return converse(interview, save=keeper.save, keep=keeper.keep, notice=notice)


def _free_name() -> Path:
    """Return a name for answers in the current directory that is not taken."""
    names = (f"{_DEFAULT}{f'-{n}' if n > 1 else ''}.yaml" for n in range(1, _MAX_NAMES))
    return next((Path(name) for name in names if not Path(name).exists()), Path(f"{_DEFAULT}.yaml.new"))


def _stop(keeper: _Keeper, code: int, *, save: bool) -> NoReturn:
    """End before the recommendation; say where the answers are and how to go on."""
    if not keeper.latest.answers and not keeper.latest.unconfirmed:
        click.echo("Stopped; nothing was answered yet.", err=True)
    elif keeper.place is None and not save:
        click.echo("Stopped: the input ended before the interview did. Nothing is saved; with --save FILE it is.", err=True)
    else:
        click.echo(f"Stopped. {keeper.save(keeper.latest)}", err=True)
    sys.exit(code)


def _report(interview: Interview, form: str, output: Path | None, keeper: _Keeper) -> None:
    """Write the brief and the recommendation; neither a full disk nor a reader that goes away costs the answers."""
    from advisor.answersfile import brief_text
    from advisor.api import advise
    from advisor.report import headline, render_report

    questionnaire = interview.questionnaire
    if output is not None:
        try:
            write_text(brief_text(interview), output)
        except BriefError:
            click.echo(keeper.save(interview), err=True)
            raise
    advice = advise(interview.brief, questionnaire.knowledge, view=questionnaire.view)
    write_text(render_report(advice, form), None)
    if sys.stdout.isatty() and sys.stderr.isatty():
        click.echo(f"\nIn one line: {headline(advice.verdict, questionnaire.knowledge.catalog)}", err=True)
    if output is not None:
        again = f"advisor recommend {shlex.quote(str(output))} --view {questionnaire.view}{keeper.options}"
        click.echo(f"The brief is in {output}. The same advice again:\n  {again}", err=True)
