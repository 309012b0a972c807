"""What experiments promise."""

from __future__ import annotations

import pytest

from windlass.entities import DEFAULT_EXPERIMENT_ID, Experiment, LifecycleStage, ViewType
from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import ExperimentUpdate, RunUpdate, TellsDeletedAlone, TrackingStore
from windlass.search import EXPERIMENTS
from windlass.testing.samples import (
    HARD_TEXTS,
    MISSING_EXPERIMENT,
    MISSING_RUN,
    needs_own_data,
    new_experiment,
    new_logged_model,
    new_name,
    new_run,
    query,
)

DELETE = ExperimentUpdate(lifecycle_stage=LifecycleStage.DELETED)
RESTORE = ExperimentUpdate(lifecycle_stage=LifecycleStage.ACTIVE)


class ExperimentTests:
    """Creating, changing, deleting and finding experiments."""

    def test_a_fresh_store_has_the_default_experiment(self, store: TrackingStore) -> None:
        default = store.experiments.get(DEFAULT_EXPERIMENT_ID)
        assert (default.name, default.lifecycle_stage) == ("Default", LifecycleStage.ACTIVE)
        assert default.artifact_location.rstrip("/").endswith("/0")
        assert store.experiments.get_by_name("Default") == default

    def test_an_experiment_is_returned_as_it_was_kept(self, store: TrackingStore) -> None:
        created = new_experiment(store, tags={"team": "blue"})
        assert store.experiments.get(created.experiment_id) == created
        assert store.experiments.get_by_name(created.name) == created
        assert created.tags == {"team": "blue"}

    def test_an_experiment_leaves_as_it_came(self, store: TrackingStore) -> None:
        needs_own_data(store)
        given = Experiment("123456789", new_name(), "s3://b/ü?x=1", "active", 7, 8, {"a": "b"})
        assert store.experiments.create(given) == given
        assert store.experiments.get("123456789") == given

    def test_a_taken_experiment_id_is_refused(self, store: TrackingStore) -> None:
        needs_own_data(store)
        created = new_experiment(store)
        with pytest.raises(AlreadyExists) as caught:
            store.experiments.create(Experiment(created.experiment_id, new_name(), "file:///x"))
        assert caught.value.details["field"] == "experiment_id"

    def test_a_taken_name_is_refused(self, store: TrackingStore) -> None:
        created = new_experiment(store)
        with pytest.raises(AlreadyExists):
            new_experiment(store, created.name)

    def test_a_deleted_experiment_keeps_its_name(self, store: TrackingStore) -> None:
        created = new_experiment(store)
        store.experiments.update(created.experiment_id, DELETE)
        with pytest.raises(AlreadyExists):
            new_experiment(store, created.name)
        assert store.experiments.get_by_name(created.name).lifecycle_stage == LifecycleStage.DELETED

    def test_names_mind_the_case(self, store: TrackingStore) -> None:
        name = new_name("Case")
        lower, upper = new_experiment(store, name.lower()), new_experiment(store, name.upper())
        assert store.experiments.get_by_name(name.lower()).experiment_id == lower.experiment_id
        assert store.experiments.get_by_name(name.upper()).experiment_id == upper.experiment_id

    def test_a_missing_experiment_is_not_found(self, store: TrackingStore) -> None:
        with pytest.raises(NotFound):
            store.experiments.get(MISSING_EXPERIMENT)
        with pytest.raises(NotFound):
            store.experiments.get_by_name(new_name("missing"))
        with pytest.raises(NotFound):
            store.experiments.update(MISSING_EXPERIMENT, ExperimentUpdate(tags={"a": "b"}))

    def test_an_experiment_is_renamed(self, store: TrackingStore) -> None:
        created, name = new_experiment(store), new_name("renamed")
        assert store.experiments.update(created.experiment_id, ExperimentUpdate(name=name)).name == name
        assert store.experiments.get_by_name(name).experiment_id == created.experiment_id
        with pytest.raises(NotFound):
            store.experiments.get_by_name(created.name)

    def test_renaming_to_a_taken_name_changes_nothing(self, store: TrackingStore) -> None:
        needs_own_data(store)
        one, other = new_experiment(store), new_experiment(store)
        with pytest.raises(AlreadyExists):
            store.experiments.update(one.experiment_id, ExperimentUpdate(name=other.name, tags={"a": "b"}))
        assert store.experiments.get(one.experiment_id) == one

    def test_an_experiment_may_be_renamed_to_its_own_name(self, store: TrackingStore) -> None:
        created = new_experiment(store)
        assert store.experiments.update(created.experiment_id, ExperimentUpdate(name=created.name)).name == created.name

    def test_experiment_tags_are_set_replaced_and_deleted(self, store: TrackingStore) -> None:
        experiment_id = new_experiment(store, tags={"keep": "1", "change": "1", "drop": "1"}).experiment_id
        store.experiments.update(experiment_id, ExperimentUpdate(tags={"change": "2", "new": "3"}))
        store.experiments.update(experiment_id, ExperimentUpdate(deleted_tags=("drop", "never-there")))
        assert store.experiments.get(experiment_id).tags == {"keep": "1", "change": "2", "new": "3"}

    @pytest.mark.parametrize("text", HARD_TEXTS, ids=range(len(HARD_TEXTS)))
    def test_experiment_tags_leave_as_they_came(self, store: TrackingStore, text: str) -> None:
        assert store.experiments.get(new_experiment(store, tags={"t": text}).experiment_id).tags == {"t": text}

    def test_an_update_stamps_the_time(self, store: TrackingStore) -> None:
        needs_own_data(store)
        created = new_experiment(store)
        update = ExperimentUpdate(tags={"a": "b"}, last_update_time=99)
        updated = store.experiments.update(created.experiment_id, update)
        assert (updated.creation_time, updated.last_update_time) == (created.creation_time, 99)

    def test_deleting_takes_the_active_runs_and_restoring_revives_exactly_those(self, store: TrackingStore) -> None:
        experiment_id = new_experiment(store).experiment_id
        active = new_run(store, experiment_id).info.run_id
        deleted = new_run(store, experiment_id).info.run_id
        elsewhere = new_run(store, new_experiment(store).experiment_id).info.run_id
        store.runs.update(deleted, RunUpdate(lifecycle_stage=LifecycleStage.DELETED))
        store.experiments.update(experiment_id, DELETE)
        stages = [store.runs.get(one).info.lifecycle_stage for one in (active, deleted, elsewhere)]
        assert stages == [LifecycleStage.DELETED, LifecycleStage.DELETED, LifecycleStage.ACTIVE]
        store.experiments.update(experiment_id, RESTORE)
        assert store.runs.get(active).info.lifecycle_stage == LifecycleStage.ACTIVE
        assert store.runs.get(deleted).info.lifecycle_stage == LifecycleStage.DELETED

    def test_which_runs_were_deleted_alone_is_told(self, store: TrackingStore) -> None:
        runs = store.runs
        if not isinstance(runs, TellsDeletedAlone):
            pytest.skip("this store does not tell how a run was deleted")
        experiment_id = new_experiment(store).experiment_id
        with_it, alone, revived = (new_run(store, experiment_id).info.run_id for _ in range(3))
        for run_id in (alone, revived):
            runs.update(run_id, RunUpdate(lifecycle_stage=LifecycleStage.DELETED))
        runs.update(revived, RunUpdate(lifecycle_stage=LifecycleStage.ACTIVE))
        assert runs.deleted_alone([with_it, alone, revived, MISSING_RUN]) == {alone}
        store.experiments.update(experiment_id, DELETE)
        assert runs.deleted_alone([with_it, alone, revived]) == {alone}
        assert runs.deleted_alone([with_it]) == runs.deleted_alone([]) == frozenset()

    def test_a_run_restored_and_deleted_again_meanwhile_stays_deleted(self, store: TrackingStore) -> None:
        experiment_id = new_experiment(store).experiment_id
        run_id = new_run(store, experiment_id).info.run_id
        store.experiments.update(experiment_id, DELETE)
        store.runs.update(run_id, RunUpdate(lifecycle_stage=LifecycleStage.ACTIVE))
        store.runs.update(run_id, RunUpdate(lifecycle_stage=LifecycleStage.DELETED))
        store.experiments.update(experiment_id, RESTORE)
        assert store.runs.get(run_id).info.lifecycle_stage == LifecycleStage.DELETED

    def test_views_show_experiments_by_stage(self, store: TrackingStore) -> None:
        prefix = new_name("view")
        active, deleted = new_experiment(store, f"{prefix}-a"), new_experiment(store, f"{prefix}-b")
        store.experiments.update(deleted.experiment_id, DELETE)
        expected = {
            ViewType.ACTIVE_ONLY: [active.name],
            ViewType.DELETED_ONLY: [deleted.name],
            ViewType.ALL: [active.name, deleted.name],
        }
        for view, names in expected.items():
            found = store.experiments.search(query(EXPERIMENTS, f"name LIKE '{prefix}%'", ["name"], view=view))
            assert [one.name for one in found] == names

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("name LIKE '{p}%'", "abC"),
            ("name = '{p}-a'", "a"),
            ("name != '{p}-a' AND name LIKE '{p}%'", "bC"),
            ("name LIKE '{p}-c'", ""),
            ("name ILIKE '{p}-c'", "C"),
            ("name IN ('{p}-a', '{p}-C', 'nobody')", "aC"),
            ("name LIKE '{p}%' AND NOT name IN ('{p}-a')", "bC"),
            ("tags.color = 'red' AND name LIKE '{p}%'", "a"),
            ("name LIKE '{p}%' AND tags.color != 'red'", "b"),
            ("name LIKE '{p}%' AND NOT tags.color = 'red'", "bC"),
            ("name LIKE '{p}%' AND tags.color IS NULL", "C"),
            ("name LIKE '{p}%' AND tags.color IS NOT NULL", "ab"),
            ("name LIKE '{p}%' AND (tags.color = 'red' OR name = '{p}-C')", "aC"),
        ],
    )
    def test_experiments_are_filtered(self, store: TrackingStore, text: str, expected: str) -> None:
        prefix = new_name("find")
        for letter, tags in {"a": {"color": "red"}, "b": {"color": "Red"}, "C": {}}.items():
            new_experiment(store, f"{prefix}-{letter}", tags=tags)
        found = store.experiments.search(query(EXPERIMENTS, text.format(p=prefix), ["name"]))
        assert {one.name[-1] for one in found} == set(expected)

    def test_times_can_be_compared(self, store: TrackingStore) -> None:
        needs_own_data(store)
        prefix = new_name("time")
        for time in (5, 6, 7):
            new_experiment(store, f"{prefix}-{time}", creation_time=time)
        found = store.experiments.search(query(EXPERIMENTS, f"creation_time >= 6 AND name LIKE '{prefix}%'"))
        assert [one.creation_time for one in found] == [7, 6]

    def test_a_large_number_is_found_in_a_list_with_one_that_is_not_whole(self, store: TrackingStore) -> None:
        needs_own_data(store)
        name = new_name("number")
        new_experiment(store, name, creation_time=2**63 - 1)
        given = query(EXPERIMENTS, f"name = '{name}' AND creation_time IN (0.5, {2**63 - 1})")
        assert [one.name for one in store.experiments.search(given)] == [name]

    def test_purging_removes_the_experiment_with_all_in_it(self, store: TrackingStore) -> None:
        needs_own_data(store)
        experiment = new_experiment(store, tags={"a": "b"})
        run = new_run(store, experiment.experiment_id)
        model = new_logged_model(store, experiment.experiment_id)
        store.experiments.update(experiment.experiment_id, DELETE)
        store.experiments.purge(experiment.experiment_id)
        with pytest.raises(NotFound):
            store.experiments.get(experiment.experiment_id)
        with pytest.raises(NotFound):
            store.runs.get(run.info.run_id)
        with pytest.raises(NotFound):
            store.logged_models.get(model.model_id)
        assert new_experiment(store, experiment.name).name == experiment.name

    def test_only_a_deleted_experiment_is_purged(self, store: TrackingStore) -> None:
        needs_own_data(store)
        with pytest.raises(Conflict):
            store.experiments.purge(new_experiment(store).experiment_id)
        with pytest.raises(NotFound):
            store.experiments.purge(MISSING_EXPERIMENT)
