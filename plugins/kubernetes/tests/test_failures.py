"""What goes wrong on a cluster is told and leaves nothing behind, and the next attempt works."""

from __future__ import annotations

import json

import pytest

from windlass.config import Settings
from windlass.errors import (
    AlreadyExists,
    Conflict,
    InvalidValue,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
    WindlassError,
)
from windlass.interfaces import DeploymentRequest
from windlass_kubernetes.serving.target import KubernetesTarget

ASKED = {"inputs": [1.5]}
FIRST, SECOND = {"predictions": [3.0]}, {"predictions": [4.5]}


@pytest.fixture
def deploy(double, models):
    """Creates or updates a deployment, with the double's options and more."""

    def deploy(way="create", model="first", target=None, **config):
        request = DeploymentRequest(
            name="one", model_uri=f"models:/m@{model}", resolved_uri="models:/m/1", model_path=models / model,
            config={**double.place.config, **config},
        )  # fmt: skip
        return getattr(target or double.place.open(), way)(request)

    return deploy


def test_what_may_not_be_made_is_told_and_leaves_nothing(double, deploy):
    config = {"max_replicas": "3", "cpus": "100m"}
    for plural in ("secrets", "deployments", "services", "horizontalpodautoscalers"):
        double.fail({"verb": "POST", "plural": plural, "status": 403, "message": f"{plural} is forbidden: no"})
        with pytest.raises(PermissionDenied, match=f"{plural} is forbidden") as caught:
            deploy(**config)
        assert "deploy-to-kubernetes" in caught.value.hint
        assert double.left() == []
    deploy(**config)
    (scaler,) = double.objects("horizontalpodautoscalers", "/apis/autoscaling/v1")
    assert (scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (1, 3)
    deploy("update", "second")
    assert double.objects("horizontalpodautoscalers", "/apis/autoscaling/v1") == []
    assert double.place.open().predict("one", ASKED) == SECOND
    double.place.open().delete("one")
    assert double.left() == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("plural", ["secrets", "deployments", "services"])
def test_a_connection_that_is_cut_leaves_nothing(double, deploy, plural, when):
    double.fail({"verb": "POST", "plural": plural, "cut": when})
    with pytest.raises(Unavailable, match="cannot be reached"):
        deploy()
    assert double.left() == []
    deploy()
    assert double.place.open().predict("one", ASKED) == FIRST


def test_a_server_that_is_away_for_a_while_does_not_end_a_rollout(double, deploy):
    double.fail({"verb": "GET", "plural": "pods", "cut": "before", "times": 7})
    deploy()
    assert double.place.open().predict("one", ASKED) == FIRST


def test_an_image_that_is_not_there_is_named(double, deploy):
    with pytest.raises(Unavailable, match=r"ImagePullBackOff: the image nowhere/none:1: Back-off"):
        deploy(image="nowhere/none:1")
    assert double.left() == []
    with pytest.raises(Unavailable, match="ErrImageNeverPull"):
        deploy(image="nowhere/none:1", image_pull_policy="Never")
    assert double.left() == []


def test_a_pod_that_no_node_takes_is_told_with_the_reason(double, deploy):
    with pytest.raises(Unavailable, match=r"Unschedulable: 0/1 nodes are available: Insufficient cpu.*2 seconds"):
        deploy(cpus="500", timeout="2")
    with pytest.raises(Unavailable, match=r"Unschedulable: .*selector"):
        deploy(node_selector='{"disk": "fast"}', timeout="2")
    assert double.left() == []


def test_a_model_that_cannot_be_loaded_is_told_with_its_last_words(double, deploy):
    with pytest.raises(
        Unavailable, match=r"CrashLoopBackOff: it ended with exit code [0-9]+\n(.*\n)*error: "
    ) as caught:
        deploy(model="broken")
    assert "windlass models predict" in caught.value.hint
    assert double.left() == []


def test_an_update_that_a_quota_forbids_is_taken_back(double, deploy):
    made = deploy()
    double.fail({"verb": "POST", "plural": "pods", "status": 403, "message": "exceeded quota", "times": 100})
    with pytest.raises(Unavailable, match="FailedCreate: exceeded quota"):
        deploy("update", "second")
    double.fail()
    target = double.place.open()
    assert target.get("one") == made
    assert target.predict("one", ASKED) == FIRST
    assert len(double.objects("secrets")) == 1
    deploy("update", "second")
    assert target.predict("one", ASKED) == SECOND


def test_a_step_after_the_rollout_that_fails_takes_the_rollout_back(double, deploy):
    made = deploy()
    double.fail({"verb": "POST", "plural": "horizontalpodautoscalers", "status": 403, "message": "no autoscalers"})
    with pytest.raises(PermissionDenied, match="no autoscalers"):
        deploy("update", "second", max_replicas="2", cpus="100m", service_type="NodePort")
    target = double.place.open()
    assert target.get("one") == made
    assert double.objects("services")[0]["spec"]["type"] == "ClusterIP"


def test_what_others_have_made_is_left_alone(double, deploy):
    space = f"/api/v1/namespaces/{double.place.namespace}"
    apps = f"/apis/apps/v1/namespaces/{double.place.namespace}"
    service = {"metadata": {"name": "one"}, "spec": {"ports": [{"port": 80}]}}
    double.send("POST", f"{space}/services", content=service)
    with pytest.raises(AlreadyExists):
        deploy()
    assert double.left() == ["services one"]
    labels = {"app": "else"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "windlass/test:1"}]}}
    other = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
    double.send("POST", f"{apps}/deployments", content={"metadata": {"name": "one"}, "spec": other})
    with pytest.raises(AlreadyExists, match="another Deployment"):
        deploy()
    target = double.place.open()
    target.delete("one")
    with pytest.raises(NotFound):
        deploy("update")
    assert target.list() == []
    assert double.left() == ["services one", "deployments one"]


