"""Fixtures for the tests that cross distributions: a clean environment, and a real server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
START_TIMEOUT = 60.0


@pytest.fixture(autouse=True)
def _own_directory(monkeypatch, tmp_path):
    """No project of the developer's reaches a test."""
    monkeypatch.chdir(tmp_path)


class Server:
    """A real server process, on a SQLite file without a URI, with its artifacts beside it."""

    def __init__(
        self,
        directory: Path,
        store_uri: str | None = None,
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        command = [
            sys.executable, "-m", "windlass", "server", "--port", "0",
            "--backend-store-uri", store_uri or f"sqlite:///{directory}/server.db",
            "--artifacts-destination", str(directory / "served-artifacts"), *arguments,
        ]  # fmt: skip
        self.log = (directory / "server.log").open("w+")
        self.process = subprocess.Popen(
            command, cwd=directory, stdout=self.log, stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})}
        )
        self.url = self._wait()

    def _wait(self) -> str:
        import time

        give_up = time.monotonic() + START_TIMEOUT
        while time.monotonic() < give_up and self.process.poll() is None:
            if found := re.search(r"http://127\.0\.0\.1:\d+", Path(self.log.name).read_text()):
                return found[0]
            time.sleep(0.05)
        self.stop()
        pytest.fail(f"the server did not start:\n{Path(self.log.name).read_text()}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


@pytest.fixture
def server(tmp_path) -> Iterator[Server]:
    """A real server process; `server.url` is its address."""
    running = Server(tmp_path)
    yield running
    running.stop()


@pytest.fixture
def start_server() -> Iterator[Callable[..., Server]]:
    """Starts a server in a directory, on a store of one's choice; they are stopped at the end."""
    started = []

    def start(directory: Path, store_uri: str | None = None, arguments: Sequence[str] = ()) -> Server:
        started.append(Server(directory, store_uri, arguments))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory) -> Iterator[Callable[..., Server]]:
    """Starts servers that all tests of a module may use, with variables of their own."""
    started = []

    def start(environment: Mapping[str, str] | None = None, arguments: Sequence[str] = ()) -> Server:
        directory = tmp_path_factory.mktemp("server")
        cleared = {name: "" for name in os.environ if name.startswith(("WINDLASS_", "MLFLOW_"))}
        home = {"WINDLASS_HOME": str(directory / "home")}
        started.append(Server(directory, arguments=arguments, environment={**cleared, **home, **(environment or {})}))
        return started[-1]

    yield start
    for one in started:
        one.stop()
