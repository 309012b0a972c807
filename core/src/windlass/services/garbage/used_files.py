"""UsedFiles: the files that registered versions and logged models rely on, which nothing may remove."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from windlass.entities import LoggedModel, ModelVersion, Run
from windlass.interfaces import ModelRegistry
from windlass.model_uri import RunModelUri, is_model_uri, parse_model_uri
from windlass.search import MODEL_VERSIONS
from windlass.services.paging import Search, every
from windlass.uri import Uri

_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class UsedFiles:
    """Runs, logged models and places in use, each with who uses it; places are as `place_key` writes them."""

    runs: dict[str, str] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    above: dict[str, str] = field(default_factory=dict)
    """The directories that hold a place in use."""
    in_runs: dict[str, dict[str, str]] = field(default_factory=dict)
    """The paths in use of runs whose versions name them as `runs:/…`."""

    @classmethod
    def of(cls, registry: ModelRegistry) -> UsedFiles:
        """What the versions of a registry use."""
        used = cls()
        for version in _versions(registry):
            used._add_version(version)
        return used

    def add_models(self, models: Iterable[LoggedModel]) -> None:
        """Take the files of these models for used."""
        for model in models:
            self._add_place(model.artifact_location, f"logged model {model.model_id}")

    def by_run(self, run: Run) -> str | None:
        """Who uses a run's files; None if nobody does."""
        return self.runs.get(run.info.run_id) or self.at(run.info.artifact_uri)

    def by_model(self, model: LoggedModel) -> str | None:
        """Which version uses a logged model; None if none does."""
        return self.models.get(model.model_id) or self.at(model.artifact_location)

    def at(self, uri: str) -> str | None:
        """Who uses what is at a place, below it, or a directory that it is in; None if nobody does."""
        key = place_key(uri)
        if key in self.above:
            return self.above[key]
        return next((self.places[one] for one in (key, *_parents(key)) if one in self.places), None)

    def at_path(self, run_id: str, path: str) -> str | None:
        """Who uses a path of a run by its name there, or something below or above it; None if nobody does."""
        for used, who in self.in_runs.get(run_id, {}).items():
            if f"{used}/".startswith(f"{path}/") or f"{path}/".startswith(f"{used}/") or not used:
                return who
        return None

    def _add_version(self, version: ModelVersion) -> None:
        who = f"version {version.version} of {version.name}"
        if version.run_id:
            self.runs[version.run_id] = who
        if version.model_id:
            self.models[version.model_id] = who
        if not is_model_uri(version.source):
            self._add_place(version.source, who)
        elif version.source.startswith("runs:"):
            found = parse_model_uri(version.source)
            if isinstance(found, RunModelUri):
                self.runs[found.run_id] = who
                self.in_runs.setdefault(found.run_id, {})[found.path] = who

    def _add_place(self, uri: str, who: str) -> None:
        key = place_key(uri)
        if key:
            self.places[key] = who
            self.above.update(dict.fromkeys(_parents(key), who))


def place_key(uri: str) -> str:
    """A place as a text that is equal for equal places, however clients have written it."""
    if not uri:
        return ""
    parsed = Uri.parse(uri)
    if parsed.scheme == "file":
        return f"file:{parsed.path.rstrip('/')}"
    if parsed.scheme == "mlflow-artifacts":
        # The server that keeps it has had several names.
        return f"{parsed.scheme}:/{parsed.path.strip('/')}"
    return uri.partition("?")[0].rstrip("/")


def _parents(key: str) -> Iterator[str]:
    scheme, _, rest = key.partition(":")
    while "/" in (rest := rest.rpartition("/")[0]):
        yield f"{scheme}:{rest}"


def _versions(registry: ModelRegistry) -> Iterator[ModelVersion]:
    return every(
        lambda token: registry.versions.search(
            Search(max_results=_PAGE, page_token=token).query(MODEL_VERSIONS, limit=_PAGE)
        )
    )
