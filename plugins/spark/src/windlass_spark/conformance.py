"""The conformance suite of this plugin; it needs a Spark, whose directory WINDLASS_TEST_SPARK is the `file:` URL of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from windlass.config import Settings
from windlass.services.workspace import Workspace
from windlass.testing.project_backend import BackendCase, ProjectBackendSuite
from windlass.testing.services import big_service_url
from windlass.uri import Uri
from windlass_spark.backend import SparkProjectBackend


@pytest.mark.timeout(600)
class TestSparkProjectBackend(ProjectBackendSuite):
    """Real applications on this machine, with a SQLite file as tracking store."""

    @pytest.fixture
    def spark(self) -> dict[str, Any]:
        """The options that name the Spark of the tests."""
        home = Uri.parse(big_service_url("spark")).local_path()
        return {"spark_home": str(home), "master": "local[2]", "conf": {"spark.ui.enabled": False}}

    @pytest.fixture
    def case(self, tmp_path: Path, spark: dict[str, Any]) -> Iterator[BackendCase]:
        """A backend in a project of its own."""
        directory = tmp_path / "a project"
        directory.mkdir()
        settings = Settings(home=tmp_path / "home", tracking_uri=f"sqlite:///{tmp_path}/windlass.db")
        with Workspace.open(settings) as workspace:
            yield BackendCase(
                backend=SparkProjectBackend.open(settings),
                workspace=workspace,
                directory=directory,
                config={"grace": 1, **spark},
            )