def test_two_changes_at_a_time_do_not_mix(double, deploy, monkeypatch):
    deploy()
    target = double.place.open()
    found = target._found

    def overtaken(name):
        seen = found(name)
        monkeypatch.setattr(target, "_found", found)
        deploy("update", "second")
        return seen

    monkeypatch.setattr(target, "_found", overtaken)
    with pytest.raises(Conflict, match="somebody else"):
        deploy("update", target=target)
    assert target.predict("one", ASKED) == SECOND
    assert len(double.objects("secrets")) == 1


def test_a_creation_that_was_cut_off_goes_with_delete(double, deploy):
    deploy()
    space = f"/apis/apps/v1/namespaces/{double.place.namespace}/deployments/one"
    forgotten = {"metadata": {"annotations": {"windlass.record": None}}}
    double.send("PATCH", space, content=forgotten, content_type="application/merge-patch+json")
    with pytest.raises(AlreadyExists, match="is being made"):
        deploy()
    double.place.open().delete("one")
    assert double.left() == []
    deploy()


def test_a_server_that_does_not_answer_is_given_up(double, deploy):
    target = KubernetesTarget.open(double.place.target, Settings(http_timeout=0.5))
    double.fail({"verb": "GET", "plural": "deployments", "hang": 2, "times": 3})
    with pytest.raises(Unavailable, match=r"did not answer within 0\.5 seconds|cannot be reached"):
        target.get("one")


def test_who_may_not_enter_is_told_so(double, tmp_path, monkeypatch):
    text = double.file.read_text()
    double.file.write_text(text.replace("token: good", "token: expired"))
    with pytest.raises(Unauthenticated) as caught:
        double.place.open().list()
    assert "sign in again" in caught.value.hint
    double.file.write_text(text.replace(double.url, "https://127.0.0.1:9"))
    with pytest.raises(Unavailable, match="cannot be reached"):
        double.place.open().list()
    with pytest.raises(WindlassError, match="nowhere"):
        KubernetesTarget.open("kubernetes:/nowhere", Settings())
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    with pytest.raises(NotFound, match="no cluster is known"):
        KubernetesTarget.open("kubernetes", Settings())


def test_a_namespace_that_is_not_there_is_named(double, deploy):
    target = KubernetesTarget.open("kubernetes:/double/no-such-space", Settings())
    with pytest.raises(NotFound, match="no-such-space") as caught:
        deploy(target=target)
    assert "create the namespace" in caught.value.hint


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"image": "a b"}, "config image"),
        ({"replicas": "0"}, "config replicas"),
        ({"max_replicas": "3"}, "needs cpus"),
        ({"replicas": "3", "max_replicas": "2", "cpus": "1"}, "too small"),
        ({"memory": "lots"}, "config memory"),
        ({"env": '{"a-b": "1"}'}, "config env"),
        ({"env": "[]"}, "config env"),
        ({"secrets": '"one"'}, "config secrets"),
        ({"variables": '["NO_SUCH_VARIABLE_HERE"]'}, "is not set"),
        ({"fetch": "true", "model_path": "/model"}, "cannot be combined"),
        ({"http_url": "ftp://x"}, "config http_url"),
        ({"http_url": "http://u:p@x"}, "must not hold credentials"),
        ({"service_type": "Other"}, "none of the choices"),
    ],
)
def test_a_bad_option_is_refused_before_anything_is_made(double, deploy, config, message):
    with pytest.raises(InvalidValue, match=message):
        deploy(**config)
    assert double.left() == []


def test_what_is_secret_travels_in_a_secret(double, deploy, monkeypatch):
    monkeypatch.setenv("OWN_TOKEN", "s3cret")
    deploy(variables='["OWN_TOKEN"]')
    (deployed,) = double.objects("deployments", "/apis/apps/v1")
    assert "s3cret" not in json.dumps([deployed, double.objects("pods")])
    assert {one["metadata"]["ownerReferences"][0]["uid"] for one in double.objects("secrets")} == {
        deployed["metadata"]["uid"]
    }


def test_a_model_that_is_too_large_to_be_sent_says_what_to_do(double, deploy, models, tmp_path):
    import os

    large = tmp_path / "large"
    large.mkdir()
    (large / "MLmodel").write_text("flavors: {}\n")
    (large / "weights").write_bytes(os.urandom(8 * 1024 * 1024))
    request = DeploymentRequest(
        name="one", model_uri="m", resolved_uri="m", model_path=large, config=double.place.config
    )
    with pytest.raises(InvalidValue, match=r"too large to be sent") as caught:
        double.place.open().create(request)
    assert "fetch=true" in caught.value.hint
    assert double.left() == []
