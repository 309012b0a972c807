"""PostgreSQL crashes, freezes and cuts connections under load: what was acknowledged is there, nothing by halves."""

from __future__ import annotations

import os
import signal
import threading
import time
from itertools import count
from typing import Self

import pytest

from windlass.config import Settings
from windlass.entities import Metric, ModelVersion, RegisteredModel
from windlass.errors import Unavailable, WindlassError
from windlass.interfaces import RunBatch
from windlass.testing.samples import new_run
from windlass.uri import Uri
from windlass_sql.faults import Unsure
from windlass_sql.registry import SqlModelRegistry
from windlass_sql.tracking import SqlTrackingStore

KEYS = tuple(f"m{number}" for number in range(5))
pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")


class Load:
    """Threads that log batches and register versions, and note what was acknowledged."""

    def __init__(self, store: SqlTrackingStore, registry: SqlModelRegistry) -> None:
        self.store, self.registry = store, registry
        self.runs = [new_run(store, "0").info.run_id for _ in range(3)]
        registry.models.create(RegisteredModel("scorer"))
        self.logged: dict[str, list[int]] = {run_id: [] for run_id in self.runs}
        self.versions: list[int] = []
        self.refused: list[WindlassError] = []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.log, args=(run_id,), daemon=True) for run_id in self.runs]
        self.threads += [threading.Thread(target=self.register, daemon=True) for _ in range(2)]

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        self.advance()
        return self

    def __exit__(self, *error: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in self.threads)

    def log(self, run_id: str) -> None:
        for step in count():
            if self.stopping.is_set():
                return
            metrics = [Metric(key, float(step), 1, step) for key in KEYS]
            batch = RunBatch(metrics=metrics, params={f"p{step}": "1"}, tags={"last": str(step)})
            if self.persist(lambda batch=batch: self.store.runs.log(run_id, batch)):
                self.logged[run_id].append(step)

    def register(self) -> None:
        while not self.stopping.is_set():
            try:
                self.versions.append(self.registry.versions.create(ModelVersion("scorer", 0, source="s3://b")).version)
            except Unavailable as error:
                self.refused.append(error)
                time.sleep(0.05)

    def persist(self, call) -> bool:
        """Try again until it works, as a client does that is told to."""
        while not self.stopping.is_set():
            try:
                call()
            except Unavailable as error:
                self.refused.append(error)
                time.sleep(0.05)
            else:
                return True
        return False

    def advance(self) -> None:
        """Wait until everybody has done something more."""
        before = [len(steps) for steps in self.logged.values()], len(self.versions)
        give_up = time.monotonic() + 30
        while time.monotonic() < give_up:
            steps = zip(self.logged.values(), before[0], strict=True)
            if all(len(now) > was + 5 for now, was in steps) and len(self.versions) > before[1] + 5:
                return
            time.sleep(0.02)
        pytest.fail(f"nothing goes on: {self.refused[-3:]}")

    def check(self) -> None:
        for run_id, steps in self.logged.items():
            run = self.store.runs.get(run_id)
            kept = {int(key[1:]) for key in run.data.params}
            assert set(steps) <= kept
            for key in KEYS:
                history = self.store.runs.metric_history(run_id, key)
                assert {point.step for point in history} == kept
            assert {point.step for point in run.data.latest_metrics} == {max(kept)}
        assert len(self.versions) == len(set(self.versions))
        newest = self.registry.models.get("scorer").latest_versions[0].version
        # Those that nobody was told of were cut off in the middle of their commit.
        unsure = sum(isinstance(error, Unsure) for error in self.refused)
        assert newest - len(self.versions) <= unsure
        assert [self.registry.versions.get("scorer", number + 1).version for number in range(newest)]


@pytest.fixture
def stores(postgresql):
    uri = Uri.parse(postgresql.url)
    with SqlTrackingStore.open(uri, Settings()) as store, SqlModelRegistry.open(uri, Settings()) as registry:
        yield store, registry


def test_a_crash_under_load_loses_nothing_that_was_acknowledged(postgresql, stores):
    with Load(*stores) as load:
        for _ in range(2):
            postgresql.crash()
            time.sleep(1.0)
            postgresql.start()
            load.advance()
    assert load.refused
    assert all("retry_after" in error.details for error in load.refused)
    load.check()


def test_connections_that_are_cut_under_load_are_hardly_noticed(postgresql, stores):
    with Load(*stores) as load:
        for _ in range(20):
            postgresql.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'windlass'")
            time.sleep(0.1)
        load.advance()
    load.check()


def test_work_goes_on_after_the_database_was_frozen(postgresql, stores):
    with Load(*stores) as load:
        backends = postgresql.backends()
        for pid in backends:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(1.5)
        for pid in backends:
            os.kill(pid, signal.SIGCONT)
        load.advance()
    load.check()


def test_a_database_that_is_gone_is_told_at_once_and_used_again_when_it_is_back(postgresql, stores):
    store, _ = stores
    run_id = new_run(store, "0").info.run_id
    postgresql.crash()
    for call in (lambda: store.runs.get(run_id), lambda: store.runs.log(run_id, RunBatch(tags={"a": "b"}))):
        started = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            call()
        assert time.monotonic() - started < 3
        assert caught.value.details["retry_after"] > 0
    postgresql.start()
    store.runs.log(run_id, RunBatch(tags={"a": "b"}))
    assert store.runs.get(run_id).data.tags["a"] == "b"
