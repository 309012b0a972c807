"""What logged models promise."""

from __future__ import annotations

import math

import pytest

from windlass.entities import LifecycleStage, LoggedModel, LoggedModelStatus, ViewType
from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import ExperimentUpdate, LoggedModelUpdate, RunBatch, RunUpdate, TrackingStore
from windlass.search import LOGGED_MODELS, Field, FieldKind, OrderBy
from windlass.testing.samples import (
    HARD_TEXTS,
    MISSING_EXPERIMENT,
    MISSING_MODEL,
    metric,
    needs_own_data,
    new_experiment,
    new_logged_model,
    new_run,
    query,
)

DELETE = LoggedModelUpdate(lifecycle_stage=LifecycleStage.DELETED)


def scene(store: TrackingStore) -> str:
    """An experiment with the logged models a, b and C; returns its id."""
    experiment_id = new_experiment(store).experiment_id
    run_id = new_run(store, experiment_id).info.run_id
    a, b, _ = (
        new_logged_model(store, experiment_id, name="a", params={"k": "1"}, model_type="agent").model_id,
        new_logged_model(store, experiment_id, name="b", tags={"t": "x"}, source_run_id=run_id).model_id,
        new_logged_model(store, experiment_id, name="C").model_id,
    )
    points = [
        metric("acc", 0.5, model_id=a, dataset_name="train", dataset_digest="1"),
        metric("acc", 0.9, model_id=a, dataset_name="test", dataset_digest="2", step=1),
        metric("acc", math.nan, model_id=b),
        metric("loss", 0.1, model_id=b, dataset_name="test", dataset_digest="3"),
    ]
    store.runs.log(run_id, RunBatch(metrics=points))
    return experiment_id


def names(models: list[LoggedModel]) -> str:
    """The models' names in one text."""
    return "".join(model.name for model in models)


