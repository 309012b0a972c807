"""windlass gc: remove for good what has been deleted, and what nobody refers to."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import click

from windlass.cli.options import duration, names
from windlass.config import Settings
from windlass.services.artifact_place import ArtifactPlace
from windlass.services.file_count import NO_FILES, FileCount
from windlass.services.garbage.leftovers import BrokenUpload
from windlass.services.garbage.service import Garbage
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
@click.option(
    "--logged-model-ids", callback=names, metavar="IDS", help="Only these deleted logged models, separated by commas."
)
@click.option("--orphans", is_flag=True, help="Also directories of runs and experiments that this store does not know.")
@click.option("--backend-store-uri", metavar="URI", help="The store; the current one without.")
@click.option("--tracking-uri", metavar="URI", help="The same, by another name.")
@click.option("--artifacts-destination", metavar="URI", help="Where the server of this store keeps artifacts.")
@click.option("--jobs", is_flag=True, hidden=True, help="Understood for scripts; no jobs are kept here.")
@click.option("--all-workspaces", is_flag=True, hidden=True, help="Understood for scripts; a store is one workspace.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def gc(
    *,
    older_than: int,
    run_ids: list[str],
    experiment_ids: list[str],
    logged_model_ids: list[str],
    orphans: bool,
    backend_store_uri: str | None,
    tracking_uri: str | None,
    artifacts_destination: str | None,
    jobs: bool,
    all_workspaces: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Remove deleted experiments, runs and logged models with their files, and the rests of broken uploads, for good.

    It shows how much that is first, and asks on a terminal. What a registered version or a logged model uses is spared.
    Interrupted, it goes on where it was when it is started again. With --orphans also files go whose runs are not in
    this store, so use it only where no other store keeps files in the same place.
    """
    del jobs, all_workspaces
    settings = Settings.load()
    settings = replace(
        settings,
        tracking_uri=backend_store_uri or tracking_uri or settings.tracking_uri,
        artifacts_destination=artifacts_destination or settings.artifacts_destination,
    )
    narrow = bool(run_ids or experiment_ids or logged_model_ids)
    if narrow and orphans:
        raise click.UsageError("--orphans are in no run, experiment or logged model that could be named")
    with Workspace.open(settings) as workspace:
        found = _find(
            workspace,
            workspace.garbage.find(
                older_than=older_than,
                run_ids=run_ids,
                experiment_ids=experiment_ids,
                logged_model_ids=logged_model_ids,
            ),
            everywhere=not narrow,
            orphans=orphans,
        )
        for key, user in found.garbage.spared.items():
            click.echo(f"spared {key}: {user} uses it")
        if not found or dry_run:
            click.echo(f"would remove {found}" if found else "nothing to remove")
            return
        if not yes and sys.stdin.isatty():
            click.confirm(f"Remove {found} for good?", abort=True)
        freed = _remove(workspace, found)
        click.echo(f"removed {found}")
        if freed.files > found.blobs.files:
            click.echo(f"of contents that equal files share, no file uses these any more: {freed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """All that one collection removes, and how much that is."""

    garbage: Garbage
    count: FileCount
    uploads: list[BrokenUpload] = field(default_factory=list)
    orphans: list[ArtifactPlace] = field(default_factory=list)
    blobs: FileCount = NO_FILES

    def __bool__(self) -> bool:
        return bool(self.garbage or self.uploads or self.orphans or self.blobs.files)

    def __str__(self) -> str:
        garbage = self.garbage
        parts = [
            f"{len(garbage.experiments)} experiments, {len(garbage.runs)} runs",
            f"{len(garbage.logged_models)} logged models",
        ]
        if self.orphans:
            parts.append(f"{len(self.orphans)} unknown directories")
        if self.uploads:
            parts.append(f"{len(self.uploads)} broken uploads")
        if self.blobs.files:
            parts.append(f"{self.blobs.files} unused contents")
        return f"{', '.join(parts)} ({self.count})"


def _find(workspace: Workspace, garbage: Garbage, *, everywhere: bool, orphans: bool) -> _Found:
    uploads = workspace.leftovers.broken_uploads() if everywhere else []
    unknown = workspace.leftovers.orphans() if orphans else []
    count = workspace.garbage.measure(garbage) + workspace.leftovers.measure(unknown)
    count += FileCount(len(uploads), sum(one.info.file_size or 0 for one in uploads))
    blobs = workspace.leftovers.unused_blobs() if everywhere else NO_FILES
    return _Found(garbage=garbage, count=count + blobs, uploads=uploads, orphans=unknown, blobs=blobs)


def _remove(workspace: Workspace, found: _Found) -> FileCount:
    """Remove what was found; returns what became free of contents that equal files share."""
    with click.progressbar(
        length=len(found.garbage) + len(found.orphans),
        label="removing",
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:
        step: Callable[[], None] = lambda: bar.update(1)  # noqa: E731  a name for what is said twice
        workspace.garbage.collect(found.garbage, step)
        workspace.leftovers.remove(found.orphans, step)
    workspace.leftovers.drop(found.uploads)
    return workspace.leftovers.collect_blobs()
