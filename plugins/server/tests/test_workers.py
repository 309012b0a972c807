"""Several processes that answer on one port."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


@pytest.fixture
def server(tmp_path):
    """A process with two workers: the process and its port."""
    with (tmp_path / "log").open("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "windlass", "server", "-p", "0", "-w", "2", "--backend-store-uri", "sqlite:///x.db"],
            cwd=tmp_path, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        give_up = time.monotonic() + 60
        while not (found := re.search(r"listens on http://127\.0\.0\.1:(\d+)", Path(log.name).read_text())):
            assert process.poll() is None
            assert time.monotonic() < give_up
            time.sleep(0.05)
        yield process, int(found[1])
        process.kill()
        process.wait()


def ask(port, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        headers = {"content-type": "application/json"}
        connection.request("GET" if body is None else "POST", path, body and json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def children(pid):
    """The processes that answer, found by what the kernel knows."""
    found = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [one for one in found if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
def test_workers_answer_as_one_are_replaced_when_they_die_and_end_together(server):
    process, port = server
    first = children(process.pid)
    assert len(first) == 2
    made = [ask(port, "/api/2.0/mlflow/experiments/create", {"name": f"e{number}"})[0] for number in range(20)]
    assert made == [200] * 20
    status, text = ask(port, "/metrics")
    assert status == 200
    counts = re.findall(rb'windlass_requests_total\{.*experiments/create".*\} (\d+)', text)
    assert [int(one) for one in counts] == [20]

    os.kill(first[0], signal.SIGKILL)
    give_up = time.monotonic() + 30
    while len(alive := children(process.pid)) < 2 or first[0] in alive:
        assert time.monotonic() < give_up
        assert ask(port, "/health")[0] == 200
        time.sleep(0.2)

    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert not [pid for pid in alive if Path(f"/proc/{pid}").is_dir()]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
def test_workers_do_not_outlive_a_parent_that_was_killed(server):
    process, _ = server
    pids = children(process.pid)
    process.kill()
    process.wait()
    give_up = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").is_dir() for pid in pids):
        assert time.monotonic() < give_up
        time.sleep(0.1)
