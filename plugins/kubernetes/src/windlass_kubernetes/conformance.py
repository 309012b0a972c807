"""The conformance suites on a real cluster, for `windlass plugins check` and our own tests.

They need one as `tests/services/kubernetes.sh` starts it: WINDLASS_TEST_KUBERNETES names its API server, its kubeconfig
and an image that its nodes have, with windlass in it. Each test has a namespace of its own.
"""

from __future__ import annotations

import importlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from windlass.config import Settings
from windlass.interfaces import DeploymentRequest
from windlass.services.workspace import Workspace
from windlass.testing.deployment_target import DeploymentTargetSuite, TargetCase
from windlass.testing.project_backend import BackendCase, ProjectBackendSuite
from windlass.testing.services import big_service_url
from windlass_kubernetes.connection import Connection
from windlass_kubernetes.kserve.target import KServeTarget
from windlass_kubernetes.projects.backend import KubernetesProjectBackend
from windlass_kubernetes.serving.target import KubernetesTarget


@dataclass(frozen=True, slots=True)
class Place:
    """A new namespace; `config` has what every deployment needs there."""

    context: str
    namespace: str
    image: str
    config: dict[str, str] = field(default_factory=dict)

    @classmethod
    def new(cls, context: str, image: str) -> Place:
        """Make a namespace, in the context of the kubeconfig that KUBECONFIG names."""
        namespace = f"t-{secrets.token_hex(5)}"
        connection = Connection.open(context, Settings())
        connection.send("POST", "/api/v1/namespaces", content={"metadata": {"name": namespace}})
        connection.close()
        config = {"image": image, "image_pull_policy": "IfNotPresent", "timeout": "100", "drain_seconds": "0"}
        return cls(context, namespace, image, config)

    @property
    def target(self) -> str:
        """How users name it."""
        return f"kubernetes:/{self.context}/{self.namespace}"

    def open(self) -> KubernetesTarget:
        """The target as another program sees it."""
        return KubernetesTarget.open(self.target, Settings())


@dataclass(frozen=True, slots=True, kw_only=True)
class KubernetesCase(TargetCase):
    """A case whose requests name the image of its cluster."""

    config: dict[str, str]

    def request(self, name: str, model: Path | None = None, **config: str) -> DeploymentRequest:
        """A request to deploy a model, the first one without."""
        return TargetCase.request(self, name, model, **{**self.config, **config})


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Place:
    """A namespace of the real cluster."""
    told = parse_qs(urlsplit(big_service_url("kubernetes")).query)
    monkeypatch.setenv("KUBECONFIG", told["kubeconfig"][0])
    return Place.new(told["context"][0], told["image"][0])


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with models."""
    directory, pyfunc = tmp_path_factory.mktemp("models"), importlib.import_module("windlass.pyfunc")
    pyfunc.save_model(directory / "first", python_model=_times(2))
    pyfunc.save_model(directory / "second", python_model=_times(3))
    (directory / "broken").mkdir()
    (directory / "broken" / "MLmodel").write_text("flavors: {}\n", encoding="utf-8")
    return directory


class TestKubernetesTarget(DeploymentTargetSuite):
    """Deployments with real pods."""

    @pytest.fixture
    def case(self, place: Place, models: Path) -> KubernetesCase:
        """The target with its models."""
        return KubernetesCase(
            target=place.open(),
            reopen=place.open,
            first=models / "first",
            second=models / "second",
            broken=models / "broken",
            payload={"inputs": [1.5, 2.25]},
            first_answer={"predictions": [3.0, 4.5]},
            second_answer={"predictions": [4.5, 6.75]},
            config=place.config,
        )


class TestKServeTarget(DeploymentTargetSuite):
    """InferenceServices, where KServe is installed; WINDLASS_TEST_KUBERNETES then names its gateway as `ingress`."""

    @pytest.fixture
    def ingress(self) -> str:
        """The gateway before KServe."""
        told = parse_qs(urlsplit(big_service_url("kubernetes")).query)
        return told["ingress"][0] if "ingress" in told else pytest.skip("this cluster has no KServe")

    @pytest.fixture
    def case(self, place: Place, models: Path, ingress: str) -> KubernetesCase:
        """The target with its models."""
        config = {name: value for name, value in place.config.items() if name != "drain_seconds"}
        target = place.target.replace("kubernetes:", "kserve:")
        return KubernetesCase(
            target=KServeTarget.open(target, Settings()),
            reopen=lambda: KServeTarget.open(target, Settings()),
            first=models / "first",
            second=models / "second",
            broken=models / "broken",
            payload={"inputs": [1.5, 2.25]},
            first_answer={"predictions": [3.0, 4.5]},
            second_answer={"predictions": [4.5, 6.75]},
            config={**config, "ingress_url": ingress},
        )


class TestKubernetesProjectBackend(ProjectBackendSuite):
    """Jobs with real pods; their runs are in a SQLite file of this machine, which the pods do not use."""

    @pytest.fixture
    def case(self, place: Place, tmp_path: Path) -> Iterator[BackendCase]:
        """A backend in a project of its own."""
        directory, uri = tmp_path / "code", f"sqlite:///{tmp_path}/windlass.db"
        directory.mkdir()
        settings = Settings(home=tmp_path / "home", tracking_uri=uri)
        named = {"kube-context": place.context, "namespace": place.namespace, "image": place.image}
        with Workspace.open(settings) as workspace:
            yield BackendCase(
                backend=KubernetesProjectBackend.open(settings),
                workspace=workspace,
                directory=directory,
                python="python",
                config={"grace": 1, "tracking_uri": uri, "image_pull_policy": "IfNotPresent", **named},
            )


def _times(factor: int) -> Any:
    """A model that is pickled by its code, since its server cannot import this module."""
    return lambda model_input: [factor * value for value in model_input]
