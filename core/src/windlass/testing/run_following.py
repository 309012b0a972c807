"""What following a run promises, of stores that have abilities for it."""

from __future__ import annotations

import math

import pytest

from windlass.entities import EventKind, Metric
from windlass.errors import NotFound, Unsupported
from windlass.interfaces import FollowsMetrics, RunBatch, RunUpdate, StreamsRuns, TrackingStore
from windlass.testing.comparison import canonical
from windlass.testing.samples import MISSING_RUN, metric, new_run


class FollowingTests:
    """`points_behind` and `stream_run`."""

    def test_points_are_read_on_from_any_point(self, store: TrackingStore) -> None:
        runs = store.runs
        if not isinstance(runs, FollowsMetrics):
            pytest.skip("this store cannot read on from a point")
        run_id = new_run(store, "0").info.run_id
        values = (math.nan, -math.inf, 1.0, math.inf)
        points = [metric("m", value, step=step, timestamp=at) for step in (-1, 4) for at in (1, 2) for value in values]
        store.runs.log(run_id, RunBatch(metrics=[*points, metric("n", 1.0)]))
        assert canonical(runs.points_behind(run_id, "m", None, limit=3)) == canonical(points[:3])
        for place, one in enumerate(points):
            behind = runs.points_behind(run_id, "m", (one.step, one.timestamp, one.value), limit=100)
            assert canonical(behind) == canonical(points[place + 1 :])
        assert runs.points_behind(run_id, "never", None, limit=3) == []

    def test_a_stream_tells_the_run_and_what_happens_until_its_end(self, store: TrackingStore) -> None:
        if not isinstance(store.runs, StreamsRuns):
            pytest.skip("this store learns nothing by itself")
        run_id = new_run(store, "0").info.run_id
        told: list[Metric] = []
        try:
            for event in store.runs.stream_run(run_id):
                if event.kind is EventKind.RUN:
                    store.runs.log(run_id, RunBatch(metrics=[metric("m", math.nan), metric("m", 2.0, step=1)]))
                elif event.kind is EventKind.METRICS:
                    told += event.metrics
                    store.runs.update(run_id, RunUpdate(status="FINISHED", end_time=7))
                last = event
        except Unsupported:
            pytest.skip("the other side has no events")
        assert canonical(told) == canonical([metric("m", math.nan), metric("m", 2.0, step=1)])
        assert (last.kind, last.run.info.status, last.run.info.end_time) == (EventKind.END, "FINISHED", 7)

    def test_a_run_that_is_not_there_has_no_stream(self, store: TrackingStore) -> None:
        if not isinstance(store.runs, StreamsRuns):
            pytest.skip("this store learns nothing by itself")
        with pytest.raises(NotFound):
            next(store.runs.stream_run(MISSING_RUN))
