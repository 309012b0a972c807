"""SQLite files: processes, threads, kills, and what can be wrong with a file."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from windlass.config import Settings
from windlass.entities import Metric, Run, RunInfo
from windlass.errors import InvalidValue, Unavailable, WindlassError
from windlass.interfaces import RunBatch
from windlass.search import RUNS
from windlass.testing.samples import new_run, query
from windlass.uri import Uri
from windlass_sql.tracking import SqlTrackingStore

WRITER = """
import sys
from windlass.config import Settings
from windlass.entities import Metric, Run, RunInfo
from windlass.interfaces import RunBatch
from windlass.uri import Uri
from windlass_sql.tracking import SqlTrackingStore

me, count = int(sys.argv[2]), int(sys.argv[3])
store = SqlTrackingStore.open(Uri.parse(sys.argv[1]), Settings())
for number in range(count):
    run_id = f"{me:016x}{number:016x}"
    if number % 4 == 0:
        store.runs.create(Run(RunInfo(run_id, "0", "run", "ada")))
        mine = run_id
    else:
        store.runs.log(mine, RunBatch(metrics=[Metric("m", 0.5, 1, number)], params={f"p{number}": "1"}))
    print("ack", number, flush=True)
"""
BATCHES = """
import sys
from windlass.config import Settings
from windlass.entities import Metric
from windlass.interfaces import RunBatch
from windlass.uri import Uri
from windlass_sql.tracking import SqlTrackingStore

store = SqlTrackingStore.open(Uri.parse(sys.argv[1]), Settings())
for batch in range(100_000):
    metrics = [Metric(f"m{one}", float(batch), 1, batch) for one in range(20)]
    store.runs.log(sys.argv[2], RunBatch(metrics=metrics, params={f"p{batch}": "1"}, tags={"last": str(batch)}))
    print(batch, flush=True)