class LoggedModelTests:
    """Creating, changing, measuring, finding and purging logged models."""

    def test_a_logged_model_is_returned_as_it_was_kept(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        fields = {"model_type": "agent", "params": {"p": "1"}, "tags": {"t": "2"}, "source_run_id": run_id}
        created = new_logged_model(store, "0", name="näme", **fields)
        assert store.logged_models.get(created.model_id) == created
        assert (created.name, created.status) == ("näme", LoggedModelStatus.PENDING)
        assert {key: getattr(created, key) for key in fields} == fields

    def test_a_logged_model_leaves_as_it_came(self, store: TrackingStore) -> None:
        needs_own_data(store)
        given = LoggedModel("m-" + "1" * 32, "0", "n", "s3://x", 2**53 + 1, 2**62, None, None, "FAILED", "why")
        assert store.logged_models.create(given) == given
        assert store.logged_models.get(given.model_id) == given
        with pytest.raises(AlreadyExists):
            store.logged_models.create(given)

    def test_a_logged_model_needs_an_active_experiment(self, store: TrackingStore) -> None:
        with pytest.raises(NotFound):
            new_logged_model(store, MISSING_EXPERIMENT)
        experiment_id = new_experiment(store).experiment_id
        store.experiments.update(experiment_id, ExperimentUpdate(lifecycle_stage=LifecycleStage.DELETED))
        with pytest.raises(Conflict):
            new_logged_model(store, experiment_id)

    def test_a_missing_logged_model_is_not_found(self, store: TrackingStore) -> None:
        with pytest.raises(NotFound):
            store.logged_models.get(MISSING_MODEL)
        with pytest.raises(NotFound):
            store.logged_models.update(MISSING_MODEL, LoggedModelUpdate(tags={"a": "b"}))

    @pytest.mark.parametrize("text", HARD_TEXTS, ids=range(len(HARD_TEXTS)))
    def test_texts_of_a_logged_model_leave_as_they_came(self, store: TrackingStore, text: str) -> None:
        model_id = new_logged_model(store, "0", params={"p": text}, tags={"t": text}).model_id
        model = store.logged_models.get(model_id)
        assert (model.params["p"], model.tags["t"]) == (text, text)

    def test_a_logged_model_changes(self, store: TrackingStore) -> None:
        model_id = new_logged_model(store, "0", tags={"keep": "1", "change": "1", "drop": "1"}).model_id
        store.logged_models.update(model_id, LoggedModelUpdate(tags={"change": "2", "new": "3"}))
        store.logged_models.update(model_id, LoggedModelUpdate(deleted_tags=("drop",)))
        updated = store.logged_models.update(model_id, LoggedModelUpdate(status="READY", status_message="done"))
        assert store.logged_models.get(model_id) == updated
        assert updated.status == LoggedModelStatus.READY
        assert updated.tags == {"keep": "1", "change": "2", "new": "3"}

    def test_params_are_written_once(self, store: TrackingStore) -> None:
        model_id = new_logged_model(store, "0", params={"lr": "1"}).model_id
        store.logged_models.update(model_id, LoggedModelUpdate(params={"lr": "1", "depth": "2"}))
        with pytest.raises(Conflict):
            store.logged_models.update(model_id, LoggedModelUpdate(params={"a": "1", "lr": "3"}))
        assert store.logged_models.get(model_id).params == {"lr": "1", "depth": "2"}

    def test_a_metric_with_a_model_id_becomes_a_metric_of_the_model(self, store: TrackingStore) -> None:
        model_id = new_logged_model(store, "0").model_id
        run_id = new_run(store, "0").info.run_id
        on_data = metric("acc", 0.5, model_id=model_id, dataset_name="d", dataset_digest="1")
        plain = metric("acc", 0.7, model_id=model_id)
        store.runs.log(run_id, RunBatch(metrics=[on_data, plain, metric("acc", 0.9)]))
        assert store.logged_models.get(model_id).metrics == (plain, on_data)
        assert sorted(store.runs.metric_history(run_id, "acc"), key=lambda one: one.value) == [
            on_data,
            plain,
            metric("acc", 0.9),
        ]
        assert store.runs.get(run_id).data.metrics == {"acc": 0.9}

    def test_a_models_metric_is_the_latest_point_of_each_run(self, store: TrackingStore) -> None:
        model_id = new_logged_model(store, "0").model_id
        one, other = new_run(store, "0").info.run_id, new_run(store, "0").info.run_id
        for run_id, points in {one: [(5, 1.0), (2, 9.0), (5, 3.0)], other: [(1, 4.0)]}.items():
            batch = [metric("m", value, step=step, model_id=model_id) for step, value in points]
            store.runs.log(run_id, RunBatch(metrics=batch))
            store.runs.log(run_id, RunBatch(metrics=batch[:1]))
        found = sorted((point.step, point.value) for point in store.logged_models.get(model_id).metrics)
        assert found == [(1, 4.0), (5, 3.0)]

    def test_a_metric_may_come_before_its_model(self, store: TrackingStore) -> None:
        needs_own_data(store)
        run_id, model_id = new_run(store, "0").info.run_id, "m-" + "2" * 32
        point = metric("m", 1.0, model_id=model_id)
        store.runs.log(run_id, RunBatch(metrics=[point]))
        assert store.logged_models.create(LoggedModel(model_id, "0", "late")).metrics == (point,)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", "Cab"),
            ("name = 'a'", "a"),
            ("name = 'c'", ""),
            ("name ILIKE 'c'", "C"),
            ("name IN ('a', 'b')", "ab"),
            ("name NOT IN ('a', 'b')", "C"),
            ("model_type = 'agent'", "a"),
            ("model_type != 'other'", "a"),
            ("NOT model_type = 'agent'", "Cb"),
            ("model_type IS NULL", "Cb"),
            ("source_run_id IS NOT NULL", "b"),
            ("status = 'PENDING'", "Cab"),
            ("params.k = '1'", "a"),
            ("params.k IS NULL", "Cb"),
            ("tags.t LIKE '_'", "b"),
            ("metrics.acc > 0.8", "a"),
            ("metrics.acc < 0.8", "a"),
            ("metrics.acc != 0.9", "ab"),
            ("NOT metrics.acc > 0.8", "Cb"),
            ("metrics.acc IS NULL", "C"),
            ("metrics.loss <= 0.1 OR params.k = '1'", "ab"),
            ("creation_timestamp >= 0", "Cab"),
        ],
    )
    def test_logged_models_are_filtered(self, store: TrackingStore, text: str, expected: str) -> None:
        asked = query(LOGGED_MODELS, text, ["name"], experiment_ids=(scene(store),))
        assert names(store.logged_models.search(asked)) == expected

    @pytest.mark.parametrize(
        ("text", "datasets", "expected"),
        [
            ("metrics.acc > 0.8", [("train", None)], ""),
            ("metrics.acc > 0.8", [("test", None)], "a"),
            ("metrics.acc > 0.8", [("train", "1"), ("test", "2")], "a"),
            ("metrics.acc > 0.8", [("test", "3")], ""),
            ("metrics.acc > 0 OR metrics.loss > 0", [("test", None)], "ab"),
            ("metrics.acc IS NOT NULL", [("test", None)], "a"),
            ("params.k = '1'", [("nowhere", None)], "a"),
        ],
    )
    def test_metric_terms_can_be_limited_to_data_sets(
        self, store: TrackingStore, text: str, datasets: list[tuple[str, str | None]], expected: str
    ) -> None:
        asked = query(LOGGED_MODELS, text, ["name"], experiment_ids=(scene(store),), datasets=tuple(datasets))
        assert names(store.logged_models.search(asked)) == expected

    @pytest.mark.parametrize(
        ("order", "expected"),
        [
            (OrderBy(Field(FieldKind.METRIC, "acc")), "aCb"),
            (OrderBy(Field(FieldKind.METRIC, "acc"), ascending=False), "aCb"),
            (OrderBy(Field(FieldKind.METRIC, "loss")), "bCa"),
            (OrderBy(Field(FieldKind.METRIC, "loss"), dataset_name="train"), "Cab"),
            (OrderBy(Field(FieldKind.METRIC, "acc"), dataset_name="test", dataset_digest="2"), "aCb"),
            (OrderBy(Field(FieldKind.METRIC, "acc"), dataset_name="test", dataset_digest="9"), "Cab"),
            (OrderBy(Field(FieldKind.PARAM, "k")), "aCb"),
            (OrderBy(Field(FieldKind.ATTRIBUTE, "model_type"), ascending=False), "aCb"),
            (OrderBy(Field(FieldKind.ATTRIBUTE, "name"), ascending=False), "baC"),
        ],
    )
    def test_logged_models_are_ordered(self, store: TrackingStore, order: OrderBy, expected: str) -> None:
        asked = query(LOGGED_MODELS, "", [order, "name"], experiment_ids=(scene(store),))
        if order.field.key == "name":
            asked = query(LOGGED_MODELS, "", [order], experiment_ids=asked.experiment_ids)
        assert names(store.logged_models.search(asked)) == expected

    def test_a_metric_is_ordered_by_its_newest_point(self, store: TrackingStore) -> None:
        experiment_id = new_experiment(store).experiment_id
        run_id = new_run(store, experiment_id).info.run_id
        one, other = (new_logged_model(store, experiment_id, name=name).model_id for name in "ab")
        points = [
            metric("m", 9.0, step=1, model_id=one, dataset_name="x"),
            metric("m", 1.0, step=2, model_id=one, dataset_name="y"),
            metric("m", 5.0, model_id=other),
        ]
        store.runs.log(run_id, RunBatch(metrics=points))
        asked = query(LOGGED_MODELS, "", ["metrics.m"], experiment_ids=(experiment_id,))
        assert names(store.logged_models.search(asked)) == "ab"

    def test_results_hold_all_that_a_model_has(self, store: TrackingStore) -> None:
        found = store.logged_models.search(query(LOGGED_MODELS, "name = 'a'", experiment_ids=(scene(store),)))
        assert list(found) == [store.logged_models.get(found[0].model_id)]
        assert len(found[0].metrics) == 2

    def test_deleted_models_are_hidden_but_kept(self, store: TrackingStore) -> None:
        needs_own_data(store)
        experiment_id = new_experiment(store).experiment_id
        model_id = new_logged_model(store, experiment_id, name="x").model_id
        assert store.logged_models.update(model_id, DELETE).lifecycle_stage == LifecycleStage.DELETED
        assert store.logged_models.get(model_id).lifecycle_stage == LifecycleStage.DELETED
        for view, expected in {ViewType.ACTIVE_ONLY: "", ViewType.DELETED_ONLY: "x", ViewType.ALL: "x"}.items():
            asked = query(LOGGED_MODELS, "", experiment_ids=(experiment_id,), view=view)
            assert names(store.logged_models.search(asked)) == expected

    def test_purging_removes_the_model_for_good(self, store: TrackingStore) -> None:
        needs_own_data(store)
        model_id = new_logged_model(store, "0", params={"a": "b"}, tags={"c": "d"}).model_id
        run_id = new_run(store, "0").info.run_id
        point = metric("m", 1.0, model_id=model_id)
        store.runs.log(run_id, RunBatch(metrics=[point]))
        with pytest.raises(Conflict):
            store.logged_models.purge(model_id)
        store.logged_models.update(model_id, DELETE)
        store.logged_models.purge(model_id)
        with pytest.raises(NotFound):
            store.logged_models.get(model_id)
        with pytest.raises(NotFound):
            store.logged_models.purge(model_id)
        assert store.runs.metric_history(run_id, "m") == [point]
        again = store.logged_models.create(LoggedModel(model_id, "0", "again"))
        assert (again.params, again.tags, again.metrics) == ({}, {}, ())

    def test_purging_a_run_removes_what_it_measured(self, store: TrackingStore) -> None:
        needs_own_data(store)
        model_id = new_logged_model(store, "0").model_id
        run_id = new_run(store, "0").info.run_id
        store.runs.log(run_id, RunBatch(metrics=[metric("m", 1.0, model_id=model_id)]))
        store.runs.update(run_id, RunUpdate(lifecycle_stage=LifecycleStage.DELETED))
        store.runs.purge(run_id)
        assert store.logged_models.get(model_id).metrics == ()
