"""A server in the place of TorchServe that can be told to fail, for what the real one does not do on demand."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
import windlass.pyfunc

from windlass.config import Settings
from windlass.interfaces import DeploymentRequest
from windlass_torchserve.target import TorchServeTarget


class FailingServer(ThreadingHTTPServer):
    """Keeps models and which version of each is the default; `refusals` are statuses and texts by the path's start.

    `waiting` is how many requests wait for a former version, each time that it is asked, the last one first.
    """

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.models, self.defaults, self.refusals, self.asked = {}, {}, {}, []
        self.worker = {"status": "READY", "startTime": "2026-01-01T00:00:00.123Z"}
        self.waiting = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def answer(self, method, path, query):
        match method, path.strip("/").split("/"):
            case "POST", ["models"]:
                name, version = query["url"][0].removesuffix(".windlass.mar").rsplit(".", 1)
                self.models.setdefault(name, []).append(version)
                self.defaults.setdefault(name, version)
            case "GET", ["models", name, *which] if name in self.models:
                return 200, [
                    self.described(name, one) for one in (self.models[name] if which else [self.defaults[name]])
                ]
            case "PUT", ["models", name, version, "set-default"]:
                self.defaults[name] = version
            case "DELETE", ["models", name, version]:
                self.models[name].remove(version)
                if not self.models[name]:
                    del self.models[name], self.defaults[name]
            case "GET", _:
                return 404, {"code": 404, "message": "Model not found"}
        return 200, {"status": "done"}

    def described(self, name, version):
        asked = self.waiting and version < self.defaults[name]
        queue = {"pendingRequests": self.waiting.pop() if asked else 0}
        return {"modelVersion": version, "workers": [self.worker], "jobQueueStatus": queue}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urlsplit(self.path)
        self.server.asked.append((self.command, self.path, dict(self.headers)))
        found = [one for start, one in self.server.refusals.items() if f"{self.command} {self.path}".startswith(start)]
        if found == [None]:
            time.sleep(2)
            return
        status, content = found[0] if found else self.server.answer(self.command, parts.path, parse_qs(parts.query))
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815  the names that the library calls

    def log_message(self, *_):
        pass


@pytest.fixture
def failing():
    """The server."""
    server = FailingServer()
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def model_store(tmp_path):
    """An empty directory."""
    (tmp_path / "store").mkdir()
    return tmp_path / "store"


@pytest.fixture
def target(failing, model_store):
    """A target on that server."""
    named = f"torchserve:/{failing.url}?management={failing.url}&model_store={model_store}"
    return TorchServeTarget.open(named, Settings())


@pytest.fixture
def request_for(tmp_path):
    """Makes requests to deploy a model."""
    windlass.pyfunc.save_model(tmp_path / "model", python_model=lambda model_input: model_input)

    def make(version=1, **config):
        uri = f"models:/m/{version}"
        return DeploymentRequest(
            name="one", model_uri=uri, resolved_uri=uri, model_path=tmp_path / "model", config=config
        )

    return make
