"""What searching runs promises."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from windlass.entities import Dataset, DatasetInput, LifecycleStage, ModelInput, ModelOutput, Run, ViewType
from windlass.interfaces import RunBatch, RunUpdate, TrackingStore
from windlass.search import RUNS, Query, parse_select
from windlass.testing.comparison import canonical
from windlass.testing.samples import metric, needs_own_data, new_experiment, new_run, query

CONTEXT = "mlflow.data.context"


def scene(store: TrackingStore) -> tuple[str, dict[str, str]]:
    """An experiment with the runs a, b, C and d; returns its id and their ids by name."""
    experiment_id = new_experiment(store).experiment_id
    train = DatasetInput(Dataset("iris", "1", "local", "{}"), {CONTEXT: "train"})
    test = DatasetInput(Dataset("iris", "2", "local", "{}"), {CONTEXT: "test"})
    batches = {
        "a": RunBatch(metrics=[metric("acc", 0.5)], params={"lr": "0.1", "näme x": "ü"}, tags={"team": "Blue"}),
        "b": RunBatch(metrics=[metric("acc", math.nan)], params={"lr": "1_0%"}, datasets=[train, test]),
        "C": RunBatch(metrics=[metric("acc", math.inf)], tags={"team": "blue"}, datasets=[test]),
        "d": RunBatch(metrics=[metric("loss", -math.inf)], params={"lr": ""}),
    }
    ids = {}
    for number, (name, batch) in enumerate(batches.items()):
        ids[name] = new_run(store, experiment_id, run_name=name, start_time=100 + number).info.run_id
        store.runs.log(ids[name], batch)
    store.runs.update(ids["a"], RunUpdate(status="FINISHED", end_time=500))
    store.runs.update(ids["b"], RunUpdate(status="FAILED"))
    return experiment_id, ids


def names(runs: list[Run]) -> str:
    """The runs' names in one text."""
    return "".join(run.info.run_name for run in runs)


def one_by_one(store: TrackingStore, asked: Query) -> list[Run]:
    """The same search in pages of one."""
    found: list[Run] = []
    page = store.runs.search(replace(asked, max_results=1))
    while page.token is not None:
        found += page
        page = store.runs.search(replace(asked, max_results=1, page_token=page.token))
    return found + page


