"""Fixtures: a real server in a thread, and a plain HTTP client to talk to it."""

from __future__ import annotations

import http.client
import json
import uuid
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import pytest

from windlass.config import Settings
from windlass.plugins import PluginManager
from windlass.services.workspace import Workspace
from windlass_server.app import create_app
from windlass_server.background import BackgroundServer
from windlass_server.cli import server_settings

API = "/api/2.0/mlflow"


@dataclass
class Answer:
    """What the server said."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Api:
    """One keep-alive connection to a server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, path, body=body, headers=sent)
        answer = self.connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())

    def ask(self, method: str, path: str, values: Any = None, *, prefix: str = API) -> Answer:
        """A message: in the query of a GET, in a JSON body otherwise."""
        if method == "GET":
            query = urlencode(values or {}, doseq=True)
            return self.send(method, f"{prefix}{path}?{query}")
        text = values if isinstance(values, (str, bytes)) else json.dumps(values or {})
        return self.send(method, prefix + path, text, content_type="application/json")

    def do(self, method: str, path: str, values: Any = None) -> Any:
        """A message that must succeed; returns the JSON of the answer."""
        answer = self.ask(method, path, values)
        assert answer.status == 200, answer.body
        return answer.json

    def run(self, experiment_id: str = "0", **values: Any) -> str:
        """A new run's id."""
        made = self.do("POST", "/runs/create", {"experiment_id": experiment_id, "start_time": 1, **values})
        return made["run"]["info"]["run_id"]


@pytest.fixture(scope="session")
def plugins():
    return PluginManager(Settings(only_plugins=("server",)))


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    memory = replace(Settings(home=home), tracking_uri=f"memory://{uuid.uuid4().hex}")
    return server_settings(memory)


@pytest.fixture(scope="module")
def workspace(settings, plugins):
    with Workspace.open(settings, plugins) as opened:
        yield opened


@pytest.fixture(scope="module")
def running(settings, workspace):
    with BackgroundServer(create_app(settings, workspace)) as started:
        yield started


@pytest.fixture
def api(running):
    client = Api(running.port)
    yield client
    client.connection.close()


@pytest.fixture
def connect():
    """Opens further connections by port."""
    opened = []

    def connect_to(port):
        opened.append(Api(port))
        return opened[-1]

    yield connect_to
    for client in opened:
        client.connection.close()


@pytest.fixture
def experiment(api):
    """The id of a new experiment."""
    return api.do("POST", "/experiments/create", {"name": uuid.uuid4().hex})["experiment_id"]
