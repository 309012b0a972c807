"""Moving everything from one store to another one."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import Phase, given
from hypothesis import settings as how

from windlass.builtin.memory_records import MemoryRecordStore
from windlass.builtin.memory_registry import MemoryModelRegistry
from windlass.builtin.memory_tracking import MemoryTrackingStore
from windlass.config import Settings
from windlass.entities import LifecycleStage, Metric, ViewType
from windlass.errors import Conflict, InvalidValue, Unsupported
from windlass.interfaces import (
    ExperimentUpdate,
    ModelVersionUpdate,
    RegisteredModelUpdate,
    RunBatch,
    RunUpdate,
)
from windlass.search import EXPERIMENTS, RUNS
from windlass.services.importing.service import StoreImport
from windlass.services.importing.sides import Side
from windlass.services.importing.tally import Moved, Tally, canonical
from windlass.testing.comparison import canonical as comparable
from windlass.testing.contents import Contents, contents
from windlass.testing.samples import (
    metric,
    new_experiment,
    new_logged_model,
    new_model,
    new_run,
    new_version,
    query,
)
from windlass.uri import Uri

_names = itertools.count()
DELETE = RunUpdate(lifecycle_stage=LifecycleStage.DELETED)


def new_side() -> Side:
    """An empty store in memory."""
    uri, settings = Uri.parse(f"memory://importing-{next(_names)}"), Settings()
    stores = (kind.open(uri, settings) for kind in (MemoryTrackingStore, MemoryModelRegistry, MemoryRecordStore))
    return Side(str(uri), *stores)


def write(given: Contents, side: Side) -> None:
    assert side.records is not None
    given.write(side.tracking, side.registry, side.records)


def everything(side: Side) -> Any:
    """All that the store tells of what it holds, in a form that can be compared."""
    found = [one for page in side.experiments() for one in page]
    ids = [one.experiment_id for one in found]
    runs = [one for page in side.runs(ids) for one in page]
    points = [[one for page in side.points([run]) for one in page] for run in runs]
    logged = [one for page in side.logged_models(ids) for one in page]
    models = [one for page in side.models() for one in page]
    versions = [list(page) for one in models for page in side.versions(one.name)]
    numbers = {one.name: side.last_number(one.name) for one in models}
    records = {name: [(r.key, r.value) for page in side.collection(name) for r in page] for name in side.collections()}
    alone = sorted(side.deleted_alone(runs))
    return comparable([found, runs, points, logged, models, versions, numbers, records, alone])


class Killed(BaseException):
    """The process ends here."""


@given(contents)
@how(max_examples=40, deadline=None)
def test_everything_arrives_as_it_was(given_contents: Contents) -> None:
    source, target = new_side(), new_side()
    write(given_contents, source)
    before = everything(source)
    work = StoreImport(source, target)
    work.check()
    work.move()
    result = work.compare()
    assert result.alike, {kind: one.different for kind, one in result.kinds.items()}
    assert everything(target) == before == everything(source)


@given(contents)
@how(max_examples=8, deadline=None, phases=[Phase.generate])
def test_an_import_that_is_killed_anywhere_goes_on_where_it_was(given_contents: Contents) -> None:
    source = new_side()
    write(given_contents, source)
    for steps in itertools.count():
        target = new_side()
        with pytest.MonkeyPatch.context() as patch:
            writes = _dying_after(steps, target, patch)
            with contextlib.suppress(Killed):
                StoreImport(source, target).move()
        StoreImport(source, target).move()
        assert everything(target) == everything(source)
        if writes() < steps:
            return


def _dying_after(steps: int, target: Side, patch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Let the target take so many writes; returns how many there were."""
    done = itertools.count()
    taken = [0]

    def counted(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            taken[0] = next(done)
            if taken[0] >= steps:
                raise Killed
            return method(*arguments, **named)

        return call

    stores = (target.tracking.experiments, target.tracking.runs, target.tracking.logged_models)
    for store in (*stores, target.registry.models, target.registry.versions, target.records):
        for name in ("create", "update", "log", "purge", "reserve", "put"):
            if hasattr(store, name):
                patch.setattr(store, name, counted(getattr(store, name)))
    return lambda: taken[0]


def test_a_second_import_changes_nothing() -> None:
    source, target = new_side(), new_side()
    new_run(source.tracking, "0")
    for _ in range(2):
        StoreImport(source, target).move()
    assert everything(target) == everything(source)


def test_what_was_added_since_follows() -> None:
    source, target = new_side(), new_side()
    run_id = new_run(source.tracking, "0").info.run_id
    name = new_model(source.registry).name
    source.tracking.runs.log(run_id, RunBatch(metrics=[metric("m", 1.0)]))
    StoreImport(source, target).move()
    source.tracking.runs.log(run_id, RunBatch(metrics=[metric("m", math.nan, step=1), metric("n", -0.0)]))
    new_version(source.registry, name)
    source.registry.models.update(name, RegisteredModelUpdate(aliases={"best": 1}))
    StoreImport(source, target).move()
    assert everything(target) == everything(source)


def test_histories_of_any_length_arrive_whole() -> None:
    source, target = new_side(), new_side()
    run_id = new_run(source.tracking, "0").info.run_id
    for key in ("a", "b"):
        points = [metric(key, float(step), step=step) for step in range(4500)]
        source.tracking.runs.log(run_id, RunBatch(metrics=points))
    work = StoreImport(source, target)
    work.move()
    assert len(target.tracking.runs.metric_history(run_id, "a")) == 4500
    result = work.compare().kinds[Moved.POINTS]
    assert (result.alike, result.target.count) == (True, 9000)


def test_a_restored_experiment_revives_the_same_runs_on_both_sides() -> None:
    source, target = new_side(), new_side()
    experiment_id = new_experiment(source.tracking).experiment_id
    _, alone = new_run(source.tracking, experiment_id), new_run(source.tracking, experiment_id)
    source.tracking.runs.update(alone.info.run_id, DELETE)
    source.tracking.experiments.update(experiment_id, ExperimentUpdate(lifecycle_stage=LifecycleStage.DELETED))
    StoreImport(source, target).move()
    for side in (source, target):
        side.tracking.experiments.update(experiment_id, ExperimentUpdate(lifecycle_stage=LifecycleStage.ACTIVE))
        found = side.tracking.runs.search(query(RUNS, experiment_ids=(experiment_id,), view=ViewType.DELETED_ONLY))
        assert [run.info.run_id for run in found] == [alone.info.run_id]


def test_a_number_that_a_deleted_version_had_is_not_given_again() -> None:
    source, target = new_side(), new_side()
    name = new_model(source.registry).name
    for _ in range(5):
        new_version(source.registry, name)
    for number in (1, 3, 5):
        source.registry.versions.delete(name, number)
    StoreImport(source, target).move()
    assert [one.version for page in target.versions(name) for one in page] == [2, 4]
    assert new_version(target.registry, name).version == 6


def test_two_models_that_one_run_measured_alike_keep_their_metrics() -> None:
    source, target = new_side(), new_side()
    run_id = new_run(source.tracking, "0").info.run_id
    ids = [new_logged_model(source.tracking, "0").model_id for _ in range(2)]
    source.tracking.runs.log(run_id, RunBatch(metrics=[metric("m", 1.0, model_id=one) for one in ids]))
    source.tracking.runs.update(run_id, DELETE)
    work = StoreImport(source, target)
    work.move()
    assert work.compare().alike
    assert [target.tracking.logged_models.get(one).metrics for one in ids] == [
        (Metric("m", 1.0, 1, 0, one),) for one in ids
    ]


def test_an_unused_default_experiment_stays_behind_where_the_target_uses_its_own() -> None:
    source, target = new_side(), new_side()
    new_run(target.tracking, "0")
    mine = target.tracking.experiments.get("0")
    new_run(source.tracking, new_experiment(source.tracking).experiment_id)
    work = StoreImport(source, target)
    work.move()
    assert work.compare().alike
    assert target.tracking.experiments.get("0") == mine


def test_a_purged_default_experiment_is_missing_afterwards_too() -> None:
    source, target = new_side(), new_side()
    source.tracking.experiments.update("0", ExperimentUpdate(lifecycle_stage=LifecycleStage.DELETED))
    source.tracking.experiments.purge("0")
    new_experiment(source.tracking, "other")
    StoreImport(source, target).move()
    found = target.tracking.experiments.search(query(EXPERIMENTS, view=ViewType.ALL))
    assert [one.name for one in found] == ["other"]


def test_what_differs_is_named() -> None:
    source, target = new_side(), new_side()
    run_id = new_run(source.tracking, "0").info.run_id
    name = new_model(source.registry, "fraud").name
    new_version(source.registry, name)
    assert source.records is not None
    assert target.records is not None
    source.records.put("accounts", "ada", {"n": 1})
    StoreImport(source, target).move()
    changes: list[tuple[str, Callable[[Side], Any]]] = [
        (f"run {run_id}: tags", lambda side: side.tracking.runs.log(run_id, RunBatch(tags={"a": "b"}))),
        (
            "experiment 0: tags",
            lambda side: side.tracking.experiments.update("0", ExperimentUpdate(tags={"a": ""})),
        ),
        (f"run {run_id} in the bin", lambda side: side.tracking.runs.update(run_id, DELETE)),
        (
            "model 'fraud': description",
            lambda side: side.registry.models.update(name, RegisteredModelUpdate(description="x")),
        ),
        (
            "version 1 of 'fraud'",
            lambda side: side.registry.versions.update(name, 1, ModelVersionUpdate(status="PENDING")),
        ),
        ("version 2 of 'fraud'", lambda side: new_version(side.registry, name)),
        ("alias best", lambda side: side.registry.models.update(name, RegisteredModelUpdate(aliases={"best": 1}))),
        ("'ada' in accounts", lambda side: side.records and side.records.put("accounts", "ada", {"n": 2})),
    ]
    for named, change in changes:
        other = new_side()
        StoreImport(source, other).move()
        change(other)
        with pytest.raises(Conflict, match=named):
            StoreImport(source, other).move()
        if "bin" not in named:
            assert not StoreImport(source, other).compare().alike


def test_a_taken_name_is_named() -> None:
    source, target = new_side(), new_side()
    new_experiment(source.tracking, "taken")
    new_experiment(target.tracking, "taken")
    with pytest.raises(Conflict, match="another experiment named 'taken'"):
        StoreImport(source, target).move()


def test_what_is_different_or_missing_shows_in_the_comparison() -> None:
    source, target = new_side(), new_side()
    run_id = new_run(source.tracking, "0").info.run_id
    source.tracking.runs.log(run_id, RunBatch(metrics=[metric("m", 1.0)]))
    work = StoreImport(source, target)
    work.move()
    target.tracking.runs.log(run_id, RunBatch(metrics=[metric("m", 0.0)]))
    source.tracking.experiments.create(replace(source.tracking.experiments.get("0"), experiment_id="7", name="late"))
    kinds = work.compare().kinds
    assert kinds[Moved.POINTS].different == [f"those of run {run_id}"]
    assert kinds[Moved.EXPERIMENTS].different == ["7"]
    assert kinds[Moved.RUNS].alike
    assert (kinds[Moved.POINTS].source.count, kinds[Moved.POINTS].target.count) == (1, 2)


def test_a_store_is_not_imported_into_itself() -> None:
    side = new_side()
    with pytest.raises(InvalidValue, match="imported from"):
        StoreImport(side, side).check(change=False)
    other_name = replace(side, name="memory://by-another-name")
    with pytest.raises(InvalidValue, match="imported from"):
        StoreImport(side, other_name).check()
    assert side.records is not None
    assert list(side.records.collections()) == []


def test_a_store_that_chooses_its_ids_is_no_target(monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = new_side(), new_side()
    monkeypatch.setattr(type(target.tracking), "is_remote", True)
    with pytest.raises(Unsupported, match="chooses ids"):
        StoreImport(source, target).check()


def test_what_there_is_to_move_is_counted() -> None:
    source = new_side()
    new_run(source.tracking, "0")
    new_version(source.registry, new_model(source.registry).name)
    assert source.records is not None
    source.records.put("accounts", "ada", {})
    source.records.put("leases", "gc", {})
    counts = StoreImport(source, new_side()).count()
    assert {str(kind): count for kind, count in counts.items()} == {
        "experiments": 1,
        "logged models": 0,
        "runs": 1,
        "registered models": 1,
        "model versions": 1,
        "records": 1,
    }


def test_a_tally_minds_everything_but_the_order() -> None:
    def tally(*values: object) -> Tally:
        made = Tally()
        for value in values:
            made.add(canonical(value))
        return made

    assert tally(1, "a", math.nan).checksum == tally("a", math.nan, 1).checksum
    assert len({tally(*some).checksum for some in ((), (0.0,), (-0.0,), (0.0, 0.0), ("0.0",), (None,))}) == 6
