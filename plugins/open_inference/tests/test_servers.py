"""A model of the registry through its life on real servers, and what only one of them can do."""

from __future__ import annotations

import json
import urllib.request
from urllib.parse import urlsplit

import numpy as np
import pytest
import windlass.pyfunc

import windlass
from windlass.testing.model_life import FEATURES, check_life, check_taking_back, log_failing_model, register_versions
from windlass.testing.services import big_service_url

ROWS = np.array(FEATURES)


@pytest.fixture
def versions(tmp_path, monkeypatch):
    """Two versions of a scikit-learn model in a registry."""
    return register_versions(tmp_path, monkeypatch)


@pytest.mark.parametrize("server", ["mlserver", "triton"])
def test_a_model_is_created_updated_rolled_back_and_deleted(server, versions):
    check_life(f"{server}:/{big_service_url(server)}", versions, config={"request_timeout": 30})


def test_mlserver_takes_tensors_too(versions):
    url = big_service_url("mlserver")
    client = windlass.deployments.get_deploy_client(f"mlserver:/{url}")
    client.create_deployment("tensors", versions[0])
    try:
        tensor = {"name": "x", "shape": [3, 2], "datatype": "FP64", "data": ROWS.ravel().tolist()}
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
    assert output["data"] == pytest.approx(windlass.pyfunc.load_model(versions[0]).predict(ROWS).tolist())


@pytest.mark.parametrize("server", ["mlserver", "triton"])
def test_a_model_that_fails_is_rolled_back(server, versions, tmp_path):
    check_taking_back(f"{server}:/{big_service_url(server)}", versions[0], log_failing_model(tmp_path))
