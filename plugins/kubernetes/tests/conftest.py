from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from windlass_kubernetes.conformance import Place, models  # noqa: F401  a fixture

IMAGE, OTHER_IMAGE = "windlass/test:1", "windlass/test:2"
_RUNNING = {
    "deployments": "/apis/apps/v1",
    "inferenceservices": "/apis/serving.kserve.io/v1beta1",
    "jobs": "/apis/batch/v1",
    "pods": "/api/v1",
}
_SERVER = Path(__file__).parent / "double" / "server.py"


def kubeconfig(file: Path, url: str, token: str = "good", namespace: str = "default") -> Path:
    context = {"cluster": "double", "user": "somebody", "namespace": namespace}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "double", "cluster": {"server": url}}],
        "users": [{"name": "somebody", "user": {"token": token}}],
        "contexts": [{"name": "double", "context": context}],
        "current-context": "double",
    }
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def double_url():
    server = subprocess.Popen([sys.executable, str(_SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    url = server.stdout.readline().strip()
    yield url
    server.stdin.close()
    server.stdout.close()
    server.wait(20)


@dataclass(frozen=True, slots=True)
class Double:
    """A namespace of the double, in which things can be made to go wrong."""

    url: str
    place: Place
    file: Path
    send: Callable = field(repr=False)

    def fail(self, *faults: dict) -> None:
        body = json.dumps(faults).encode()
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/double/{self.place.namespace}", data=body)).close()

    def objects(self, plural: str, group: str = "/api/v1") -> list[dict]:
        return self.send("GET", f"{group}/namespaces/{self.place.namespace}/{plural}")["items"]

    def left(self) -> list[str]:
        """Whatever there is besides pods that are on their way out."""
        found = [(kind, self.objects(kind)) for kind in ("services", "secrets")]
        found.append(("deployments", self.objects("deployments", "/apis/apps/v1")))
        found.append(("autoscalers", self.objects("horizontalpodautoscalers", "/apis/autoscaling/v1")))
        found.append(("jobs", self.objects("jobs", "/apis/batch/v1")))
        return [f"{kind} {one['metadata']['name']}" for kind, all_of_it in found for one in all_of_it]

    def clear(self) -> None:
        """Remove what runs, which would go on with the double, beside the tests of others."""
        self.fail()
        for plural, group in _RUNNING.items():
            for one in self.objects(plural, group):
                path = f"{group}/namespaces/{self.place.namespace}/{plural}/{one['metadata']['name']}"
                self.send("DELETE", path)


@pytest.fixture
def double(double_url, tmp_path, monkeypatch) -> Double:
    from windlass.config import Settings
    from windlass_kubernetes.connection import Connection

    file = kubeconfig(tmp_path / "kubeconfig", double_url)
    monkeypatch.setenv("KUBECONFIG", str(file))
    place = Place.new("double", IMAGE)
    connection = Connection.open("double", Settings())
    made = Double(double_url, place, file, connection.call)
    yield made
    made.clear()
    connection.close()
