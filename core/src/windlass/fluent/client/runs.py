"""The client's methods on runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from windlass.entities import Metric, ModelInput, ModelOutput, Page, Param, Run, RunInfo, RunStatus, Tag, ViewType
from windlass.errors import InvalidValue
from windlass.fluent.client.base import ClientBase
from windlass.fluent.logging import to_dataset_input, to_tags
from windlass.fluent.values import to_float, to_metric, to_texts
from windlass.services.runs import PARENT_TAG


class RunMethods(ClientBase):
    """Runs by id."""

    def create_run(
        self,
        experiment_id: str,
        start_time: int | None = None,
        tags: Mapping[str, Any] | None = None,
        run_name: str | None = None,
    ) -> Run:
        """A new running run."""
        return self._workspace.runs.create(
            experiment_id, start_time=start_time, tags=to_texts(tags or {}), run_name=run_name
        )

    def get_run(self, run_id: str) -> Run:
        """The run; NotFound if there is none."""
        return self._workspace.runs.get(run_id)

    def get_parent_run(self, run_id: str) -> Run | None:
        """The run in which this one is nested, None if it is not."""
        parent = self.get_run(run_id).data.tags.get(PARENT_TAG)
        return self.get_run(parent) if parent else None

    def update_run(self, run_id: str, status: str | None = None, name: str | None = None) -> None:
        """Change status or name."""
        self._workspace.runs.update(run_id, status=status, run_name=name)

    def set_terminated(self, run_id: str, status: str | None = None, end_time: int | None = None) -> None:
        """Bring the run to its end: FINISHED and now, unless said otherwise."""
        self._workspace.runs.finish(run_id, status or RunStatus.FINISHED, end_time)

    def delete_run(self, run_id: str) -> None:
        """Move the run to the bin."""
        self._workspace.runs.delete(run_id)

    def restore_run(self, run_id: str) -> None:
        """Take the run out of the bin."""
        self._workspace.runs.restore(run_id)

    def search_runs(
        self,
        experiment_ids: Sequence[str],
        filter_string: str = "",
        run_view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int = 1000,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
        *,
        select: Sequence[str] | None = None,
    ) -> Page[Run]:
        """One page of the runs that match; `select` names the metrics, params and tags that are wanted."""
        ids = [experiment_ids] if isinstance(experiment_ids, (str, int)) else experiment_ids
        return self._workspace.runs.search(
            ids,
            filter=filter_string,
            view=run_view_type,
            max_results=max_results,
            order_by=order_by,
            page_token=page_token,
            select=select,
        )

    def list_run_infos(
        self,
        experiment_id: str,
        run_view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int = 1000,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> Page[RunInfo]:
        """One page of the infos of an experiment's runs."""
        page = self.search_runs([experiment_id], "", run_view_type, max_results, order_by, page_token)
        return Page((run.info for run in page), page.token)

    def log_metric(
        self,
        run_id: str,
        key: str,
        value: float,
        timestamp: int | None = None,
        step: int | None = None,
        synchronous: bool | None = None,  # noqa: FBT001  the signature that scripts know
        dataset_name: str | None = None,
        dataset_digest: str | None = None,
        model_id: str | None = None,
    ) -> None:
        """Log one number."""
        del synchronous
        now = to_metric(key, value, step=step, timestamp=timestamp)
        metric = Metric(key, now.value, now.timestamp, now.step, model_id, dataset_name, dataset_digest)
        self._workspace.runs.log(run_id, metrics=(metric,))

    def log_param(self, run_id: str, key: str, value: Any, synchronous: bool | None = None) -> Any:  # noqa: FBT001
        """Log one parameter; returns its value."""
        del synchronous
        self._workspace.runs.log(run_id, params=to_texts({key: value}))
        return value

    def set_tag(self, run_id: str, key: str, value: Any, synchronous: bool | None = None) -> None:  # noqa: FBT001
        """Set a tag, replacing an equal key."""
        del synchronous
        self._workspace.runs.log(run_id, tags=to_texts({key: value}))

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag."""
        self._workspace.runs.delete_tag(run_id, key)

    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[Metric] = (),
        params: Sequence[Param] = (),
        tags: Sequence[Tag] = (),
        synchronous: bool | None = None,  # noqa: FBT001  the signature that scripts know
    ) -> None:
        """Log all of it in one atomic step, or none of it."""
        del synchronous
        points = [metric if type(metric.value) is float else _as_float(metric) for metric in metrics]
        self._workspace.runs.log(run_id, metrics=points, params=_unique(params), tags=to_tags(tags))

    def log_inputs(
        self, run_id: str, datasets: Sequence[Any] | None = None, models: Sequence[ModelInput] | None = None
    ) -> None:
        """Log data sets and logged models that the run read."""
        inputs = [to_dataset_input(one, None, None) for one in datasets or ()]
        self._workspace.runs.log(run_id, datasets=inputs, model_inputs=models or ())

    def log_outputs(self, run_id: str, models: Sequence[ModelOutput]) -> None:
        """Log the logged models that the run wrote."""
        self._workspace.runs.log(run_id, model_outputs=models)

    def get_metric_history(self, run_id: str, key: str) -> list[Metric]:
        """All points of a metric by step, timestamp and value."""
        return list(self._workspace.runs.metric_history(run_id, key))

    def sample_metric_history(
        self, run_id: str, key: str, *, points: int = 1000, start_step: int | None = None, end_step: int | None = None
    ) -> list[Metric]:
        """At most `points` points of a metric between two steps, for a chart: no spike is left out."""
        return self._workspace.runs.sample_history(run_id, key, points=points, start_step=start_step, end_step=end_step)


def _as_float(metric: Metric) -> Metric:
    value = to_float(metric.key, metric.value)
    return Metric(
        metric.key, value, metric.timestamp, metric.step, metric.model_id, metric.dataset_name, metric.dataset_digest
    )


def _unique(params: Sequence[Param]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for param in params:
        if param.key in texts:
            raise InvalidValue("param", param.key, "stands twice in one batch")
        texts[param.key] = str(param.value)
    return texts
