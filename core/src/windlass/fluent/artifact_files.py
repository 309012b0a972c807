"""`windlass.artifacts`: listing and fetching files by URI or run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from windlass.entities import FileInfo
from windlass.errors import InvalidValue
from windlass.fluent import render
from windlass.fluent.state import workspace_for


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
        return str(artifacts.download(_uri(artifact_uri, run_id, artifact_path), destination))
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


def load_text(artifact_uri: str) -> str:
    """A file as text."""
    return Path(download_artifacts(artifact_uri)).read_text(encoding="utf-8")


def load_dict(artifact_uri: str) -> Any:
    """A JSON or YAML file as what it holds."""
    return render.read_dict(Path(download_artifacts(artifact_uri)))


def load_image(artifact_uri: str) -> Any:
    """A picture as a PIL image."""
    return render.read_image(Path(download_artifacts(artifact_uri)))


def _uri(artifact_uri: str | None, run_id: str | None, artifact_path: str | None) -> str:
    if artifact_uri is None or run_id is not None or artifact_path is not None:
        raise InvalidValue("artifact_uri", artifact_uri, "needs either a URI, or a run with a path")
    return artifact_uri
