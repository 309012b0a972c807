"""windlass gc: remove for good what has been deleted."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from windlass.cli.options import duration, names
from windlass.config import Settings
from windlass.services.workspace import Workspace


@click.command()
@click.option(
    "--older-than",
    callback=duration,
    metavar="DURATION",
    help="Only what was deleted so long ago, such as 30d or 1d2h.",
)
@click.option("--run-ids", callback=names, metavar="IDS", help="Only these deleted runs, separated by commas.")
@click.option("--experiment-ids", callback=names, metavar="IDS", help="Only in these experiments, separated by commas.")
@click.option("--backend-store-uri", metavar="URI", help="The store; the current one without.")
@click.option("--artifacts-destination", metavar="URI", help="Where the server of this store keeps artifacts.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def gc(
    older_than: int,
    run_ids: list[str],
    experiment_ids: list[str],
    backend_store_uri: str | None,
    artifacts_destination: str | None,
    dry_run: bool,  # noqa: FBT001  click passes flags so
    yes: bool,  # noqa: FBT001
) -> None:
    """Remove deleted experiments, runs and logged models with their files, for good.

    What a registered model version uses is spared. On a terminal it asks first.
    """
    settings = Settings.load()
    settings = replace(
        settings,
        tracking_uri=backend_store_uri or settings.tracking_uri,
        artifacts_destination=artifacts_destination or settings.artifacts_destination,
    )
    with Workspace.open(settings) as workspace:
        garbage = workspace.garbage.find(older_than=older_than, run_ids=run_ids, experiment_ids=experiment_ids)
        counts = (
            f"{len(garbage.experiments)} experiments, {len(garbage.runs)} runs, "
            f"{len(garbage.logged_models)} logged models"
        )
        for spared in garbage.spared:
            click.echo(f"spared {spared}: a registered model version uses it")
        if dry_run or not (garbage.experiments or garbage.runs or garbage.logged_models):
            click.echo(f"would remove {counts}" if dry_run else "nothing to remove")
            return
        if not yes and sys.stdin.isatty():
            click.confirm(f"Remove {counts} with their files for good?", abort=True)
        workspace.garbage.collect(garbage)
        click.echo(f"removed {counts}")
