from __future__ import annotations

from types import SimpleNamespace

import pytest

from windlass.entities import LifecycleStage, LoggedModelStatus, Metric, ViewType
from windlass.errors import AlreadyExists, Conflict, InvalidValue, NotFound
from windlass.plugins import hookimpl
from windlass.search import LOGGED_MODELS, OrderBy, parse_order_by
from windlass.services.paging import every


def new_run(workspace, **more):
    return workspace.runs.create("0", **more)


def test_an_experiment_is_placed_below_the_artifact_root(workspace):
    made = workspace.experiments.create("a", tags={"team": "x"})
    assert made.artifact_location == f"{workspace.settings.artifact_root}/{made.experiment_id}"
    assert workspace.experiments.get_by_name("a") == made
    assert made.creation_time == made.last_update_time > 0


def test_experiments_made_in_the_same_moment_get_different_ids(workspace, monkeypatch):
    monkeypatch.setattr("windlass.services.experiments.now_ms", lambda: 1234)
    ids = [workspace.experiments.create(f"e{number}").experiment_id for number in range(3)]
    assert ids == ["1234", "1235", "1236"]


def test_a_taken_name_is_refused_also_by_a_deleted_experiment(workspace):
    made = workspace.experiments.create("a")
    workspace.experiments.delete(made.experiment_id)
    with pytest.raises(AlreadyExists):
        workspace.experiments.create("a")


def test_a_deleted_experiment_takes_no_changes(workspace):
    made = workspace.experiments.create("a")
    workspace.experiments.delete(made.experiment_id)
    for change in (
        lambda: workspace.experiments.rename(made.experiment_id, "b"),
        lambda: workspace.experiments.set_tags(made.experiment_id, {"a": "b"}),
        lambda: workspace.experiments.delete(made.experiment_id),
        lambda: workspace.runs.create(made.experiment_id),
    ):
        with pytest.raises(Conflict):
            change()
    workspace.experiments.restore(made.experiment_id)
    with pytest.raises(Conflict):
        workspace.experiments.restore(made.experiment_id)


@pytest.mark.parametrize("location", ["runs:/x/y", "s3://a/../b", "x" * 3000])
def test_a_place_that_is_none_is_refused(workspace, location):
    with pytest.raises(InvalidValue, match="artifact_location"):
        workspace.experiments.create("a", artifact_location=location)


def test_a_run_without_a_name_gets_one_that_is_also_its_tag(workspace):
    run = new_run(workspace)
    assert run.info.run_name.count("-") == 2
    assert run.data.tags["mlflow.runName"] == run.info.run_name
    assert len(run.info.run_id) == 32
    assert run.info.artifact_uri.endswith(f"/0/{run.info.run_id}/artifacts")


def test_run_ids_sort_by_time(workspace, monkeypatch):
    ids = []
    for now in (1_000, 2_000, 1_700_000_000_000):
        monkeypatch.setattr("windlass.services.identity.now_ms", lambda now=now: now)
        ids.append(new_run(workspace).info.run_id)
    assert ids == sorted(ids)


def test_a_name_and_a_tag_that_contradict_each_other_are_refused(workspace):
    with pytest.raises(InvalidValue, match="differs from the tag"):
        new_run(workspace, run_name="a", tags={"mlflow.runName": "b"})


@pytest.mark.parametrize("status", ["DONE", "finished", ""])
def test_an_unknown_status_is_refused(workspace, status):
    with pytest.raises(InvalidValue, match="status"):
        workspace.runs.update(new_run(workspace).info.run_id, status=status)


def test_a_bad_value_in_a_batch_leaves_nothing_of_it(workspace):
    run_id = new_run(workspace).info.run_id
    with pytest.raises(InvalidValue):
        workspace.runs.log(run_id, metrics=[Metric("a", 1.0, 1)], params={"p": "x" * 20_000})
    with pytest.raises(InvalidValue):
        workspace.runs.log(run_id, metrics=[Metric("a", 1.0, 1), Metric("b", 1.0, -1)], params={"p": "x"})
    data = workspace.runs.get(run_id).data
    assert (data.metrics, dict(data.params)) == ({}, {})


def test_deleting_and_restoring_a_run_twice_is_harmless(workspace):
    run_id = new_run(workspace).info.run_id
    for _ in range(2):
        workspace.runs.delete(run_id)
    assert workspace.runs.get(run_id).info.lifecycle_stage == LifecycleStage.DELETED
    for _ in range(2):
        workspace.runs.restore(run_id)
    run = workspace.runs.get(run_id)
    assert run.info.lifecycle_stage == LifecycleStage.ACTIVE
    assert "windlass.deletedTime" not in run.data.tags


