from __future__ import annotations

import math
from dataclasses import replace

import pytest

from windlass.builtin.memory_records import MemoryRecordStore
from windlass.config import Settings
from windlass.entities import LifecycleStage, Metric, ViewType
from windlass.errors import Conflict, InvalidValue, NotFound
from windlass.services.identity import now_ms
from windlass.services.lease import Lease
from windlass.services.retention.policy import KEEP_TAG, RetentionPolicy
from windlass.services.runs import PARENT_TAG
from windlass.uri import Uri

DAY = 86_400_000


@pytest.fixture
def experiment(workspace):
    return workspace.experiments.create("wine").experiment_id


@pytest.fixture
def policies(workspace):
    return workspace.retention.policies


@pytest.fixture
def new_run(workspace, experiment, tmp_path):
    """A finished run of long ago with a file of so many bytes."""

    def make(name, metric=None, *, age=100, size=10, ended=True, **tags):
        run = workspace.runs.create(experiment, run_name=name, start_time=now_ms() - age * DAY, tags=tags)
        if metric is not None:
            workspace.runs.log(run.info.run_id, metrics=[Metric("acc", metric, 1)])
        (tmp_path / "file").write_bytes(b"x" * size)
        workspace.artifacts.upload(run.info.artifact_uri, tmp_path / "file")
        if ended:
            workspace.runs.finish(run.info.run_id)
        return run

    return make


@pytest.fixture
def names(workspace, experiment):
    """The names of the runs that are there."""
    return lambda view=ViewType.ACTIVE_ONLY: {
        one.info.run_name for one in workspace.runs.search([experiment], view=view)
    }


def best(experiment, number, **more):
    return RetentionPolicy(experiment_id=experiment, best=number, metric="acc", **more)


def test_a_policy_is_kept_shown_and_forgotten(policies, experiment):
    policy = best(experiment, 3, goal="min", days=7, keep_tags=("a", "b=c"), grace_days=2)
    policies.put(policy)
    assert policies.get(experiment) == policy
    assert policies.visible() == [policy]
    policies.put(replace(policy, best=4))
    assert policies.get(experiment).best == 4
    policies.remove(experiment)
    with pytest.raises(NotFound, match="has no retention policy"):
        policies.get(experiment)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "must say what to keep"),
        ({"best": 3}, "go together"),
        ({"metric": "acc", "days": 1}, "go together"),
        ({"best": 0, "metric": "acc"}, "out of range"),
        ({"days": 0}, "out of range"),
        ({"days": 1, "grace_days": -1}, "out of range"),
        ({"best": 3, "metric": "acc", "goal": "up"}, "not known"),
        ({"days": 1, "keep_tags": ("",)}, "keep_tags"),
    ],
)
def test_a_policy_that_is_none_is_refused(policies, experiment, fields, problem):
    with pytest.raises(InvalidValue, match=problem):
        policies.put(RetentionPolicy(experiment_id=experiment, **fields))
    assert policies.visible() == []


def test_a_policy_needs_an_experiment_in_use(workspace, policies, experiment):
    with pytest.raises(NotFound):
        policies.put(best("999", 1))
    workspace.experiments.delete(experiment)
    with pytest.raises(Conflict):
        policies.put(best(experiment, 1))


@pytest.mark.parametrize(("goal", "kept"), [("max", {"c", "d"}), ("min", {"a", "b"})])
def test_the_best_runs_stay_and_the_others_go_with_their_files(
    workspace, policies, experiment, new_run, names, goal, kept
):
    runs = {name: new_run(name, value) for name, value in (("a", -1.0), ("b", 2.0), ("c", 3.0), ("d", 4.0))}
    new_run("nan", math.nan)
    new_run("without", None)
    policies.put(best(experiment, 2, goal=goal))
    plan = workspace.retention.preview(experiment)
    assert {one.run.info.run_name for one in plan.going} == {*runs, "nan", "without"} - kept
    assert (plan.count.files, plan.count.size) == (4, 40)
    assert names() == {*runs, "nan", "without"}
    done = workspace.retention.apply(experiment)
    assert (len(done.binned), len(done.freed), done.count, done.left) == (4, 4, plan.count, 0)
    assert names(ViewType.ALL) == kept
    for name, run in runs.items():
        assert bool(workspace.artifacts.list(run.info.artifact_uri)) == (name in kept)
    again = workspace.retention.apply(experiment)
    assert (again.binned, again.freed) == ([], [])


