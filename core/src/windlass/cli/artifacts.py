"""windlass artifacts: list, store and fetch the files of runs."""

from __future__ import annotations

from pathlib import Path

import click

from windlass.cli.output import output_option, show_many
from windlass.cli.session import workspace
from windlass.services.run_artifacts import RunArtifacts

run_id = click.option("-r", "--run-id", required=True, help="The run's id.")
artifact_path = click.option("-a", "--artifact-path", default="", metavar="PATH", help="A path among the run's files.")


@click.group()
def artifacts() -> None:
    """List, store and fetch the files of runs."""


@artifacts.command("list")
@run_id
@artifact_path
@output_option
def list_(run_id: str, artifact_path: str, output: str) -> None:
    """List a directory of a run."""
    found = workspace().artifacts.list(f"runs:/{run_id}", artifact_path)
    rows = [{"path": one.path + ("/" if one.is_dir else ""), "bytes": one.file_size} for one in found]
    show_many(rows, output, nothing="no files")


@artifacts.command("log-artifact")
@click.option("-l", "--local-file", required=True, type=click.Path(path_type=Path), help="The file to store.")
@run_id
@artifact_path
def log_artifact(local_file: Path, run_id: str, artifact_path: str) -> None:
    """Store a file in a directory of a run."""
    RunArtifacts(workspace(), run_id).log_file(local_file, artifact_path or None)
    click.echo(f"stored {local_file}")


@artifacts.command("log-artifacts")
@click.option("-l", "--local-dir", required=True, type=click.Path(path_type=Path), help="The directory to store.")
@run_id
@artifact_path
def log_artifacts(local_dir: Path, run_id: str, artifact_path: str) -> None:
    """Store what is in a directory."""
    RunArtifacts(workspace(), run_id).log_directory(local_dir, artifact_path or None)
    click.echo(f"stored what is in {local_dir}")


@artifacts.command()
@click.option("-r", "--run-id", help="The run's id.")
@artifact_path
@click.option("-u", "--artifact-uri", metavar="URI", help="Any artifact URI, instead of run and path.")
@click.option("-d", "--dst-path", type=click.Path(path_type=Path), help="Where to; a temporary directory without.")
def download(run_id: str | None, artifact_path: str, artifact_uri: str | None, dst_path: Path | None) -> None:
    """Fetch a file or directory and print where it is."""
    if (run_id is None) == (artifact_uri is None):
        raise click.UsageError("name either --run-id or --artifact-uri")
    service = workspace().artifacts
    if artifact_uri is not None:
        click.echo(service.download(artifact_uri, dst_path))
    else:
        click.echo(service.download_path(f"runs:/{run_id}", artifact_path, dst_path))
