"""Fixtures: a clean environment, and a small server in the place of a dashboard."""

from __future__ import annotations

import http.server
import json
import os
import threading
from urllib.parse import urlsplit

import pytest

from windlass.config import Settings
from windlass_ray.dashboard import Dashboard


@pytest.fixture(autouse=True)
def _own_directory(monkeypatch, tmp_path):
    """No cluster, no setting of git and no project of the developer's reaches a test."""
    for name in list(os.environ):
        if name.startswith(("RAY_", "GIT_")):
            monkeypatch.delenv(name)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    (here / ".windlass").mkdir()


class Answering:
    """A server that answers each request as a function says, which gets the method, the path and the body."""

    def __init__(self, answer):
        outer = self
        self.requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_one_request(self):
                self.raw_requestline = self.rfile.readline()
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                path = urlsplit(self.path).path
                outer.requests.append((self.command, path, body, dict(self.headers)))
                status, content = answer(self.command, path, body)
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_arguments):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def answering():
    """Starts a server that answers as a function says."""
    running = []

    def start(answer):
        running.append(Answering(answer))
        return running[-1]

    yield start
    for one in running:
        one.close()


@pytest.fixture
def dashboard_at():
    """Connects to a dashboard with a short patience; closed at the end."""
    opened = []

    def connect(url, **settings):
        opened.append(Dashboard.open(url, Settings(**{"ray_timeout": 0.5, **settings})))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()
