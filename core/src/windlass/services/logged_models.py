"""Logged models: what can be done with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from windlass.entities import LifecycleStage, LoggedModel, LoggedModelStatus, Page
from windlass.errors import InvalidValue, NotFound
from windlass.interfaces import LoggedModelUpdate, TrackingStore
from windlass.search import LOGGED_MODELS
from windlass.services.identity import new_model_id, new_name, now_ms
from windlass.services.limits import check_key, check_logged_model_name, check_params, check_tags
from windlass.services.paging import Search
from windlass.services.visibility import EVERYTHING, Visibility
from windlass.uri import join


class LoggedModelService:
    """Logged models of one tracking store."""

    def __init__(self, store: TrackingStore, visibility: Visibility = EVERYTHING) -> None:
        self._store = store
        self._visibility = visibility

    def create(
        self,
        experiment_id: str,
        *,
        name: str | None = None,
        model_type: str | None = None,
        source_run_id: str | None = None,
        params: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> LoggedModel:
        """A new logged model, PENDING until `finalize`; without a name it gets one."""
        model_id, created = new_model_id(), now_ms()
        model = LoggedModel(
            model_id=model_id,
            experiment_id=str(experiment_id),
            name=check_logged_model_name(name or new_name()),
            artifact_location=self._location(str(experiment_id), model_id),
            creation_timestamp=created,
            last_updated_timestamp=created,
            source_run_id=source_run_id or None,
            model_type=model_type or None,
            params=check_params(params),
            tags=check_tags(tags),
        )
        return self._store.logged_models.create(model)

    def get(self, model_id: str, *, allow_deleted: bool = False) -> LoggedModel:
        """The logged model; NotFound if it is deleted and that is not allowed."""
        model = self._store.logged_models.get(model_id)
        if model.lifecycle_stage == LifecycleStage.DELETED and not allow_deleted:
            raise NotFound(f"logged model {model_id} is deleted")
        return model

    def finalize(self, model_id: str, status: str, message: str | None = None) -> LoggedModel:
        """Say that the model's files have arrived (READY) or will not (FAILED)."""
        if status not in {LoggedModelStatus.READY, LoggedModelStatus.FAILED}:
            raise InvalidValue("status", status, "cannot be the end", limit="READY, FAILED")
        return self._update(model_id, status=str(status), status_message=message)

    def set_tags(self, model_id: str, tags: Mapping[str, str]) -> LoggedModel:
        """Set tags, replacing equal keys."""
        return self._update(model_id, tags=check_tags(tags))

    def delete_tag(self, model_id: str, key: str) -> LoggedModel:
        """Remove a tag; NotFound if it is missing."""
        if key not in self.get(model_id).tags:
            raise NotFound(f"logged model {model_id} has no tag {key!r}")
        return self._update(model_id, deleted_tags=(check_key("tag key", key),))

    def log_params(self, model_id: str, params: Mapping[str, str]) -> LoggedModel:
        """Add params, each written once."""
        return self._update(model_id, params=check_params(params))

    def delete(self, model_id: str) -> None:
        """Move the model to the bin."""
        self._update(model_id, lifecycle_stage=LifecycleStage.DELETED)

    def search(self, experiment_ids: Iterable[str], **search: Any) -> Page[LoggedModel]:
        """One page of the logged models that match; the other arguments are the fields of `Search`."""
        shown = self._visibility.experiment_ids(experiment_ids)
        query = Search(experiment_ids=shown, **search).query(LOGGED_MODELS)
        return self._store.logged_models.search(query) if query.experiment_ids else Page()

    def _update(self, model_id: str, **changes: Any) -> LoggedModel:
        self.get(model_id)
        return self._store.logged_models.update(model_id, LoggedModelUpdate(last_updated_timestamp=now_ms(), **changes))

    def _location(self, experiment_id: str, model_id: str) -> str:
        if self._store.is_remote:
            return ""
        return join(self._store.experiments.get(experiment_id).artifact_location, "models", model_id, "artifacts")
