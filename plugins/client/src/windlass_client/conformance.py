"""The conformance suites of this plugin; they need a server, which runs in a process of its own while they do."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.interfaces import ArtifactRepository, ModelRegistry, TrackingStore
from windlass.plugins import get_plugin_manager
from windlass.testing.artifact_repository import ArtifactRepositorySuite
from windlass.testing.model_registry import ModelRegistrySuite
from windlass.testing.tracking_store import TrackingStoreSuite
from windlass.uri import Uri
from windlass_client.artifact_repository import HttpArtifactRepository
from windlass_client.model_registry import HttpModelRegistry
from windlass_client.tracking_store import HttpTrackingStore

_PATIENCE = 60


@pytest.fixture(scope="module")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a new server on a memory store."""
    if "server" not in get_plugin_manager().commands():
        pytest.skip("windlass-server is not installed, so there is no server to talk to")
    process = _start(tmp_path_factory.mktemp("server"))
    try:
        yield _url(process)
    finally:
        process.terminate()
        process.communicate(timeout=_PATIENCE)


class TestHttpTrackingStore(TrackingStoreSuite):
    """The tracking store passes where the server owns the data."""

    @pytest.fixture
    def store(self, server_url: str) -> Iterator[TrackingStore]:
        """A store of its own connections."""
        with HttpTrackingStore.open(Uri.parse(server_url), Settings()) as store:
            yield store


class TestHttpModelRegistry(ModelRegistrySuite):
    """The registry passes where the server owns the data."""

    @pytest.fixture
    def registry(self, server_url: str) -> Iterator[ModelRegistry]:
        """A registry of its own connections."""
        with HttpModelRegistry.open(Uri.parse(server_url), Settings()) as registry:
            yield registry


class TestHttpArtifactRepository(ArtifactRepositorySuite):
    """Files pass through the server's proxy."""

    @pytest.fixture
    def repository(self, server_url: str) -> Iterator[ArtifactRepository]:
        """A fresh directory of the server."""
        settings = replace(Settings(), tracking_uri=server_url)
        with HttpArtifactRepository.open(Uri.parse(f"mlflow-artifacts:/suite ü/{uuid.uuid4().hex}"), settings) as one:
            yield one


def _start(home: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "windlass", "server", "--port", "0", "--backend-store-uri", "memory://conformance"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WINDLASS_", "MLFLOW_"))}
    environment |= {"WINDLASS_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(  # noqa: S603  our own interpreter and our own command
        command, cwd=home, env=environment, stdout=subprocess.PIPE, text=True
    )


def _url(process: subprocess.Popen[str]) -> str:
    """The last word of the line that says where the server listens."""
    output = process.stdout
    if output is None:  # pragma: no cover  it is always piped
        pytest.fail("the server's output is lost")
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        line = output.readline() if selector.select(_PATIENCE) else ""
    if "http://" not in line:
        pytest.fail(f"the server did not start: {line!r}")
    return line.split()[-1]
