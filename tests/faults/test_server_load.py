"""A server that is killed or stopped under load: what was acknowledged is there, once, and nobody is cut off."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from itertools import count
from pathlib import Path

import pytest

from windlass.testing.services import service_url

CLIENTS = 8
KEYS = ("loss", "accuracy", "f1")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")]
SIGKILL, SIGTERM = signal.SIGKILL, signal.SIGTERM


class Load:
    """Clients on connections of their own that log, create and register, and note what was acknowledged."""

    def __init__(self, connect, url: str) -> None:
        self.first = connect(url)
        self.first.ask("POST", "/registered-models/create", {"name": "scorer"})
        self.batches: dict[str, list[int]] = {}
        self.runs: list[str] = []
        self.versions: list[int] = []
        self.failures: list[tuple[int, object]] = []
        self.cut: list[Exception] = []
        self.stopping = threading.Event()
        jobs = [self.log, self.log, self.log, self.log, self.log_one, self.create, self.register, self.register]
        assert len(jobs) == CLIENTS
        self.threads = [threading.Thread(target=self.work, args=(connect(url), job), daemon=True) for job in jobs]
        for thread in self.threads:
            thread.start()
        self.advance()

    def work(self, client, job) -> None:
        try:
            job(client)
        except (OSError, http.client.HTTPException) as error:
            self.cut.append(error)

    def send(self, client, path, values):
        """The answer, or None if it was no success."""
        status, found = client.ask("POST", path, values)
        if status == 200:
            return found
        self.failures.append((status, found))
        return None

    def log(self, client) -> None:
        run_id = client.run()
        acknowledged = self.batches.setdefault(run_id, [])
        for step in count():
            if self.stopping.is_set():
                return
            metrics = [{"key": key, "value": step, "timestamp": 1, "step": step} for key in KEYS]
            batch = {"run_id": run_id, "metrics": metrics, "params": [{"key": f"p{step}", "value": str(step)}]}
            if self.send(client, "/runs/log-batch", batch) is not None:
                acknowledged.append(step)

    def log_one(self, client) -> None:
        run_id = client.run()
        acknowledged = self.batches.setdefault(run_id, [])
        for step in count():
            if self.stopping.is_set():
                return
            for key in KEYS:
                point = {"run_id": run_id, "key": key, "value": step, "timestamp": 1, "step": step}
                self.send(client, "/runs/log-metric", point)
            self.send(client, "/runs/log-parameter", {"run_id": run_id, "key": f"p{step}", "value": str(step)})
            acknowledged.append(step)

    def create(self, client) -> None:
        for number in count():
            if self.stopping.is_set():
                return
            made = self.send(client, "/runs/create", {"experiment_id": "0", "run_name": f"number {number}"})
            if made is not None:
                self.runs.append(made["run"]["info"]["run_id"])

    def register(self, client) -> None:
        while not self.stopping.is_set():
            made = self.send(client, "/model-versions/create", {"name": "scorer", "source": "s3://bucket/model"})
            if made is not None:
                self.versions.append(int(made["model_version"]["version"]))

    def advance(self) -> None:
        """Wait until everybody has done something."""
        give_up = time.monotonic() + 30
        while not (
            len(self.batches) == CLIENTS - 3
            and all(len(one) > 5 for one in self.batches.values())
            and len(self.runs) > 5
            and len(self.versions) > 10
        ):
            assert time.monotonic() < give_up, (self.failures, self.cut)
            time.sleep(0.02)

    def end(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in self.threads)

    def check(self, client) -> None:
        """What was acknowledged is there exactly once; at most the one request each client had under way besides."""
        for run_id, acknowledged in self.batches.items():
            data = client.do("GET", "/runs/get", {"run_id": run_id})["run"]["data"]
            params = {one["key"]: one["value"] for one in data["params"]}
            assert {f"p{step}": str(step) for step in acknowledged}.items() <= params.items()
            assert len(params) <= len(acknowledged) + 1
            for key in KEYS:
                history = client.do("GET", "/metrics/get-history", {"run_id": run_id, "metric_key": key})["metrics"]
                steps = [one["step"] for one in history]
                assert len(steps) == len(set(steps))
                assert set(acknowledged) <= set(steps)
                assert len(steps) <= len(acknowledged) + 1
                assert all(one["value"] == one["step"] for one in history)
        for run_id in self.runs:
            assert client.do("GET", "/runs/get", {"run_id": run_id})["run"]["info"]["run_id"] == run_id
        assert len(self.versions) == len(set(self.versions))
        found = client.do("GET", "/model-versions/search", {"filter": "name = 'scorer'", "max_results": 10_000})
        kept = sorted(int(one["version"]) for one in found["model_versions"])
        assert kept == list(range(1, len(kept) + 1))
        assert set(self.versions) <= set(kept)
        assert len(kept) <= len(self.versions) + 2


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    """The URI of an empty store."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/runs.db"
        return
    import psycopg

    service, name = service_url("postgresql"), f"load_{os.getpid()}_{time.time_ns()}"
    with psycopg.connect(service, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"{service.rpartition('/')[0]}/{name}"
    with psycopg.connect(service, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def checked(store) -> str:
    """What `windlass db check` says, if it is content."""
    command = [sys.executable, "-m", "windlass", "db", "check", store]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(one) for one in found.stdout.split()]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_killed_under_load_keeps_all_that_it_acknowledged(start_server, connect, tmp_path, store, workers):
    server = start_server(tmp_path, store, ["--workers", str(workers)])
    load = Load(connect, server.url)
    for pid in [server.process.pid, *children(server.process.pid)]:
        os.kill(pid, SIGKILL)
    load.end()
    assert not load.failures
    assert load.cut
    checked(store)
    (tmp_path / "again").mkdir()
    load.check(connect(start_server(tmp_path / "again", store).url))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_stopped_under_load_cuts_nobody_off(start_server, connect, tmp_path, store, workers):
    server = start_server(tmp_path, store, ["--workers", str(workers)])
    load = Load(connect, server.url)
    server.process.send_signal(SIGTERM)
    server.process.wait(20)
    load.end()
    # Clients learn with an answer that the connection ends, and find nobody when they come again.
    assert not load.failures
    assert {type(one) for one in load.cut} == {ConnectionRefusedError}, load.cut
    assert "Traceback" not in (tmp_path / "server.log").read_text()
    (tmp_path / "again").mkdir()
    load.check(connect(start_server(tmp_path / "again", store).url))
    checked(store)


def test_a_worker_killed_under_load_is_replaced(start_server, connect, tmp_path):
    store = f"sqlite:///{tmp_path}/runs.db"
    server = start_server(tmp_path, store, ["--workers", "2"])
    load = Load(connect, server.url)
    workers = [pid for pid in children(server.process.pid) if b"spawn_main" in cmdline(pid)]
    os.kill(workers[0], SIGKILL)
    time.sleep(0.3)
    load.end()
    assert not load.failures
    client = connect(server.url)
    load.check(client)
    give_up = time.monotonic() + 20
    while len([pid for pid in children(server.process.pid) if b"spawn_main" in cmdline(pid)]) < 2:
        assert time.monotonic() < give_up
        time.sleep(0.05)


def cmdline(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