def test_events_fire_once_when_a_run_begins_and_ends(workspace):
    seen = []

    @hookimpl
    def windlass_run_created(run):
        seen.append(("created", run.info.run_id))

    @hookimpl
    def windlass_run_finished(run):
        seen.append((run.info.status, run.info.run_id))

    plugin = SimpleNamespace(
        __name__="watch", windlass_run_created=windlass_run_created, windlass_run_finished=windlass_run_finished
    )
    workspace.plugins.register(plugin, "watch")
    try:
        run_id = new_run(workspace).info.run_id
        workspace.runs.finish(run_id)
    finally:
        workspace.plugins._hooks.unregister(plugin)
    assert seen == [("created", run_id), ("FINISHED", run_id)]


@pytest.mark.parametrize("count", [0, -1, 50_001, 2**63, True, "5"])
def test_a_page_has_a_sensible_size(workspace, count):
    with pytest.raises(InvalidValue, match="max_results"):
        workspace.runs.search(["0"], max_results=count)


def test_every_page_is_walked_without_gaps(workspace):
    ids = {new_run(workspace).info.run_id for _ in range(7)}
    found = list(every(lambda token: workspace.runs.search(["0"], max_results=2, page_token=token)))
    assert [run.info.run_id for run in found] != []
    assert {run.info.run_id for run in found} == ids
    assert len(found) == 7


def test_a_search_in_no_experiment_finds_nothing(workspace):
    new_run(workspace)
    assert workspace.runs.search([]) == []


def test_logged_models_end_ready_or_failed_and_vanish_when_deleted(workspace):
    model = workspace.logged_models.create("0", name="m", params={"a": "1"})
    assert model.status == LoggedModelStatus.PENDING
    with pytest.raises(InvalidValue):
        workspace.logged_models.finalize(model.model_id, "PENDING")
    assert workspace.logged_models.finalize(model.model_id, "READY").status == "READY"
    workspace.logged_models.delete(model.model_id)
    with pytest.raises(NotFound):
        workspace.logged_models.get(model.model_id)
    assert workspace.logged_models.get(model.model_id, allow_deleted=True).name == "m"


def test_logged_models_are_ordered_by_texts_or_keys(workspace):
    for name in "bac":
        workspace.logged_models.create("0", name=name)
    by_text = workspace.logged_models.search(["0"], order_by=["name ASC"])
    key = OrderBy(parse_order_by("name", LOGGED_MODELS).field, ascending=False)
    by_key = workspace.logged_models.search(["0"], order_by=[key])
    assert [one.name for one in by_text] == ["a", "b", "c"]
    assert [one.name for one in by_key] == ["c", "b", "a"]


@pytest.fixture
def registered(workspace):
    workspace.registered_models.create("fraud")
    for _ in range(3):
        workspace.model_versions.create("fraud", "s3://bucket/model")
    return workspace


def test_versions_count_from_one(registered):
    assert sorted(one.version for one in registered.model_versions.search(filter="name = 'fraud'")) == [1, 2, 3]


def test_the_stage_is_known_whatever_its_case(registered):
    assert registered.model_versions.transition("fraud", "1", "production").current_stage == "Production"
    with pytest.raises(InvalidValue, match="None, Staging, Production, Archived"):
        registered.model_versions.transition("fraud", 1, "live")


def test_existing_versions_are_archived_in_the_same_step(registered):
    registered.model_versions.transition("fraud", 1, "Production")
    registered.model_versions.transition("fraud", 2, "Production", archive_existing=True)
    stages = {one.version: one.current_stage for one in registered.model_versions.search()}
    assert stages == {1: "Archived", 2: "Production", 3: "None"}
    with pytest.raises(InvalidValue):
        registered.model_versions.transition("fraud", 2, "None", archive_existing=True)


def test_a_plugin_may_forbid_a_transition_with_its_reason(registered):
    @hookimpl
    def windlass_model_version_transitioning(version, stage):
        return f"{version.name} is not ready for {stage}"

    plugin = SimpleNamespace(windlass_model_version_transitioning=windlass_model_version_transitioning)
    registered.plugins.register(plugin, "judge")
    try:
        with pytest.raises(Conflict, match="fraud is not ready for Production"):
            registered.model_versions.transition("fraud", 1, "Production")
    finally:
        registered.plugins._hooks.unregister(plugin)
    assert registered.model_versions.get("fraud", 1).current_stage == "None"


@pytest.mark.parametrize(
    ("uri", "fixed"),
    [
        ("models:/fraud/2", "models:/fraud/2"),
        ("models:/fraud/latest", "models:/fraud/3"),
        ("models:/fraud@champion", "models:/fraud/1"),
        ("models:/fraud/Staging", "models:/fraud/2"),
        ("s3://elsewhere/model", "s3://elsewhere/model"),
    ],
)
def test_what_an_alias_or_a_stage_means_now_is_fixed(registered, uri, fixed):
    registered.registered_models.set_alias("fraud", "champion", 1)
    registered.model_versions.transition("fraud", 2, "Staging")
    assert registered.model_versions.resolve(uri) == fixed


