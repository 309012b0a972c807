"""`windlass.artifacts`: listing, fetching, reading and deleting files by URI or run."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from windlass.entities import FileInfo
from windlass.errors import InvalidValue
from windlass.fluent import render
from windlass.fluent.state import current_workspace, workspace_for
from windlass.services.artifact_place import ArtifactPlace, download_uri, place_of
from windlass.services.artifacts import ArtifactService
from windlass.services.garbage.artifact_removal import remove_artifact
from windlass.services.ranged_file import open_file


def download_artifacts(
    artifact_uri: str | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    dst_path: str | None = None,
    tracking_uri: str | None = None,
    registry_uri: str | None = None,
) -> str:
    """Fetch a file or directory, named by URI or by run and path; returns where it is now."""
    artifacts = workspace_for(tracking_uri, registry_uri).artifacts
    destination = Path(dst_path) if dst_path else None
    if run_id is None or artifact_uri is not None:
        return str(download_uri(artifacts, _uri(artifact_uri, run_id, artifact_path), destination))
    return str(artifacts.download_path(f"runs:/{run_id}", artifact_path or "", destination))


def list_artifacts(
    artifact_uri: str | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    tracking_uri: str | None = None,
    registry_uri: str | None = None,
) -> list[FileInfo]:
    """What is directly inside a directory, named by URI or by run and path."""
    artifacts = workspace_for(tracking_uri, registry_uri).artifacts
    if run_id is not None and artifact_uri is None:
        return artifacts.list(f"runs:/{run_id}", artifact_path or "")
    return artifacts.list(_uri(artifact_uri, run_id, artifact_path))


def open(  # noqa: A001  windlass.artifacts.open is what it is called
    artifact_uri: str | None = None,
    mode: str = "rb",
    *,
    run_id: str | None = None,
    artifact_path: str | None = None,
    encoding: str = "utf-8",
    tracking_uri: str | None = None,
    registry_uri: str | None = None,
) -> IO[Any]:
    """A file to read from while it is being fetched: bytes, or text with the mode `r`.

    Only what is read is fetched, and one may seek where the storage can read parts of files. NotFound if there is no
    such file.
    """
    if mode not in {"rb", "r", "rt"}:
        raise InvalidValue("mode", mode, "must be for reading", limit="rb, r", hint="log_stream() stores a file")
    artifacts = workspace_for(tracking_uri, registry_uri).artifacts
    place = _place(artifacts, artifact_uri, run_id, artifact_path)
    stream = open_file(artifacts.repository(place.root), place.path)
    return stream if mode == "rb" else io.TextIOWrapper(stream, encoding=encoding)


def delete_artifacts(
    artifact_uri: str | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    *,
    force: bool = False,
    tracking_uri: str | None = None,
    registry_uri: str | None = None,
) -> None:
    """Remove a file, or a directory with all below it, for good; nothing happens if it is missing.

    Conflict if a registered version or a logged model uses it, unless it is forced.
    """
    workspace = workspace_for(tracking_uri, registry_uri)
    place = _place(workspace.artifacts, artifact_uri, run_id, artifact_path)
    if not place.path:
        raise InvalidValue("artifact_path", place.path, "names no file or directory", hint="delete_run() removes runs")
    remove_artifact(workspace, place, force=force)


def load_text(artifact_uri: str) -> str:
    """A file as text."""
    with _fetched(artifact_uri) as path:
        return path.read_text(encoding="utf-8")


def load_dict(artifact_uri: str) -> Any:
    """A JSON or YAML file as what it holds."""
    with _fetched(artifact_uri) as path:
        return render.read_dict(path)


def load_image(artifact_uri: str) -> Any:
    """A picture as a PIL image."""
    with _fetched(artifact_uri) as path:
        return render.read_image(path)


def load_table(artifact_uri: str) -> Any:
    """A table that `log_table` kept, as a pandas DataFrame."""
    with _fetched(artifact_uri) as path:
        return render.read_table(path)


@contextmanager
def _fetched(artifact_uri: str) -> Iterator[Path]:
    """A copy of the file for the time of the block."""
    artifacts = current_workspace().artifacts
    place = place_of(artifacts, artifact_uri)
    if not place.path:
        raise InvalidValue("artifact_uri", artifact_uri, "names no file")
    with tempfile.TemporaryDirectory(prefix="windlass-") as directory:
        yield artifacts.download_path(place.root, place.path, Path(directory))


def _place(
    artifacts: ArtifactService, artifact_uri: str | None, run_id: str | None, artifact_path: str | None
) -> ArtifactPlace:
    if run_id is not None and artifact_uri is None:
        return place_of(artifacts, f"runs:/{run_id}/{artifact_path or ''}")
    return place_of(artifacts, _uri(artifact_uri, run_id, artifact_path))


def _uri(artifact_uri: str | None, run_id: str | None, artifact_path: str | None) -> str:
    if artifact_uri is None or run_id is not None or artifact_path is not None:
        raise InvalidValue("artifact_uri", artifact_uri, "needs either a URI, or a run with a path")
    return artifact_uri
