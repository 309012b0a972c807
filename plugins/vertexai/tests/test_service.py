"""What the service does with options, who signs in, and what is said when it refuses."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from windlass.config import Settings
from windlass.entities import DeploymentStatus
from windlass.errors import (
    AlreadyExists,
    InvalidValue,
    NotFound,
    PermissionDenied,
    PluginError,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from windlass.plugins import PluginManager
from windlass_rest.testing.double import Fault
from windlass_vertexai.address import Address
from windlass_vertexai.conformance import TARGET, case, double
from windlass_vertexai.target import VertexAITarget, staged

__all__ = ["case", "double"]


def change(asked):
    return asked.method == "POST"


def test_a_target_names_a_project_and_a_region():
    assert Address.parse(TARGET) == Address("our-project", "europe-west4")
    assert Address.parse(f"{TARGET}/").host == "https://europe-west4-aiplatform.googleapis.com"
    for bad in ("vertexai", "vertexai:/our-project", "vertexai:/our-project/Europe", "vertexai://a/b"):
        with pytest.raises(InvalidValue, match="names no project and region"):
            Address.parse(bad)


def test_options_reach_google(case, double):
    config = {
        "machine_type": "n1-standard-8",
        "min_replica_count": "2",
        "max_replica_count": "5",
        "accelerator_type": "NVIDIA_L4",
        "accelerator_count": "1",
        "service_account": "serving@our-project.iam.gserviceaccount.com",
        "port": "9000",
        "env": '{"KEY": "v"}',
        "labels": '{"team": "fraud"}',
        "access_logging": "true",
    }
    made = case.target.create(case.request("one", **config))
    assert case.target.get("one").config == {**case.config, **config}
    (deployed,) = double.endpoints["one"]["deployedModels"]
    resources = deployed["dedicatedResources"]
    assert (resources["minReplicaCount"], resources["maxReplicaCount"]) == (2, 5)
    assert resources["machineSpec"] == {
        "machineType": "n1-standard-8",
        "acceleratorType": "NVIDIA_L4",
        "acceleratorCount": 1,
    }
    assert (deployed["serviceAccount"], deployed["enableAccessLogging"]) == (config["service_account"], True)
    (model,) = double.models.values()
    assert {"name": "KEY", "value": "v"} in model["containerSpec"]["env"]
    assert model["containerSpec"]["ports"] == [{"containerPort": 9000}]
    assert double.endpoints["one"]["labels"]["team"] == "fraud"
    assert made.url.endswith("/endpoints/one:rawPredict")


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("staging", "s3://bucket", "a place on Google Cloud Storage"),
        ("env", '{"A": 1}', "must be a JSON object with texts"),
        ("labels", '{"Team": "x"}', "is no label"),
        ("max_replica_count", "0", "out of range"),
        ("min_replica_count", "1001", "out of range"),
        ("accelerator_type", "NVIDIA_L4", "needs accelerator_count"),
    ],
)
def test_what_is_wrong_is_found_before_anything_is_made(case, double, option, value, told):
    with pytest.raises(InvalidValue, match=told):
        case.target.create(case.request("one", **{option: value}))
    assert double.changes() == []
    assert case.left() == []


def test_fewer_machines_at_most_than_at_least_are_refused(case):
    with pytest.raises(InvalidValue, match="less than min_replica_count"):
        case.target.create(case.request("one", min_replica_count="3", max_replica_count="2"))


def test_a_quota_that_does_not_suffice_leaves_nothing(case, double):
    double.quota = 2
    with pytest.raises(TooManyRequests, match="Quota exceeded"):
        case.target.create(case.request("one", min_replica_count="3"))
    assert case.left() == []
    assert case.target.create(case.request("one")).status == DeploymentStatus.READY


def test_what_takes_too_long_is_taken_back_when_google_is_done(case, double):
    case.target.create(case.request("one"))
    double.slow = 6
    with pytest.raises(Unavailable, match=r"still being brought up or taken away after 0\.1 seconds") as caught:
        case.target.update(case.request("one", case.second, timeout="0.1"))
    assert "-C timeout" in caught.value.hint
    double.slow = 1
    assert case.target.predict("one", case.payload) == case.first_answer
    case.target.update(case.request("one", case.second))
    case.target.delete("one")
    assert case.left() == []


def test_an_endpoint_of_others_is_left_alone(case, double):
    case.target.create(case.request("one"))
    ours = double.endpoints["one"]
    double.endpoints["theirs"] = {**ours, "name": ours["name"].replace("one", "theirs"), "labels": {}}
    assert [one.name for one in case.target.list()] == ["one"]
    for refused in (case.target.get, lambda name: case.target.update(case.request(name))):
        with pytest.raises(NotFound):
            refused("theirs")
    with pytest.raises(AlreadyExists):
        case.target.create(case.request("theirs"))
    case.target.delete("theirs")
    assert "theirs" in double.endpoints


def test_who_asks_too_often_comes_back_when_told(case, double):
    wait = Fault(when=change, status=429, headers={"retry-after": "0"}, times=3)
    double.faults.append(wait)
    assert case.target.create(case.request("one")).status == DeploymentStatus.READY
    assert wait.times == 0


def test_missing_rights_say_so(case, double):
    double.faults.append(Fault(when=change, status=403))
    with pytest.raises(PermissionDenied) as caught:
        case.target.create(case.request("one"))
    assert "Vertex AI User" in caught.value.hint
    assert case.left() == []


def test_a_prediction_that_never_comes_is_given_up(case, double):
    case.target.create(case.request("one", request_timeout="0.2"))
    double.faults.append(Fault(when=lambda asked: asked.path.endswith(":rawPredict"), hang=True))
    with pytest.raises(Unavailable, match=r"did not answer within 0\.2 seconds"):
        case.target.predict("one", case.payload)


def test_a_service_account_signs_in_and_renews_its_token(double, tmp_path, monkeypatch):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {
        "type": "service_account",
        "client_email": "a@our-project.iam.gserviceaccount.com",
        "token_uri": f"{double.url}/token",
        "private_key": key.decode(),
        "project_id": "our-project",
    }
    (tmp_path / "key.json").write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    target = VertexAITarget.open(TARGET, Settings(vertex_ai_url=double.url))
    assert target.list() == []
    double.tokens.clear()
    assert target.list() == []
    assert sum(asked.path == "/token" for asked in double.asked) == 2


def test_credentials_that_are_missing_are_said_to_be(double, monkeypatch, tmp_path):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(Unauthenticated, match="no credentials") as caught:
        VertexAITarget.open(TARGET, Settings(vertex_ai_url=double.url)).list()
    assert "gcloud auth" in caught.value.hint


def test_files_go_to_google_by_the_plugin_for_its_storage(monkeypatch):
    repository = staged("gs://bucket/x", Settings(gcs_emulator="http://127.0.0.1:9"))
    assert type(repository).__name__ == "GcsArtifactRepository"
    repository.close()
    without = PluginManager(Settings(disable_plugins=("gcs",)))
    monkeypatch.setattr("windlass_vertexai.target.get_plugin_manager", lambda: without)
    with pytest.raises(PluginError) as caught:
        staged("gs://bucket/x", Settings())
    assert caught.value.hint == "pip install 'windlass[gcs]'"
