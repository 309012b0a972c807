"""A cluster that is down, slow or takes no writes: what is said, and that nothing acknowledged is lost."""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager
from threading import Thread
from urllib.parse import urlsplit

import pytest

from windlass.config import Settings
from windlass.entities import LifecycleStage
from windlass.errors import NotFound, Unavailable, WindlassError
from windlass.interfaces import ExperimentUpdate, LoggedModelUpdate, RunBatch, RunUpdate
from windlass.search import RUNS
from windlass.testing.proxy import Proxy
from windlass.testing.samples import metric, new_experiment, new_logged_model, new_name, new_run, query
from windlass.uri import Uri
from windlass_elasticsearch.tracking import ElasticsearchTrackingStore


@contextmanager
def blocked(store, *names):
    """A block in which indices take no writes, as when a disk is nearly full."""
    client, indices = store._cluster.client, [store._cluster.alias(name) for name in names]
    client.indices.put_settings(index=indices, settings={"index.blocks.read_only_allow_delete": True})
    try:
        yield
    finally:
        client.indices.put_settings(index=indices, settings={"index.blocks.read_only_allow_delete": None})


@pytest.fixture
def proxied(prefix_uri):
    """A store behind a proxy, and the proxy."""
    parts = urlsplit(prefix_uri.text)
    with Proxy(parts.hostname, parts.port) as proxy:
        uri = Uri.parse(f"elasticsearch://127.0.0.1:{proxy.port}{parts.path}")
        with ElasticsearchTrackingStore.open(uri, Settings(elasticsearch_timeout=20)) as store:
            yield store, proxy


def test_read_only_indices_are_read_and_writing_goes_on_afterwards(store):
    experiment_id = new_experiment(store).experiment_id
    run_id = new_run(store, experiment_id).info.run_id
    store.runs.log(run_id, RunBatch(metrics=[metric("m", 1.0)]))
    with blocked(store, "runs", "points"):
        for write in (
            lambda: store.runs.log(run_id, RunBatch(params={"p": "1"})),
            lambda: new_run(store, experiment_id),
        ):
            with pytest.raises(Unavailable, match="takes no writes") as raised:
                write()
            assert raised.value.details["retry_after"] == 5
        assert store.runs.get(run_id).data.params == {}
        assert [one.value for one in store.runs.metric_history(run_id, "m")] == [1.0]
        assert len(store.runs.search(query(RUNS, experiment_ids=(experiment_id,)))) == 1
    store.runs.log(run_id, RunBatch(params={"p": "1"}))
    assert store.runs.get(run_id).data.params == {"p": "1"}


def test_a_batch_that_was_acknowledged_is_there_though_its_points_could_not_be_written_at_once(store, other):
    run_id = new_run(store, "0").info.run_id
    points = [metric("m", float(step), step=step) for step in range(3)]
    with blocked(store, "points"):
        store.runs.log(run_id, RunBatch(metrics=points))
        assert other.runs.get(run_id).data.metrics == {"m": 2.0}
        with pytest.raises(Unavailable):
            other.runs.metric_history(run_id, "m")
    assert other.runs.metric_history(run_id, "m") == points


def test_a_server_that_is_not_there_is_told_at_once():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        uri = Uri.parse(f"elasticsearch://ada:secret@127.0.0.1:{listener.getsockname()[1]}/p")
        began = time.monotonic()
        with pytest.raises(Unavailable, match="out of reach") as raised:
            ElasticsearchTrackingStore.open(uri, Settings())
    assert time.monotonic() - began < 20
    assert "secret" not in str(raised.value)


def test_a_server_that_does_not_answer_is_waited_for_no_longer_than_is_set():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        uri = Uri.parse(f"elasticsearch://127.0.0.1:{listener.getsockname()[1]}/p")
        began = time.monotonic()
        with pytest.raises(Unavailable, match="not answered in time"):
            ElasticsearchTrackingStore.open(uri, Settings(elasticsearch_timeout=0.5))
    assert time.monotonic() - began < 20


def test_whatever_is_acknowledged_while_connections_break_is_kept_once(proxied, store):
    through, proxy = proxied
    run_id = new_run(store, "0").info.run_id
    acknowledged, refused, stop = [], [], []

    def log():
        step = 0
        while not stop:
            step += 1
            batch = RunBatch(metrics=[metric("m", 1.0, step=step)], params={f"p{step}": "1"})
            try:
                through.runs.log(run_id, batch)
                acknowledged.append(step)
            except WindlassError as error:
                refused.append(error)
                time.sleep(0.05)

    thread = Thread(target=log)
    thread.start()
    for _ in range(3):
        time.sleep(0.7)
        proxy.cut()
        time.sleep(0.4)
        proxy.mend()
    time.sleep(0.7)
    stop.append(True)
    thread.join(60)
    assert acknowledged
    assert refused
    assert {type(error) for error in refused} == {Unavailable}
    steps = [one.step for one in store.runs.metric_history(run_id, "m")]
    assert set(acknowledged) <= set(steps)
    assert len(steps) == len(set(steps))
    assert {f"p{step}" for step in steps} == set(store.runs.get(run_id).data.params)


@pytest.fixture
def lose(monkeypatch):
    """Lets the answer to the first request of a method to an index be lost, so that the client sends it again."""

    def prepare(store, wanted, index):
        lost = []
        kind = type(store._cluster.client.transport)
        original = kind.perform_request

        def perform(transport, method, target, **kwargs):
            answer = original(transport, method, target, **kwargs)
            if method == wanted and f"-{index}/_doc/" in target and not lost:
                lost.append(target)
                return original(transport, method, target, **kwargs)
            return answer

        monkeypatch.setattr(kind, "perform_request", perform)
        return lost

    return prepare


def test_creating_succeeds_though_its_answer_was_lost(store, other, lose):
    for index, make in (("runs", new_run), ("logged-models", new_logged_model)):
        lost = lose(store, "PUT", index)
        made = make(store, "0", tags={"a": "b"})
        assert lost
        kept = other.runs.get(made.info.run_id) if index == "runs" else other.logged_models.get(made.model_id)
        assert kept == made
    lost = lose(store, "PUT", "experiments")
    experiment = new_experiment(store)
    assert lost
    lost = lose(store, "PUT", "experiments")
    renamed = store.experiments.update(experiment.experiment_id, ExperimentUpdate(name=new_name("renamed")))
    assert lost
    assert other.experiments.get(experiment.experiment_id) == renamed


def test_purging_succeeds_though_its_answer_was_lost(store, lose):
    model_id, run_id = new_logged_model(store, "0").model_id, new_run(store, "0").info.run_id
    store.logged_models.update(model_id, LoggedModelUpdate(lifecycle_stage=LifecycleStage.DELETED))
    store.runs.update(run_id, RunUpdate(lifecycle_stage=LifecycleStage.DELETED))
    for index, purge in (("logged-models", store.logged_models.purge), ("runs", store.runs.purge)):
        lost = lose(store, "DELETE", index)
        purge(model_id if index == "logged-models" else run_id)
        assert lost
    with pytest.raises(NotFound):
        store.logged_models.get(model_id)
    with pytest.raises(NotFound):
        store.runs.get(run_id)
