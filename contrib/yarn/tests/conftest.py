"""Fixtures: a clean environment, and a small server in the place of Hadoop's."""

from __future__ import annotations

import http.server
import threading

import pytest


@pytest.fixture(autouse=True)
def _own_directory(monkeypatch, tmp_path):
    """No project of the developer's reaches a test."""
    here = tmp_path / "here"
    (here / ".windlass").mkdir(parents=True)
    monkeypatch.chdir(here)


@pytest.fixture
def answering():
    """Starts a server that answers as a function of method, path and body says; its URL."""
    servers = []

    def start(answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_one_request(self):
                self.raw_requestline = self.rfile.readline()
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                status, data = answer(self.command, self.path, body)
                self.send_response(status)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()
