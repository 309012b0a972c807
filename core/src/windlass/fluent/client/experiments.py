"""The client's methods on experiments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from windlass.entities import Experiment, Page, ViewType
from windlass.errors import NotFound
from windlass.fluent.client.base import ClientBase
from windlass.fluent.values import to_texts


class ExperimentMethods(ClientBase):
    """Experiments by id."""

    def create_experiment(
        self, name: str, artifact_location: str | None = None, tags: Mapping[str, Any] | None = None
    ) -> str:
        """A new experiment; returns its id."""
        location = str(artifact_location) if artifact_location else None
        created = self._workspace.experiments.create(name, artifact_location=location, tags=to_texts(tags or {}))
        return created.experiment_id

    def get_experiment(self, experiment_id: str) -> Experiment:
        """The experiment; NotFound if there is none."""
        return self._workspace.experiments.get(experiment_id)

    def get_experiment_by_name(self, name: str) -> Experiment | None:
        """The experiment of this name, None if there is none."""
        try:
            return self._workspace.experiments.get_by_name(name)
        except NotFound:
            return None

    def rename_experiment(self, experiment_id: str, new_name: str) -> None:
        """Give it another name."""
        self._workspace.experiments.rename(experiment_id, new_name)

    def delete_experiment(self, experiment_id: str) -> None:
        """Move it to the bin with its runs."""
        self._workspace.experiments.delete(experiment_id)

    def restore_experiment(self, experiment_id: str) -> None:
        """Take it out of the bin with the runs that were deleted with it."""
        self._workspace.experiments.restore(experiment_id)

    def search_experiments(
        self,
        view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int = 1000,
        filter_string: str | None = None,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> Page[Experiment]:
        """One page of the experiments that match."""
        return self._workspace.experiments.search(
            view=view_type, max_results=max_results, filter=filter_string, order_by=order_by, page_token=page_token
        )

    def list_experiments(
        self, view_type: int = ViewType.ACTIVE_ONLY, max_results: int = 1000, page_token: str | None = None
    ) -> Page[Experiment]:
        """One page of all experiments; the older name of `search_experiments`."""
        return self.search_experiments(view_type, max_results, page_token=page_token)

    def set_experiment_tag(self, experiment_id: str, key: str, value: Any) -> None:
        """Set a tag, replacing an equal key."""
        self._workspace.experiments.set_tags(experiment_id, to_texts({key: value}))

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Remove a tag."""
        self._workspace.experiments.delete_tag(experiment_id, key)
