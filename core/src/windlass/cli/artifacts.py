"""windlass artifacts: list, store, fetch and delete the files of runs and models."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from windlass.cli.output import output_option, show_many
from windlass.cli.session import workspace
from windlass.cli.transfer_bar import transfer_bar
from windlass.model_uri import is_model_uri
from windlass.services.artifact_place import ArtifactPlace, download_uri, place_of
from windlass.services.garbage.artifact_removal import refuse_used
from windlass.services.ranged_file import open_file
from windlass.services.run_artifacts import RunArtifacts

_PIECE = 1 << 20

run_id = click.option("-r", "--run-id", required=True, help="The run's id.")
any_run_id = click.option("-r", "--run-id", help="The run's id.")
artifact_path = click.option("-a", "--artifact-path", default="", metavar="PATH", help="A path among the run's files.")
artifact_uri = click.option(
    "-u",
    "--artifact-uri",
    metavar="URI",
    help="Instead of run and path: runs:/RUN_ID/PATH, models:/NAME/1/PATH or a place such as s3://bucket/PATH.",
)


@click.group()
def artifacts() -> None:
    """List, store, fetch and delete the files of runs and models."""


@artifacts.command("list")
@any_run_id
@artifact_path
@artifact_uri
@output_option
def list_(run_id: str | None, artifact_path: str, artifact_uri: str | None, output: str) -> None:
    """List a directory."""
    if artifact_uri is not None and not is_model_uri(artifact_uri):
        place = ArtifactPlace(artifact_uri, "")
    else:
        place = _place(run_id, artifact_path, artifact_uri)
    found = workspace().artifacts.repository(place.root).list(place.path)
    rows = [{"path": one.path + ("/" if one.is_dir else ""), "bytes": one.file_size} for one in found]
    show_many(rows, output, nothing="no files")


@artifacts.command()
@click.argument("local", type=click.Path(path_type=Path, allow_dash=True))
@run_id
@artifact_path
def log(local: Path, run_id: str, artifact_path: str) -> None:
    """Store a file, a directory or, as `-`, what comes in, in the directory PATH of a run.

    What comes in is stored as the file PATH itself.
    """
    files = RunArtifacts(workspace(), run_id)
    if str(local) == "-":
        if not artifact_path:
            raise click.UsageError("name the file with --artifact-path")
        files.log_stream(sys.stdin.buffer, artifact_path)
    else:
        with transfer_bar("storing") as progress:
            files.log_file(local, artifact_path or None, progress=progress)
    click.echo(f"stored {artifact_path if str(local) == '-' else local}")


@artifacts.command("log-artifact")
@click.option("-l", "--local-file", required=True, type=click.Path(path_type=Path), help="The file to store.")
@run_id
@artifact_path
def log_artifact(local_file: Path, run_id: str, artifact_path: str) -> None:
    """Store a file in a directory of a run."""
    with transfer_bar("storing") as progress:
        RunArtifacts(workspace(), run_id).log_file(local_file, artifact_path or None, progress=progress)
    click.echo(f"stored {local_file}")


@artifacts.command("log-artifacts")
@click.option("-l", "--local-dir", required=True, type=click.Path(path_type=Path), help="The directory to store.")
@run_id
@artifact_path
def log_artifacts(local_dir: Path, run_id: str, artifact_path: str) -> None:
    """Store what is in a directory."""
    with transfer_bar("storing") as progress:
        RunArtifacts(workspace(), run_id).log_directory(local_dir, artifact_path or None, progress=progress)
    click.echo(f"stored what is in {local_dir}")


@artifacts.command()
@any_run_id
@artifact_path
@artifact_uri
@click.option("-d", "--dst-path", type=click.Path(path_type=Path), help="Where to; a temporary directory without.")
def download(run_id: str | None, artifact_path: str, artifact_uri: str | None, dst_path: Path | None) -> None:
    """Fetch a file or directory and print where it is."""
    if (run_id is None) == (artifact_uri is None):
        raise click.UsageError("name either --run-id or --artifact-uri")
    service = workspace().artifacts
    with transfer_bar("fetching") as progress:
        if artifact_uri is not None:
            place = download_uri(service, artifact_uri, dst_path, progress=progress)
        else:
            place = service.download_path(f"runs:/{run_id}", artifact_path, dst_path, progress=progress)
    click.echo(place)


@artifacts.command()
@any_run_id
@artifact_path
@artifact_uri
def cat(run_id: str | None, artifact_path: str, artifact_uri: str | None) -> None:
    """Write what is in a file to the standard output."""
    place = _place(run_id, artifact_path, artifact_uri)
    with open_file(workspace().artifacts.repository(place.root), place.path) as stream:
        shutil.copyfileobj(stream, sys.stdout.buffer, _PIECE)


@artifacts.command()
@any_run_id
@artifact_path
@artifact_uri
@click.option("--force", is_flag=True, help="Also what a registered version or a logged model uses.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def delete(*, run_id: str | None, artifact_path: str, artifact_uri: str | None, force: bool, yes: bool) -> None:
    """Remove a file, or a directory with all below it, for good.

    On a terminal it asks first. What a registered version or a logged model uses is refused.
    """
    place = _place(run_id, artifact_path, artifact_uri)
    if not place.path:
        raise click.UsageError("name the file or directory; `windlass runs delete` and `windlass gc` remove whole runs")
    if not force:
        refuse_used(workspace(), place)
    info = workspace().artifacts.repository(place.root).stat(place.path)
    if not yes and sys.stdin.isatty():
        click.confirm(f"Remove {info.path}{' with all below it' if info.is_dir else ''} for good?", abort=True)
    workspace().artifacts.delete(place.root, place.path)
    click.echo(f"deleted {info.path}")


def _place(run_id: str | None, artifact_path: str, artifact_uri: str | None) -> ArtifactPlace:
    if (run_id is None) == (artifact_uri is None):
        raise click.UsageError("name either --run-id or --artifact-uri")
    if artifact_uri is None:
        return place_of(workspace().artifacts, f"runs:/{run_id}/{artifact_path}")
    if artifact_path:
        raise click.UsageError("--artifact-path goes with --run-id")
    return place_of(workspace().artifacts, artifact_uri)
