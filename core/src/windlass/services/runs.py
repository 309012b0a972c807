"""Runs: what can be done with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from windlass.entities import (
    DatasetInput,
    EncodedPage,
    LifecycleStage,
    Metric,
    ModelInput,
    ModelOutput,
    Page,
    Run,
    RunData,
    RunEvent,
    RunInfo,
    RunStatus,
)
from windlass.errors import InvalidValue, Unsupported
from windlass.interfaces import EncodesPages, RunBatch, RunUpdate, StreamsRuns, TrackingStore
from windlass.interfaces.metric_sampling import MAX_POINTS, MIN_POINTS, SamplesMetrics, sample
from windlass.plugins import PluginManager
from windlass.search import RUNS, Query
from windlass.services.identity import new_name, new_run_id, now_ms
from windlass.services.limits import (
    MAX_RESULTS,
    MAX_RUN_NAME,
    check_datasets,
    check_int64,
    check_key,
    check_max_results,
    check_metrics,
    check_outputs,
    check_params,
    check_tags,
    check_text,
    check_time,
)
from windlass.services.paging import Search
from windlass.services.run_watch import RunWatch
from windlass.services.visibility import EVERYTHING, Visibility
from windlass.uri import join
from windlass.wire.metric import encode_metric
from windlass.wire.run import encode_run

RUN_NAME_TAG = "mlflow.runName"
USER_TAG = "mlflow.user"
_MOST_LOCATIONS = 10_000
PARENT_TAG = "mlflow.parentRunId"
NOTE_TAG = "mlflow.note.content"
DELETED_TAG = "windlass.deletedTime"
DELETED_BY_TAG = "windlass.deletedBy"
_MAX_HISTORY = 1_000_000


class RunService:
    """Runs of one tracking store."""

    def __init__(self, store: TrackingStore, plugins: PluginManager, visibility: Visibility = EVERYTHING) -> None:
        self._store = store
        self._plugins = plugins
        self._visibility = visibility
        self._locations: dict[str, str] = {}

    def create(
        self,
        experiment_id: str,
        *,
        run_name: str | None = None,
        user_id: str | None = None,
        start_time: int | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Run:
        """A new running run; without a name it gets one that people can say."""
        checked = check_tags(tags)
        tagged = checked.get(RUN_NAME_TAG)
        if run_name and tagged and run_name != tagged:
            raise InvalidValue("run_name", run_name, f"differs from the tag {RUN_NAME_TAG}, which is {tagged!r}")
        name = check_text("run_name", run_name or tagged or new_name(), MAX_RUN_NAME)
        run_id = new_run_id()
        info = RunInfo(
            run_id=run_id,
            experiment_id=str(experiment_id),
            run_name=name,
            user_id=check_text("user_id", user_id or checked.get(USER_TAG, ""), MAX_RUN_NAME),
            start_time=now_ms() if start_time is None else check_time("start_time", start_time),
            artifact_uri=self._artifact_uri(str(experiment_id), run_id),
        )
        run = self._store.runs.create(Run(info, RunData(tags={**checked, RUN_NAME_TAG: name})))
        if not self._store.is_remote:
            self._plugins.run_created(run)
        return run

    def get(self, run_id: str) -> Run:
        """The run, deleted or not."""
        return self._store.runs.get(run_id)

    def update(
        self, run_id: str, *, status: str | None = None, end_time: int | None = None, run_name: str | None = None
    ) -> Run:
        """Change status, end or name; an empty name changes nothing."""
        if status is not None and status not in set(RunStatus):
            raise InvalidValue("status", status, "is not known", limit=", ".join(RunStatus))
        update = RunUpdate(
            status=None if status is None else str(status),
            end_time=None if end_time is None else check_time("end_time", end_time),
            run_name=check_text("run_name", run_name, MAX_RUN_NAME) if run_name else None,
        )
        run = self._store.runs.update(run_id, update)
        if status is not None and RunStatus.is_terminated(status) and not self._store.is_remote:
            self._plugins.run_finished(run)
        return run

    def finish(self, run_id: str, status: str = RunStatus.FINISHED, end_time: int | None = None) -> Run:
        """Bring the run to its end, now unless said otherwise."""
        return self.update(run_id, status=status, end_time=now_ms() if end_time is None else end_time)

    def delete(self, run_id: str, *, by: str | None = None) -> None:
        """Move the run to the bin; nothing happens if it is there. `by` tells which part of the platform did it."""
        if self.get(run_id).info.lifecycle_stage == LifecycleStage.DELETED:
            return
        if not self._store.is_remote:
            # When it was deleted, so that the garbage collection can spare the recent ones.
            marks = {DELETED_TAG: str(now_ms())} | ({DELETED_BY_TAG: by} if by else {})
            self._store.runs.log(run_id, RunBatch(tags=marks))
        self._store.runs.update(run_id, RunUpdate(lifecycle_stage=LifecycleStage.DELETED))

    def restore(self, run_id: str) -> None:
        """Take the run out of the bin; nothing happens if it is not there."""
        if self.get(run_id).info.lifecycle_stage == LifecycleStage.ACTIVE:
            return
        self._store.runs.update(run_id, RunUpdate(lifecycle_stage=LifecycleStage.ACTIVE))
        if not self._store.is_remote:
            self._store.runs.update(run_id, RunUpdate(deleted_tags=(DELETED_TAG,)))

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag; nothing happens if it is missing."""
        self._store.runs.update(run_id, RunUpdate(deleted_tags=(check_key("tag key", key),)))

    def log(
        self,
        run_id: str,
        *,
        metrics: Iterable[Metric] = (),
        params: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        datasets: Iterable[DatasetInput] = (),
        model_inputs: Iterable[ModelInput] = (),
        model_outputs: Iterable[ModelOutput] = (),
    ) -> None:
        """Log all of it in one atomic, durable step, or none of it."""
        batch = RunBatch(
            metrics=check_metrics(metrics),
            params=check_params(params) if params else {},
            tags=check_tags(tags) if tags else {},
            datasets=check_datasets(datasets) if datasets else (),
            model_inputs=tuple(model_inputs),
            model_outputs=check_outputs(model_outputs) if model_outputs else (),
        )
        self._store.runs.log(run_id, batch)

    def metric_history(
        self, run_id: str, key: str, *, max_results: int | None = None, page_token: str | None = None
    ) -> Page[Metric]:
        """The points of a metric by step, timestamp and value; all of them without `max_results`."""
        if max_results is not None:
            check_max_results(max_results, _MAX_HISTORY)
        return self._store.runs.metric_history(
            run_id, check_key("metric key", key), max_results=max_results, page_token=page_token or None
        )

    def sample_history(
        self, run_id: str, key: str, *, points: int = 1000, start_step: int | None = None, end_step: int | None = None
    ) -> list[Metric]:
        """At most `points` points of a metric between two steps that show what all of them do, spikes included."""
        if not MIN_POINTS <= check_int64("points", points) <= MAX_POINTS:
            raise InvalidValue("points", points, "is out of range", limit=f"{MIN_POINTS} … {MAX_POINTS}")
        if start_step is not None and end_step is not None and start_step > end_step:
            raise InvalidValue("end_step", end_step, f"lies before start_step {start_step}")
        checked, store = check_key("metric key", key), self._store.runs
        if isinstance(store, SamplesMetrics):
            return store.sample_history(run_id, checked, points=points, start_step=start_step, end_step=end_step)
        history = store.metric_history(run_id, checked)
        return sample(history, points=points, start_step=start_step, end_step=end_step)

    def watch(self, run_id: str, mark: str | None = None) -> RunWatch:
        """What happens to the run from now on, or since the mark of an earlier watch."""
        return RunWatch(self._store.runs, run_id, mark)

    def follow(self, run_id: str) -> Iterator[RunEvent]:
        """What happens to the run from now on until it ends, the run as it is first."""
        store = self._store.runs
        if isinstance(store, StreamsRuns):
            try:
                yield from store.stream_run(run_id)
            except Unsupported:
                yield from self.watch(run_id)
        else:
            yield from self.watch(run_id)

    def search(self, experiment_ids: Iterable[str], **search: Any) -> Page[Run]:
        """One page of the runs that match; the other arguments are the fields of `Search`."""
        query = self._query(experiment_ids, search)
        return self._store.runs.search(query) if query.experiment_ids else Page()

    def search_encoded(self, experiment_ids: Iterable[str], **search: Any) -> EncodedPage:
        """The same page as JSON; much faster than encoding runs where the store can do it."""
        store = self._store.runs
        if not isinstance(store, EncodesPages):
            page = self.search(experiment_ids, **search)
            return EncodedPage(_json([encode_run(run) for run in page]), page.token)
        query = self._query(experiment_ids, search)
        return store.search_encoded(query) if query.experiment_ids else EncodedPage()

    def metric_history_encoded(
        self, run_id: str, key: str, *, max_results: int | None = None, page_token: str | None = None
    ) -> EncodedPage:
        """The points of a metric as JSON; much faster than encoding metrics where the store can do it."""
        store = self._store.runs
        if not isinstance(store, EncodesPages):
            page = self.metric_history(run_id, key, max_results=max_results, page_token=page_token)
            return EncodedPage(_json([encode_metric(one) for one in page]), page.token)
        if max_results is not None:
            check_max_results(max_results, _MAX_HISTORY)
        return store.metric_history_encoded(
            run_id, check_key("metric key", key), max_results=max_results, page_token=page_token or None
        )

    def _query(self, experiment_ids: Iterable[str], search: Mapping[str, Any]) -> Query:
        shown = self._visibility.experiment_ids(experiment_ids)
        return Search(experiment_ids=shown, **search).query(RUNS, limit=MAX_RESULTS)

    def _artifact_uri(self, experiment_id: str, run_id: str) -> str:
        if self._store.is_remote:
            return ""
        if (location := self._locations.get(experiment_id)) is None:
            if len(self._locations) >= _MOST_LOCATIONS:
                self._locations.clear()
            # It never changes; whether the experiment is still there, the store sees itself.
            location = self._store.experiments.get(experiment_id).artifact_location
            self._locations[experiment_id] = location
        return join(location, run_id, "artifacts")


def _json(values: list[Any]) -> str:
    return json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
