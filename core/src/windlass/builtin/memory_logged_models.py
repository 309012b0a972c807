"""Logged models in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from windlass.builtin import memory_search
from windlass.builtin.memory_log import check_params
from windlass.builtin.memory_state import TrackingState
from windlass.entities import LifecycleStage, LoggedModel, Metric, Page
from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import LoggedModelStore, LoggedModelUpdate
from windlass.search import Field, FieldKind, OrderBy, Query, Value
from windlass.search.cursor import SortValue


class MemoryLoggedModelStore(LoggedModelStore):
    """The logged models of a memory store."""

    def __init__(self, state: TrackingState) -> None:
        self._state = state

    def create(self, model: LoggedModel) -> LoggedModel:
        """Keep a new logged model with its params and tags."""
        with self._state.lock:
            self._state.check_experiment(model.experiment_id)
            if model.model_id in self._state.logged_models:
                raise AlreadyExists(f"logged model {model.model_id} exists already", field="model_id")
            kept = replace(model, params=dict(model.params), tags=dict(model.tags), metrics=())
            self._state.logged_models[model.model_id] = kept
            return self.get(model.model_id)

    def get(self, model_id: str) -> LoggedModel:
        """The logged model, deleted or not."""
        with self._state.lock:
            if model_id not in self._state.logged_models:
                raise NotFound(f"there is no logged model {model_id!r}")
            points = self._state.model_metrics.get(model_id, {})
            metrics = tuple(points[place] for place in sorted(points))
            return replace(self._state.logged_models[model_id], metrics=metrics)

    def update(self, model_id: str, update: LoggedModelUpdate) -> LoggedModel:
        """Change what `update` names."""
        with self._state.lock:
            old = self.get(model_id)
            check_params(f"logged model {model_id}", old.params, update.params)
            tags = {key: value for key, value in old.tags.items() if key not in update.deleted_tags}
            self._state.logged_models[model_id] = replace(
                old,
                status=old.status if update.status is None else update.status,
                status_message=old.status_message if update.status_message is None else update.status_message,
                lifecycle_stage=update.lifecycle_stage or old.lifecycle_stage,
                last_updated_timestamp=update.last_updated_timestamp or old.last_updated_timestamp,
                params={**old.params, **update.params},
                tags={**tags, **update.tags},
                metrics=(),
            )
            return self.get(model_id)

    def search(self, query: Query) -> Page[LoggedModel]:
        """One page of the logged models that match."""
        with self._state.lock:
            models = [
                self.get(model_id)
                for model_id, model in self._state.logged_models.items()
                if model.experiment_id in query.experiment_ids and query.view.shows(model.lifecycle_stage)
            ]
            return memory_search.search(
                models,
                query,
                values=lambda model, field: _values(model, field, query.datasets),
                sort_value=_sort_value,
                key=self._state.page_key + b"logged_models",
            )

    def purge(self, model_id: str) -> None:
        """Remove a deleted logged model for good."""
        with self._state.lock:
            if self.get(model_id).lifecycle_stage != LifecycleStage.DELETED:
                raise Conflict(f"logged model {model_id} is active", hint="delete it first")
            self._state.forget_model(model_id)


def _values(model: LoggedModel, field: Field, datasets: Sequence[tuple[str, str | None]]) -> Iterable[Value]:
    match field.kind:
        case FieldKind.METRIC:
            return [one.value for one in model.metrics if one.key == field.key and _measured_on(one, datasets)]
        case FieldKind.PARAM:
            return [model.params[field.key]] if field.key in model.params else []
        case FieldKind.TAG:
            return [model.tags[field.key]] if field.key in model.tags else []
        case _:
            return memory_search.attribute(model, field.key)


def _measured_on(metric: Metric, datasets: Sequence[tuple[str, str | None]]) -> bool:
    """Whether the metric was measured on one of the data sets; without a digest any data set of the name will do."""
    return not datasets or any(
        metric.dataset_name == name and digest in {None, metric.dataset_digest} for name, digest in datasets
    )


def _sort_value(model: LoggedModel, order: OrderBy) -> SortValue:
    """A metric is sorted by its newest point on the ordering's data set; without one by its newest point of all."""
    if order.field.kind is not FieldKind.METRIC:
        return memory_search.first(_values(model, order.field, ()))
    datasets = [(order.dataset_name, order.dataset_digest)] if order.dataset_name is not None else []
    points = [one for one in model.metrics if one.key == order.field.key and _measured_on(one, datasets)]
    return max(points, key=lambda one: one.order).value if points else None
