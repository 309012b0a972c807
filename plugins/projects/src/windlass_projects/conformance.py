"""The conformance suite of the local backend, for `windlass plugins check` and our own tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.services.workspace import Workspace
from windlass.testing.project_backend import BackendCase, ProjectBackendSuite
from windlass_projects.local.backend import LocalProjectBackend


class TestLocalProjectBackend(ProjectBackendSuite):
    """Real processes on this machine, with a SQLite file as tracking store."""

    @pytest.fixture
    def case(self, tmp_path: Path) -> Iterator[BackendCase]:
        """A backend in a project of its own."""
        directory = tmp_path / "a project"
        directory.mkdir()
        settings = Settings(home=tmp_path / "home", tracking_uri=f"sqlite:///{tmp_path}/windlass.db")
        with Workspace.open(settings) as workspace:
            yield BackendCase(
                backend=LocalProjectBackend.open(settings),
                workspace=workspace,
                directory=directory,
                config={"grace": 1},
            )
