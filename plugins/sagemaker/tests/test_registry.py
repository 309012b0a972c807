"""A model of the registry through its life on SageMaker, as its users see it."""

from __future__ import annotations

import json

import pytest

import windlass
from windlass.errors import InvalidValue, Unsupported
from windlass.interfaces import DeploymentRequest
from windlass.testing.model_life import (
    FEATURES,
    check_life,
    check_taking_back,
    expected,
    log_failing_model,
    register_versions,
)
from windlass_sagemaker.conformance import account

__all__ = ["account"]
# Containers start slowly on a busy machine.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def versions(tmp_path, monkeypatch):
    """Two versions of a scikit-learn model in a registry."""
    return register_versions(tmp_path, monkeypatch)


def test_a_model_is_created_updated_rolled_back_and_deleted(account, versions):
    check_life(account.target, versions, config=account.config)
    assert account.left() == []


def test_a_model_that_fails_is_rolled_back(account, versions, tmp_path):
    check_taking_back(account.target, versions[0], log_failing_model(tmp_path), config=account.config)
    assert account.left() == []


def test_an_asynchronous_endpoint_answers_by_way_of_s3(account, versions):
    client = windlass.deployments.get_deploy_client(account.target)
    output = {"OutputConfig": {"S3OutputPath": f"s3://{account.bucket}/answers"}}
    config = {**account.config, "async_inference_config": json.dumps(output)}
    client.create_deployment("queued", versions[0], config=config)
    assert client.predict("queued", FEATURES)["predictions"] == expected(versions[0])
    with pytest.raises(InvalidValue, match="was refused"):
        account.open().predict("queued", {"nonsense": 1})
    client.delete_deployment("queued")
    # What SageMaker has answered is the user's; nothing else stays.
    assert {one.partition("/")[0] for one in account.left()} == {"answers"}


def test_a_serverless_endpoint_has_no_machines_and_no_canary(account, versions, tmp_path):
    client = windlass.deployments.get_deploy_client(account.target)
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    client.create_deployment(
        "idle", versions[0], config={**account.config, "serverless_config": json.dumps(serverless)}
    )
    (config,) = account.clients.sagemaker.list_endpoint_configs()["EndpointConfigs"]
    described = account.clients.sagemaker.describe_endpoint_config(EndpointConfigName=config["EndpointConfigName"])
    (variant,) = described["ProductionVariants"]
    assert variant["ServerlessConfig"] == serverless
    assert "InstanceType" not in variant
    assert len(client.predict("idle", FEATURES)["predictions"]) == 3
    canary = DeploymentRequest(name="idle", model_uri="m", resolved_uri="m", model_path=tmp_path, config=account.config)
    with pytest.raises(Unsupported, match="one variant"):
        account.open().start_canary(canary, 10)
    client.delete_deployment("idle")
    assert account.left() == []
