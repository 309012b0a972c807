"""What samples of a metric's history promise, of stores that take them themselves."""

from __future__ import annotations

import math
import random

import pytest

from windlass.entities import Metric
from windlass.errors import NotFound
from windlass.interfaces import RunBatch, SamplesMetrics, TrackingStore
from windlass.interfaces.metric_sampling import sample
from windlass.testing.comparison import canonical
from windlass.testing.samples import MISSING_RUN, metric, new_run

_ODD = (math.nan, math.inf, -math.inf, -0.0, 1e308)


def sampling(store: TrackingStore) -> SamplesMetrics:
    """The store's runs; skips where it does not sample."""
    if not isinstance(store.runs, SamplesMetrics):
        pytest.skip("this store takes no samples itself")
    return store.runs


def histories() -> dict[str, list[Metric]]:
    """Histories that are hard to sample, by name."""
    chance = random.Random(4)  # noqa: S311  a fixed sequence
    noise = [metric("m", chance.random(), step=step) for step in range(3000)]
    odd = [metric("m", chance.choice(_ODD), step=chance.randint(-9, 9), timestamp=at) for at in range(700)]
    late = [metric("m", chance.random(), timestamp=10 * at) for at in range(1500)]
    sparse = [metric("m", chance.random(), step=step if step < 1500 else step * 1000) for step in range(1600)]
    lost = [metric("m", math.nan, step=step) for step in range(400)]
    return {"noise": noise, "odd": odd, "one step": late, "sparse": sparse, "all NaN": lost}


class SamplingTests:
    """`sample_history` gives what `sample` gives of the whole history."""

    @pytest.mark.parametrize("name", list(histories()))
    def test_a_sample_is_that_of_the_whole_history(self, store: TrackingStore, name: str) -> None:
        runs = sampling(store)
        run_id = new_run(store, "0").info.run_id
        store.runs.log(run_id, RunBatch(metrics=random.Random(1).sample(histories()[name], len(histories()[name]))))  # noqa: S311  a fixed shuffle
        history = store.runs.metric_history(run_id, "m")
        for points, start, end in ((2, None, None), (3, 0, None), (9, 5, 1501), (40, None, 900), (5000, -3, None)):
            taken = runs.sample_history(run_id, "m", points=points, start_step=start, end_step=end)
            expected = [
                canonical(sample(history, points=points, start_step=start, end_step=end, grouped=grouped))
                for grouped in (True, False)
            ]
            assert canonical(taken) in expected
            assert len(taken) <= points

    def test_no_spike_is_lost(self, store: TrackingStore) -> None:
        runs = sampling(store)
        run_id = new_run(store, "0").info.run_id
        points = [
            metric("m", 99.0 if step == 1234 else -99.0 if step == 4321 else 0.0, step=step) for step in range(6000)
        ]
        store.runs.log(run_id, RunBatch(metrics=points))
        taken = runs.sample_history(run_id, "m", points=20)
        assert {1234, 4321, 0, 5999} <= {one.step for one in taken}

    def test_a_short_history_comes_whole(self, store: TrackingStore) -> None:
        runs = sampling(store)
        run_id = new_run(store, "0").info.run_id
        store.runs.log(run_id, RunBatch(metrics=[metric("m", 1.0, step=step) for step in range(5)]))
        assert runs.sample_history(run_id, "m", points=5) == store.runs.metric_history(run_id, "m")
        assert runs.sample_history(run_id, "never", points=5) == []

    def test_a_run_that_is_not_there_has_no_sample(self, store: TrackingStore) -> None:
        with pytest.raises(NotFound):
            sampling(store).sample_history(MISSING_RUN, "m", points=5)
