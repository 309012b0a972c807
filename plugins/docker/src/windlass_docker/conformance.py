"""The conformance suite of the backend on a real Docker API: `pytest --pyargs windlass_docker.conformance`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.services.workspace import Workspace
from windlass.testing.project_backend import BackendCase, ProjectBackendSuite
from windlass.testing.services import service_url
from windlass_docker.backend import DockerProjectBackend

IMAGE = os.environ.get("WINDLASS_TEST_DOCKER_IMAGE", "localhost/windlass-test")
"""An image with a program `python` of 3.11 or newer."""


class TestDockerProjectBackend(ProjectBackendSuite):
    """Real containers, with a SQLite file of this machine as tracking store."""

    @pytest.fixture
    def case(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BackendCase]:
        """A backend in a project of its own."""
        monkeypatch.setenv("DOCKER_HOST", service_url("docker"))
        directory = tmp_path / "code"
        directory.mkdir()
        settings = Settings(home=tmp_path / "home", tracking_uri=f"sqlite:///{tmp_path}/store/windlass.db")
        (tmp_path / "store").mkdir()
        with Workspace.open(settings) as workspace:
            yield BackendCase(
                backend=DockerProjectBackend.open(settings),
                workspace=workspace,
                directory=directory,
                python="python",
                config={"grace": 1, "image": IMAGE},
            )