def test_a_metric_that_no_run_has_lets_nothing_go(workspace, policies, experiment, new_run, names):
    policies.put(best(experiment, 2))
    assert workspace.retention.apply(experiment).binned == []
    new_run("a")
    new_run("nan", math.nan)
    for ask in (workspace.retention.preview, workspace.retention.apply):
        with pytest.raises(Conflict, match="has a metric 'acc'"):
            ask(experiment)
    assert names() == {"a", "nan"}


def test_of_equal_runs_the_newest_is_the_best(workspace, policies, experiment, new_run, names):
    for age in (3, 1, 2):
        new_run(f"{age} days", 0.5, age=age)
    policies.put(best(experiment, 1))
    workspace.retention.apply(experiment)
    assert names() == {"1 days"}


def test_everything_with_a_reason_to_stay_stays(workspace, policies, experiment, new_run, names):
    parent = new_run("parent")
    middle = new_run("middle", **{PARENT_TAG: parent.info.run_id})
    new_run("best", 1.0, **{PARENT_TAG: middle.info.run_id})
    new_run("recent", age=2)
    new_run("running", ended=False)
    new_run("tagged", **{KEEP_TAG: "true"})
    new_run("tagged false", **{KEEP_TAG: "false"})
    new_run("own tag", stage="prod")
    new_run("other value", stage="test")
    registered, by_model = new_run("registered"), new_run("registered by its model")
    workspace.registered_models.create("fraud")
    workspace.model_versions.create("fraud", f"runs:/{registered.info.run_id}/file")
    model = workspace.logged_models.create(experiment, name="m", source_run_id=by_model.info.run_id)
    workspace.model_versions.create("fraud", model.model_uri)
    kept_model = new_run("its model is tagged")
    workspace.logged_models.create(experiment, name="m", source_run_id=kept_model.info.run_id, tags={KEEP_TAG: "yes"})
    new_run("nothing")
    policies.put(best(experiment, 1, days=7, keep_tags=("stage=prod",)))
    plan = workspace.retention.preview(experiment)
    assert dict(plan.kept) == {
        "among the best 1 by acc": 1, "of the last 7 days": 1, "not ended": 1, "tagged": 3, "registered": 2,
        "the parent of a kept run": 2,
    }  # fmt: skip
    workspace.retention.apply(experiment)
    assert names(ViewType.ALL) == {
        "parent", "middle", "best", "recent", "running", "tagged", "own tag", "registered", "registered by its model",
        "its model is tagged",
    }  # fmt: skip


def test_the_logged_models_of_a_run_go_with_it(workspace, policies, experiment, new_run, tmp_path):
    run = new_run("a", size=10)
    model = workspace.logged_models.create(experiment, name="m", source_run_id=run.info.run_id)
    workspace.artifacts.upload(model.artifact_location, tmp_path / "file", "weights")
    alone = workspace.logged_models.create(experiment, name="alone")
    policies.put(RetentionPolicy(experiment_id=experiment, days=1))
    assert workspace.retention.preview(experiment).count.size == 20
    assert workspace.retention.apply(experiment).count.size == 20
    assert workspace.artifacts.list(model.artifact_location) == []
    left = workspace.logged_models.search([experiment], view=ViewType.ALL)
    assert [one.model_id for one in left] == [alone.model_id]


def test_in_the_days_of_grace_a_run_can_be_restored_and_then_stays(workspace, policies, experiment, new_run, names):
    first, second = new_run("first"), new_run("second")
    model = workspace.logged_models.create(experiment, name="m", source_run_id=first.info.run_id)
    policies.put(RetentionPolicy(experiment_id=experiment, days=1, grace_days=1))
    done = workspace.retention.apply(experiment)
    assert (len(done.binned), done.freed) == (2, [])
    assert {one.run.info.run_name for one in workspace.retention.preview(experiment).waiting} == {"first", "second"}
    assert workspace.artifacts.list(second.info.artifact_uri) != []
    workspace.runs.restore(first.info.run_id)
    assert workspace.logged_models.get(model.model_id).lifecycle_stage == LifecycleStage.ACTIVE
    policies.put(RetentionPolicy(experiment_id=experiment, days=1))
    assert workspace.retention.preview(experiment).kept == {"restored": 1}
    assert workspace.retention.apply(experiment).freed == [second.info.run_id]
    assert names(ViewType.ALL) == {"first"}


