"""Clients that send anything, and a PostgreSQL which a test may stop, kill and start again on the same files."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest

from windlass.testing.services import service_url

API = "/api/2.0/mlflow"
SCRIPT = Path(__file__).parent.parent / "services" / "postgresql.sh"


class PostgreSql:
    """A server process; `url` stays the same when it is started again."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.url = self._script("start")
        self.port = self.url.rpartition(":")[2].partition("/")[0]

    def _script(self, *arguments: str) -> str:
        environ = {**os.environ, "WINDLASS_TEST_STATE": str(self.state)}
        done = subprocess.run(
            [SCRIPT, *arguments], env=environ, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @property
    def pid(self) -> int:
        return int((self.state / "postgresql" / "pid").read_text())

    def crash(self) -> None:
        """End all of its processes at once, without a checkpoint."""
        pid = self.pid
        os.kill(pid, signal.SIGQUIT)
        give_up = time.monotonic() + 20
        while Path(f"/proc/{pid}").exists() and "Z" not in _status(pid):
            assert time.monotonic() < give_up, "PostgreSQL does not end"
            time.sleep(0.02)

    def start(self) -> None:
        """Start it again on the same files and port."""
        self._script("start", self.port)

    def stop(self) -> None:
        """End it and remove its files."""
        self._script("stop")

    def backends(self) -> list[int]:
        """The processes that serve a store."""
        return [pid for (pid,) in self.ask("SELECT pid FROM pg_stat_activity WHERE application_name = 'windlass'")]

    def ask(self, statement: str) -> list[tuple]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(statement).fetchall()


def _status(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2]
    except OSError:
        return "Z"


class Client:
    """One connection to a server, which may send anything."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        place = urlsplit(url)
        self.port = place.port
        self._headers = headers or {}
        self.connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        """Status and body of the answer; `path` goes as it is."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, path, body=body, headers={**self._headers, **sent})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def ask(self, method: str, path: str, values: Any = None, prefix: str = API) -> tuple[int, Any]:
        """Status and JSON of a message: as query of a GET, as body otherwise, a text as it is."""
        if method == "GET" and not isinstance(values, str):
            status, found = self.send(method, f"{prefix}{path}?{urlencode(values or {}, doseq=True)}")
        else:
            body = values if isinstance(values, str) else json.dumps(values or {})
            status, found = self.send(method, prefix + path, body, content_type="application/json")
        return status, json.loads(found)

    def do(self, method: str, path: str, values: Any = None, prefix: str = API) -> Any:
        """A message that must succeed."""
        status, found = self.ask(method, path, values, prefix)
        assert status == 200, found
        return found

    def run(self, experiment_id: str = "0") -> str:
        """A new run's id."""
        made = self.do("POST", "/runs/create", {"experiment_id": experiment_id, "start_time": 1})
        return made["run"]["info"]["run_id"]

    def close(self) -> None:
        self.connection.close()


@pytest.fixture
def connect() -> Iterator[Callable[..., Client]]:
    """Opens connections to a server by its URL."""
    opened: list[Client] = []

    def connect_to(url: str, headers: dict[str, str] | None = None) -> Client:
        opened.append(Client(url, headers))
        return opened[-1]

    yield connect_to
    for one in opened:
        one.close()


@pytest.fixture
def client(server, connect) -> Client:
    """A connection to a server of the test's own."""
    return connect(server.url)


@pytest.fixture
def postgresql() -> Iterator[PostgreSql]:
    """A server of the test's own, where Debian's package is installed."""
    service_url("postgresql")
    if not Path("/usr/lib/postgresql").is_dir():
        pytest.skip("this test starts and kills a PostgreSQL of its own and needs Debian's package")
    state = Path(tempfile.mkdtemp(prefix="windlass-faults."))
    server = PostgreSql(state)
    yield server
    server.stop()
    shutil.rmtree(state)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Accidents take their time: what is here runs by itself, with `-m slow`."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
