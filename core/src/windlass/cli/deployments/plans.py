"""The commands that make what is deployed what a file declares."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from windlass.cli.output import output_option, show_json
from windlass.cli.session import workspace
from windlass.errors import WindlassError
from windlass.services.deployments.declared import read_declared
from windlass.services.deployments.plan import PlannedAction, PlannedChange, Planner

_SIGNS = {
    PlannedAction.CREATE: ("+", "green"),
    PlannedAction.UPDATE: ("~", "yellow"),
    PlannedAction.DELETE: ("-", "red"),
    PlannedAction.NOTHING: (" ", "white"),
}
_file = click.option(
    "-f",
    "--file",
    "path",
    required=True,
    type=click.Path(path_type=Path),
    help="A YAML or JSON file with a list `deployments` of {target, name, model, flavor, endpoint, config, check}.",
)
_prune = click.option(
    "--prune", is_flag=True, help="Delete what was deployed to the same targets and is not in the file."
)


@click.command()
@_file
@_prune
@output_option
def plan(path: Path, prune: bool, output: str) -> None:  # noqa: FBT001  a switch
    """Show what `apply` would do with a file, and do nothing."""
    steps = _planner().plan(read_declared(path), prune=prune)
    if output == "json":
        show_json([_plain(one) for one in steps])
    else:
        _show(steps)


@click.command()
@_file
@_prune
@click.option("-y", "--yes", is_flag=True, help="Do not ask before anything is deleted.")
def apply(path: Path, prune: bool, yes: bool) -> None:  # noqa: FBT001  switches
    """Create, update and delete until what is deployed is what a file declares.

    It ends with the first change that fails, which is taken back; applying again goes on from there.
    """
    planner = _planner()
    steps = planner.plan(read_declared(path), prune=prune)
    _show(steps)
    todo = [one for one in steps if one.action is not PlannedAction.NOTHING]
    if any(one.action is PlannedAction.DELETE for one in todo) and not yes:
        click.confirm("delete what is marked with -?", abort=True)
    for done, step in enumerate(todo):
        try:
            made = planner.apply(step)
        except WindlassError:
            click.echo(f"{done} of {len(todo)} changes were made; {_title(step)} failed:", err=True)
            raise
        click.echo(f"{_title(step)}: {'deleted' if made is None else made.url or made.status}")
    click.echo("everything is as declared")


def _planner() -> Planner:
    opened = workspace()
    return Planner(opened.deployments, opened.model_versions.resolve)


def _show(steps: Sequence[PlannedChange]) -> None:
    for one in steps:
        sign, colour = _SIGNS[one.action]
        click.echo(click.style(f"{sign} {_title(one)}", fg=colour))
        for name, (now, then) in one.differences.items():
            click.echo(f"    {name}: {now or '-'} -> {then or '-'}")
    counts = ", ".join(
        f"{sum(one.action is action for one in steps)} to {action}"
        for action in PlannedAction
        if action is not PlannedAction.NOTHING
    )
    click.echo(counts)


def _title(one: PlannedChange) -> str:
    return f"{one.name} on {one.target}" + (f" endpoint {one.endpoint}" if one.endpoint else "")


def _plain(one: PlannedChange) -> dict[str, object]:
    return {
        "target": one.target,
        "name": one.name,
        "endpoint": one.endpoint,
        "action": str(one.action),
        "differences": {name: {"now": now, "then": then} for name, (now, then) in one.differences.items()},
    }
