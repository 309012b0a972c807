"""Experiments: what can be done with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from windlass.config import Settings
from windlass.entities import Experiment, LifecycleStage, Page
from windlass.errors import AlreadyExists, Conflict, InvalidValue
from windlass.interfaces import ExperimentUpdate, TrackingStore
from windlass.search import EXPERIMENTS
from windlass.services.allowed_places import AllowedPlaces
from windlass.services.identity import now_ms
from windlass.services.limits import MAX_EXPERIMENT_NAME, MAX_LOCATION, check_key, check_tags, check_text
from windlass.services.paging import Search
from windlass.services.visibility import EVERYTHING, Visibility, visible_page
from windlass.uri import Uri, join

_ATTEMPTS = 20


class ExperimentService:
    """Experiments of one tracking store."""

    def __init__(self, store: TrackingStore, settings: Settings, visibility: Visibility = EVERYTHING) -> None:
        self._store = store
        self._settings = settings
        self._visibility = visibility
        self._allowed = AllowedPlaces(settings.allowed_artifact_locations)

    def create(
        self, name: str, *, artifact_location: str | None = None, tags: Mapping[str, str] | None = None
    ) -> Experiment:
        """A new experiment; AlreadyExists if the name is taken, also by a deleted one."""
        check_text("name", name, MAX_EXPERIMENT_NAME, empty=False)
        location = self._check_location(artifact_location) if artifact_location else ""
        created = now_ms()
        for attempt in range(_ATTEMPTS):
            # The id is the time of creation; two in the same millisecond take the next free one.
            experiment_id = str(created + attempt)
            own = location or (
                "" if self._store.is_remote else join(self._settings.default_artifact_root, experiment_id)
            )
            try:
                return self._store.experiments.create(
                    Experiment(experiment_id, name, own, LifecycleStage.ACTIVE, created, created, check_tags(tags))
                )
            except AlreadyExists as error:
                if error.details.get("field") != "experiment_id":
                    raise
        raise Conflict("no free experiment id was found", hint="try again")

    def get(self, experiment_id: str) -> Experiment:
        """The experiment, deleted or not."""
        return self._store.experiments.get(str(experiment_id))

    def get_by_name(self, name: str) -> Experiment:
        """The experiment of this name, deleted or not."""
        return self._store.experiments.get_by_name(name)

    def rename(self, experiment_id: str, new_name: str) -> Experiment:
        """Give it another name; AlreadyExists if that is taken."""
        check_text("new_name", new_name, MAX_EXPERIMENT_NAME, empty=False)
        self._active(experiment_id)
        return self._update(experiment_id, name=new_name)

    def delete(self, experiment_id: str) -> Experiment:
        """Move it to the bin with its active runs; Conflict if it is there already."""
        self._active(experiment_id)
        return self._update(experiment_id, lifecycle_stage=LifecycleStage.DELETED)

    def restore(self, experiment_id: str) -> Experiment:
        """Take it out of the bin with the runs that were deleted with it; Conflict if it is not there."""
        if self.get(experiment_id).lifecycle_stage != LifecycleStage.DELETED:
            raise Conflict(f"experiment {experiment_id} is not deleted")
        return self._update(experiment_id, lifecycle_stage=LifecycleStage.ACTIVE)

    def set_tags(self, experiment_id: str, tags: Mapping[str, str]) -> Experiment:
        """Set tags, replacing equal keys."""
        checked = check_tags(tags)
        self._active(experiment_id)
        return self._update(experiment_id, tags=checked)

    def delete_tag(self, experiment_id: str, key: str) -> Experiment:
        """Remove a tag; nothing happens if it is missing."""
        self._active(experiment_id)
        return self._update(experiment_id, deleted_tags=(check_key("tag key", key),))

    def search(self, **search: Any) -> Page[Experiment]:
        """One page of the experiments that match; the arguments are the fields of `Search`."""
        query = Search(**search).query(EXPERIMENTS)
        return visible_page(self._store.experiments.search, query, self._visibility.shows_experiment)

    def _active(self, experiment_id: str) -> Experiment:
        experiment = self.get(experiment_id)
        if experiment.lifecycle_stage != LifecycleStage.ACTIVE:
            raise Conflict(
                f"experiment {experiment_id} ({experiment.name!r}) is deleted", hint="restore it, or use another"
            )
        return experiment

    def _update(self, experiment_id: str, **changes: Any) -> Experiment:
        update = ExperimentUpdate(last_update_time=now_ms(), **changes)
        return self._store.experiments.update(str(experiment_id), update)

    def _check_location(self, location: str) -> str:
        check_text("artifact_location", location, MAX_LOCATION)
        uri = Uri.parse(location)
        if uri.scheme in {"runs", "models"} or ".." in uri.path.split("/"):
            raise InvalidValue("artifact_location", location, "must be a place for files, without '..'")
        if self._store.is_remote:
            return location
        serves = self._settings.default_artifact_root.startswith("mlflow-artifacts:")
        if serves and uri.scheme == "file" and location not in self._allowed:
            # Files of the server's own machine would be open to every client.
            problem = "a server that serves artifacts takes no local paths"
            raise InvalidValue(
                "artifact_location", location, problem, hint="--allowed-artifact-locations allows places"
            )
        return uri.local_path().absolute().as_uri() if uri.scheme == "file" else location