class RunSearchTests:
    """Filters, orderings and views."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", "abCd"),
            ("metrics.acc > 0.4", "aC"),
            ("metrics.acc >= 0.5", "aC"),
            ("metrics.acc < 0.6", "a"),
            ("metrics.acc <= 0.5", "a"),
            ("metrics.acc = 0.5", "a"),
            ("metrics.acc != 0.5", "bC"),
            ("metrics.acc > 1e308", "C"),
            ("metrics.loss < -1e308", "d"),
            ("metrics.acc IN (0.5, 7)", "a"),
            ("metrics.acc NOT IN (0.5, 7)", "bC"),
            ("metrics.acc IS NULL", "d"),
            ("metrics.acc IS NOT NULL", "abC"),
            ("NOT metrics.acc > 0.4", "bd"),
            ("NOT metrics.acc = 0.5", "bCd"),
            ("NOT metrics.acc != 0.5", "ad"),
            ("NOT metrics.acc IN (0.5)", "bCd"),
            ("metrics.acc < 100000000000000000000000000000", "a"),
            ("params.lr = '0.1'", "a"),
            ("params.lr != '0.1'", "bd"),
            ("params.lr = ''", "d"),
            ("params.LR = '0.1'", ""),
            ("params.`näme x` = 'ü'", "a"),
            ("params.`näme x` ILIKE 'Ü'", "a"),
            ("params.lr LIKE '%'", "abd"),
            ("params.lr LIKE '_.1'", "a"),
            ("params.lr LIKE '1%'", "b"),
            ("params.lr LIKE '0%1'", "a"),
            ("params.lr IN ('0.1', '1_0%')", "ab"),
            ("params.lr NOT IN ('0.1', '1_0%')", "d"),
            ("params.lr IS NULL", "C"),
            ("NOT params.lr IS NULL", "abd"),
            ("tags.team = 'blue'", "C"),
            ("tags.team LIKE 'b%'", "C"),
            ("tags.team ILIKE 'B%'", "aC"),
            ("tags.team LIKE 'b*'", ""),
            ("tags.team LIKE '[b]lue'", ""),
            ("NOT tags.team ILIKE 'b%'", "bd"),
            ("tags.team != 'blue'", "a"),
            ("tags.team IS NULL", "bd"),
            ("attributes.run_name = 'c'", ""),
            ("attributes.run_name ILIKE 'c'", "C"),
            ("run_name IN ('a', 'C')", "aC"),
            ("status = 'FINISHED'", "a"),
            ("status != 'FINISHED'", "bCd"),
            ("user_id LIKE 'a_a'", "abCd"),
            ("start_time > 101", "Cd"),
            ("start_time >= 101 AND start_time < 103", "bC"),
            ("start_time = 101.0", "b"),
            ("start_time > 101.5", "Cd"),
            ("start_time < 99999999999999999999999", "abCd"),
            ("start_time > -99999999999999999999999", "abCd"),
            ("start_time IN (100, 102)", "aC"),
            ("end_time = 500", "a"),
            ("end_time != 400", "a"),
            ("NOT end_time = 500", "bCd"),
            ("NOT end_time != 400", "bCd"),
            ("end_time IS NULL", "bCd"),
            ("end_time IS NOT NULL", "a"),
            ("NOT end_time IN (500)", "bCd"),
            ("end_time NOT IN (400)", "a"),
            ("datasets.name = 'iris'", "bC"),
            ("dataset.digest = '1'", "b"),
            ("datasets.context = 'train'", "b"),
            ("datasets.context != 'train'", "bC"),
            ("datasets.context IN ('train', 'eval')", "b"),
            ("datasets.context ILIKE 'TE%'", "bC"),
            ("NOT datasets.context = 'train'", "aCd"),
            ("datasets.name IS NULL", "ad"),
            ("metrics.acc > 0.4 AND tags.team = 'Blue'", "a"),
            ("metrics.acc > 0.4 OR params.lr = ''", "aCd"),
            ("metrics.acc > 0.4 AND params.lr = '0.1' OR status = 'FAILED'", "ab"),
            ("metrics.acc > 0.4 AND (params.lr = '0.1' OR tags.team = 'blue')", "aC"),
            ("NOT (metrics.acc > 0.4 OR params.lr = '')", "b"),
            ("NOT (metrics.acc > 0.4 AND params.lr = '0.1')", "bCd"),
            ("NOT NOT params.lr = '0.1'", "a"),
        ],
    )
    def test_runs_are_filtered(self, store: TrackingStore, text: str, expected: str) -> None:
        experiment_id, _ = scene(store)
        found = store.runs.search(query(RUNS, text, ["start_time"], experiment_ids=(experiment_id,)))
        assert names(found) == expected

    def test_runs_are_found_by_id_and_place(self, store: TrackingStore) -> None:
        experiment_id, ids = scene(store)
        ask = {"experiment_ids": (experiment_id,)}
        assert names(store.runs.search(query(RUNS, f"run_id = '{ids['b']}'", **ask))) == "b"
        uri = store.runs.get(ids["C"]).info.artifact_uri
        assert names(store.runs.search(query(RUNS, f"artifact_uri = '{uri}'", **ask))) == "C"

    @pytest.mark.parametrize(
        ("order_by", "expected"),
        [
            ([], "dCba"),
            (["start_time"], "abCd"),
            (["attributes.start_time DESC"], "dCba"),
            (["run_name"], "Cabd"),
            (["run_name DESC"], "dbaC"),
            (["metrics.acc", "start_time"], "aCbd"),
            (["metrics.acc DESC", "start_time"], "Cabd"),
            (["metrics.loss DESC", "start_time DESC"], "dCba"),
            (["params.lr", "start_time"], "dabC"),
            (["params.lr DESC", "start_time"], "badC"),
            (["tags.team", "start_time"], "aCbd"),
            (["tags.team DESC", "start_time DESC"], "Cadb"),
            (["end_time", "start_time"], "abCd"),
            (["end_time DESC", "start_time DESC"], "adCb"),
            (["status", "run_name"], "baCd"),
            (["metrics.never", "params.never DESC", "start_time"], "abCd"),
        ],
    )
    def test_orderings_put_nan_and_missing_last(self, store: TrackingStore, order_by: list[str], expected: str) -> None:
        experiment_id, _ = scene(store)
        asked = query(RUNS, "", order_by, experiment_ids=(experiment_id,))
        assert names(store.runs.search(asked)) == expected
        assert names(one_by_one(store, asked)) == expected

    def test_results_hold_all_that_a_run_has(self, store: TrackingStore) -> None:
        experiment_id, ids = scene(store)
        found = store.runs.search(query(RUNS, "run_name != 'b'", experiment_ids=(experiment_id,)))
        assert list(found) == [store.runs.get(ids[name]) for name in "dCa"]

    @pytest.mark.parametrize(
        "select",
        [
            [],
            ["attributes"],
            ["metrics.acc"],
            ["metrics.*"],
            ["params.lr", "params.näme x", "tags.*"],
            ["tags.mlflow.runName", "metrics.never"],
            ["inputs", "metrics.loss"],
            ["metrics.*", "params.*", "tags.*", "inputs", "outputs"],
        ],
    )
    def test_results_hold_exactly_what_is_selected(self, store: TrackingStore, select: list[str]) -> None:
        experiment_id, ids = scene(store)
        store.runs.log(ids["a"], RunBatch(model_inputs=[ModelInput("m-1")], model_outputs=[ModelOutput("m-2", 3)]))
        selection = parse_select(select)
        asked = query(RUNS, "metrics.acc IS NOT NULL", ["params.lr"], experiment_ids=(experiment_id,), select=selection)
        expected = [selection.apply(store.runs.get(ids[name])) for name in "abC"]
        assert canonical(list(store.runs.search(asked))) == canonical(expected)
        assert canonical(one_by_one(store, asked)) == canonical(expected)

    def test_only_the_experiments_asked_for_are_searched(self, store: TrackingStore) -> None:
        one, other, third = (new_experiment(store).experiment_id for _ in range(3))
        for number, experiment_id in enumerate((one, other, third)):
            new_run(store, experiment_id, run_name=str(number), start_time=number)
        assert names(store.runs.search(query(RUNS, experiment_ids=(one, third)))) == "20"

    def test_without_experiments_nothing_is_found(self, store: TrackingStore) -> None:
        needs_own_data(store)
        new_run(store, "0")
        assert store.runs.search(query(RUNS)) == []

    def test_views_show_runs_by_stage(self, store: TrackingStore) -> None:
        experiment_id, ids = scene(store)
        store.runs.update(ids["b"], RunUpdate(lifecycle_stage=LifecycleStage.DELETED))
        for view, expected in {ViewType.ACTIVE_ONLY: "aCd", ViewType.DELETED_ONLY: "b", ViewType.ALL: "abCd"}.items():
            asked = query(RUNS, "", ["start_time"], experiment_ids=(experiment_id,), view=view)
            assert names(store.runs.search(asked)) == expected

    def test_the_latest_point_decides(self, store: TrackingStore) -> None:
        experiment_id = new_experiment(store).experiment_id
        run_id = new_run(store, experiment_id, run_name="x").info.run_id
        store.runs.log(run_id, RunBatch(metrics=[metric("m", 9.0, step=1), metric("m", 1.0, step=2)]))
        ask = {"experiment_ids": (experiment_id,)}
        assert names(store.runs.search(query(RUNS, "metrics.m = 1", **ask))) == "x"
        assert names(store.runs.search(query(RUNS, "metrics.m > 1", **ask))) == ""

    def test_a_pattern_of_many_parts_takes_no_endless_time(self, store: TrackingStore) -> None:
        experiment_id = new_experiment(store).experiment_id
        run_id = new_run(store, experiment_id).info.run_id
        store.runs.log(run_id, RunBatch(params={"p": "a" * 5000}))
        text = f"params.p LIKE '{'%a' * 40}%b'"
        assert store.runs.search(query(RUNS, text, experiment_ids=(experiment_id,))) == []
