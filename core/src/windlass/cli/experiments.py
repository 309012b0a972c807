"""windlass experiments: create, find and delete experiments."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from windlass.cli.options import key_values, view_option
from windlass.cli.output import output_option, show_many, show_one, when
from windlass.cli.session import workspace
from windlass.entities import Experiment, ViewType
from windlass.services.paging import every

experiment_id = click.option("-x", "--experiment-id", required=True, help="The experiment's id.")


@click.group()
def experiments() -> None:
    """Create, find and delete experiments."""


@experiments.command()
@click.option("-n", "--experiment-name", required=True, help="The name, not taken yet.")
@click.option("-l", "--artifact-location", metavar="URI", help="Where its files go, instead of the default.")
@click.option("-t", "--tag", "tags", multiple=True, callback=key_values, metavar="KEY=VALUE", help="A tag; repeatable.")
def create(experiment_name: str, artifact_location: str | None, tags: dict[str, str]) -> None:
    """Create an experiment and print its id."""
    created = workspace().experiments.create(experiment_name, artifact_location=artifact_location, tags=tags)
    click.echo(f"created experiment {created.experiment_id} ({created.name})")


@experiments.command()
@click.option("-x", "--experiment-id", help="The experiment's id.")
@click.option("-n", "--experiment-name", help="The experiment's name.")
@output_option
def get(experiment_id: str | None, experiment_name: str | None, output: str) -> None:
    """Show one experiment."""
    if (experiment_id is None) == (experiment_name is None):
        raise click.UsageError("name either --experiment-id or --experiment-name")
    service = workspace().experiments
    found = service.get(experiment_id) if experiment_id is not None else service.get_by_name(str(experiment_name))
    show_one({**_row(found), "last update": when(found.last_update_time), "tags": dict(found.tags)}, output)


@experiments.command()
@view_option
@click.option("--max-results", type=int, default=100, show_default=True, help="How many at most.")
@click.option("--filter", "filter_string", metavar="FILTER", help="Such as: name LIKE 'fraud%'.")
@output_option
def search(view: ViewType, max_results: int, filter_string: str | None, output: str) -> None:
    """List experiments."""
    page = workspace().experiments.search(view=view, max_results=max_results, filter=filter_string)
    show_many([_row(one) for one in page], output, nothing="no experiments")


experiments.add_command(search, "list")


@experiments.command()
@experiment_id
def delete(experiment_id: str) -> None:
    """Move an experiment with its runs to the bin."""
    workspace().experiments.delete(experiment_id)
    click.echo(f"deleted experiment {experiment_id}; `windlass experiments restore -x {experiment_id}` takes it back")


@experiments.command()
@experiment_id
def restore(experiment_id: str) -> None:
    """Take an experiment out of the bin, with the runs that were deleted with it."""
    workspace().experiments.restore(experiment_id)
    click.echo(f"restored experiment {experiment_id}")


@experiments.command()
@experiment_id
@click.option("--new-name", required=True, help="The new name.")
def rename(experiment_id: str, new_name: str) -> None:
    """Give an experiment another name."""
    workspace().experiments.rename(experiment_id, new_name)
    click.echo(f"renamed experiment {experiment_id} to {new_name}")


@experiments.command()
@experiment_id
@click.option("-o", "--filename", type=click.Path(path_type=Path), help="The file to write, instead of the screen.")
def csv(experiment_id: str, filename: Path | None) -> None:
    """Write the runs of an experiment as CSV."""
    from windlass.cli.run_table import write_csv

    service = workspace()
    service.experiments.get(experiment_id)
    runs = every(lambda token: service.runs.search([experiment_id], page_token=token))
    if filename is None:
        write_csv(runs, sys.stdout)
        return
    with filename.open("w", encoding="utf-8", newline="") as file:
        write_csv(runs, file)
    click.echo(f"wrote {filename}")


def _row(one: Experiment) -> dict[str, Any]:
    return {
        "id": one.experiment_id,
        "name": one.name,
        "stage": one.lifecycle_stage,
        "created": when(one.creation_time),
        "artifacts": one.artifact_location,
    }
