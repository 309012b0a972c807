"""Places: which experiment or registered model a run, a file or a logged model belongs to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TypeVar

from windlass.errors import NotFound
from windlass.model_uri import LoggedModelUri, RegisteredModelUri, RunModelUri, parse_model_uri
from windlass.search import quote_value
from windlass.services.artifacts import PROXIED
from windlass.services.workspace import Workspace
from windlass_server.access.resource import Resource, ResourceType
from windlass_server.access.view import FRESH

_MANY = 100_000
_MODELS = "models"
T = TypeVar("T")


class Places:
    """Finds what a thing inherits its permissions from.

    A run or a logged model stays in its experiment for ever, so that is remembered; the name of an experiment, which
    patterns are compared with, for two seconds.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._of_run: dict[str, str] = {}
        self._of_logged_model: dict[str, str] = {}
        self._names: dict[str, tuple[float, str]] = {}

    def experiment(self, experiment_id: str) -> Resource:
        """The experiment of an id; NotFound if there is none."""
        known = self._names.get(experiment_id)
        now = time.monotonic()
        if known is None or now - known[0] > FRESH:
            found = self._workspace.experiments.get(experiment_id)
            known = _bounded(self._names)[experiment_id] = (now, found.name)
        return Resource(ResourceType.EXPERIMENT, experiment_id, known[1])

    def experiment_named(self, name: str) -> Resource:
        """The experiment of a name; NotFound if there is none."""
        found = self._workspace.experiments.get_by_name(name)
        return Resource(ResourceType.EXPERIMENT, found.experiment_id, found.name)

    def renamed(self, experiment_id: str) -> None:
        """Forget the name of an experiment."""
        self._names.pop(experiment_id, None)

    def run(self, run_id: str) -> Resource:
        """The experiment of a run; NotFound if there is no such run."""
        if (known := self._of_run.get(run_id)) is None:
            known = _bounded(self._of_run)[run_id] = self._workspace.runs.get(run_id).info.experiment_id
        return self.experiment(known)

    def logged_model(self, model_id: str) -> Resource:
        """The experiment of a logged model; NotFound if there is no such model."""
        if (known := self._of_logged_model.get(model_id)) is None:
            found = self._workspace.logged_models.get(model_id, allow_deleted=True)
            known = _bounded(self._of_logged_model)[model_id] = found.experiment_id
        return self.experiment(known)

    def model(self, name: str) -> Resource:
        """The registered model of a name, whether there is one or not."""
        return Resource(ResourceType.REGISTERED_MODEL, name, name)

    def of_model_uri(self, uri: str) -> Resource:
        """What the model of a `runs:/` or `models:/` URI belongs to; NotFound if there is none."""
        match parse_model_uri(uri):
            case RunModelUri(run_id):
                return self.run(run_id)
            case LoggedModelUri(model_id):
                return self.logged_model(model_id)
            case RegisteredModelUri(name):
                return self.model(name)

    def run_root(self, run_id: str) -> str:
        """Where the files of a run are."""
        return self._workspace.runs.get(run_id).info.artifact_uri

    def logged_model_root(self, model_id: str) -> str:
        """Where the files of a logged model are."""
        return self._workspace.logged_models.get(model_id).artifact_location

    def proxied(self, path: str) -> Resource:
        """The experiment whose files are below a path of the artifact proxy; NotFound if it is none's.

        The proxy keeps the files of an experiment below its id, unless it was made with another location.
        """
        first = path.strip("/").partition("/")[0]
        try:
            found = self._workspace.experiments.get(first)
        except NotFound:
            found = None
        if found is None or not _below(path, _proxied_path(found.artifact_location)):
            raise NotFound(f"no experiment keeps its files at {path!r}")
        return self.experiment(first)

    def models_of_run(self, run_id: str) -> Iterator[Resource]:
        """The registered models that have a version from a run."""
        versions = self._workspace.model_versions.search(filter=f"run_id = {quote_value(run_id)}")
        for name in dict.fromkeys(one.name for one in versions):
            yield self.model(name)

    def models_of_logged_model(self, model_id: str) -> Iterator[Resource]:
        """The registered models that have a version which is this logged model."""
        run_id = self._workspace.logged_models.get(model_id, allow_deleted=True).source_run_id
        if run_id is None:
            return
        versions = self._workspace.model_versions.search(filter=f"run_id = {quote_value(run_id)}")
        for name in dict.fromkeys(one.name for one in versions if one.model_id == model_id):
            yield self.model(name)

    def models_at(self, path: str) -> Iterator[Resource]:
        """The registered models that have a version whose files are at or above a path of the artifact proxy."""
        parts = path.strip("/").split("/")
        run_id: str | None = parts[1] if len(parts) > 1 else None
        if run_id == _MODELS and len(parts) > 2:  # noqa: PLR2004  EXPERIMENT/models/MODEL_ID/…
            yield from self.models_of_logged_model(parts[2])
            return
        if run_id is None:
            return
        service = self._workspace.model_versions
        for one in service.search(filter=f"run_id = {quote_value(run_id)}"):
            location = self._workspace.artifacts.location(service.download_uri(one.name, one.version))
            if _below(path, _proxied_path(location)):
                yield self.model(one.name)


def _proxied_path(location: str) -> str | None:
    """The path that a location has with the artifact proxy, None if it is elsewhere."""
    scheme, _, path = location.partition(":")
    return path.strip("/") if scheme == PROXIED else None


def _below(path: str, root: str | None) -> bool:
    return bool(root) and f"{path.strip('/')}/".startswith(f"{root}/")


def _bounded(known: dict[str, T]) -> dict[str, T]:
    if len(known) >= _MANY:
        known.clear()
    return known