"""


@pytest.fixture
def uri(tmp_path):
    return Uri.parse(f"sqlite:///{tmp_path}/windlass.db")


def opened(uri, **settings):
    return SqlTrackingStore.open(uri, Settings(**settings))


def start(program, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def integrity(path):
    connection = sqlite3.connect(path)
    try:
        return connection.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        connection.close()


def test_processes_that_start_at_once_on_a_new_file_lose_nothing(uri, tmp_path):
    processes = [start(WRITER, uri.text, me, 200) for me in range(4)]
    for process in processes:
        out, err = process.communicate(timeout=90)
        assert (process.returncode, err) == (0, "")
        assert out.count("ack") == 200
    with opened(uri) as store:
        runs = store.runs.search(query(RUNS, experiment_ids=("0",)))
        assert len(runs) == 4 * 50
        assert sum(len(run.data.params) for run in runs) == 4 * 150
        assert sum(len(store.runs.metric_history(run.info.run_id, "m")) for run in runs) == 4 * 150
    assert integrity(tmp_path / "windlass.db") == "ok"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("seed", range(3))
def test_a_killed_process_leaves_whole_batches_and_all_acknowledged_ones(uri, tmp_path, seed):
    with opened(uri) as store:
        run_id = new_run(store, "0").info.run_id
    process = start(BATCHES, uri.text, run_id)
    assert process.stdout.readline() == "0\n"
    time.sleep(random.Random(seed).uniform(0.01, 0.25))
    process.send_signal(signal.SIGKILL)
    out, _ = process.communicate(timeout=30)
    acknowledged = int(out.splitlines()[-1]) if out.endswith("\n") and out else 0
    with opened(uri) as store:
        run = store.runs.get(run_id)
        kept = int(run.data.tags["last"])
        assert acknowledged <= kept <= acknowledged + 2
        assert set(run.data.params) == {f"p{batch}" for batch in range(kept + 1)}
        for one in range(20):
            steps = [metric.step for metric in store.runs.metric_history(run_id, f"m{one}")]
            assert steps == list(range(kept + 1))
        assert {metric.step for metric in run.data.latest_metrics} == {kept}
    assert integrity(tmp_path / "windlass.db") == "ok"


def test_a_full_disk_is_told_and_nothing_is_half_written(uri):
    with opened(uri) as store:
        run = new_run(store, "0")
        engine = store._database.engine
        with engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 5}")
        batch = RunBatch(tags={"first": "1"}, params={f"p{number}": "x" * 9000 for number in range(10)})
        with pytest.raises(Unavailable, match="full") as caught:
            store.runs.log(run.info.run_id, batch)
        assert "INSERT" not in str(caught.value)
        assert store.runs.get(run.info.run_id) == run
        store.runs.log(run.info.run_id, RunBatch(tags={"small": "1"}))


def test_a_file_that_is_no_database_is_told(tmp_path):
    path = tmp_path / "windlass.db"
    path.write_text("this is a shopping list, " * 100)
    with pytest.raises(Unavailable, match="no SQLite database"):
        opened(Uri.parse(f"sqlite:///{path}"))
    assert path.read_text().startswith("this is a shopping list")


def test_a_directory_in_the_place_of_the_file_is_told(tmp_path):
    with pytest.raises(Unavailable, match="cannot be opened"):
        opened(Uri.parse(f"sqlite:///{tmp_path}"))


def test_a_damaged_file_is_told(uri, tmp_path):
    with opened(uri) as store:
        for _ in range(50):
            new_run(store, "0", tags={"t": "x" * 2000})
    path = tmp_path / "windlass.db"
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\x07" * (len(content) - 4096))
    with pytest.raises(WindlassError) as caught, opened(uri) as store:
        store.runs.search(query(RUNS, experiment_ids=("0",)))
    assert "SELECT" not in str(caught.value)


def test_the_directory_is_made(tmp_path):
    opened(Uri.parse(f"sqlite:///{tmp_path}/a/b/windlass.db")).close()
    assert (tmp_path / "a" / "b" / "windlass.db").exists()


def test_a_relative_path_begins_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    opened(Uri.parse("sqlite:///here/windlass.db")).close()
    assert (tmp_path / "here" / "windlass.db").exists()


def test_a_uri_that_is_none_is_told():
    with pytest.raises(InvalidValue):
        opened(Uri.parse("sqlite:nothing"))


@pytest.mark.parametrize("text", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_serves_many_threads(text):
    with opened(Uri.parse(text)) as store:
        run_id = new_run(store, "0").info.run_id

        def work(thread):
            for step in range(20):
                store.runs.log(run_id, RunBatch(metrics=[Metric("m", 1.0, thread, step)]))
                store.runs.get(run_id)

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(work, range(6)))
        assert len(store.runs.metric_history(run_id, "m")) == 120


def test_reader_and_writer_do_not_wait_for_each_other(uri):
    with opened(uri, sqlite_busy_timeout=1.0) as store:
        run_id = new_run(store, "0").info.run_id
        with store._database.read() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM windlass_runs").scalar()
            store.runs.log(run_id, RunBatch(tags={"written": "while reading"}))
        with store._database.write():
            assert store.runs.get(run_id).data.tags["written"] == "while reading"


def test_a_writer_that_waits_too_long_is_told_to_try_again(uri):
    with opened(uri, sqlite_busy_timeout=0.05) as store:
        run_id = new_run(store, "0").info.run_id
        other = sqlite3.connect(uri.path.removeprefix("/") if os.name == "nt" else uri.path[1:])
        other.execute("BEGIN IMMEDIATE")
        try:
            with pytest.raises(Unavailable, match="busy") as caught:
                store.runs.log(run_id, RunBatch(tags={"a": "b"}))
            assert "WINDLASS_SQLITE_BUSY_TIMEOUT" in caught.value.hint
        finally:
            other.close()
        store.runs.log(run_id, RunBatch(tags={"a": "b"}))


@pytest.mark.parametrize(("wanted", "number"), [("normal", 1), ("full", 2)])
def test_every_connection_has_its_pragmas(uri, wanted, number):
    with opened(uri, sqlite_synchronous=wanted) as store, store._database.read() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": number, "foreign_keys": 1, "busy_timeout": 60_000}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_has_connections_of_its_own(uri):
    with opened(uri) as store:
        run_id = new_run(store, "0").info.run_id
        child = os.fork()
        if child == 0:
            try:
                store.runs.log(run_id, RunBatch(tags={"child": "1"}))
                os._exit(0)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        store.runs.log(run_id, RunBatch(tags={"parent": "1"}))
        assert status == 0
        assert {"child", "parent"} <= set(store.runs.get(run_id).data.tags)


def test_an_error_in_a_transaction_leaves_the_store_usable(uri):
    with opened(uri) as store:
        run_id = new_run(store, "0").info.run_id
        with pytest.raises(WindlassError):
            store.runs.log(run_id, RunBatch(metrics=[Metric("m", 1.0, 2**70, 0)], tags={"t": "1"}))
        assert "t" not in store.runs.get(run_id).data.tags
        store.runs.log(run_id, RunBatch(tags={"t": "2"}))


def test_creating_while_searching_keeps_every_thread_right(uri):
    with opened(uri) as store:
        stop = threading.Event()
        failures = []

        def search():
            while not stop.is_set():
                found = store.runs.search(query(RUNS, experiment_ids=("0",)))
                failures.extend(run for run in found if len(run.data.params) not in {0, 3})

        threads = [threading.Thread(target=search) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(60):
            run_id = store.runs.create(Run(RunInfo(f"{number:032x}", "0", "run", "ada"))).info.run_id
            store.runs.log(run_id, RunBatch(params={"a": "1", "b": "2", "c": "3"}))
        stop.set()
        for thread in threads:
            thread.join(30)
        assert failures == []
