"""What only a real cluster can show: the role of the documentation, runs with a tracking server, and killed pods."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
import yaml

from windlass.config import Settings
from windlass.entities import Project, ProjectEnvironment, ProjectRun, ProjectSource, RunStatus
from windlass.errors import PermissionDenied, WindlassError
from windlass.interfaces import DeploymentRequest
from windlass.services.workspace import Workspace
from windlass_kubernetes.cluster import Cluster
from windlass_kubernetes.conformance import place
from windlass_kubernetes.connection import Connection
from windlass_kubernetes.projects.backend import KubernetesProjectBackend
from windlass_kubernetes.serving.target import KubernetesTarget

__all__ = ["place"]
pytestmark = pytest.mark.timeout(600)
_ROLE = Path(__file__).parents[3] / "docs" / "how-to" / "deploy-to-kubernetes.md"
_RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces"


@pytest.fixture
def request_for(place, models):
    def request(model="first", **config):
        return DeploymentRequest(
            name="one", model_uri="m", resolved_uri="models:/m/1", model_path=models / model,
            config={**place.config, **config},
        )  # fmt: skip

    return request


def test_the_role_of_the_documentation_is_enough_and_needed(place, request_for):
    target = KubernetesTarget.open(place.target.replace(f"/{place.context}/", "/user/"), Settings())
    with pytest.raises(PermissionDenied, match="forbidden"):
        target.create(request_for())
    role = yaml.safe_load(re.search(r"```yaml\n(.*?)```", _ROLE.read_text(), re.DOTALL)[1])
    admin = Connection.open(place.context, Settings())
    admin.send("POST", f"{_RBAC}/{place.namespace}/roles", content=role)
    binding = {
        "metadata": {"name": "windlass"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "windlass"},
        "subjects": [{"kind": "User", "name": "windlass", "apiGroup": "rbac.authorization.k8s.io"}],
    }
    admin.send("POST", f"{_RBAC}/{place.namespace}/rolebindings", content=binding)
    target.create(request_for(max_replicas="2", cpus="10m"))
    assert target.predict("one", {"inputs": [1.5]}) == {"predictions": [3.0]}
    target.update(request_for("second"))
    assert target.predict("one", {"inputs": [1.5]}) == {"predictions": [4.5]}
    assert any("serving" in line for line in target.logs("one"))
    target.delete("one")
    cluster = Cluster(admin, place.namespace)
    kinds = ("Deployment", "Service", "HorizontalPodAutoscaler")
    assert [one for kind in kinds for one in cluster.list(kind, {})] == []
    assert all("deletionTimestamp" in one["metadata"] for one in cluster.list("Pod", {}))
    assert [one for one in cluster.list("Secret", {}) if one["type"] == "Opaque"] == []


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"image": "localhost/none:1", "image_pull_policy": "Never"}, "ErrImageNeverPull: the image localhost/none:1"),
        ({"cpus": "500", "timeout": "5"}, "Unschedulable: 0/1 nodes are available"),
        ({"memory": "10Gi", "max_memory": "1Gi"}, "must be less than or equal to memory limit"),
    ],
)
def test_what_fails_leaves_nothing_and_the_next_one_works(place, request_for, config, said):
    target, connection = place.open(), Connection.open(place.context, Settings())
    with pytest.raises(WindlassError, match=said):
        target.create(request_for(**config))
    cluster = Cluster(connection, place.namespace)
    for kind in ("Deployment", "Service"):
        assert cluster.list(kind, {}) == []
    assert [one for one in cluster.list("Secret", {}) if one["type"] == "Opaque"] == []
    target.create(request_for())
    assert target.predict("one", {"inputs": [1.5]}) == {"predictions": [3.0]}
    target.delete("one")


def test_a_pod_that_is_killed_leaves_the_run_failed(place, tmp_path):
    uri = f"sqlite:///{tmp_path}/runs.db"
    settings = Settings(home=tmp_path / "home", tracking_uri=uri)
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "code.py").write_text("import time; print('up', flush=True); time.sleep(300)")
    project = Project(
        source=ProjectSource(uri="x"), directory=tmp_path / "code", entry_point="main", command=("python", "code.py"),
        environment=ProjectEnvironment(manager="docker", image=place.image),
    )  # fmt: skip
    config = {"kube-context": place.context, "namespace": place.namespace, "tracking_uri": uri, "grace": 1}
    config["image_pull_policy"] = "IfNotPresent"
    with Workspace.open(settings) as workspace:
        run_id = workspace.runs.create("0").info.run_id
        told = ProjectRun(project=project, run_id=run_id, experiment_id="0", tracking_uri=uri, config=config)
        handle = KubernetesProjectBackend.open(settings).submit(told)
        next(piece for piece in handle.logs() if "up" in piece)
        cluster = Cluster(Connection.open(place.context, settings), place.namespace)
        (pod,) = cluster.list("Pod", {"windlass.run_id": run_id})
        assert uri not in json.dumps(pod)
        cluster.delete("Pod", pod["metadata"]["name"], grace=0)
        assert handle.wait() == RunStatus.FAILED
        assert workspace.runs.get(run_id).info.status == RunStatus.FAILED
    give_up = time.monotonic() + 60
    while cluster.list("Pod", {}) or cluster.list("Job", {}):
        assert time.monotonic() < give_up
        time.sleep(0.5)
