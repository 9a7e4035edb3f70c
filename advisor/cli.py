"""The command line: its commands, and what becomes of their errors. Data go to stdout, everything else to stderr.

Exit codes: 0 done; 1 done, with findings; 2 wrong usage or unreadable input; 3 the set-up is broken.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import sys
from typing import NoReturn

import click

from advisor.cli_options import EXIT_FINDINGS, EXIT_SETUP, EXIT_USAGE, tell
from advisor.errors import AdvisorError, EvaluationError

# command -> the module that has it; a module is imported only when its command is used
_COMMANDS = {
    "ask": "cli_ask",
    "recommend": "cli_recommend",
    "batch": "cli_batch",
    "read": "cli_read",
    "explain": "cli_explain",
    "compare": "cli_explain",
    "functions": "cli_knowledge",
    "roles": "cli_knowledge",
    "facts": "cli_knowledge",
    "questions": "cli_questions",
    "rules": "cli_rules",
    "check": "cli_knowledge",
    "schema": "cli_knowledge",
    "doctor": "cli_knowledge",
}


class _Commands(click.Group):
    """The commands in the order above, loaded when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"advisor.{_COMMANDS[cmd_name]}"), cmd_name)
        return command


def main() -> None:
    """Run the command line; every error becomes a message and an exit code."""
    atexit.register(gc.freeze)  # Python would look through everything for garbage once more before it ends
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(130)
    except AdvisorError as problem:
        _fail(problem)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except ImportError as problem:
        click.echo(f"advisor: the set-up is broken: {problem}\n  help: run `advisor doctor`, or `./run demo` in a checkout", err=True)
        sys.exit(EXIT_SETUP)


def _fail(problem: AdvisorError) -> NoReturn:
    tell(problem)
    sys.exit(EXIT_FINDINGS if isinstance(problem, EvaluationError) else EXIT_USAGE)


def _version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click calls it so
    if value:
        from advisor.report import tool_version

        click.echo(f"advisor {tool_version()}")
        context.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit.")
def cli() -> None:
    """Recommend which kind of partner to hire, a CMO, a CRO or a CDMO, and say why.

    Start with:  advisor recommend examples/api-plus-trials/brief.yaml
    """


if __name__ == "__main__":
    main()
