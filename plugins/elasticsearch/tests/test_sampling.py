"""Samples of histories that are too long to be read for them."""

from __future__ import annotations

import math
import random

import pytest

from windlass.entities import Metric
from windlass.interfaces import RunBatch
from windlass.interfaces.metric_sampling import sample
from windlass.testing.comparison import canonical
from windlass.testing.samples import new_run
from windlass_elasticsearch import sampling

CHANCE = random.Random(7)
ODD = (math.nan, math.inf, -math.inf, -0.0, 0.0, 1.5)
HISTORIES = {
    "noise": [Metric("m", CHANCE.random(), step, step) for step in range(3000)],
    "odd": [Metric("m", CHANCE.choice(ODD), at, CHANCE.randint(-50, 50)) for at in range(2000)],
    "one step": [Metric("m", CHANCE.random(), 17 * at) for at in range(2000)],
    "gaps": [Metric("m", CHANCE.random(), 0, step if step < 1000 else step * 997) for step in range(2000)],
    "all NaN": [Metric("m", math.nan, at, at) for at in range(500)],
    "beyond floats": [Metric("m", CHANCE.random(), 0, 2**62 + 3 * step) for step in range(500)],
    "equal": [Metric("m", 1.0, at, at) for at in range(500)],
}


@pytest.mark.parametrize("name", HISTORIES)
def test_what_the_cluster_takes_is_the_sample_of_each_point_by_itself(store, monkeypatch, name):
    monkeypatch.setattr(sampling, "_READ", 10)
    run_id = new_run(store, "0").info.run_id
    store.runs.log(run_id, RunBatch(metrics=CHANCE.sample(HISTORIES[name], len(HISTORIES[name]))))
    history = store.runs.metric_history(run_id, "m")
    for points, start, end in (
        (2, None, None),
        (3, 0, None),
        (4, None, None),
        (9, -3, 700),
        (40, None, 900),
        (2500, 1, None),
    ):
        taken = store.runs.sample_history(run_id, "m", points=points, start_step=start, end_step=end)
        expected = sample(history, points=points, start_step=start, end_step=end, grouped=False)
        assert canonical(taken) == canonical(expected), (points, start, end)
        assert len(taken) <= points


def test_a_history_longer_than_one_answer_is_read_whole(store, monkeypatch):
    monkeypatch.setattr("windlass_elasticsearch.points._AT_ONCE", 300)
    run_id = new_run(store, "0").info.run_id
    points = [
        Metric("m", float(step % 7), step // 3, step // 2, "m-1" if step % 100 == 0 else None) for step in range(1000)
    ]
    store.runs.log(run_id, RunBatch(metrics=points))
    history = store.runs.metric_history(run_id, "m")
    assert history == sorted(points, key=lambda one: one.order)
