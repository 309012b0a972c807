"""What the history of a metric promises."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest

from windlass.entities import Metric
from windlass.errors import InvalidQuery
from windlass.interfaces import ReadsHistories, RunBatch, TrackingStore
from windlass.testing.comparison import canonical
from windlass.testing.samples import MISSING_RUN, metric, new_run


class MetricHistoryTests:
    """All points of a metric, whole or page by page."""

    def test_points_come_by_step_then_timestamp_then_value(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        points = [
            metric("m", 5.0, step=-3, timestamp=9),
            metric("m", -math.inf, step=1, timestamp=1),
            metric("m", 1.0, step=1, timestamp=1),
            metric("m", math.inf, step=1, timestamp=1),
            metric("m", 0.0, step=1, timestamp=2),
            metric("m", 0.0, step=2, timestamp=1),
        ]
        shuffled = random.Random(1).sample(points, len(points))  # noqa: S311  a fixed shuffle
        store.runs.log(run_id, RunBatch(metrics=shuffled))
        assert store.runs.metric_history(run_id, "m") == points

    def test_nan_comes_before_the_numbers_of_its_time(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        store.runs.log(run_id, RunBatch(metrics=[metric("m", -math.inf), metric("m", math.nan)]))
        values = [one.value for one in store.runs.metric_history(run_id, "m")]
        assert math.isnan(values[0])
        assert values[1] == -math.inf

    def test_a_metric_that_was_never_logged_has_no_points(self, store: TrackingStore) -> None:
        assert store.runs.metric_history(new_run(store, "0").info.run_id, "never") == []

    def test_another_run_or_key_does_not_show_up(self, store: TrackingStore) -> None:
        one, other = new_run(store, "0").info.run_id, new_run(store, "0").info.run_id
        store.runs.log(one, RunBatch(metrics=[metric("m", 1.0), metric("m2", 2.0)]))
        store.runs.log(other, RunBatch(metrics=[metric("m", 3.0)]))
        assert store.runs.metric_history(one, "m") == [metric("m", 1.0)]

    def test_pages_give_every_point_once_while_points_are_added(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        points = [metric("m", value, step=step) for step in range(5) for value in (math.nan, 1.0)]
        store.runs.log(run_id, RunBatch(metrics=points))
        seen: list[Metric] = []
        token = None
        while True:
            page = store.runs.metric_history(run_id, "m", max_results=3, page_token=token)
            seen += page
            store.runs.log(run_id, RunBatch(metrics=[metric("m", float(len(seen)), step=-len(seen))]))
            if page.token is None:
                break
            token = page.token
        assert [one.order for one in seen] == [one.order for one in points]

    def test_a_page_that_ends_with_the_last_point_has_no_token(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        store.runs.log(run_id, RunBatch(metrics=[metric("m", 1.0, step=step) for step in range(4)]))
        first = store.runs.metric_history(run_id, "m", max_results=2)
        second = store.runs.metric_history(run_id, "m", max_results=2, page_token=first.token)
        assert ([one.step for one in second], second.token) == ([2, 3], None)

    def test_a_foreign_or_forged_token_is_refused(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        points = [metric(key, 1.0, step=step) for step in range(2) for key in ("m", "n")]
        store.runs.log(run_id, RunBatch(metrics=points))
        token = store.runs.metric_history(run_id, "m", max_results=1).token
        assert token is not None
        for key, forged in (("n", token), ("m", token[:-2] + "zz"), ("m", "bm9uc2Vuc2U")):
            with pytest.raises(InvalidQuery):
                store.runs.metric_history(run_id, key, max_results=1, page_token=forged)

    @pytest.mark.parametrize("size", [1, 3, 7, 1000])
    def test_the_histories_of_many_runs_are_read_at_once(self, store: TrackingStore, size: int) -> None:
        runs = store.runs
        if not isinstance(runs, ReadsHistories):
            pytest.skip("this store reads one history after the other")
        ids = [new_run(store, "0").info.run_id for _ in range(4)]
        points = [
            *(metric("a", value, step=step) for step in (2, -1) for value in (1.0, -math.inf, math.nan)),
            *(metric("ü", 2.0, timestamp=at, model_id="m-1", dataset_name="d") for at in (3, 2, 5)),
            metric("b", -1.0),
        ]
        for run_id in ids[:3]:
            runs.log(run_id, RunBatch(metrics=points))
        asked = [*ids[1:], MISSING_RUN]
        page = runs.histories(asked, max_results=size)
        found = list(page)
        while page.token is not None:
            assert len(page) == size
            page = runs.histories(asked, max_results=size, page_token=page.token)
            found += page
        assert len(found) == 2 * len(points)
        for run_id in ids[1:3]:
            for key in ("a", "ü", "b"):
                own = [one for owner, one in found if (owner, one.key) == (run_id, key)]
                assert canonical(own) == canonical(list(runs.metric_history(run_id, key)))
        order = [(owner, one.key) for owner, one in found]
        assert len([1 for one, other in pairwise(order) if one != other]) == 5
