"""windlass reproduce: a run of a project again, compared with itself."""

from __future__ import annotations

from typing import Any

import click

from windlass.cli.exit_codes import EXIT_FAILURE
from windlass.cli.output import output_option, show_json, table
from windlass_projects.interruption import interrupt_when_asked_to_end


@click.command()
@click.argument("run_id")
@click.option("--rtol", type=float, default=1e-9, show_default=True, help="How far a metric may be off, relative.")
@click.option("--atol", type=float, default=0.0, show_default=True, help="How far a metric may be off, absolute.")
@click.option("--ignore", multiple=True, metavar="METRIC", help="A metric that may differ, such as a time; repeatable.")
@click.option("-c", "--backend-config", metavar="FILE|JSON", help="Options of the backend, JSON or a file with it.")
@output_option
def reproduce(run_id: str, output: str, **options: Any) -> int:
    """Run a project's run again as it was, and say whether the same came out.

    Its commit with the uncommitted changes, its environment and its parameters are restored in a new directory, and
    its inputs are checked. The exit code is 1 if the run is not reproduced.
    """
    from windlass_projects import api  # noqa: PLC0415  a command imports what it needs when it runs

    interrupt_when_asked_to_end()
    done = api.reproduce(run_id, show=lambda piece: click.echo(piece, nl=False, err=True), **options)
    if output == "json":
        show_json({"reproduced": done.reproduced, **_fields(done)})
        return 0 if done.reproduced else EXIT_FAILURE
    if done.metrics:
        rows = [
            {"metric": one.metric, "original": one.original, "again": one.again, "same": "yes" if one.same else "no"}
            for one in done.metrics
        ]
        click.echo(table(rows))
    for note in done.notes:
        click.echo(f"note: {note}")
    for reason in done.reasons:
        click.echo(f"because: {reason}")
    again = f"as run {done.again_run_id}" if done.again_run_id else "and was not run again"
    click.echo(f"run {run_id} is {'reproduced' if done.reproduced else 'not reproduced'} {again}")
    return 0 if done.reproduced else EXIT_FAILURE


def _fields(done: Any) -> dict[str, Any]:
    names = ("run_id", "again_run_id", "metrics", "reasons", "notes")
    return {name: getattr(done, name) for name in names}
