"""A model of the registry through its life on a cluster, as its users see it."""

from __future__ import annotations

import contextlib
import json
import threading
import time

import pytest

import windlass
from windlass.config import Settings
from windlass.interfaces import DeploymentRequest
from windlass.testing.model_life import FEATURES, check_taking_back, expected, log_failing_model, register_versions
from windlass_kubernetes.conformance import place as real_place
from windlass_kubernetes.serving.target import KubernetesTarget

__all__ = ["real_place"]

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(params=[pytest.param("double", marks=pytest.mark.slow), "cluster"])
def where(request):
    """A place on our double, and on a real cluster where there is one."""
    if request.param == "double":
        return request.getfixturevalue("double").place
    return request.getfixturevalue("real_place")


@pytest.fixture
def versions(tmp_path, monkeypatch):
    """Two versions of a scikit-learn model in a registry."""
    return register_versions(tmp_path, monkeypatch)


class Asking(threading.Thread):
    """Asks fifty times a second at most until it is told to stop, and keeps what it is answered."""

    def __init__(self, target, payload):
        super().__init__(daemon=True)
        self._target, self._payload = target, payload
        self.stopped, self.answers, self.errors = threading.Event(), [], []

    def run(self):
        while not self.stopped.is_set():
            try:
                self.answers.append(json.dumps(self._target.predict("life", self._payload)))
            except Exception as error:  # noqa: BLE001  whatever it is, the test shows it
                self.errors.append(error)
            self.stopped.wait(0.02)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.join(60)


def test_a_model_is_created_updated_rolled_back_and_deleted_without_a_failed_answer(where, versions):
    client = windlass.deployments.get_deploy_client(where.target)
    in_process = [expected(uri) for uri in versions]
    payload, target = {"inputs": FEATURES}, where.open()
    client.create_deployment("life", versions[0], config={**where.config, "drain_seconds": "2"})
    assert client.predict("life", FEATURES)["predictions"] == in_process[0]
    with Asking(target, payload) as first, Asking(where.open(), payload) as second:
        client.update_deployment("life", versions[1])
        assert client.predict("life", FEATURES)["predictions"] == in_process[1]
        assert client.rollback_deployment("life")["resolved_uri"] == versions[0]
    assert (first.errors, second.errors) == ([], [])
    known = [json.dumps({"predictions": one}) for one in in_process]
    assert {*first.answers, *second.answers} == set(known)
    assert client.predict("life", FEATURES)["predictions"] == in_process[0]
    client.delete_deployment("life")
    assert client.list_deployments() == []


def test_a_model_that_fails_its_check_is_rolled_back(where, versions, tmp_path):
    check_taking_back(where.target, versions[0], log_failing_model(tmp_path), config=where.config)


def test_a_pod_that_dies_is_replaced_and_answers_go_on(where, versions):
    client = windlass.deployments.get_deploy_client(where.target)
    config = {**where.config, "replicas": "2", "drain_seconds": "1"}
    client.create_deployment("life", versions[0], config=config)
    target = where.open()
    with Asking(target, {"inputs": FEATURES}) as asking, contextlib.closing(target._cluster.connection):
        pod = target._cluster.list("Pod", {"windlass.deployment": "life"})[0]["metadata"]
        target._cluster.delete("Pod", pod["name"], uid=pod["uid"])
        give_up = time.monotonic() + 200
        while pod["name"] in [one["metadata"]["name"] for one in target._cluster.list("Pod", {})]:
            assert time.monotonic() < give_up
            asking.stopped.wait(0.1)
    assert asking.errors == []
    assert asking.answers
    client.delete_deployment("life")


def test_pods_fetch_a_model_from_the_tracking_server_with_a_token_that_no_spec_shows(double, models, monkeypatch):
    """The server is told and the token is in a Secret; here the model is one that the pod finds without them."""
    settings = Settings(tracking_uri="https://tracking.example.org", token="s3cret")
    target = KubernetesTarget.open(double.place.target, settings)
    path = models / "first"
    request = DeploymentRequest(
        name="life", model_uri="m", resolved_uri=str(path), model_path=path,
        config={**double.place.config, "fetch": "true", "env": '{"WINDLASS_ALLOW_PICKLE": "true"}'},
    )  # fmt: skip
    target.create(request)
    assert target.predict("life", {"inputs": [1.5]}) == {"predictions": [3.0]}
    (deployed,) = double.objects("deployments", "/apis/apps/v1")
    (pod,) = double.objects("pods")
    assert "s3cret" not in json.dumps([deployed, pod])
    env = {one["name"]: one["value"] for one in pod["spec"]["containers"][0]["env"]}
    assert env["WINDLASS_TRACKING_URI"] == "https://tracking.example.org"
    (secret,) = double.objects("secrets")
    assert "WINDLASS_TOKEN" in secret["data"]
    assert secret["metadata"]["ownerReferences"][0]["uid"] == deployed["metadata"]["uid"]
    target.delete("life")
    assert double.left() == []
