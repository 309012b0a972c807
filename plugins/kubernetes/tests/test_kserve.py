"""InferenceServices: their objects, what goes wrong, and requests to runtimes of KServe's."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from windlass.config import Settings
from windlass.errors import AlreadyExists, InvalidValue, NotFound, PermissionDenied, Unavailable
from windlass.interfaces import DeploymentRequest
from windlass_kubernetes.kserve.options import KServeOptions
from windlass_kubernetes.kserve.target import KServeTarget

KSERVE = "/apis/serving.kserve.io/v1beta1"
ASKED = {"inputs": [1.5]}


@pytest.fixture
def target(double):
    return KServeTarget.open(double.place.target.replace("kubernetes:", "kserve:"), Settings())


@pytest.fixture
def deploy(double, models, target):
    def deploy(way="create", *more, model="first", **config):
        told = {"image": double.place.image, "timeout": "30", "ingress_url": double.url}
        kept = {name: value for name, value in {**told, **config}.items() if value}
        request = DeploymentRequest(
            name="one", model_uri=f"m@{model}", resolved_uri="models:/m/1", model_path=models / model, config=kept
        )
        return getattr(target, way)(request, *more)

    return deploy


def test_a_canary_is_kserves_own(double, target, deploy):
    deploy(min_replicas="1", max_replicas="4", scale_target="20")
    deploy("start_canary", 10, model="second")
    (service,) = double.objects("inferenceservices", KSERVE)
    predictor = service["spec"]["predictor"]
    assert predictor["canaryTrafficPercent"] == 10
    assert {"lifecycle", "startupProbe"} & set(predictor["containers"][0]) == set()
    assert target.set_canary("one", 60).canary.percent == 60
    (service,) = double.objects("inferenceservices", KSERVE)
    assert service["spec"]["predictor"]["canaryTrafficPercent"] == 60
    assert target.set_canary("one", 0).canary is None
    assert [target.predict("one", ASKED) for _ in range(5)] == [{"predictions": [3.0]}] * 5
    deploy("update", model="second")
    assert target.predict("one", ASKED) == {"predictions": [4.5]}
    assert len({one["metadata"]["labels"]["windlass.revision"] for one in double.objects("secrets")}) == 1
    target.delete("one")
    assert double.left() == []
    assert double.objects("inferenceservices", KSERVE) == []


def test_what_fails_leaves_nothing(double, target, deploy):
    double.fail({"verb": "POST", "plural": "inferenceservices", "status": 403, "message": "no services"})
    with pytest.raises(PermissionDenied, match="no services"):
        deploy()
    double.fail({"verb": "POST", "plural": "inferenceservices", "cut": "after"})
    with pytest.raises(Unavailable, match="cannot be reached"):
        deploy()
    with pytest.raises(Unavailable, match=r"Unschedulable: .*KServe: Revision one-predictor-00001 is not ready"):
        deploy(cpus="500", timeout="2")
    with pytest.raises(Unavailable, match="ImagePullBackOff"):
        deploy(image="nowhere/none:1")
    assert double.left() == []
    assert double.objects("inferenceservices", KSERVE) == []
    deploy()
    assert target.predict("one", ASKED) == {"predictions": [3.0]}


def test_what_others_have_made_is_left_alone(double, target, deploy):
    path = f"{KSERVE}/namespaces/{double.place.namespace}/inferenceservices"
    body = {"metadata": {"name": "one"}, "spec": {"predictor": {"containers": [{"name": "c", "image": "x"}]}}}
    double.send("POST", path, content=body)
    with pytest.raises(AlreadyExists, match="an InferenceService"):
        deploy()
    with pytest.raises(NotFound):
        deploy("update")
    target.delete("one")
    assert len(double.objects("inferenceservices", KSERVE)) == 1


class Gateway(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.seen.append((self.path, self.headers["host"], self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"outputs": [1]}')

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(("protocol", "path"), [("v2", "/v2/models/one/infer"), ("v1", "/v1/models/one:predict")])
def test_a_runtime_of_kserves_is_asked_in_its_protocol_through_the_gateway(double, target, deploy, protocol, path):
    with HTTPServer(("127.0.0.1", 0), Gateway) as gateway:
        gateway.seen = []
        threading.Thread(target=gateway.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{gateway.server_address[1]}"
        made = deploy(
            image="", model_format="mlflow", storage_uri="s3://b/m", protocol=protocol, ingress_url=url, cpus="1"
        )
        (service,) = double.objects("inferenceservices", KSERVE)
        model = service["spec"]["predictor"]["model"]
        assert model["modelFormat"] == {"name": "mlflow"}
        assert (model["storageUri"], model["protocolVersion"]) == ("s3://b/m", protocol)
        assert target.predict("one", {"inputs": []}) == {"outputs": [1]}
        ((asked, host, body),) = gateway.seen
        assert (asked, host, json.loads(body)) == (path, made.url.removeprefix("http://"), {"inputs": []})
        gateway.shutdown()
    target.delete("one")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "one of them"),
        ({"image": "x", "model_format": "mlflow", "storage_uri": "s3://b"}, "one of them"),
        ({"model_format": "mlflow"}, "config storage_uri"),
        ({"image": "x", "storage_uri": "s3://b"}, "config storage_uri"),
        ({"model_format": "mlflow", "storage_uri": "s3://b", "fetch": "true"}, "config fetch"),
        ({"image": "x", "min_replicas": "3", "max_replicas": "2"}, "too small"),
        ({"image": "x", "protocol": "v3"}, "none of the choices"),
        ({"image": "x", "ingress_url": "http://a:b@x"}, "must not hold credentials"),
    ],
)
def test_options_that_do_not_fit_are_refused(config, message):
    with pytest.raises(InvalidValue, match=message):
        KServeOptions.read(config)