def test_what_a_user_has_deleted_is_not_freed(workspace, policies, experiment, new_run, names):
    run = new_run("deleted by hand")
    workspace.runs.delete(run.info.run_id)
    policies.put(RetentionPolicy(experiment_id=experiment, days=1))
    workspace.retention.apply(experiment)
    assert names(ViewType.DELETED_ONLY) == {"deleted by hand"}


def test_what_was_registered_in_the_bin_is_not_freed(workspace, policies, experiment, new_run):
    run = new_run("a")
    policies.put(RetentionPolicy(experiment_id=experiment, days=1, grace_days=1))
    workspace.retention.apply(experiment)
    workspace.registered_models.create("fraud")
    workspace.model_versions.create("fraud", f"runs:/{run.info.run_id}/file")
    policies.put(RetentionPolicy(experiment_id=experiment, days=1))
    assert workspace.retention.preview(experiment).waiting == []
    assert workspace.retention.apply(experiment).freed == []
    assert workspace.artifacts.list(run.info.artifact_uri) != []


class StopError(Exception):
    pass


@pytest.mark.parametrize("steps", range(1, 8))
def test_what_was_interrupted_anywhere_is_finished_by_the_next(workspace, policies, experiment, new_run, names, steps):
    for name in ("a", "b", "c"):
        new_run(name)
    policies.put(RetentionPolicy(experiment_id=experiment, days=1))
    left = iter(range(steps))

    def stop_at_some_time():
        if next(left, None) is None:
            raise StopError

    try:
        workspace.retention.apply(experiment, on_step=stop_at_some_time)
    except StopError:
        workspace.retention.apply(experiment)
    assert names(ViewType.ALL) == set()


def test_when_time_is_up_the_rest_is_left(workspace, policies, experiment, new_run, monkeypatch):
    monkeypatch.setattr("windlass.services.retention.service._AT_ONCE", 2)
    for name in "abcde":
        new_run(name)
    policies.put(RetentionPolicy(experiment_id=experiment, days=1))
    done = workspace.retention.apply(experiment, seconds=-1)
    assert (len(done.binned), len(done.freed), done.left) == (5, 0, 5)
    done = workspace.retention.apply(experiment, seconds=60)
    assert (len(done.binned), len(done.freed), done.left) == (0, 5, 0)


@pytest.fixture
def records():
    return MemoryRecordStore.open(Uri.parse("memory:"), Settings())


def test_a_lease_is_held_by_one_and_comes_free(records):
    one, other = (Lease(records, "work", seconds=60) for _ in range(2))
    assert (one.take(), other.take()) == (True, False)
    one.renew()
    one.release()
    assert other.take()
    other.finish()
    assert not one.take(every=60)
    assert one.take()


def test_a_lease_that_ran_out_is_lost_to_whoever_takes_it(records, monkeypatch):
    one, other = (Lease(records, "work", seconds=60) for _ in range(2))
    assert one.take()
    later = now_ms() + 61_000
    monkeypatch.setattr("windlass.services.lease.now_ms", lambda: later)
    assert other.take()
    with pytest.raises(Conflict):
        one.renew()
    with pytest.raises(Conflict):
        one.finish()
    one.release()
    other.finish()


def test_a_lease_that_is_held_on_does_not_run_out(records, monkeypatch):
    one, other, begin = Lease(records, "work", seconds=60), Lease(records, "work", seconds=60), now_ms()
    assert one.take()
    for seconds in range(0, 200, 25):
        monkeypatch.setattr("windlass.services.lease.now_ms", lambda now=begin + seconds * 1000: now)
        one.renew()
        assert not other.take()
