"""Processes that are killed between the moment of a change and what follows from it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from windlass.entities import Experiment, LifecycleStage, LoggedModel
from windlass.errors import AlreadyExists, NotFound
from windlass.interfaces import ExperimentUpdate, RunBatch, RunUpdate
from windlass.search import EXPERIMENTS, LOGGED_MODELS
from windlass.testing.samples import metric, new_experiment, new_logged_model, new_name, new_run, query
from windlass_elasticsearch.indices import POINTS

PROGRAM = Path(__file__).with_name("killed.py")
DELETE = ExperimentUpdate(lifecycle_stage=LifecycleStage.DELETED)
IMPORTS = """
from windlass.entities import *
from windlass.interfaces import *
from windlass.testing.samples import metric
"""
AFTER_COMMIT = "windlass_elasticsearch.journal:Journal.take_soon"


@pytest.fixture
def kill(prefix_uri):
    """Runs code in another process, which dies at a place."""

    def run(place: str, code: str) -> None:
        command = [sys.executable, str(PROGRAM), prefix_uri.text, place, IMPORTS + code]
        done = subprocess.run(command, capture_output=True, check=False, timeout=100, text=True)
        assert done.returncode == -9, done.stderr

    return run


def test_a_batch_is_kept_whole_though_its_writer_died_behind_the_commit(store, kill):
    run_id, model_id = new_run(store, "0").info.run_id, new_logged_model(store, "0").model_id
    points = 'metric("m", 1.0, step=1), metric("m", 2.0, step=2)'
    batch = f'RunBatch(metrics=[{points}, metric("k", 3.0, model_id="{model_id}")], params={{"p": "1"}})'
    kill(AFTER_COMMIT, f'store.runs.log("{run_id}", {batch})')
    assert store.runs.get(run_id).data.metrics == {"m": 2.0, "k": 3.0}
    assert store.runs.metric_history(run_id, "m") == [metric("m", 1.0, step=1), metric("m", 2.0, step=2)]
    assert [one.value for one in store.logged_models.get(model_id).metrics] == [3.0]


def test_a_search_finds_what_a_model_was_measured_with_though_the_writer_died(store, kill):
    experiment_id = new_experiment(store).experiment_id
    run_id = new_run(store, experiment_id).info.run_id
    model_id = new_logged_model(store, experiment_id).model_id
    kill(AFTER_COMMIT, f'store.runs.log("{run_id}", RunBatch(metrics=[metric("k", 3.0, model_id="{model_id}")]))')
    asked = query(LOGGED_MODELS, "metrics.k = 3", experiment_ids=(experiment_id,))
    assert [one.model_id for one in store.logged_models.search(asked)] == [model_id]


def test_the_next_writer_does_what_the_dead_one_left(store, kill):
    run_id = new_run(store, "0").info.run_id
    kill(AFTER_COMMIT, f'store.runs.log("{run_id}", RunBatch(metrics=[metric("m", 1.0, step=1)]))')
    store.runs.log(run_id, RunBatch(metrics=[metric("m", 2.0, step=2)]))
    assert [one.step for one in store.runs.metric_history(run_id, "m")] == [1, 2]


def test_a_batch_is_not_there_at_all_if_its_writer_died_before_the_commit(store, kill):
    run_id, model_id = new_run(store, "0").info.run_id, "m-" + "e" * 32
    batch = f'RunBatch(metrics=[metric("m", 1.0, model_id="{model_id}")], tags={{"t": "1"}})'
    before = store.runs.get(run_id)
    kill("windlass_elasticsearch.runs:replace", f'store.runs.log("{run_id}", {batch})')
    assert store.runs.get(run_id) == before
    assert store.runs.metric_history(run_id, "m") == []
    with pytest.raises(NotFound):
        store.logged_models.get(model_id)
    assert store.logged_models.create(LoggedModel(model_id, "0", "m")).metrics == ()


def test_a_run_whose_purging_was_broken_off_is_gone(store, kill):
    model_id, run_id = new_logged_model(store, "0").model_id, new_run(store, "0").info.run_id
    store.runs.log(run_id, RunBatch(metrics=[metric("m", 1.0, model_id=model_id)]))
    store.runs.update(run_id, RunUpdate(lifecycle_stage=LifecycleStage.DELETED))
    kill("windlass_elasticsearch.measuring:_change", f'store.runs.purge("{run_id}")')
    with pytest.raises(NotFound):
        store.runs.get(run_id)
    assert store.logged_models.get(model_id).metrics == ()


def test_an_experiment_whose_purging_was_broken_off_is_gone_and_its_points_go_with_the_next_purge(store, kill):
    experiment = new_experiment(store)
    run_id = new_run(store, experiment.experiment_id).info.run_id
    uid = store.runs._roots.find(run_id)[0].source["uid"]
    store.runs.log(run_id, RunBatch(metrics=[metric("m", 1.0)]))
    store.experiments.update(experiment.experiment_id, DELETE)
    kill("windlass_elasticsearch.forgetting:read_all", f'store.experiments.purge("{experiment.experiment_id}")')
    for gone in (lambda: store.experiments.get(experiment.experiment_id), lambda: store.runs.get(run_id)):
        with pytest.raises(NotFound):
            gone()
    with pytest.raises(NotFound):
        store.experiments.purge(experiment.experiment_id)
    store._cluster.refresh(POINTS.name)
    left = store._cluster.search(POINTS.name, {"query": {"term": {"run": uid}}})["hits"]["hits"]
    assert left == []
    assert new_experiment(store, experiment.name).name == experiment.name


def test_a_name_is_free_if_whoever_took_it_died_before_it_was_his(store, kill):
    name = new_name()
    kill(
        "windlass_elasticsearch.names:create",
        f'store.experiments.create(Experiment("77{name[-4:]}", "{name}", "s3://b"))',
    )
    with pytest.raises(NotFound):
        store.experiments.get_by_name(name)
    assert new_experiment(store, name).name == name


def test_an_experiment_is_there_once_it_has_its_name(store, kill):
    name, experiment_id = new_name(), str(int(new_name()[-8:], 16))
    code = f'store.experiments.create(Experiment("{experiment_id}", "{name}", "s3://b"))'
    # The first writes the claim, the second that the experiment is there.
    kill("windlass_elasticsearch.experiments:replace", code)
    asked = query(EXPERIMENTS, f"name = '{name}'")
    assert [one.experiment_id for one in store.experiments.search(asked)] == [experiment_id]
    assert store.experiments.get_by_name(name).experiment_id == experiment_id
    with pytest.raises(AlreadyExists):
        new_experiment(store, name)
    with pytest.raises(AlreadyExists):
        store.experiments.create(Experiment(experiment_id, new_name(), "s3://b"))


@pytest.mark.parametrize(("at", "renamed"), [(1, False), (2, True)])
def test_an_experiment_has_one_name_wherever_its_renaming_was_broken_off(store, kill, at, renamed):
    experiment, name = new_experiment(store), new_name("renamed")
    place = "windlass_elasticsearch.names:create" if at == 1 else "windlass_elasticsearch.experiments:replace@2"
    update = f'ExperimentUpdate(name="{name}", tags={{"a": "b"}})'
    kill(place, f'store.experiments.update("{experiment.experiment_id}", {update})')
    found = store.experiments.get(experiment.experiment_id)
    assert (found.name, found.tags) == ((name, {"a": "b"}) if renamed else (experiment.name, {}))
    free, taken = (experiment.name, name) if renamed else (name, experiment.name)
    with pytest.raises(AlreadyExists):
        new_experiment(store, taken)
    with pytest.raises(NotFound):
        store.experiments.get_by_name(free)
    assert new_experiment(store, free).name == free
