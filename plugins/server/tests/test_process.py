"""The server as a process: it says when it is ready, ends well, and loses nothing that it acknowledged when killed."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from windlass.plugins import Kind, get_plugin_manager

BATCH = 400


@pytest.fixture
def start(tmp_path):
    """Starts `windlass server` with arguments and returns the process and its port."""
    processes = []

    def start_with(*arguments):
        ours = ("WINDLASS_", "MLFLOW_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        environment |= {"WINDLASS_HOME": str(tmp_path / "home"), "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            [sys.executable, "-m", "windlass", "server", "-p", "0", *arguments],
            cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        processes.append(process)
        line = process.stdout.readline()
        assert line.startswith("Windlass listens on http://127.0.0.1:"), process.stderr.read()
        return process, int(line.rpartition(":")[2])

    yield start_with
    for process in processes:
        process.kill()
        process.communicate()


def test_sigterm_lets_requests_end(start, connect):
    process, port = start("--backend-store-uri", "memory://x")
    assert connect(port).send("GET", "/health").body == b"OK"
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) in {0, -signal.SIGTERM}
    output, errors = process.communicate()
    assert (output, errors) == ("", "")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["-w", "2", "--backend-store-uri", "memory://x"], "workers"),
        (["--backend-store-uri", "http://localhost:1"], "server itself"),
        (["--backend-store-uri", "nosuch://x"], "nosuch"),
        (["--backend-store-uri", "memory://x", "-h", "no.such.host.invalid"], "host"),
    ],
)
def test_what_cannot_be_served_is_said_without_a_traceback(tmp_path, arguments, problem):
    done = subprocess.run(
        [sys.executable, "-m", "windlass", "server", "-p", "0", *arguments],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode != 0
    assert problem in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(
    "sqlite" not in get_plugin_manager().names(Kind.TRACKING_STORE), reason="windlass-sql is not installed"
)
@pytest.mark.parametrize("delay", [0.05, 0.11, 0.23])
def test_a_killed_server_keeps_whole_batches_and_all_it_acknowledged(start, connect, tmp_path, delay):
    store = ["--backend-store-uri", f"sqlite:///{tmp_path}/runs.db"]
    process, port = start(*store)
    api = connect(port)
    run_id = api.run()
    acknowledged = []

    def log():
        for number in range(10_000):
            steps = range(number * BATCH, (number + 1) * BATCH)
            metrics = [{"key": "m", "value": 1, "timestamp": 1, "step": step} for step in steps]
            batch = {"run_id": run_id, "metrics": metrics, "params": [{"key": f"p{number}", "value": "x"}]}
            try:
                if api.ask("POST", "/runs/log-batch", batch).status != 200:
                    return
            except (OSError, http.client.HTTPException):
                return
            acknowledged.append(number)

    logging = threading.Thread(target=log)
    logging.start()
    while not acknowledged:
        time.sleep(0.005)
    time.sleep(delay)
    process.kill()
    logging.join(30)
    process.wait(10)
    _, port = start(*store)
    api = connect(port)
    history = api.do("GET", "/metrics/get-history", {"run_id": run_id, "metric_key": "m"})["metrics"]
    found = {}
    for point in history:
        found[point["step"] // BATCH] = found.get(point["step"] // BATCH, 0) + 1
    assert set(found.values()) == {BATCH}
    assert set(acknowledged) <= set(found)
    params = api.do("GET", "/runs/get", {"run_id": run_id})["run"]["data"]["params"]
    assert {param["key"] for param in params} == {f"p{number}" for number in found}