def test_an_unknown_alias_lists_the_known_ones(registered):
    registered.registered_models.set_alias("fraud", "champion", 1)
    with pytest.raises(NotFound, match="no alias 'challenger' \\(known: champion\\)"):
        registered.model_versions.resolve("models:/fraud@challenger")


def test_a_version_of_a_logged_model_knows_its_run(workspace):
    run = new_run(workspace)
    model = workspace.logged_models.create("0", name="m", source_run_id=run.info.run_id)
    workspace.registered_models.create("fraud")
    version = workspace.model_versions.create("fraud", model.model_uri)
    assert (version.run_id, version.model_id) == (run.info.run_id, model.model_id)
    assert workspace.model_versions.download_uri("fraud", 1) == model.artifact_location


def test_a_source_that_contradicts_its_run_is_refused(workspace):
    workspace.registered_models.create("fraud")
    with pytest.raises(InvalidValue, match="differs from the run"):
        workspace.model_versions.create("fraud", "runs:/abc/model", run_id="other")
    with pytest.raises(InvalidValue, match=r"'\.\.'"):
        workspace.model_versions.create("fraud", "s3://a/../b")


def test_sources_that_lead_in_a_circle_are_found(registered):
    registered.registered_models.create("loop")
    registered.model_versions.create("loop", "models:/fraud/1")
    registered.model_versions.create("loop", "models:/loop/1")
    assert registered.model_versions.download_uri("loop", 2) == "s3://bucket/model"


def test_gc_removes_what_was_deleted_and_spares_what_a_version_uses(workspace, tmp_path):
    (tmp_path / "file.txt").write_text("x")
    kept, used, gone = (new_run(workspace) for _ in range(3))
    for run in (kept, used, gone):
        workspace.artifacts.upload(run.info.artifact_uri, tmp_path / "file.txt")
    workspace.registered_models.create("fraud")
    workspace.model_versions.create("fraud", f"runs:/{used.info.run_id}/file.txt")
    for run in (used, gone):
        workspace.runs.delete(run.info.run_id)
    assert workspace.garbage.find(older_than=60_000).runs == []
    garbage = workspace.garbage.find()
    assert garbage.spared == {used.info.run_id: "version 1 of fraud"}
    workspace.garbage.collect(garbage)
    left = {run.info.run_id for run in workspace.runs.search(["0"], view=ViewType.ALL)}
    assert left == {kept.info.run_id, used.info.run_id}
    assert workspace.artifacts.list(gone.info.artifact_uri) == []
    assert workspace.artifacts.list(used.info.artifact_uri) != []


def test_gc_of_a_run_that_is_not_deleted_is_refused(workspace):
    run_id = new_run(workspace).info.run_id
    with pytest.raises(InvalidValue, match="must be runs in the bin"):
        workspace.garbage.find(run_ids=[run_id])


def test_gc_removes_an_experiment_with_everything_in_it(workspace):
    made = workspace.experiments.create("a")
    workspace.runs.create(made.experiment_id)
    workspace.logged_models.create(made.experiment_id, name="m")
    workspace.experiments.delete(made.experiment_id)
    workspace.garbage.collect(workspace.garbage.find())
    with pytest.raises(NotFound):
        workspace.experiments.get(made.experiment_id)


def test_gc_by_age_spares_runs_that_went_with_their_experiment_just_now(workspace):
    made = workspace.experiments.create("a")
    workspace.runs.create(made.experiment_id)
    workspace.experiments.delete(made.experiment_id)
    young = workspace.garbage.find(older_than=60_000)
    assert (young.runs, young.experiments) == ([], [])
    assert len(workspace.garbage.find().runs) == 1


def test_gc_spares_a_deleted_run_of_unknown_age_unless_everything_goes(workspace):
    from windlass.interfaces import RunUpdate

    run_id = new_run(workspace).info.run_id
    workspace.tracking.runs.update(run_id, RunUpdate(lifecycle_stage=LifecycleStage.DELETED))
    assert workspace.garbage.find(older_than=1).runs == []
    assert [run.info.run_id for run in workspace.garbage.find().runs] == [run_id]


def test_what_is_restored_before_the_collection_keeps_its_files(workspace, tmp_path):
    (tmp_path / "file.txt").write_text("x")
    made = workspace.experiments.create("a")
    run = workspace.runs.create(made.experiment_id)
    model = workspace.logged_models.create(made.experiment_id, name="m")
    for root in (run.info.artifact_uri, model.artifact_location):
        workspace.artifacts.upload(root, tmp_path / "file.txt")
    workspace.experiments.delete(made.experiment_id)
    garbage = workspace.garbage.find()
    workspace.experiments.restore(made.experiment_id)
    workspace.garbage.collect(garbage)
    for root in (run.info.artifact_uri, model.artifact_location):
        assert [one.path for one in workspace.artifacts.list(root)] == ["file.txt"]
    assert workspace.runs.get(run.info.run_id).info.lifecycle_stage == LifecycleStage.ACTIVE
