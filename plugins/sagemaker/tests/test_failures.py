"""What fails half-way leaves nothing behind, says what happened, and does not stand in the way of the next attempt."""

from __future__ import annotations

import json
import secrets

import pytest
import windlass.pyfunc
from botocore.exceptions import EndpointConnectionError

from windlass.config import Settings
from windlass.entities import DeploymentStatus
from windlass.errors import AlreadyExists, Conflict, InvalidValue, NotFound, Unauthenticated, Unavailable
from windlass.interfaces import DeploymentRequest
from windlass_sagemaker.conformance import account
from windlass_sagemaker.target import SageMakerTarget

__all__ = ["account"]
# Containers start slowly on a busy machine.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def request_for(account, tmp_path):
    """A request to deploy a function that multiplies; a factor of 0 makes a model that cannot be loaded."""

    def make(name="one", factor=2, **config):
        path = tmp_path / f"times-{factor}"
        if not path.exists() and factor:
            windlass.pyfunc.save_model(path, python_model=lambda model_input: [factor * value for value in model_input])
        elif not path.exists():
            path.mkdir()
            (path / "MLmodel").write_text("flavors: {}\n")
        uri = f"models:/m/{factor}"
        wanted = {**account.config, **config}
        return DeploymentRequest(name=name, model_uri=uri, resolved_uri=uri, model_path=path, config=wanted)

    return make


def fail(**_):
    """What happens to requests when there is no server."""
    raise EndpointConnectionError(endpoint_url="https://gone.example")


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("execution_role_arn", "arn:aws:iam::{account}:role/nobody", "does not exist"),
        ("bucket", "windlass-no-such-bucket", "does not exist"),
        ("image_url", "{account}.dkr.ecr.eu-west-1.amazonaws.com/none:1", "does not exist"),
        ("image_url", "{account}.dkr.ecr.us-east-1.amazonaws.com/none:1", "another region"),
        ("region_name", "us-east-1", "is not what the target names"),
        ("assume_role_arn", "arn:aws:iam::{account}:role/other", "is not what the target names"),
        ("vpc_config", '{"Subnets": "a"}', "Subnets"),
        ("data_capture_config", '{"Colour": "red"}', "Colour"),
        ("async_inference_config", "{}", "OutputConfig"),
        ("env", '{"A": 1}', "must hold texts"),
        ("tags", "[1]", "must be a JSON object"),
        ("serverless_config", '{"MemorySizeInMB": 2048}', "MaxConcurrency"),
        ("instance_count", "0", "out of range"),
        ("instance_type", "large", "such as ml.m5.large"),
        ("variant_name", "x" * 300, "too long|up to 55"),
    ],
)
def test_what_is_wrong_is_found_before_anything_is_made(account, request_for, option, value, told):
    value = value.replace("{account}", account.clients.account)
    with pytest.raises(InvalidValue, match=told):
        account.open().create(request_for(**{option: value}))
    assert account.left() == []


def test_a_record_that_does_not_fit_into_tags_is_refused(account, request_for):
    config = {"env": json.dumps({"A": secrets.token_hex(12_000)})}
    with pytest.raises(InvalidValue, match="too long to be kept in tags"):
        account.open().create(request_for(**config))
    assert account.left() == []


@pytest.mark.parametrize("operation", ["CreateModel", "CreateEndpointConfig", "CreateEndpoint"])
def test_a_server_that_goes_away_half_way_leaves_nothing(account, request_for, operation):
    target = account.open()
    target.clients.sagemaker.meta.events.register(f"before-send.sagemaker.{operation}", fail)
    with pytest.raises(Unavailable, match="cannot be reached"):
        target.create(request_for())
    assert account.left() == []


def test_what_cannot_be_taken_back_is_named_and_goes_later(account, request_for):
    target = account.open()
    for operation in ("CreateEndpoint", "DeleteModel"):
        target.clients.sagemaker.meta.events.register(f"before-send.sagemaker.{operation}", fail)
    with pytest.raises(Unavailable, match="cannot be reached") as caught:
        target.create(request_for())
    (left,) = account.left()
    assert left in caught.value.hint
    account.open().delete("one")
    assert account.left() == []


