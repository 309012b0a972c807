"""The conformance suites on a real Docker API: `pytest --pyargs windlass_docker.conformance`."""

from __future__ import annotations

import importlib
import json
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import windlass
from windlass.config import Settings
from windlass.interfaces import DeploymentRequest
from windlass.services.workspace import Workspace
from windlass.testing.deployment_target import DeploymentTargetSuite, TargetCase
from windlass.testing.project_backend import BackendCase, ProjectBackendSuite
from windlass.testing.services import service_url
from windlass_docker.backend import DockerProjectBackend
from windlass_docker.serve.target import DockerTarget

IMAGE = os.environ.get("WINDLASS_TEST_DOCKER_IMAGE", "localhost/windlass-test")
"""An image with a program `python` of 3.11 or newer, for models the very one that runs the tests."""


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


def times_two(model_input: list[float]) -> list[float]:
    """A model."""
    return [2 * value for value in model_input]


def times_three(model_input: list[float]) -> list[float]:
    """Another model."""
    return [3 * value for value in model_input]


def serving_options() -> dict[str, str]:
    """Options with which containers serve with the very packages that are installed here, so that nothing is fetched.

    They have the network of this machine, as those of a service for tests may have no other.
    """
    packages = Path(windlass.__file__).parent
    # Packages of a workspace are where their sources are.
    sources = packages.parents[2] if packages.parent.name == "src" else packages
    mounted = {sys.prefix, str(sources)} if not str(sources).startswith(sys.prefix) else {sys.prefix}
    outermost = [one for one in sorted(mounted) if not any(one.startswith(f"{other}/") for other in mounted)]
    variables = {"PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}
    return {
        "base_image": IMAGE,
        "install": "none",
        "network": "host",
        "env": json.dumps(variables),
        "volumes": json.dumps([f"{one}:{one}:ro" for one in outermost]),
    }


class ServingCase(TargetCase):
    """Every request says that models are served with what is installed here."""

    def request(self, name: str, model: Path | None = None, **config: str) -> DeploymentRequest:
        """A request to deploy a model."""
        return TargetCase.request(self, name, model, **{**serving_options(), **config})


@pytest.mark.timeout(600)
class TestDockerTarget(DeploymentTargetSuite):
    """Real images and containers."""

    @pytest.fixture
    def case(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TargetCase:
        """A target in a namespace of its own."""
        monkeypatch.setenv("DOCKER_HOST", service_url("docker"))
        pyfunc = importlib.import_module("windlass.pyfunc")
        pyfunc.save_model(tmp_path / "first", python_model=times_two)
        pyfunc.save_model(tmp_path / "second", python_model=times_three)
        broken = tmp_path / "broken"
        broken.mkdir()
        (broken / "MLmodel").write_text("flavors: {}\n", encoding="utf-8")
        place = f"docker:/test-{secrets.token_hex(4)}"
        return ServingCase(
            target=DockerTarget.open(place, Settings()),
            reopen=lambda: DockerTarget.open(place, Settings()),
            first=tmp_path / "first",
            second=tmp_path / "second",
            broken=broken,
            payload={"inputs": [1.5, 2.25]},
            first_answer={"predictions": [3.0, 4.5]},
            second_answer={"predictions": [4.5, 6.75]},
        )
