"""Our client against our server: the conformance suites, over real sockets and a memory store."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from windlass.config import Settings
from windlass.plugins import PluginManager
from windlass.services.workspace import Workspace
from windlass_client import conformance
from windlass_server.app import create_app
from windlass_server.background import BackgroundServer
from windlass_server.cli import server_settings


@pytest.fixture(scope="module")
def server_url(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    settings = server_settings(replace(Settings(home=home), tracking_uri=f"memory://{uuid.uuid4().hex}"))
    with (
        Workspace.open(settings, PluginManager(Settings(only_plugins=("server",)))) as workspace,
        BackgroundServer(create_app(settings, workspace)) as server,
    ):
        yield server.url


class TestTrackingStore(conformance.TestHttpTrackingStore):
    pass


class TestModelRegistry(conformance.TestHttpModelRegistry):
    pass


class TestArtifactRepository(conformance.TestHttpArtifactRepository):
    pass
