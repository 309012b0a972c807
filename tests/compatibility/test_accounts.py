"""Unmodified MLflow clients against a real server with accounts."""

from __future__ import annotations

import json
import urllib.request
from base64 import b64encode
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parent / "clients"
PASSWORD = "correct horse battery"


@pytest.fixture
def guarded(start_server, tmp_path, monkeypatch):
    """A server that was started as MLflow's is."""
    monkeypatch.setenv("MLFLOW_AUTH_ADMIN_PASSWORD", PASSWORD)
    server = start_server(tmp_path, None, ["--app-name", "basic-auth"])
    monkeypatch.delenv("MLFLOW_AUTH_ADMIN_PASSWORD")
    return server


def admin_sends(server, path, values):
    credentials = b64encode(f"admin:{PASSWORD}".encode()).decode()
    headers = {"content-type": "application/json", "authorization": f"Basic {credentials}"}
    request = urllib.request.Request(server.url + path, json.dumps(values).encode(), headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


@pytest.mark.timeout(240)
@pytest.mark.parametrize("mlflow_python", ["3.17.2"], indirect=True)
def test_a_client_of_today_manages_accounts(guarded, mlflow_python, run_in):
    output = run_in(mlflow_python, (CLIENTS / "accounts_of_3.py").read_text(), guarded.url)
    seen = json.loads(output.splitlines()[-1])
    assert (seen["made"], seen["short"], seen["taken"]) == (
        "alice", "INVALID_PARAMETER_VALUE", "RESOURCE_ALREADY_EXISTS"
    )  # fmt: skip
    assert (seen["is_admin"], seen["is_admin_now"]) == (False, True)
    assert (seen["again"], seen["not_hers"]) == ("RESOURCE_ALREADY_EXISTS", "PERMISSION_DENIED")
    assert seen["allowed"] == [True, "EDIT"]
    assert seen["logged"] == {"loss": 0.5}
    assert (seen["denied"], seen["no_admin"], seen["not_deleted"]) == ("PERMISSION_DENIED",) * 3
    assert (seen["old_password"], seen["new_password"]) == ("UNAUTHENTICATED", "done")
    assert seen["revoked"] == [False, "READ"]
    assert seen["role"] == ["team", ["team"]]
    assert (seen["role_permissions"], seen["members"], seen["roles"]) == (["USE"], True, ["team"])
    assert (seen["by_role"], seen["by_role_now"]) == ("USE", "MANAGE")
    assert (seen["renamed"], seen["roles_left"], seen["gone"]) == ("crew", [], "RESOURCE_DOES_NOT_EXIST")


@pytest.mark.timeout(240)
@pytest.mark.slow
@pytest.mark.parametrize("mlflow_python", ["2.22.5"], indirect=True)
def test_a_client_of_2024_manages_accounts(guarded, mlflow_python, run_in):
    token = admin_sends(guarded, "/api/windlass/v1/tokens/create", {"name": "for a client"})["token"]
    output = run_in(mlflow_python, (CLIENTS / "accounts_of_2.py").read_text(), guarded.url, token)
    seen = json.loads(output.splitlines()[-1])
    assert (seen["made"], seen["given"], seen["found"], seen["model"]) == ("alice", "READ", "READ", "MANAGE")
    assert seen["not_deleted"] == "PERMISSION_DENIED"
    assert seen["permissions"] == [["EDIT"], [["model of alice", "MANAGE"]]]
    assert (seen["gone"], seen["deleted"]) == ("RESOURCE_DOES_NOT_EXIST",) * 2
    assert (seen["old_password"], seen["by_token"]) == ("UNAUTHENTICATED", "done")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("mlflow_python", ["3.17.2", pytest.param("2.22.5", marks=pytest.mark.slow)], indirect=True)
def test_a_client_lives_through_a_models_life_with_an_account(guarded, mlflow_python, run_in, tmp_path):
    admin_sends(guarded, "/api/2.0/mlflow/users/create", {"username": "alice", "password": PASSWORD})
    script = (CLIENTS / "life_cycle.py").read_text()
    credentials = {"MLFLOW_TRACKING_USERNAME": "alice", "MLFLOW_TRACKING_PASSWORD": PASSWORD}
    output = run_in(mlflow_python, script, guarded.url, "plain", DO_NOT_TRACK="true", HOME=str(tmp_path), **credentials)
    seen = json.loads(output.splitlines()[-1])
    assert set(seen.values()) <= {"yes", "-"}
    assert len(seen) > 10
