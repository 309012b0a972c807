"""What terms on the history of a metric promise."""

from __future__ import annotations

import math

import pytest

from windlass.interfaces import RunBatch, TrackingStore
from windlass.search import RUNS
from windlass.testing.run_search import names, one_by_one
from windlass.testing.samples import metric, new_experiment, new_run, query

_HISTORIES = {
    "a": [0.5, 0.1, math.nan, 0.9],
    "b": [math.nan, math.inf, 2.0],
    "c": [math.nan],
    "d": [-math.inf, 0.9],
    "e": [],
}


def scene(store: TrackingStore) -> str:
    """An experiment with a run for each of the histories, by name; f has a metric whose name ends like an aggregate."""
    experiment_id = new_experiment(store).experiment_id
    for number, (name, values) in enumerate(_HISTORIES.items()):
        run_id = new_run(store, experiment_id, run_name=name, start_time=number).info.run_id
        points = [metric("loss", value, step=step) for step, value in enumerate(values)]
        store.runs.log(run_id, RunBatch(metrics=points))
    run_id = new_run(store, experiment_id, run_name="f", start_time=9).info.run_id
    store.runs.log(
        run_id, RunBatch(metrics=[metric("loss.min", 7.0), metric("loss", 0.0), metric("loss", 1.0, step=1)])
    )
    return experiment_id


class HistoryTermTests:
    """`metrics.KEY.min`, `.max`, `.first` and `.last`."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("metrics.loss.min < 0.2", "ad"),
            ("metrics.loss.min <= 0.1", "ad"),
            ("metrics.loss.min > 0.1", "bf"),
            ("metrics.loss.min >= 0.1", "abf"),
            ("metrics.loss.min = 0.1", "a"),
            ("metrics.loss.min != 0.1", "bdf"),
            ("metrics.loss.min IN (0.1, 7)", "af"),
            ("metrics.loss.min NOT IN (0.1, 7)", "bd"),
            ("metrics.loss.min IS NULL", "ce"),
            ("metrics.loss.min IS NOT NULL", "abdf"),
            ("NOT metrics.loss.min < 0.2", "bcef"),
            ("metrics.`loss`.min < 0.2", "adf"),
            ("metrics.`loss.min` < 8", "f"),
            ("metrics.`loss.min` IS NULL", "abcde"),
            ("metrics.loss.max > 1e308", "b"),
            ("metrics.loss.max >= 0.9", "abdf"),
            ("metrics.loss.max < 1", "ad"),
            ("metrics.loss.max <= 0.9", "ad"),
            ("metrics.loss.max = 0.9", "ad"),
            ("metrics.loss.max != 0.9", "bf"),
            ("metrics.loss.max NOT IN (0.9, 1)", "b"),
            ("metrics.loss.first = 0.5", "a"),
            ("metrics.loss.first != 0.5", "bcdf"),
            ("metrics.loss.first < 0.6", "adf"),
            ("metrics.loss.first IS NULL", "e"),
            ("metrics.loss.last = 0.9", "ad"),
            ("metrics.loss.last != 0.9", "bcf"),
            ("metrics.loss.last > 1", "b"),
            ("metrics.loss.min < 0.2 AND metrics.loss.max < 1 AND NOT metrics.loss.first IN (0.5)", "d"),
        ],
    )
    def test_runs_are_filtered_by_the_history_of_a_metric(self, store: TrackingStore, text: str, expected: str) -> None:
        asked = query(RUNS, text, ["start_time"], experiment_ids=(scene(store),))
        assert names(store.runs.search(asked)) == expected

    @pytest.mark.parametrize(
        ("order_by", "expected"),
        [
            (["metrics.loss.min", "start_time"], "dabfce"),
            (["metrics.`loss`.min DESC", "start_time"], "bafdce"),
            (["metrics.loss.max DESC", "start_time"], "bfadce"),
            (["metrics.loss.first", "start_time"], "dfabce"),
            (["metrics.loss.last DESC", "start_time"], "bfadce"),
            (["metrics.`loss.min`", "start_time"], "fabcde"),
        ],
    )
    def test_runs_are_ordered_by_the_history_of_a_metric(
        self, store: TrackingStore, order_by: list[str], expected: str
    ) -> None:
        asked = query(RUNS, "", order_by, experiment_ids=(scene(store),))
        assert names(store.runs.search(asked)) == expected
        assert names(one_by_one(store, asked)) == expected
