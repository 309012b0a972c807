"""windlass runs: find, describe and delete runs."""

from __future__ import annotations

from typing import Any

import click

from windlass.cli.options import key_values, view_option
from windlass.cli.output import output_option, plain, show_json, show_many, show_one, when
from windlass.cli.run_stream import export, watch
from windlass.cli.session import workspace
from windlass.entities import Experiment, Run, RunStatus, ViewType

run_id = click.option("-r", "--run-id", required=True, help="The run's id.")
_METRICS_SHOWN = 4


@click.group()
def runs() -> None:
    """Find, describe and delete runs."""


@runs.command("list")
@click.option("-x", "--experiment-id", help="The experiment's id; all experiments without id and name.")
@click.option("-n", "--experiment-name", help="The experiment's name.")
@click.option(
    "--filter", "filter_string", default="", metavar="FILTER", help="Such as: metrics.loss < 0.1 or tags.kind = 'x'."
)
@click.option("--order-by", multiple=True, metavar="KEY", help="Such as: metrics.loss ASC; repeatable.")
@click.option("--max-results", type=int, default=100, show_default=True, help="How many at most.")
@view_option
@output_option
def list_(
    experiment_id: str | None,
    experiment_name: str | None,
    filter_string: str,
    order_by: tuple[str, ...],
    max_results: int,
    view: ViewType,
    output: str,
) -> None:
    """List runs, the newest first unless ordered otherwise."""
    ids = [one.experiment_id for one in _experiments(experiment_id, experiment_name)]
    service = workspace().runs
    page = service.search(ids, filter=filter_string, order_by=order_by, max_results=max_results, view=view)
    if output == "json":
        show_json([plain(run) for run in page])
    else:
        show_many([_row(run) for run in page], output, nothing="no runs")


runs.add_command(list_, "search")
runs.add_command(watch)
runs.add_command(export)


@runs.command()
@run_id
@output_option
def describe(run_id: str, output: str) -> None:
    """Show everything about one run."""
    run = workspace().runs.get(run_id)
    if output == "json":
        show_json(run)
        return
    info = run.info
    show_one(
        {
            **_row(run),
            "experiment": info.experiment_id,
            "user": info.user_id,
            "ended": when(info.end_time),
            "stage": info.lifecycle_stage,
            "artifacts": info.artifact_uri,
        },
        output,
    )
    for title, values in (("metrics", run.data.metrics), ("params", run.data.params), ("tags", run.data.tags)):
        if values:
            click.echo(f"\n{click.style(title, bold=True)}")
            show_many([{"key": key, "value": value} for key, value in values.items()], output, nothing="")


@runs.command()
@click.option("-x", "--experiment-id", help="The experiment's id.")
@click.option("-n", "--experiment-name", help="The experiment's name.")
@click.option("--run-name", help="The run's name; it gets one without.")
@click.option("--description", help="A note.")
@click.option("-t", "--tags", multiple=True, callback=key_values, metavar="KEY=VALUE", help="A tag; repeatable.")
@click.option("--status", type=click.Choice(list(RunStatus)), default="FINISHED", show_default=True, help="Its status.")
@click.option("--parent-run-id", help="The run in which it is nested.")
def create(
    experiment_id: str | None,
    experiment_name: str | None,
    run_name: str | None,
    description: str | None,
    tags: dict[str, str],
    status: str,
    parent_run_id: str | None,
) -> None:
    """Create a run and print its id."""
    from windlass.services.runs import NOTE_TAG, PARENT_TAG

    found = _experiments(experiment_id or (None if experiment_name else "0"), experiment_name)
    extra = {NOTE_TAG: description, PARENT_TAG: parent_run_id}
    all_tags = {**tags, **{key: value for key, value in extra.items() if value}}
    service = workspace().runs
    run = service.create(found[0].experiment_id, run_name=run_name, tags=all_tags)
    if RunStatus.is_terminated(status):
        service.finish(run.info.run_id, status)
    else:
        service.update(run.info.run_id, status=status)
    click.echo(f"created run {run.info.run_id} ({run.info.run_name})")


@runs.command()
@run_id
def delete(run_id: str) -> None:
    """Move a run to the bin."""
    workspace().runs.delete(run_id)
    click.echo(f"deleted run {run_id}; `windlass runs restore -r {run_id}` takes it back")


@runs.command()
@run_id
def restore(run_id: str) -> None:
    """Take a run out of the bin."""
    workspace().runs.restore(run_id)
    click.echo(f"restored run {run_id}")


def _experiments(experiment_id: str | None, name: str | None) -> list[Experiment]:
    service = workspace().experiments
    if experiment_id is not None and name is not None:
        raise click.UsageError("name either --experiment-id or --experiment-name")
    if experiment_id is not None:
        return [service.get(experiment_id)]
    return [service.get_by_name(name)] if name is not None else list(service.search())


def _row(run: Run) -> dict[str, Any]:
    metrics = dict(list(run.data.metrics.items())[:_METRICS_SHOWN])
    return {
        "run": run.info.run_id,
        "name": run.info.run_name,
        "status": run.info.status,
        "started": when(run.info.start_time),
        "metrics": metrics,
    }
