"""A server that answers what it is told, and the client to it."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from windlass.config import Settings
from windlass_rest.rest import Rest


@pytest.fixture
def server():
    """A server whose next answers are a list of (status, body), maybe with headers; it keeps what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("content-length") or 0)
            self.server.asked.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
            status, body, *more = self.server.answers.pop(0)
            if status == 0:
                time.sleep(1)
                return
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            for name, value in (more[0] if more else {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815  the names that the library calls

        def log_message(self, *_):
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.asked, made.answers = [], []
    Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def rest(server):
    opened = Rest.open(
        f"http://127.0.0.1:{server.server_port}/",
        Settings(),
        name="Thing",
        timeout=0.5,
        headers={"x-one": "1"},
        authorize=lambda: {"authorization": "Bearer t"},
        hints={403: "bring a key"},
    )
    yield opened
    opened.close()
