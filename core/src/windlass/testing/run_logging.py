"""What logging to a run promises."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import pytest

from windlass.entities import Dataset, DatasetInput, ModelInput, ModelOutput
from windlass.errors import Conflict
from windlass.interfaces import RunBatch, TrackingStore
from windlass.testing.samples import metric, new_logged_model, new_run

BIG = 2**63 - 1


class LoggingTests:
    """Batches of metrics, params, tags, inputs and outputs."""

    def test_a_batch_is_kept_whole(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0", run_name="n").info.run_id
        store.runs.log(run_id, RunBatch(metrics=[metric("m", 1.0)], params={"p": "1"}, tags={"t": "2"}))
        data = store.runs.get(run_id).data
        assert data.latest_metrics == (metric("m", 1.0),)
        assert (dict(data.params), dict(data.tags)) == ({"p": "1"}, {"t": "2", "mlflow.runName": "n"})

    def test_an_empty_batch_changes_nothing(self, store: TrackingStore) -> None:
        run = new_run(store, "0")
        store.runs.log(run.info.run_id, RunBatch())
        assert store.runs.get(run.info.run_id) == run

    def test_a_param_is_written_once(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        store.runs.log(run_id, RunBatch(params={"lr": "0.1"}))
        store.runs.log(run_id, RunBatch(params={"lr": "0.1", "depth": "3"}))
        with pytest.raises(Conflict) as caught:
            store.runs.log(run_id, RunBatch(params={"lr": "0.2"}))
        assert "lr" in caught.value.message
        assert dict(store.runs.get(run_id).data.params) == {"lr": "0.1", "depth": "3"}

    def test_a_batch_with_one_conflicting_param_leaves_nothing(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        store.runs.log(run_id, RunBatch(params={"lr": "0.1"}))
        before = store.runs.get(run_id)
        batch = RunBatch(
            metrics=[metric("m", 1.0)],
            params={"a": "1", "lr": "0.2", "z": "1"},
            tags={"t": "1", "mlflow.runName": "x"},
        )
        with pytest.raises(Conflict):
            store.runs.log(run_id, batch)
        assert store.runs.get(run_id) == before
        assert store.runs.metric_history(run_id, "m") == []

    @pytest.mark.parametrize("value", [math.inf, -math.inf, 1.7976931348623157e308, 5e-324, -1e-300, 0.1 + 0.2, 0.0])
    def test_a_value_leaves_as_it_came(self, store: TrackingStore, value: float) -> None:
        run_id = new_run(store, "0").info.run_id
        store.runs.log(run_id, RunBatch(metrics=[metric("m", value)]))
        assert store.runs.get(run_id).data.metrics == {"m": value}
        assert store.runs.metric_history(run_id, "m") == [metric("m", value)]

    def test_nan_leaves_as_it_came(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        store.runs.log(run_id, RunBatch(metrics=[metric("m", math.nan)]))
        assert math.isnan(store.runs.get(run_id).data.metrics["m"])
        assert math.isnan(store.runs.metric_history(run_id, "m")[0].value)

    def test_minus_zero_keeps_its_sign(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        store.runs.log(run_id, RunBatch(metrics=[metric("m", -0.0)]))
        assert math.copysign(1, store.runs.get(run_id).data.metrics["m"]) == -1
        assert math.copysign(1, store.runs.metric_history(run_id, "m")[0].value) == -1

    @pytest.mark.parametrize(("timestamp", "step"), [(0, -(2**63)), (BIG, BIG), (2**53 + 1, -1)])
    def test_whole_numbers_of_64_bits_leave_as_they_came(self, store: TrackingStore, timestamp: int, step: int) -> None:
        run_id = new_run(store, "0").info.run_id
        point = metric("m", 1.0, timestamp=timestamp, step=step)
        store.runs.log(run_id, RunBatch(metrics=[point]))
        assert store.runs.get(run_id).data.latest_metrics == (point,)
        assert store.runs.metric_history(run_id, "m") == [point]

    def test_the_latest_point_has_the_highest_step_then_timestamp_then_value(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        newest = metric("m", 3.0, step=5, timestamp=2)
        older = [
            metric("m", 9.0, step=3, timestamp=99),
            metric("m", 9.0, step=5, timestamp=1),
            metric("m", 2.0, step=5, timestamp=2),
            metric("m", math.nan, step=5, timestamp=2),
            metric("m", -math.inf, step=5, timestamp=2),
        ]
        for batch in (older[:2], [newest], older[2:]):
            store.runs.log(run_id, RunBatch(metrics=batch))
        assert store.runs.get(run_id).data.latest_metrics == (newest,)

    def test_the_latest_point_is_found_within_one_batch(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        points = [metric("m", float(value), step=step) for step, value in [(2, 1), (9, 5), (9, 7), (3, 99)]]
        store.runs.log(run_id, RunBatch(metrics=points))
        assert store.runs.get(run_id).data.latest_metrics == (metric("m", 7.0, step=9),)

    def test_any_number_is_newer_than_nan(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        for value in (math.nan, -math.inf, math.nan):
            store.runs.log(run_id, RunBatch(metrics=[metric("m", value)]))
        assert store.runs.get(run_id).data.metrics == {"m": -math.inf}

    def test_equal_points_collapse(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        points = [metric("m", 1.0), metric("m", 1.0), metric("m", math.nan), metric("m", math.nan)]
        store.runs.log(run_id, RunBatch(metrics=points))
        store.runs.log(run_id, RunBatch(metrics=points))
        assert len(store.runs.metric_history(run_id, "m")) == 2

    def test_the_first_of_equal_points_stays_whatever_model_another_names(self, store: TrackingStore) -> None:
        run_id, model_id = new_run(store, "0").info.run_id, new_logged_model(store, "0").model_id
        first, second = metric("m", 1.0), metric("m", 1.0, model_id=model_id, dataset_name="d", dataset_digest="1")
        for point in (first, second):
            store.runs.log(run_id, RunBatch(metrics=[point]))
        assert store.runs.metric_history(run_id, "m") == [first]
        assert store.runs.get(run_id).data.latest_metrics == (first,)
        assert store.logged_models.get(model_id).metrics == (second,)

    def test_a_thousand_points_fit_into_a_batch(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        points = [metric(f"m{number % 7}", float(number), step=number) for number in range(1000)]
        store.runs.log(run_id, RunBatch(metrics=points))
        assert sum(len(store.runs.metric_history(run_id, f"m{number}")) for number in range(7)) == 1000
        assert store.runs.get(run_id).data.metrics["m5"] == 999.0 - (999 - 5) % 7

    def test_inputs_and_outputs_are_kept_in_order_and_once(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        train = DatasetInput(Dataset("d", "1", "local", "{}"), {"mlflow.data.context": "training"})
        test = DatasetInput(Dataset("d", "1", "local", "{}"), {"mlflow.data.context": "testing"})
        other = DatasetInput(Dataset("a", "2", "s3", '{"uri": "s3://x"}', '{"s": 1}', '{"p": 1}'))
        models, outputs = [ModelInput("m-b"), ModelInput("m-a")], [ModelOutput("m-z", 1), ModelOutput("m-c", 2)]
        store.runs.log(run_id, RunBatch(datasets=[train, other], model_inputs=models, model_outputs=outputs[:1]))
        store.runs.log(run_id, RunBatch(datasets=[other, test, test], model_inputs=models, model_outputs=outputs))
        run = store.runs.get(run_id)
        assert run.inputs.dataset_inputs == (train, other, test)
        assert run.inputs.model_inputs == tuple(models)
        assert run.outputs.model_outputs == tuple(outputs)

    def test_a_dataset_of_the_same_name_and_digest_keeps_each_runs_own_details(self, store: TrackingStore) -> None:
        for profile in ('{"rows": 1}', '{"rows": 2}'):
            run_id = new_run(store, "0").info.run_id
            given = DatasetInput(Dataset("shared", "1", "local", "{}", None, profile))
            store.runs.log(run_id, RunBatch(datasets=[given]))
            assert store.runs.get(run_id).inputs.dataset_inputs == (given,)

    def test_threads_lose_nothing(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id

        def work(thread: int) -> None:
            for step in range(10):
                point = metric("m", float(thread), step=step * 8 + thread)
                store.runs.log(run_id, RunBatch(metrics=[point], params={f"p{thread}-{step}": "1"}))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        run = store.runs.get(run_id)
        assert [one.step for one in store.runs.metric_history(run_id, "m")] == list(range(80))
        assert len(run.data.params) == 80
        assert run.data.latest_metrics == (metric("m", 7.0, step=79),)

    def test_of_threads_that_write_one_param_exactly_one_wins(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id

        def work(thread: int) -> bool:
            try:
                store.runs.log(run_id, RunBatch(params={"p": str(thread)}, tags={f"t{thread}": "1"}))
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(work, range(8)))
        data = store.runs.get(run_id).data
        assert [data.params["p"]] == [str(thread) for thread in range(8) if won[thread]]
        assert [f"t{thread}" in data.tags for thread in range(8)] == won
