"""Writes that become durable together, and stay whole or nothing each."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from windlass.config import Settings
from windlass.entities import Metric
from windlass.errors import Conflict, Unavailable
from windlass.interfaces import GroupsWrites, RunBatch, WouldWait
from windlass.testing.samples import new_run
from windlass.uri import Uri
from windlass_sql.tracking import SqlTrackingStore


@pytest.fixture
def file(tmp_path):
    return tmp_path / "windlass.db"


@pytest.fixture
def store(file, tmp_path):
    with SqlTrackingStore.open(Uri.parse(f"sqlite:///{file}"), Settings(home=tmp_path)) as store:
        yield store


def seen(file, run_id):
    """The params of a run as another process sees them."""
    connection = sqlite3.connect(file)
    rows = connection.execute("SELECT key, value FROM windlass_params WHERE run_id = ?", (run_id,)).fetchall()
    connection.close()
    return dict(rows)


def test_a_sqlite_store_groups_writes(store):
    assert isinstance(store, GroupsWrites)
    assert store.writes_alone
    assert store.writes_at_once


def test_a_store_that_waits_for_the_disk_says_so(tmp_path):
    settings = Settings(home=tmp_path, sqlite_synchronous="full")
    with SqlTrackingStore.open(Uri.parse(f"sqlite:///{tmp_path}/full.db"), settings) as store:
        assert store.writes_alone
        assert not store.writes_at_once


def test_nothing_of_a_group_is_there_before_its_end(store, file):
    run_id = new_run(store, "0").info.run_id
    with store.write_group():
        store.runs.log(run_id, RunBatch(params={"a": "1"}))
        store.runs.log(run_id, RunBatch(params={"b": "2"}))
        assert store.runs.get(run_id).data.params == {"a": "1", "b": "2"}
        assert seen(file, run_id) == {}
    assert seen(file, run_id) == {"a": "1", "b": "2"}


def test_a_write_that_is_refused_takes_nothing_with_it(store, file):
    run_id = new_run(store, "0").info.run_id
    with store.write_group():
        store.runs.log(run_id, RunBatch(params={"a": "1"}))
        with pytest.raises(Conflict):
            store.runs.log(run_id, RunBatch(params={"b": "2", "a": "other"}, metrics=[Metric("m", 1.0, 1)]))
        store.runs.log(run_id, RunBatch(params={"c": "3"}))
    assert seen(file, run_id) == {"a": "1", "c": "3"}
    assert store.runs.get(run_id).data.metrics == {}


def test_a_group_that_breaks_leaves_nothing(store, file):
    run_id = new_run(store, "0").info.run_id

    def break_off():
        with store.write_group():
            store.runs.log(run_id, RunBatch(params={"a": "1"}))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert seen(file, run_id) == {}
    store.runs.log(run_id, RunBatch(params={"b": "2"}))
    assert seen(file, run_id) == {"b": "2"}


def test_a_disk_that_is_full_in_the_middle_acknowledges_nothing(store, file):
    run_id = new_run(store, "0").info.run_id
    outcomes = []
    with store._database.raw() as driver:
        pages = driver.execute("PRAGMA page_count").fetchone()[0]
        driver.execute(f"PRAGMA max_page_count={pages + 2}")

    def log_together():
        with store.write_group():
            for number in range(5):
                value = "x" * (20_000 if number == 2 else 10)
                try:
                    store.runs.log(run_id, RunBatch(tags={f"t{number}": value}))
                except Unavailable:
                    outcomes.append("refused")

    with pytest.raises(Unavailable):
        log_together()
    assert "refused" in outcomes
    with store._database.raw() as driver:
        driver.execute("PRAGMA max_page_count=1000000")
    assert set(store.runs.get(run_id).data.tags) == {"mlflow.runName"}
    store.runs.log(run_id, RunBatch(tags={"after": "1"}))
    assert "after" in store.runs.get(run_id).data.tags


def test_who_does_not_want_to_wait_is_told_of_a_writer_in_another_process(store, file):
    run_id = new_run(store, "0").info.run_id
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(WouldWait), store.write_group(wait=False):
        pytest.fail("nobody else may write now")
    other.execute("COMMIT")
    other.close()
    with store.write_group(wait=False):
        store.runs.log(run_id, RunBatch(params={"a": "1"}))
    assert seen(file, run_id) == {"a": "1"}


def test_who_does_not_want_to_wait_is_told_of_a_writer_in_another_thread(store):
    inside, done = threading.Event(), threading.Event()

    def write():
        with store.write_group():
            inside.set()
            done.wait(10)

    thread = threading.Thread(target=write)
    thread.start()
    assert inside.wait(10)
    with pytest.raises(WouldWait), store.write_group(wait=False):
        pytest.fail("nobody else may write now")
    done.set()
    thread.join()


def test_patience_returns_after_an_attempt(store):
    with store.write_group(wait=False):
        pass
    with store._database.raw() as driver:
        assert driver.execute("PRAGMA busy_timeout").fetchone()[0] == 60_000
