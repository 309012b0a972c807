"""What runs promise."""

from __future__ import annotations

import secrets

import pytest

from windlass.entities import (
    Dataset,
    DatasetInput,
    LifecycleStage,
    ModelInput,
    ModelOutput,
    Run,
    RunData,
    RunInfo,
    RunInputs,
    RunOutputs,
    RunStatus,
)
from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import ExperimentUpdate, RunBatch, RunUpdate, TrackingStore
from windlass.testing.samples import (
    HARD_TEXTS,
    MISSING_EXPERIMENT,
    MISSING_RUN,
    metric,
    needs_own_data,
    new_experiment,
    new_run,
)

DELETE = RunUpdate(lifecycle_stage=LifecycleStage.DELETED)


class RunTests:
    """Creating, changing, deleting and purging runs."""

    def test_a_run_is_returned_as_it_was_kept(self, store: TrackingStore) -> None:
        created = new_run(store, "0", tags={"a": "b"})
        assert store.runs.get(created.info.run_id) == created
        assert created.data.tags["a"] == "b"
        assert created.info.status == RunStatus.RUNNING

    def test_a_run_leaves_as_it_came(self, store: TrackingStore) -> None:
        needs_own_data(store)
        info = RunInfo("ab" * 16, "0", "näme", "üser", "SCHEDULED", 2**53 + 1, 2**62, "s3://bucket/ä b", "active")
        dataset = DatasetInput(Dataset("d", "1", "local", "{}", "{}", "{}"), {"mlflow.data.context": "eval"})
        given = Run(
            info,
            RunData((metric("m", 1.5, timestamp=3, step=2),), {"p": "1"}, {"mlflow.runName": "näme", "t": "2"}),
            RunInputs((dataset,), (ModelInput("m-1"),)),
            RunOutputs((ModelOutput("m-2", 7),)),
        )
        assert store.runs.create(given) == given
        assert store.runs.get("ab" * 16) == given

    def test_a_taken_run_id_is_refused(self, store: TrackingStore) -> None:
        needs_own_data(store)
        created = new_run(store, "0", tags={"a": "b"})
        with pytest.raises(AlreadyExists):
            store.runs.create(Run(created.info, RunData(tags={"a": "c"})))
        assert store.runs.get(created.info.run_id) == created

    def test_ids_mind_the_case(self, store: TrackingStore) -> None:
        needs_own_data(store)
        run_id = "ab" + secrets.token_hex(15)
        store.runs.create(Run(RunInfo(run_id, "0", "lower", "ada")))
        with pytest.raises(NotFound):
            store.runs.get(run_id.upper())

    def test_a_run_needs_an_active_experiment(self, store: TrackingStore) -> None:
        with pytest.raises(NotFound):
            new_run(store, MISSING_EXPERIMENT)
        experiment_id = new_experiment(store).experiment_id
        store.experiments.update(experiment_id, ExperimentUpdate(lifecycle_stage=LifecycleStage.DELETED))
        with pytest.raises(Conflict):
            new_run(store, experiment_id)

    def test_a_missing_run_is_not_found(self, store: TrackingStore) -> None:
        for call in (
            lambda: store.runs.get(MISSING_RUN),
            lambda: store.runs.update(MISSING_RUN, RunUpdate(status="FINISHED")),
            lambda: store.runs.log(MISSING_RUN, RunBatch(params={"a": "b"})),
            lambda: store.runs.metric_history(MISSING_RUN, "loss"),
        ):
            with pytest.raises(NotFound):
                call()

    def test_a_run_comes_to_its_end(self, store: TrackingStore) -> None:
        created = new_run(store, "0")
        ended = store.runs.update(created.info.run_id, RunUpdate(status=RunStatus.FINISHED, end_time=5000))
        assert (ended.info.status, ended.info.end_time) == (RunStatus.FINISHED, 5000)
        assert (ended.info.run_name, ended.info.start_time) == (created.info.run_name, created.info.start_time)
        assert store.runs.get(created.info.run_id) == ended

    def test_an_empty_update_changes_nothing(self, store: TrackingStore) -> None:
        created = new_run(store, "0", tags={"a": "b"})
        assert store.runs.update(created.info.run_id, RunUpdate()) == created

    def test_a_new_name_is_written_to_the_tag(self, store: TrackingStore) -> None:
        renamed = store.runs.update(new_run(store, "0").info.run_id, RunUpdate(run_name="nëw 🚂"))
        assert (renamed.info.run_name, renamed.data.tags["mlflow.runName"]) == ("nëw 🚂", "nëw 🚂")

    def test_the_name_tag_renames_the_run(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        store.runs.log(run_id, RunBatch(tags={"mlflow.runName": "by tag"}))
        run = store.runs.get(run_id)
        assert (run.info.run_name, run.data.tags["mlflow.runName"]) == ("by tag", "by tag")

    def test_run_tags_are_set_replaced_and_deleted(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0", tags={"keep": "1", "change": "1", "drop": "1"}, run_name="n").info.run_id
        store.runs.log(run_id, RunBatch(tags={"change": "2", "new": "3"}))
        store.runs.update(run_id, RunUpdate(deleted_tags=("drop",)))
        expected = {"keep": "1", "change": "2", "new": "3", "mlflow.runName": "n"}
        assert dict(store.runs.get(run_id).data.tags) == expected

    @pytest.mark.parametrize("text", HARD_TEXTS, ids=range(len(HARD_TEXTS)))
    def test_texts_of_a_run_leave_as_they_came(self, store: TrackingStore, text: str) -> None:
        run_id = new_run(store, "0").info.run_id
        store.runs.log(run_id, RunBatch(tags={"t": text}, params={"p": text}))
        data = store.runs.get(run_id).data
        assert (data.tags["t"], data.params["p"]) == (text, text)

    def test_keys_mind_the_case(self, store: TrackingStore) -> None:
        run_id = new_run(store, "0").info.run_id
        store.runs.log(run_id, RunBatch(tags={"k": "1", "K": "2"}, params={"k": "1", "K": "2"}))
        store.runs.log(run_id, RunBatch(metrics=[metric("k", 1.0), metric("K", 2.0)]))
        data = store.runs.get(run_id).data
        assert (data.tags["k"], data.tags["K"]) == ("1", "2")
        assert dict(data.params) == {"k": "1", "K": "2"}
        assert data.metrics == {"k": 1.0, "K": 2.0}

    def test_a_deleted_run_can_be_read_but_not_changed(self, store: TrackingStore) -> None:
        run = new_run(store, "0", tags={"a": "b"})
        run_id = run.info.run_id
        store.runs.update(run_id, DELETE)
        for change in (
            lambda: store.runs.update(run_id, RunUpdate(status="FINISHED")),
            lambda: store.runs.update(run_id, RunUpdate(run_name="other")),
            lambda: store.runs.update(run_id, RunUpdate(deleted_tags=("a",))),
            lambda: store.runs.log(run_id, RunBatch(metrics=[metric("m", 1.0)])),
            lambda: store.runs.log(run_id, RunBatch(tags={"x": "y"})),
        ):
            with pytest.raises(Conflict):
                change()
        assert store.runs.get(run_id).info.lifecycle_stage == LifecycleStage.DELETED
        assert store.runs.get(run_id).data.tags["a"] == "b"
        restored = store.runs.update(run_id, RunUpdate(lifecycle_stage=LifecycleStage.ACTIVE))
        assert restored.info == run.info

    def test_purging_removes_the_run_for_good(self, store: TrackingStore) -> None:
        needs_own_data(store)
        run_id = new_run(store, "0").info.run_id
        dataset = DatasetInput(Dataset("d", "1", "local", "{}"), {"a": "b"})
        batch = RunBatch(metrics=[metric("m", 1.0)], params={"a": "b"}, tags={"c": "d"}, datasets=[dataset])
        store.runs.log(run_id, batch)
        store.runs.update(run_id, DELETE)
        store.runs.purge(run_id)
        with pytest.raises(NotFound):
            store.runs.get(run_id)
        store.runs.create(Run(RunInfo(run_id, "0", "again", "ada")))
        assert store.runs.get(run_id).data == RunData()
        assert store.runs.metric_history(run_id, "m") == []

    def test_only_a_deleted_run_is_purged(self, store: TrackingStore) -> None:
        needs_own_data(store)
        with pytest.raises(Conflict):
            store.runs.purge(new_run(store, "0").info.run_id)
        with pytest.raises(NotFound):
            store.runs.purge(MISSING_RUN)
