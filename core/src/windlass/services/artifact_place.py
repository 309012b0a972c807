"""ArtifactPlace: where one file or directory is, as a repository and a path in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from windlass.errors import InvalidValue
from windlass.model_uri import RunModelUri, is_model_uri, parse_model_uri, split_model_path
from windlass.services.artifacts import ArtifactService, check_path
from windlass.services.transfers import Progress
from windlass.uri import Uri


@dataclass(frozen=True, slots=True)
class ArtifactPlace:
    """A path below the concrete URI of a repository's root; the root itself has the path ``."""

    root: str
    path: str


def place_of(artifacts: ArtifactService, uri: str) -> ArtifactPlace:
    """The place behind any URI: of runs and models with a path behind it or not, or of a file anywhere."""
    if is_model_uri(uri):
        return _of_model(artifacts, uri)
    parent, _, name = uri.rstrip("/").rpartition("/")
    if not parent or not name or parent.endswith(":/"):
        raise InvalidValue("artifact_uri", uri, "names no file", hint="write a URI such as runs:/RUN_ID/PATH")
    is_local = Uri.parse(uri).text.startswith("file:")
    return ArtifactPlace(parent, check_path(unquote(name) if is_local else name))


def download_uri(
    artifacts: ArtifactService, uri: str, destination: Path | None = None, *, progress: Progress | None = None
) -> Path:
    """Fetch what a URI names; a file behind the URI of a model keeps its place among the model's files."""
    if not is_model_uri(uri) or not split_model_path(uri)[1]:
        return artifacts.download(uri, destination, progress=progress)
    place = place_of(artifacts, uri)
    return artifacts.download_path(place.root, place.path, destination, progress=progress)


def _of_model(artifacts: ArtifactService, uri: str) -> ArtifactPlace:
    model, path = split_model_path(uri)
    found = parse_model_uri(model)
    if not isinstance(found, RunModelUri):
        return ArtifactPlace(artifacts.location(model), check_path(path))
    if (logged := artifacts.logged_model(found.run_id, found.path)) is not None:
        return ArtifactPlace(logged.artifact_location, check_path(found.path.partition("/")[2]))
    return ArtifactPlace(artifacts.location(f"runs:/{found.run_id}"), check_path(found.path))
