"""A model of the registry through its life on SageMaker, as its users see it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import windlass.pyfunc
import windlass.sklearn
from sklearn.linear_model import LinearRegression

import windlass
from windlass.errors import InvalidValue, Unavailable, Unsupported
from windlass.interfaces import DeploymentRequest
from windlass_sagemaker.conformance import account

__all__ = ["account"]
# Containers start slowly on a busy machine.
pytestmark = pytest.mark.timeout(600)
FEATURES = np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 5.0]])


@pytest.fixture
def versions(tmp_path, monkeypatch):
    """Two versions of a scikit-learn model in a registry."""
    monkeypatch.setenv("WINDLASS_TRACKING_URI", f"sqlite:///{tmp_path}/runs.db")
    monkeypatch.setenv("WINDLASS_ARTIFACT_ROOT", (tmp_path / "artifacts").as_uri())
    for factor in (2.0, 3.0):
        fitted = LinearRegression().fit(FEATURES, FEATURES.sum(axis=1) * factor)
        with windlass.start_run():
            windlass.sklearn.log_model(fitted, name="model", registered_model_name="m", input_example=FEATURES)
    return ["models:/m/1", "models:/m/2"]


def test_a_model_is_created_updated_rolled_back_and_deleted(account, versions):
    client = windlass.deployments.get_deploy_client(account.target)
    in_process = [windlass.pyfunc.load_model(uri).predict(FEATURES).tolist() for uri in versions]
    client.create_deployment("life", versions[0], config=account.config)
    assert client.predict("life", FEATURES)["predictions"] == in_process[0]
    client.update_deployment("life", versions[1])
    assert client.predict("life", FEATURES)["predictions"] == in_process[1]
    assert client.rollback_deployment("life")["resolved_uri"] == versions[0]
    assert client.predict("life", FEATURES)["predictions"] == in_process[0]
    client.delete_deployment("life")
    assert client.list_deployments() == []
    assert account.left() == []


def test_a_model_that_fails_is_rolled_back(account, versions, tmp_path):
    def fails(model_input):
        raise RuntimeError("no")

    windlass.pyfunc.save_model(tmp_path / "bad", python_model=fails)
    (tmp_path / "bad" / "serving_input_example.json").write_text('{"inputs": [[1.0, 2.0]]}')
    (tmp_path / "bad" / "SHA256SUMS").unlink()
    with windlass.start_run() as run:
        windlass.log_artifacts(str(tmp_path / "bad"), "bad")
    client = windlass.deployments.get_deploy_client(account.target)
    client.create_deployment("sick", versions[0], config=account.config)
    with pytest.raises(Unavailable, match=r"failed its health check.*models:/m/1 was deployed again"):
        client.update_deployment("sick", f"runs:/{run.info.run_id}/bad")
    assert client.get_deployment("sick")["resolved_uri"] == versions[0]
    assert len(client.predict("sick", FEATURES)["predictions"]) == 3
    client.delete_deployment("sick")
    assert account.left() == []


def test_an_asynchronous_endpoint_answers_by_way_of_s3(account, versions):
    client = windlass.deployments.get_deploy_client(account.target)
    output = {"OutputConfig": {"S3OutputPath": f"s3://{account.bucket}/answers"}}
    config = {**account.config, "async_inference_config": json.dumps(output)}
    client.create_deployment("queued", versions[0], config=config)
    expected = windlass.pyfunc.load_model(versions[0]).predict(FEATURES).tolist()
    assert client.predict("queued", FEATURES)["predictions"] == expected
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
