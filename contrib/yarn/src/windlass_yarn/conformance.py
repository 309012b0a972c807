"""The conformance suite of this plugin; it needs a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from windlass.config import Settings
from windlass.services.workspace import Workspace
from windlass.testing.project_backend import BackendCase, ProjectBackendSuite
from windlass.testing.services import service_url
from windlass_yarn.backend import YarnProjectBackend


def cluster() -> dict[str, str]:
    """The options that name the cluster of the tests; skips without one."""
    parts = urlsplit(service_url("yarn"))
    return {"resource_manager": f"http://{parts.netloc}", "webhdfs": parse_qs(parts.query)["webhdfs"][0]}


@pytest.mark.timeout(300)
class TestYarnProjectBackend(ProjectBackendSuite):
    """Real applications, with a SQLite file as tracking store, since the cluster is on this machine."""

    @pytest.fixture
    def case(self, tmp_path: Path) -> Iterator[BackendCase]:
        """A backend in a project of its own."""
        options = cluster()
        directory = tmp_path / "a project"
        directory.mkdir()
        settings = Settings(home=tmp_path / "home", tracking_uri=f"sqlite:///{tmp_path}/windlass.db")
        with Workspace.open(settings) as workspace:
            yield BackendCase(
                backend=YarnProjectBackend.open(settings),
                workspace=workspace,
                directory=directory,
                config={"grace": 1, "memory": 256, **options},
            )
