"""Fixtures: a server with accounts, and clients that sign in."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from windlass.config import Settings
from windlass.plugins import PluginManager
from windlass.services.workspace import Workspace
from windlass_server.app import create_app
from windlass_server.background import BackgroundServer
from windlass_server.cli import server_settings

OURS = "/api/windlass/v1"
API = "/api/2.0/mlflow"
API3 = "/api/3.0/mlflow"
ADMIN, PASSWORD = "admin", "correct horse battery"


def basic_header(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


@dataclass
class Client:
    """Somebody who is signed in, or nobody."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, body: Any = None, **headers: str):
        import http.client

        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body=body, headers={**self.headers, **sent})
            answer = connection.getresponse()
            return Seen(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def ask(self, method: str, path: str, values: Any = None, prefix: str = API):
        if method == "GET":
            return self.send(method, f"{prefix}{path}?{urlencode(values or {}, doseq=True)}")
        return self.send(method, prefix + path, json.dumps(values or {}), content_type="application/json")

    def do(self, method: str, path: str, values: Any = None, prefix: str = API) -> Any:
        seen = self.ask(method, path, values, prefix)
        assert seen.status == 200, seen.body
        return seen.json

    def ours(self, method: str, path: str, values: Any = None) -> Any:
        return self.do(method, path, values, OURS)

    def status(self, method: str, path: str, values: Any = None, prefix: str = API) -> int:
        return self.ask(method, path, values, prefix).status

    def experiment(self, name: str | None = None) -> str:
        return self.do("POST", "/experiments/create", {"name": name or unique()})["experiment_id"]

    def run(self, experiment_id: str) -> str:
        made = self.do("POST", "/runs/create", {"experiment_id": experiment_id, "start_time": 1})
        return made["run"]["info"]["run_id"]

    def model(self, name: str | None = None) -> str:
        name = name or unique()
        self.do("POST", "/registered-models/create", {"name": name})
        return name


@dataclass
class Seen:
    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def unique() -> str:
    return f"n{uuid.uuid4().hex[:12]}"


class Company:
    """A server with accounts, and the people who use it."""

    def __init__(self, settings: Settings, plugins: PluginManager) -> None:
        self.settings = settings
        self.workspace = Workspace.open(settings, plugins)
        self.app = create_app(settings, self.workspace)
        self.server = BackgroundServer(self.app)
        self.port = self.server.port
        self.nobody = Client(self.port)
        self.admin = Client(self.port, {"authorization": basic_header(ADMIN, PASSWORD)})

    def hire(self, username: str | None = None) -> Client:
        """A new account, signed in."""
        username = username or unique()
        self.admin.do("POST", "/users/create", {"username": username, "password": PASSWORD})
        client = Client(self.port, {"authorization": basic_header(username, PASSWORD)})
        client.username = username
        return client

    def grant(self, client: Client, kind: str, resource: str, permission: str) -> None:
        values = {"username": client.username, "resource_type": kind, "resource": resource, "permission": permission}
        self.admin.ours("POST", "/grants/create", values)

    def close(self) -> None:
        self.server.stop()
        self.workspace.close()


@pytest.fixture
def basic():
    """Makes an Authorization header of a user name and a password."""
    return basic_header


@pytest.fixture
def browse():
    """Opens browsers that look at a company's pages; they follow no redirects by themselves."""
    opened = []

    def open_browser(company: Company | None = None) -> httpx.Client:
        base = f"http://127.0.0.1:{company.port}" if company else ""
        opened.append(httpx.Client(base_url=base, timeout=20, headers={"accept": "text/html"}))
        return opened[-1]

    yield open_browser
    for client in opened:
        client.close()


@pytest.fixture(scope="session")
def plugins():
    return PluginManager(Settings(only_plugins=("server", "ui", "sql")))


@pytest.fixture(scope="session")
def found(plugins, tmp_path_factory):
    """Founds companies with settings of their own."""
    founded = []

    def found_with(**changes: Any) -> Company:
        home = tmp_path_factory.mktemp("home")
        base = Settings(home=home, tracking_uri=f"memory://{uuid.uuid4().hex}", auth=True, admin_password=PASSWORD)
        founded.append(Company(server_settings(replace(base, **changes)), plugins))
        return founded[-1]

    yield found_with
    for company in founded:
        company.close()


@pytest.fixture(scope="session")
def company(found):
    """Everybody may read what nobody said anything about."""
    return found()


@pytest.fixture(scope="session")
def closed(found):
    """Nobody may do anything that was not granted."""
    return found(default_permission="no_permissions")