def test_an_update_is_done_although_what_was_replaced_cannot_be_removed(account, request_for, caplog):
    target = account.open()
    target.create(request_for())
    target.clients.sagemaker.meta.events.register("before-send.sagemaker.DeleteModel", fail)
    assert target.update(request_for(factor=3)).resolved_uri == "models:/m/3"
    assert "after the change of 'one'" in caplog.text
    account.open().delete("one")
    # The archive of the model that could not be removed went with the last deletion.
    assert account.left() == []


def test_an_endpoint_that_fails_is_removed_and_the_next_creation_works(account, request_for):
    target = account.open()
    with pytest.raises(Unavailable, match="did not pass the ping health check") as caught:
        target.create(request_for(factor=0))
    assert "/aws/sagemaker/Endpoints/one" in caught.value.hint
    assert account.left() == []
    assert target.create(request_for()).status == DeploymentStatus.READY
    assert target.predict("one", {"inputs": [2.0]}) == {"predictions": [4.0]}
    target.delete("one")
    assert account.left() == []


def test_an_endpoint_that_takes_too_long_is_removed(account, request_for):
    with pytest.raises(Unavailable, match="still Creating after"):
        account.open().create(request_for(timeout_seconds="0.01"))
    assert account.left() == []


def test_an_update_that_nobody_waits_for_any_more_is_finished_by_sagemaker(account, request_for):
    target = account.open()
    made = target.create(request_for())
    with pytest.raises(Unavailable, match="still Updating") as caught:
        target.update(request_for(factor=3, timeout_seconds="0.01"))
    assert "this is left" in caught.value.hint
    with pytest.raises(Conflict, match="is Updating"):
        target.update(request_for(factor=4))
    found = account.clients.sagemaker.list_endpoint_configs()["EndpointConfigs"]
    (wanted,) = {one["EndpointConfigName"] for one in found} - {made.details["endpoint_config"]}
    target.resources.wait("one", config=wanted, timeout=400)
    assert target.get("one").resolved_uri == "models:/m/3"
    target.update(request_for(factor=2))
    assert len(account.left()) == 4  # an endpoint, a configuration, a model and an archive
    target.delete("one")
    assert account.left() == []


def test_an_endpoint_need_not_be_waited_for(account, request_for):
    target = account.open()
    made = target.create(request_for(synchronous="false", tags='{"team": "fraud"}'))
    assert made.status in {DeploymentStatus.CREATING, DeploymentStatus.READY}
    arn = made.details["arn"]
    assert target.resources.tags(arn) == {"team": "fraud", "windlass.deployment": "one"}
    target.delete("one")
    assert account.left() == []


def test_what_is_replaced_is_kept_if_that_is_wanted(account, request_for):
    target = account.open()
    first = target.create(request_for())
    target.update(request_for(factor=3, archive="true"))
    assert first.details["endpoint_config"] in account.left()
    target.update(request_for(factor=4))
    left = account.left()
    assert first.details["endpoint_config"] in left
    target.delete("one")
    kept = account.left()
    # The first model with its configuration and its archive; what was not marked is gone.
    assert len(kept) == 3
    assert first.details["endpoint_config"] in kept


def test_endpoints_that_others_have_made_are_left_alone(account, request_for):
    target, client = account.open(), account.clients.sagemaker
    target.create(request_for(name="ours"))
    theirs = target.get("ours").details["endpoint_config"]
    client.create_endpoint(EndpointName="theirs", EndpointConfigName=theirs)
    assert [one.name for one in target.list()] == ["ours"]
    for refused in (target.get, lambda name: target.predict(name, {}), lambda name: target.update(request_for(name))):
        with pytest.raises(NotFound):
            refused("theirs")
    with pytest.raises(AlreadyExists):
        target.create(request_for(name="theirs"))
    target.delete("theirs")
    assert client.describe_endpoint(EndpointName="theirs")
    client.delete_endpoint(EndpointName="theirs")
    target.delete("ours")
    assert account.left() == []


def test_a_server_that_is_not_there_is_said_to_be(account, request_for, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    target = SageMakerTarget.open("sagemaker:/eu-west-1", Settings())
    for act in (lambda: target.create(request_for()), target.list, lambda: target.delete("one")):
        with pytest.raises(Unavailable, match="cannot be reached"):
            act()


def test_credentials_that_are_missing_are_said_to_be(account, request_for, monkeypatch, tmp_path):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    for target in ("sagemaker:/eu-west-1", account.target):
        with pytest.raises(Unauthenticated, match="no credentials"):
            SageMakerTarget.open(target, Settings()).create(request_for())
