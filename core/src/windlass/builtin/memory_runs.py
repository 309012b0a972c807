"""Runs in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, cast

from windlass.builtin import memory_search
from windlass.builtin.memory_log import RUN_NAME_TAG, check_params, log
from windlass.builtin.memory_run_values import sort_value, values
from windlass.builtin.memory_state import Point, TrackingState
from windlass.entities import LifecycleStage, Metric, Page, Run, RunInfo, RunInputs, RunOutputs
from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import RunBatch, RunStore, RunUpdate
from windlass.search import Field, FieldKind, IsNull, Query, decode_cursor, encode_cursor


class MemoryRunStore(RunStore):
    """The runs of a memory store."""

    def __init__(self, state: TrackingState) -> None:
        self._state = state

    def create(self, run: Run) -> Run:
        """Keep a new run with all it holds."""
        state, run_id = self._state, run.info.run_id
        with state.lock:
            state.check_experiment(run.info.experiment_id)
            if run_id in state.runs:
                raise AlreadyExists(f"run {run_id} exists already", field="run_id")
            # What the run holds is logged to it, so that it is kept under the same rules.
            data = replace(run.data, latest_metrics=(), params=dict(run.data.params), tags=dict(run.data.tags))
            state.runs[run_id] = Run(run.info, data, RunInputs(), RunOutputs())
            state.histories[run_id] = {}
            batch = RunBatch(
                metrics=run.data.latest_metrics,
                datasets=run.inputs.dataset_inputs,
                model_inputs=run.inputs.model_inputs,
                model_outputs=run.outputs.model_outputs,
            )
            log(state, run_id, batch)
            return self.get(run_id)

    def get(self, run_id: str) -> Run:
        """The run, deleted or not, with the latest point of each metric."""
        with self._state.lock:
            run = self._find(run_id)
            return replace(run, data=replace(run.data, latest_metrics=self._latest(run_id)))

    def update(self, run_id: str, update: RunUpdate) -> Run:
        """Change what `update` names."""
        state = self._state
        with state.lock:
            run = self._find(run_id)
            if (update.status, update.end_time, update.run_name, update.deleted_tags) != (None, None, None, ()):
                _check_active(run.info)
            tags = {key: value for key, value in run.data.tags.items() if key not in update.deleted_tags}
            if update.run_name is not None:
                tags[RUN_NAME_TAG] = update.run_name
            changes: dict[str, Any] = {
                "status": update.status,
                "end_time": update.end_time,
                "run_name": update.run_name,
                "lifecycle_stage": update.lifecycle_stage,
            }
            named = {name: value for name, value in changes.items() if value is not None}
            info = replace(run.info, **named)
            state.runs[run_id] = replace(run, info=info, data=replace(run.data, tags=tags))
            if update.lifecycle_stage is not None:
                state.deleted_with.discard(run_id)
            return self.get(run_id)

    def log(self, run_id: str, batch: RunBatch) -> None:
        """Keep the whole batch or nothing of it."""
        with self._state.lock:
            run = self._find(run_id)
            _check_active(run.info)
            check_params(f"run {run_id}", run.data.params, batch.params)
            log(self._state, run_id, batch)

    def search(self, query: Query) -> Page[Run]:
        """One page of the runs that match."""
        with self._state.lock:
            runs = [
                self.get(run_id)
                for run_id, run in self._state.runs.items()
                if run.info.experiment_id in query.experiment_ids and query.view.shows(run.info.lifecycle_stage)
            ]
            key = self._state.page_key + b"runs"
            histories = self._state.histories
            page = memory_search.search(
                runs,
                query,
                values=lambda run, field: values(run, field, histories[run.info.run_id]),
                sort_value=lambda run, order: sort_value(run, order, histories[run.info.run_id]),
                key=key,
            )
        return page if query.select is None else Page(map(query.select.apply, page), page.token)

    def metric_history(
        self, run_id: str, key: str, *, max_results: int | None = None, page_token: str | None = None
    ) -> Page[Metric]:
        """The points of a metric in the order of step, timestamp and value."""
        with self._state.lock:
            self._find(run_id)
            history = dict(self._state.histories[run_id].get(key, {}))
        query = Query(filter=IsNull(Field(FieldKind.METRIC, key)), experiment_ids=(run_id,), page_token=page_token)
        signing_key = self._state.page_key + b"history"
        points = sorted(history)
        after = decode_cursor(query, signing_key)
        rest = points if after is None else points[bisect_right(points, cast("Point", tuple(after))) :]
        page = rest[:max_results]
        token = encode_cursor(page[-1], query, signing_key) if len(page) < len(rest) else None
        return Page([history[one] for one in page], token)

    def purge(self, run_id: str) -> None:
        """Remove a deleted run and all it logged for good."""
        with self._state.lock:
            if self._find(run_id).info.lifecycle_stage != LifecycleStage.DELETED:
                raise Conflict(f"run {run_id} is active", hint="delete it first")
            self._state.forget_run(run_id)

    def histories(
        self, run_ids: Sequence[str], *, max_results: int, page_token: str | None = None
    ) -> Page[tuple[str, Metric]]:
        """All points of all metrics of the runs."""
        with self._state.lock:
            found = [
                (run_id, points[place])
                for run_id in run_ids
                for points in self._state.histories.get(run_id, {}).values()
                for place in sorted(points)
            ]
        query = Query(experiment_ids=tuple(run_ids), page_token=page_token)
        signing_key = self._state.page_key + b"histories"
        after = decode_cursor(query, signing_key)
        start = 0 if after is None else int(cast("int", after[0]))
        end = start + max_results
        token = encode_cursor([end], query, signing_key) if end < len(found) else None
        return Page(found[start:end], token)

    def deleted_alone(self, run_ids: Collection[str]) -> frozenset[str]:
        """Those of the runs that are in the bin without their experiment."""
        state = self._state
        with state.lock:
            found = (state.runs[one].info for one in run_ids if one in state.runs and one not in state.deleted_with)
            return frozenset(one.run_id for one in found if one.lifecycle_stage == LifecycleStage.DELETED)

    def _find(self, run_id: str) -> Run:
        if run_id not in self._state.runs:
            raise NotFound(f"there is no run {run_id!r}")
        return self._state.runs[run_id]

    def _latest(self, run_id: str) -> tuple[Metric, ...]:
        histories = self._state.histories[run_id]
        # Of points that differ only in what was measured, the one logged first stays the latest.
        return tuple(max(histories[key].values(), key=lambda metric: metric.order) for key in sorted(histories))


def _check_active(info: RunInfo) -> None:
    if info.lifecycle_stage != LifecycleStage.ACTIVE:
        raise Conflict(f"run {info.run_id} is deleted", hint="restore it first")
