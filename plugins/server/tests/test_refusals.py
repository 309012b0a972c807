"""What the server refuses: always as JSON, never with anything of the inside."""

from __future__ import annotations

import logging
import threading

import pytest

from windlass.errors import InvalidValue, Unavailable
from windlass_server.cli import server_settings


def refused(answer, status, error_code):
    assert (answer.status, answer.json["error_code"]) == (status, error_code), answer.body
    assert answer.headers["content-type"].startswith("application/json")
    assert "Traceback" not in answer.json["message"]
    return answer.json


@pytest.mark.parametrize(
    "path", ["/api/2.0/mlflow/none", "/api/2.1/mlflow/runs/get", "/nowhere", "/api", "/%00", "/a/../b"]
)
def test_an_unknown_path_is_not_found(api, path):
    refused(api.send("GET", path), 404, "ENDPOINT_NOT_FOUND")


def test_a_wrong_method_names_the_right_ones(api):
    answer = api.send("DELETE", "/api/2.0/mlflow/runs/create")
    refused(answer, 405, "BAD_REQUEST")
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize("body", ["[]", "nonsense", '"x"', "[" * 50_000, "{}x", "3"])
def test_a_body_that_is_no_object_is_refused(api, body):
    refused(api.ask("POST", "/runs/create", body), 400, "INVALID_PARAMETER_VALUE")


def test_what_is_wrong_is_said_with_field_value_and_limit(api):
    values = {"run_id": "r", "key": "k", "value": 1, "timestamp": 2**63}
    found = refused(api.ask("POST", "/runs/log-metric", values), 400, "INVALID_PARAMETER_VALUE")
    assert found["code"] == "invalid_value"
    assert found["details"] == {"field": "timestamp", "value": str(2**63), "limit": "-2^63 … 2^63-1"}


def test_a_missing_run_is_not_found(api):
    found = refused(api.ask("GET", "/runs/get", {"run_id": "0" * 32}), 404, "RESOURCE_DOES_NOT_EXIST")
    assert found["code"] == "not_found"


def test_a_body_that_is_too_large_is_refused(api):
    body = b" " * (64 * 1024 * 1024 + 1)
    refused(api.send("POST", "/api/2.0/mlflow/runs/log-batch", body), 413, "BAD_REQUEST")


def test_a_bug_tells_the_client_nothing(api, workspace, monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise KeyError("secret of the inside")

    monkeypatch.setattr(workspace.runs, "get", broken)
    with caplog.at_level(logging.CRITICAL):
        answer = api.ask("GET", "/runs/get", {"run_id": "r"})
    refused(answer, 500, "INTERNAL_ERROR")
    assert b"secret" not in answer.body
    assert b"KeyError" not in answer.body


def test_a_busy_store_says_when_to_come_back(api, workspace, monkeypatch):
    def busy(*args, **kwargs):
        raise Unavailable("the store is busy", retry_after=2.4)

    monkeypatch.setattr(workspace.runs, "get", busy)
    answer = api.ask("GET", "/runs/get", {"run_id": "r"})
    refused(answer, 503, "TEMPORARILY_UNAVAILABLE")
    assert answer.headers["retry-after"] == "2"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:5000", "8.8.8.8", "[2001:4860:4860::8888]:80", "localhost.evil.example"]
)
def test_a_foreign_host_is_turned_away(api, host):
    found = refused(api.send("GET", "/api/2.0/mlflow/experiments/search", Host=host), 403, "PERMISSION_DENIED")
    assert "--allowed-hosts" in found["hint"]


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "127.0.0.1:99", "[::1]:5000", "10.1.2.3", "192.168.0.7:80", "172.20.0.2"]
)
def test_local_and_private_hosts_are_served(api, host):
    assert api.send("GET", "/api/2.0/mlflow/experiments/search", Host=host).status == 200


def test_probes_need_no_host(api):
    assert api.send("GET", "/health", Host="evil.example").body == b"OK"


def test_a_foreign_page_may_read_but_not_change(api):
    path = "/api/2.0/mlflow/experiments/create"
    found = refused(api.send("POST", path, '{"name": "x"}', Origin="https://evil.example"), 403, "PERMISSION_DENIED")
    assert "evil.example" in found["message"]
    refused(api.send("POST", path, '{"name": "x"}', Origin="null"), 403, "PERMISSION_DENIED")
    assert api.send("GET", "/api/2.0/mlflow/experiments/search", Origin="https://evil.example").status == 200
    own = f"http://127.0.0.1:{api.port}"
    assert api.send("POST", path, '{"name": "from our own page"}', Origin=own).status == 200


def test_a_slow_request_does_not_hold_up_others(api, connect, workspace, monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(workspace.runs, "delete", lambda run_id: release.wait(20))
    slow = threading.Thread(target=connect(api.port).ask, args=("POST", "/runs/delete", {"run_id": "r"}))
    slow.start()
    try:
        assert api.ask("GET", "/experiments/get", {"experiment_id": "0"}).status == 200
        assert slow.is_alive()
    finally:
        release.set()
        slow.join()


def test_a_server_in_front_of_a_server_is_refused(settings):
    with pytest.raises(InvalidValue, match="server itself"):
        server_settings(settings, backend_store_uri="http://localhost:5000")
