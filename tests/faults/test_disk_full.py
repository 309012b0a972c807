"""A disk that is full: writes are refused, reads go on, nothing is half there, and with room again all is well."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MB = 1 << 20
PASSWORD = "correct horse battery staple"
PROXY = "/api/2.0/mlflow-artifacts/artifacts"
OURS = "/api/windlass/v1"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits a running process, or mounts a small disk")


class SmallDisk:
    """A file system of a few megabytes."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            pytest.skip(f"a small disk cannot be mounted: {done.stderr.strip()}")

    def fill(self, server) -> None:
        del server
        with (self.place / "filler").open("wb", buffering=0) as filler:
            try:
                while filler.write(b"x" * 4096):
                    pass
            except OSError:
                return

    def free(self, server) -> None:
        del server
        (self.place / "filler").unlink()

    def remove(self) -> None:
        subprocess.run(["umount", "-l", str(self.place)], check=True)


class Limit:
    """A limit to how far the process may write in any file."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()

    def fill(self, server) -> None:
        import resource

        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))

    def free(self, server) -> None:
        import resource

        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def remove(self) -> None:
        """Nothing is left of it."""


@pytest.fixture(params=[SmallDisk, Limit], ids=["small disk", "limit"])
def disk(request, tmp_path):
    made = request.param(tmp_path / "disk")
    yield made
    made.remove()


@pytest.fixture
def server(disk, start_server, monkeypatch):
    """A server with accounts that has all it keeps on the disk, also what is on its way."""
    temporary = disk.place / "tmp"
    temporary.mkdir()
    for name, value in {
        "TMPDIR": str(temporary),
        "WINDLASS_HOME": str(disk.place / "home"),
        "WINDLASS_AUTH": "true",
        "WINDLASS_ADMIN_PASSWORD": PASSWORD,
        "WINDLASS_WEBHOOK_ALLOW_PRIVATE": "true",
    }.items():
        monkeypatch.setenv(name, value)
    return start_server(disk.place)


@pytest.fixture
def client(server, connect):
    credentials = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    return connect(server.url, {"authorization": f"Basic {credentials}"})


def writes(client, run_id, number):
    """Requests that write, each with its answer."""
    point = {"run_id": run_id, "key": "m", "value": 1, "timestamp": 1, "step": number}
    large = [{"key": f"{number}-{one}", "value": "x" * 50_000} for one in range(50)]
    yield "metric", client.ask("POST", "/runs/log-metric", point)
    yield "batch", client.ask("POST", "/runs/log-batch", {"run_id": run_id, "tags": large})
    yield "run", client.ask("POST", "/runs/create", {"experiment_id": "0", "run_name": f"run {number}"})
    yield "experiment", client.ask("POST", "/experiments/create", {"name": f"experiment {number}"})
    yield "model", client.ask("POST", "/registered-models/create", {"name": f"model {number}"})
    user = {"username": f"user{number}", "password": PASSWORD}
    yield "user", client.ask("POST", "/users/create", user, prefix="/api/2.0/mlflow")
    status, body = client.send("PUT", f"{PROXY}/file {number}.bin".replace(" ", "%20"), os.urandom(2 * MB))
    yield "file", (status, json.loads(body))


def names(client):
    """What there is, as names."""
    found = client.do("POST", "/runs/search", {"experiment_ids": ["0"], "max_results": 100}).get("runs", [])
    return {
        *(run["info"]["run_name"] for run in found),
        *(one["name"] for one in client.do("GET", "/experiments/search", {"max_results": 100})["experiments"]),
        *(one["name"] for one in client.do("GET", "/registered-models/search").get("registered_models", [])),
        *(one["path"] for one in client.do("GET", "", prefix=PROXY).get("files", [])),
        *(tag["key"] for run in found for tag in run["data"].get("tags", [])),
    }


def audited(client):
    """How many entries the audit log has."""
    return len(client.do("GET", "/audit/search", {"max_results": 1000}, prefix=OURS)["entries"])


def test_a_full_disk_refuses_writes_and_nothing_else(disk, server, client):
    run_id = client.run()
    assert [status for _, (status, _) in writes(client, run_id, 1)] == [200] * 7
    before, entries = names(client), audited(client)
    disk.fill(server)
    for name, (status, found) in [*writes(client, run_id, 2), *writes(client, run_id, 3)]:
        if status == 200:
            # There was room for something small; then it counts like anything else.
            continue
        assert (status, found["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE"), (name, found)
        assert str(disk.place) not in json.dumps(found), (name, found)
    refused = [name for name, (status, _) in writes(client, run_id, 4) if status == 503]
    assert {"batch", "file"} <= set(refused)
    assert client.send("GET", f"{PROXY}/file%201.bin")[0] == 200
    assert before <= names(client)
    if not isinstance(disk, Limit):
        assert not {f"{number}-0" for number in (2, 3, 4)} & names(client)
    assert not {f"file {number}.bin" for number in (2, 3, 4)} & names(client)
    assert audited(client) >= entries
    assert not client.do("GET", "/audit/verify", prefix=OURS)["problems"]
    disk.free(server)
    assert [status for _, (status, _) in writes(client, run_id, 5)] == [200] * 7
    assert {"run 5", "experiment 5", "model 5", "file 5.bin", "5-0", "5-49"} <= names(client)
    assert not client.do("GET", "/audit/verify", prefix=OURS)["problems"]
    assert not list(disk.place.rglob("*.part"))
    assert not list((disk.place / "tmp").glob("windlass-upload-*"))
    log = Path(server.log.name).read_text()
    assert "Traceback" not in log
    server.stop()
    command = [sys.executable, "-m", "windlass", "db", "check", f"sqlite:///{disk.place}/server.db"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
