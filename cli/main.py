"""The `wcn` command. Each group is loaded when it is called: `wcn --help` loads none."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import traceback
from importlib import import_module
from typing import Any

import click

from cli.render.plain import say, visible
from core.errors import DeclarationError, OutdatedDataHome
from core.files import storage_fault
from core.secrets import masked

# command → the module that has it, and its line of help
_COMMANDS = {
    "run": ("cli.run", "Refresh the sources, rebuild, pass the gates, publish a release."),
    "sources": ("cli.sources", "Every declared source: last fetch, licence, next due, state."),
    "trace": ("cli.trace", "From a figure to its cells, bytes, receipts and raw rows."),
    "compare": ("cli.compare", "Cities side by side, and what keeps figures from being compared."),
    "network": (
        "cli.network",
        "Networks of cities: what they are, who stands out, how one is tied.",
    ),
    "index": ("cli.index", "Indices: ranks with intervals, what they are made of, and what if."),
    "release": ("cli.release", "What has been published."),
    "audit": ("cli.audit", "How often a published figure is wrong, and a withheld one right."),
    "gate": ("cli.gate", "What the gates refused."),
    "cities": ("cli.cities", "Which city a label means: find one, review labels, decide, revoke."),
    "archive": ("cli.archive", "Export the bytes of the current release."),
    "doctor": ("cli.doctor", "What is wrong with data home and live services; mend, prune."),
    "ui": ("cli.ui", "The Dagster UI: the asset graph, schedules, sensors, checks."),
    "docs": ("cli.docs", "Serve the documentation on this machine."),
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _ = _COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """As its base; what a person can mend ends the command with one sentence."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            vars(error)["message"] = visible(error.message)  # click calls it final
            raise
        except (OutdatedDataHome, DeclarationError) as error:
            raise click.ClickException(visible(str(error))) from error
        except Exception as error:
            if (fault := storage_fault(error)) is None:
                raise
            raise click.ClickException(visible(fault)) from error


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """World City Network: open city data, from URL to a published release."""


def entry() -> None:
    """Run a command as a program, and leave at once when it is done.

    Taking apart what dbt, Dagster and Great Expectations have loaded takes the interpreter seconds
    in which nothing happens.
    """
    code: object = 0
    # Collecting garbage among millions of small objects that all live on takes a tenth of a run.
    gc.set_threshold(100_000, 50, 100)
    try:
        main(prog_name="wcn")
    except SystemExit as end:
        code = end.code
    except Exception:
        # As the interpreter would, but for what an error quotes: it commands no terminal either.
        code = masked(traceback.format_exc())
    if isinstance(code, str):
        say(code, err=True)
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))
