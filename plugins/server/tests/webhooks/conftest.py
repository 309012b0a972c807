"""Fixtures: a server that webhooks are sent to, and one that sends them."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from windlass.config import Settings
from windlass.plugins import PluginManager
from windlass.services.workspace import Workspace
from windlass_server.app import create_app
from windlass_server.background import BackgroundServer
from windlass_server.cli import server_settings


@dataclass
class Received:
    """One delivery as it arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """A server that takes deliveries; `answers` are the next ones, 200 when there are no more."""

    def __init__(self):
        self.received: list[Received] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.received.append(Received({k.lower(): v for k, v in self.headers.items()}, body))
                status, headers = receiver.answers.pop(0) if receiver.answers else (200, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "5")
                self.end_headers()
                self.wfile.write(b"taken")

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count: int) -> list[Received]:
        """What has arrived, once it is so many."""
        wait_until(lambda: len(self.received) >= count)
        return self.received

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def wait_until(holds):
    """Wait for a condition, fifteen seconds at most."""
    give_up = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.02)


@pytest.fixture
def until():
    """Waits for a condition."""
    return wait_until


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def settings(tmp_path):
    """A server on a file, which may send to this machine."""
    given = Settings(home=tmp_path, webhook_allowed_hosts=("127.0.0.1",))
    return server_settings(replace(given, tracking_uri=f"sqlite:///{tmp_path}/windlass.db"))


@pytest.fixture
def start(settings, connect):
    """Starts a server with the settings, perhaps again, and returns it and a client."""
    running = []
    plugins = PluginManager(Settings(only_plugins=("server", "sql")))

    def start_again():
        workspace = Workspace.open(settings, plugins)
        app = create_app(settings, workspace)
        server = BackgroundServer(app)
        running.append((server, workspace))
        return server, connect(server.port)

    yield start_again
    for server, workspace in running:
        server.stop()
        workspace.close()


@pytest.fixture
def api(start):
    return start()[1]
