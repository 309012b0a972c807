"""Models to serve, and a client for a server that runs in a thread."""

from __future__ import annotations

import http.client
import json
import threading
import time
from dataclasses import dataclass

import pytest
import uvicorn
import windlass.pyfunc

from windlass.sockets import listen
from windlass_serving.app import ScoringApp, ServingOptions
from windlass_serving.server import ScoringServer


@dataclass(frozen=True)
class Answer:
    """What a server has answered."""

    status_code: int
    headers: http.client.HTTPMessage
    text: str

    def json(self):
        return json.loads(self.text)


class Client:
    """Asks a server, on a new connection each time."""

    def __init__(self, port):
        self.port = port

    def get(self, path):
        return self._ask("GET", path, None, {})

    def post(self, path, *, json_=None, content=None, headers=None):
        body = json.dumps(json_) if content is None else content
        return self._ask("POST", path, body, headers or {})

    def _ask(self, method, path, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode())
        finally:
            connection.close()


@pytest.fixture
def saved(tmp_path):
    """Saves a function as a model and returns its directory."""

    def save(function, name="model", **options):
        windlass.pyfunc.save_model(tmp_path / name, python_model=function, **options)
        return tmp_path / name

    return save


@pytest.fixture
def client_for(saved):
    """Serves a function and returns a client."""
    running = []

    def make(function, *, options=None, **saving):
        scoring = ScoringApp(windlass.pyfunc.load_model(saved(function, **saving)), options or ServingOptions())
        config = uvicorn.Config(scoring.starlette(), log_level="critical", access_log=False, lifespan="off")
        server, sock = ScoringServer(config, scoring), listen("127.0.0.1", 0)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
        thread.start()
        running.append((server, thread, sock))
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        return Client(sock.getsockname()[1])

    yield make
    for server, thread, sock in running:
        server.should_exit = True
        thread.join(10)
        sock.close()
