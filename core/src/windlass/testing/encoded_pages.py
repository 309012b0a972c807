"""What encoded pages promise, of stores that encode them themselves."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from windlass.entities import Dataset, DatasetInput, EncodedPage, ModelInput, ModelOutput
from windlass.interfaces import EncodesPages, RunBatch, TrackingStore
from windlass.search import RUNS, parse_select
from windlass.testing.samples import HARD_TEXTS, metric, new_experiment, new_run, query
from windlass.wire.metric import encode_metric
from windlass.wire.run import encode_run

_ODD = (math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7976931348623157e308, 0.1, 1e16, 1.0)
_SELECTIONS = (None, (), ("metrics.m1", "params.*"), ("tags.t0", "inputs"), ("outputs", "metrics.missing"))


def encoding(store: TrackingStore) -> EncodesPages:
    """The store's runs; skips where it does not encode."""
    if not isinstance(store.runs, EncodesPages):
        pytest.skip("this store encodes no pages itself")
    return store.runs


class EncodedPageTests:
    """An encoded page is what encoding the page's entities gives."""

    @pytest.mark.parametrize("select", _SELECTIONS, ids=str)
    def test_encoded_runs_are_the_runs(self, store: TrackingStore, select: tuple[str, ...] | None) -> None:
        runs = encoding(store)
        experiment_id = _fill(store)
        chosen = None if select is None else parse_select(select)
        asked = query(RUNS, experiment_ids=(experiment_id,), max_results=3, select=chosen)
        expected, page = store.runs.search(asked), runs.search_encoded(asked)
        assert _read(page) == [encode_run(run) for run in expected]
        assert page.token == expected.token

    def test_an_encoded_page_without_runs_is_empty(self, store: TrackingStore) -> None:
        asked = query(RUNS, "metrics.none > 1", experiment_ids=(new_experiment(store).experiment_id,))
        assert encoding(store).search_encoded(asked) == EncodedPage()

    def test_encoded_points_are_the_points(self, store: TrackingStore) -> None:
        runs = encoding(store)
        run_id = new_run(store, "0").info.run_id
        points = [metric('key "x"', value, step=step, timestamp=7) for step, value in enumerate(_ODD)]
        measured = metric('key "x"', 0.5, step=99, model_id="m-1", dataset_name='a "set"', dataset_digest="d")
        store.runs.log(run_id, RunBatch(metrics=[*points, measured]))
        expected = store.runs.metric_history(run_id, 'key "x"', max_results=4)
        page = runs.metric_history_encoded(run_id, 'key "x"', max_results=4)
        assert (_read(page), page.token) == ([encode_metric(one) for one in expected], expected.token)
        rest = runs.metric_history_encoded(run_id, 'key "x"', page_token=page.token)
        assert _read(page) + _read(rest) == [encode_metric(one) for one in [*points, measured]]
        assert "-0.0" in page.json


def _fill(store: TrackingStore) -> str:
    """Four runs whose values are hard to encode, in an experiment of their own."""
    experiment_id = new_experiment(store).experiment_id
    for number in range(4):
        run_id = new_run(store, experiment_id, run_name='a "run"\t', start_time=number).info.run_id
        odd = [metric(f"m{place}", value, step=-place) for place, value in enumerate(_ODD[number:])]
        batch = RunBatch(metrics=odd, tags={f"t{place}": text for place, text in enumerate(HARD_TEXTS)})
        store.runs.log(run_id, batch)
        store.runs.log(run_id, RunBatch(params={f"p{place}": text for place, text in enumerate(HARD_TEXTS[number:])}))
    data = Dataset("set", "d1", "local", 'a "file"', None, "{}")
    read = RunBatch(datasets=[DatasetInput(data, {"mlflow.data.context": "train"})], model_inputs=[ModelInput("m-1")])
    store.runs.log(run_id, read)
    store.runs.log(run_id, RunBatch(model_outputs=[ModelOutput("m-2", 3)]))
    new_run(store, experiment_id, start_time=9)
    return experiment_id


def _read(page: EncodedPage) -> Any:
    return json.loads(page.json)
