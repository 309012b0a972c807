"""A model of the registry through its life on real servers, and what only one of them can do."""

from __future__ import annotations

import json
import urllib.request
from urllib.parse import urlsplit

import numpy as np
import pytest
import windlass.pyfunc
import windlass.sklearn
from sklearn.linear_model import LinearRegression

import windlass
from windlass.errors import Unavailable
from windlass.testing.services import big_service_url

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


@pytest.mark.parametrize("server", ["mlserver", "triton"])
def test_a_model_is_created_updated_rolled_back_and_deleted(server, versions):
    client = windlass.deployments.get_deploy_client(f"{server}:/{big_service_url(server)}")
    in_process = [windlass.pyfunc.load_model(uri).predict(FEATURES).tolist() for uri in versions]
    try:
        client.create_deployment("life", versions[0], config={"request_timeout": 30})
        assert client.predict("life", FEATURES)["predictions"] == in_process[0]
        client.update_deployment("life", versions[1])
        assert client.predict("life", FEATURES)["predictions"] == in_process[1]
        assert client.rollback_deployment("life")["resolved_uri"] == versions[0]
        assert client.predict("life", FEATURES)["predictions"] == in_process[0]
    finally:
        client.delete_deployment("life")
    assert "life" not in [one["name"] for one in client.list_deployments()]


def test_mlserver_takes_tensors_too(versions):
    url = big_service_url("mlserver")
    client = windlass.deployments.get_deploy_client(f"mlserver:/{url}")
    client.create_deployment("tensors", versions[0])
    try:
        tensor = {"name": "x", "shape": [3, 2], "datatype": "FP64", "data": FEATURES.ravel().tolist()}
        request = urllib.request.Request(
            f"http://{urlsplit(url).netloc}/v2/models/tensors/infer",
            data=json.dumps({"inputs": [tensor]}).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            (output,) = json.loads(answer.read())["outputs"]
    finally:
        client.delete_deployment("tensors")
    assert (output["datatype"], output["shape"]) == ("FP64", [3])
    assert output["data"] == pytest.approx(windlass.pyfunc.load_model(versions[0]).predict(FEATURES).tolist())


@pytest.mark.parametrize("server", ["mlserver", "triton"])
def test_a_model_that_fails_is_rolled_back(server, versions, tmp_path):
    def fails(model_input):
        raise RuntimeError("no")

    windlass.pyfunc.save_model(tmp_path / "bad", python_model=fails)
    (tmp_path / "bad" / "serving_input_example.json").write_text('{"inputs": [[1.0, 2.0]]}')
    (tmp_path / "bad" / "SHA256SUMS").unlink()
    with windlass.start_run() as run:
        windlass.log_artifacts(str(tmp_path / "bad"), "bad")
    client = windlass.deployments.get_deploy_client(f"{server}:/{big_service_url(server)}")
    client.create_deployment("sick", versions[0])
    try:
        with pytest.raises(Unavailable, match=r"failed its health check.*models:/m/1 was deployed again"):
            client.update_deployment("sick", f"runs:/{run.info.run_id}/bad")
        assert client.get_deployment("sick")["resolved_uri"] == versions[0]
        assert len(client.predict("sick", FEATURES)["predictions"]) == 3
    finally:
        client.delete_deployment("sick")
