"""The client's methods on logged models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from windlass.entities import FileInfo, LoggedModel, Page
from windlass.fluent.client.base import ClientBase
from windlass.fluent.values import to_texts
from windlass.search import LOGGED_MODELS, OrderBy, parse_order_by


class LoggedModelMethods(ClientBase):
    """Logged models by id."""

    def create_logged_model(
        self,
        experiment_id: str,
        name: str | None = None,
        source_run_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        model_type: str | None = None,
    ) -> LoggedModel:
        """A new logged model, pending until its files are there."""
        return self._workspace.logged_models.create(
            experiment_id,
            name=name,
            source_run_id=source_run_id,
            tags=to_texts(tags or {}),
            params=to_texts(params or {}),
            model_type=model_type,
        )

    def get_logged_model(self, model_id: str) -> LoggedModel:
        """The logged model; NotFound if there is none."""
        return self._workspace.logged_models.get(model_id)

    def finalize_logged_model(self, model_id: str, status: str) -> LoggedModel:
        """Say that the model's files have arrived (READY) or will not (FAILED)."""
        return self._workspace.logged_models.finalize(model_id, status)

    def delete_logged_model(self, model_id: str) -> None:
        """Move the model to the bin."""
        self._workspace.logged_models.delete(model_id)

    def search_logged_models(
        self,
        experiment_ids: Sequence[str],
        filter_string: str | None = None,
        datasets: Sequence[Mapping[str, str]] | None = None,
        max_results: int = 100,
        order_by: Sequence[Mapping[str, Any]] | None = None,
        page_token: str | None = None,
    ) -> Page[LoggedModel]:
        """One page of the logged models that match."""
        search = to_search(filter_string, datasets, order_by)
        return self._workspace.logged_models.search(
            experiment_ids, max_results=max_results, page_token=page_token, **search
        )

    def set_logged_model_tags(self, model_id: str, tags: Mapping[str, Any]) -> None:
        """Set tags, replacing equal keys."""
        self._workspace.logged_models.set_tags(model_id, to_texts(tags))

    def delete_logged_model_tag(self, model_id: str, key: str) -> None:
        """Remove a tag."""
        self._workspace.logged_models.delete_tag(model_id, key)

    def log_model_params(self, model_id: str, params: Mapping[str, Any]) -> None:
        """Add params, each written once."""
        self._workspace.logged_models.log_params(model_id, to_texts(params))

    def log_model_artifacts(self, model_id: str, local_dir: str | Path) -> None:
        """Store what is in a local directory as the model's files."""
        self._workspace.artifacts.upload(self.get_logged_model(model_id).artifact_location, Path(local_dir))

    def log_model_artifact(self, model_id: str, local_path: str | Path) -> None:
        """Store a local file as one of the model's files."""
        self._workspace.artifacts.upload(self.get_logged_model(model_id).artifact_location, Path(local_path))

    def list_logged_model_artifacts(self, model_id: str, path: str | None = None) -> list[FileInfo]:
        """What is directly inside a directory of the model."""
        return self._workspace.artifacts.list(self.get_logged_model(model_id).artifact_location, path or "")


def to_search(
    filter_string: str | None,
    datasets: Sequence[Mapping[str, str]] | None,
    order_by: Sequence[Mapping[str, Any] | OrderBy] | None,
) -> dict[str, Any]:
    """The arguments of a search from the dictionaries that MLflow's client takes."""
    return {
        "filter": filter_string,
        "datasets": [(one["dataset_name"], one.get("dataset_digest")) for one in datasets or ()],
        "order_by": [one if isinstance(one, OrderBy) else _order(one) for one in order_by or ()],
    }


def _order(one: Mapping[str, Any]) -> OrderBy:
    field = parse_order_by(one["field_name"], LOGGED_MODELS).field
    return OrderBy(field, bool(one.get("ascending", True)), one.get("dataset_name"), one.get("dataset_digest"))
