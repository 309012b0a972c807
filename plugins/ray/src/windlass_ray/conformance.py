"""The conformance suites of this plugin; they need a cluster."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.services.workspace import Workspace
from windlass.testing.deployment_target import DeploymentTargetSuite, TargetCase
from windlass.testing.project_backend import BackendCase, ProjectBackendSuite
from windlass.testing.services import big_service_url
from windlass_ray.jobs.backend import RayProjectBackend
from windlass_ray.serve.target import RayDeploymentTarget


@pytest.mark.timeout(600)
class TestRayProjectBackend(ProjectBackendSuite):
    """Real jobs, with a SQLite file as tracking store, since the cluster is on this machine."""

    @pytest.fixture
    def case(self, tmp_path: Path) -> Iterator[BackendCase]:
        """A backend in a project of its own."""
        address = big_service_url("ray")
        directory = tmp_path / "a project"
        directory.mkdir()
        settings = Settings(home=tmp_path / "home", tracking_uri=f"sqlite:///{tmp_path}/windlass.db")
        with Workspace.open(settings) as workspace:
            yield BackendCase(
                backend=RayProjectBackend.open(settings),
                workspace=workspace,
                directory=directory,
                python="python",
                config={"grace": 1, "address": address},
            )


def _times(factor: int) -> Callable[[list[float]], list[float]]:
    """A model; it is pickled with its code, as the cluster has no pytest and cannot import this module."""

    def predict(model_input: list[float]) -> list[float]:
        return [factor * value for value in model_input]

    return predict


@pytest.mark.timeout(600)
class TestRayDeploymentTarget(DeploymentTargetSuite):
    """Real applications of Serve."""

    @pytest.fixture
    def case(self, tmp_path: Path) -> TargetCase:
        """The cluster, on which nothing of ours runs yet."""
        url = big_service_url("ray")
        pyfunc = importlib.import_module("windlass.pyfunc")
        pyfunc.save_model(tmp_path / "first", python_model=_times(2))
        pyfunc.save_model(tmp_path / "second", python_model=_times(3))
        (tmp_path / "broken").mkdir()
        (tmp_path / "broken" / "MLmodel").write_text("flavors: {}\n", encoding="utf-8")
        return TargetCase(
            target=RayDeploymentTarget.open(f"ray:/{url}", Settings(home=tmp_path / "home")),
            reopen=lambda: RayDeploymentTarget.open("ray", Settings(home=tmp_path / "other", ray_address=url)),
            first=tmp_path / "first",
            second=tmp_path / "second",
            broken=tmp_path / "broken",
            payload={"inputs": [1.5, 2.25]},
            first_answer={"predictions": [3.0, 4.5]},
            second_answer={"predictions": [4.5, 6.75]},
        )
