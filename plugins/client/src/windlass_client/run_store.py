"""Runs behind a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from windlass.entities import LifecycleStage, Metric, Page, Param, Run, RunEvent, RunStatus, Tag
from windlass.errors import Unsupported
from windlass.interfaces import RunBatch, RunStore, RunUpdate
from windlass.interfaces.metric_sampling import sample
from windlass.search import Query
from windlass.wire import run as wire
from windlass.wire import run_request as requests
from windlass.wire.dataset import DatasetInputMessage
from windlass.wire.message import Message
from windlass.wire.metric import GetMetricHistory, SampleMetrics, decode_metric
from windlass_client.event_stream import stream_run
from windlass_client.filters import filter_of, write_order
from windlass_client.transport import Transport


class HttpRunStore(RunStore):
    """Runs behind a server, which chooses ids and places.

    A batch is sent whole, however large: cut into pieces it would not be atomic. A server that limits batches refuses
    it with the limit, MLflow's beyond 1000 metrics, 100 params or 100 tags.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, run: Run) -> Run:
        """Let the server make a run."""
        answer = self._transport.call(
            requests.CreateRun(
                experiment_id=run.info.experiment_id,
                user_id=run.info.user_id or None,
                run_name=run.info.run_name or None,
                start_time=run.info.start_time,
                tags=tuple(Tag(key, value) for key, value in run.data.tags.items()),
            )
        )
        return wire.decode_run(answer["run"])

    def get(self, run_id: str) -> Run:
        """The run of an id."""
        return wire.decode_run(self._transport.call(requests.GetRun(run_id=run_id))["run"])

    def update(self, run_id: str, update: RunUpdate) -> Run:
        """Change it; the wire has one request for each kind of change."""
        call = self._transport.call
        if update.lifecycle_stage == LifecycleStage.ACTIVE:
            call(requests.RestoreRun(run_id=run_id))
        if not (update.status is None and update.end_time is None and update.run_name is None):
            status = None if update.status is None else RunStatus(update.status)
            call(requests.UpdateRun(run_id=run_id, status=status, end_time=update.end_time, run_name=update.run_name))
        for key in update.deleted_tags:
            call(requests.DeleteRunTag(run_id=run_id, key=key))
        if update.lifecycle_stage == LifecycleStage.DELETED:
            call(requests.DeleteRun(run_id=run_id))
        return self.get(run_id)

    def log(self, run_id: str, batch: RunBatch) -> None:
        """Log the batch in one request, as far as the server has one for what is in it."""
        parts = list(_parts(run_id, batch))
        if len(parts) == 1:
            self._transport.call(parts[0])
            return
        try:
            self._transport.call(_everything(run_id, batch))
        except Unsupported:
            # An MLflow server has no request for all of it, so there it takes several.
            for part in parts:
                self._transport.call(part)

    def search(self, query: Query) -> Page[Run]:
        """One page of the runs that match; what an MLflow server sends beyond the selection is left out here."""
        if query.select is None:
            return self._search(_search(requests.SearchRuns, query))
        try:
            return self._search(_search(requests.SelectRuns, query, select=query.select.names))
        except Unsupported:
            page = self._search(_search(requests.SearchRuns, query))
            return Page(map(query.select.apply, page), page.token)

    def metric_history(
        self, run_id: str, key: str, *, max_results: int | None = None, page_token: str | None = None
    ) -> Page[Metric]:
        """The points of a metric."""
        answer = self._transport.call(
            GetMetricHistory(run_id=run_id, metric_key=key, max_results=max_results, page_token=page_token)
        )
        return Page((decode_metric(one) for one in answer.get("metrics", ())), answer.get("next_page_token") or None)

    def sample_history(
        self, run_id: str, key: str, *, points: int, start_step: int | None = None, end_step: int | None = None
    ) -> list[Metric]:
        """What a chart shows of a metric; from an MLflow server it takes the whole history."""
        asked = SampleMetrics(
            run_ids=(run_id,), metric_keys=(key,), points=points, start_step=start_step, end_step=end_step
        )
        try:
            answer = self._transport.call(asked)
        except Unsupported:
            history = self.metric_history(run_id, key)
            return sample(history, points=points, start_step=start_step, end_step=end_step)
        return [decode_metric(one) for one in answer.get("metrics", ())]

    def stream_run(self, run_id: str) -> Iterator[RunEvent]:
        """What happens to a run, as the server tells it; Unsupported by MLflow's servers."""
        return stream_run(self._transport, run_id)

    def purge(self, run_id: str) -> None:
        """Remove a deleted run for good; Unsupported by MLflow's servers."""
        self._transport.call(requests.PurgeRun(run_id=run_id))

    def _search(self, message: Message) -> Page[Run]:
        answer = self._transport.call(message)
        return Page((wire.decode_run(one) for one in answer.get("runs", ())), answer.get("next_page_token") or None)


def _search(kind: Callable[..., Message], query: Query, **more: Any) -> Message:
    return kind(
        experiment_ids=query.experiment_ids,
        filter=filter_of(query),
        run_view_type=query.view,
        max_results=query.max_results,
        order_by=write_order(query.order_by),
        page_token=query.page_token,
        **more,
    )


def _parts(run_id: str, batch: RunBatch) -> Iterator[Message]:
    """The requests that MLflow's wire has for a batch, at least one."""
    others = bool(batch.datasets or batch.model_inputs or batch.model_outputs)
    if len(batch.metrics) == 1 and not batch.params and not batch.tags:
        yield _one_metric(run_id, batch.metrics[0])
    elif batch.metrics or batch.params or batch.tags or not others:
        yield requests.LogBatch(run_id=run_id, metrics=tuple(batch.metrics), params=_params(batch), tags=_tags(batch))
    if batch.datasets or batch.model_inputs:
        yield requests.LogInputs(run_id=run_id, datasets=_datasets(batch), models=tuple(batch.model_inputs))
    if batch.model_outputs:
        yield requests.LogOutputs(run_id=run_id, models=tuple(batch.model_outputs))


def _everything(run_id: str, batch: RunBatch) -> requests.LogRun:
    return requests.LogRun(
        run_id=run_id,
        metrics=tuple(batch.metrics),
        params=_params(batch),
        tags=_tags(batch),
        datasets=_datasets(batch),
        model_inputs=tuple(batch.model_inputs),
        model_outputs=tuple(batch.model_outputs),
    )


def _one_metric(run_id: str, metric: Metric) -> requests.LogMetric:
    return requests.LogMetric(
        run_id=run_id,
        key=metric.key,
        value=metric.value,
        timestamp=metric.timestamp,
        step=metric.step,
        model_id=metric.model_id,
        dataset_name=metric.dataset_name,
        dataset_digest=metric.dataset_digest,
    )


def _params(batch: RunBatch) -> tuple[Param, ...]:
    return tuple(Param(key, value) for key, value in batch.params.items())


def _tags(batch: RunBatch) -> tuple[Tag, ...]:
    return tuple(Tag(key, value) for key, value in batch.tags.items())


def _datasets(batch: RunBatch) -> tuple[DatasetInputMessage, ...]:
    return tuple(
        DatasetInputMessage(dataset=one.dataset, tags=tuple(Tag(key, value) for key, value in one.tags.items()))
        for one in batch.datasets
    )
