"""windlass plugins: list plugins, and check that they keep their promises."""

from __future__ import annotations

from typing import Any

import click

from windlass.cli.exit_codes import EXIT_FAILURE
from windlass.cli.output import output_option, show_many
from windlass.plugins import Kind, Plugin, get_plugin_manager


@click.group()
def plugins() -> None:
    """List plugins, and check that they keep their promises."""


@plugins.command("list")
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind]), help="Show the providers of one kind.")
@output_option
def list_(kind: str | None, output: str) -> None:
    """List installed plugins, or all providers of one kind."""
    manager = get_plugin_manager()
    if kind is not None:
        rows = [
            {"names": list(one.names), "target": one.target, "summary": one.summary}
            for one in manager.providers(Kind(kind))
        ]
    else:
        rows = [_row(plugin) for plugin in manager.plugins]
    show_many(rows, output, nothing="no plugins")
    for clash in manager.clashes:
        click.echo(f"{click.style('warning', fg='yellow')}: {clash}", err=True)


@plugins.command()
@click.argument("name", required=False)
@click.option("--static", is_flag=True, help="Leave out the conformance suites, which need pytest.")
def check(name: str | None, static: bool) -> int:  # noqa: FBT001  click passes flags so
    """Check the plugin NAME (an entry point or a distribution), or all of them.

    Every target is imported and held against its interface, then the conformance suites that the plugin names are run.
    """
    from windlass.cli.plugin_check import find, problems, run_suites

    failed = False
    for plugin in find(get_plugin_manager(), name):
        found = problems(plugin)
        for problem in found:
            click.echo(f"{click.style('FAILED', fg='red')} {plugin.name}: {problem}")
        if not found and not static:
            found = run_suites(plugin)
        failed = failed or bool(found)
        if not found:
            click.echo(f"{click.style('ok', fg='green')} {plugin.name}")
    return EXIT_FAILURE if failed else 0


def _row(plugin: Plugin) -> dict[str, Any]:
    provides = sorted({str(provider.kind) for provider in plugin.providers})
    commands = [f"windlass {command.name}" for command in plugin.commands]
    return {
        "plugin": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "status": plugin.status,
        "provides": [*provides, *commands] if plugin.error is None else repr(plugin.error),
    }
