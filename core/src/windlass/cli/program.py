"""The program itself: its groups, its global options, and what happens to errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

import click

import windlass
from windlass.cli.exit_codes import EXIT_INTERRUPTED, exit_code
from windlass.errors import WindlassError

CORE_COMMANDS: Mapping[str, tuple[str, str]] = {
    "artifacts": ("windlass.cli.artifacts:artifacts", "List, store and fetch the files of runs."),
    "db": ("windlass.cli.db:db", "Look after the database of a store."),
    "deployments": ("windlass.cli.deployments.group:deployments", "Deploy models to targets and ask them."),
    "doctor": ("windlass.cli.doctor:doctor", "Say what is installed, configured and reachable."),
    "experiments": ("windlass.cli.experiments:experiments", "Create, find and delete experiments."),
    "gc": ("windlass.cli.gc:gc", "Remove for good what has been deleted."),
    "import": ("windlass.cli.import_stores:import_stores", "Move everything from one store to another one."),
    "plugins": ("windlass.cli.plugins:plugins", "List plugins, and check that they keep their promises."),
    "runs": ("windlass.cli.runs:runs", "Find, describe and delete runs."),
}
"""Where each of core's own commands lives, and its summary."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are invoked; plugins add theirs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        del ctx
        return sorted({*CORE_COMMANDS, *_plugin_commands()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now; None if there is none."""
        del ctx
        from windlass.plugins import load_object

        if cmd_name in CORE_COMMANDS:
            target = CORE_COMMANDS[cmd_name][0]
        elif (found := _plugin_commands().get(cmd_name)) is not None:
            target = found[0]
        else:
            return None
        command: click.Command = load_object(target)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing one of them."""
        del ctx
        summaries = {name: summary for name, (_, summary) in {**_plugin_commands(), **CORE_COMMANDS}.items()}
        with formatter.section("Commands"):
            formatter.write_dl(sorted(summaries.items()))


def _plugin_commands() -> dict[str, tuple[str, str]]:
    from windlass.plugins import get_plugin_manager

    # A name of two words belongs to the group of the first, which knows it by itself.
    commands = get_plugin_manager().commands().items()
    return {name: (one.target, one.summary) for name, one in commands if " " not in name}


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(windlass.__version__, prog_name="windlass")
@click.option("--tracking-uri", metavar="URI", help="The tracking store to work on, instead of WINDLASS_TRACKING_URI.")
@click.option("--registry-uri", metavar="URI", help="The model registry to work on, instead of WINDLASS_REGISTRY_URI.")
def program(tracking_uri: str | None, registry_uri: str | None) -> None:
    """Windlass carries a model from the first experiment to production.

    `windlass quickstart` shows all of it in half a minute.
    """
    # Into the environment, so that it holds for the commands of plugins and for the processes they start as well.
    for variable, uri in (("WINDLASS_TRACKING_URI", tracking_uri), ("WINDLASS_REGISTRY_URI", registry_uri)):
        if uri is not None:
            os.environ[variable] = uri


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and leave with its exit code; only bugs show a traceback."""
    try:
        result = program.main(arguments, prog_name="windlass", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone, as in `windlass runs list | head`.
        sys.stderr.close()
        sys.exit(0)
    except WindlassError as error:
        show_error(error)
        sys.exit(exit_code(error))
    sys.exit(result if isinstance(result, int) else 0)


def show_error(error: WindlassError) -> None:
    """Print what happened and what to do about it."""
    click.echo(f"{click.style('error', fg='red', bold=True)}: {error.message}", err=True)
    if error.hint:
        click.echo(f"{click.style('hint', fg='cyan')}: {error.hint}", err=True)
