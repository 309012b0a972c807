"""Fixtures for the tests that cross distributions: a clean environment, and a real server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
START_TIMEOUT = 60.0


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch, tmp_path):
    """No variable and no project of the developer's reaches a test."""
    for name in list(os.environ):
        if name.startswith(("WINDLASS_", "MLFLOW_")) and not name.startswith("WINDLASS_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


class Server:
    """A real server process on a SQLite file, with its artifacts beside it."""

    def __init__(self, directory: Path) -> None:
        command = [
            sys.executable, "-m", "windlass", "server", "--port", "0",
            "--backend-store-uri", f"sqlite:///{directory}/server.db",
            "--artifacts-destination", str(directory / "served-artifacts"),
        ]  # fmt: skip
        self.log = (directory / "server.log").open("w+")
        self.process = subprocess.Popen(command, cwd=directory, stdout=self.log, stderr=subprocess.STDOUT)
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
