"""Accounts, tokens, permissions and the audit log on every database, with two servers that share it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack

import pytest

from windlass_sql.testing import new_database

PASSWORD = "correct horse battery"
API, OURS = "/api/2.0/mlflow", "/api/windlass/v1"
PATIENCE = 10.0


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def shared(request, tmp_path, start_server, monkeypatch):
    """The addresses of two servers with accounts on one database."""
    monkeypatch.setenv("WINDLASS_ADMIN_PASSWORD", PASSWORD)
    with ExitStack() as stack:
        uri = f"sqlite:///{tmp_path}/shared.db"
        if request.param != "sqlite":
            uri = stack.enter_context(new_database(request.param)).text
        servers = []
        for name in ("one", "other"):
            (tmp_path / name).mkdir()
            options = ["--auth", "--default-permission", "no_permissions"]
            servers.append(start_server(tmp_path / name, uri, options).url)
        yield servers


def basic(name):
    return "Basic " + base64.b64encode(f"{name}:{PASSWORD}".encode()).decode()


def ask(server, path, values, authorization):
    """The status of a message and the JSON of its answer."""
    headers = {"authorization": authorization, "content-type": "application/json"}
    request = urllib.request.Request(server + path, json.dumps(values).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def do(server, path, values, authorization):
    status, answer = ask(server, path, values, authorization)
    assert status == 200, answer
    return answer


def until(status, *arguments):
    """Ask until the answer has the status: servers learn in seconds what another one was told."""
    give_up = time.monotonic() + PATIENCE
    while (seen := ask(*arguments)[0]) != status:
        assert time.monotonic() < give_up, seen
        time.sleep(0.1)


def test_what_one_server_is_told_holds_at_the_other(shared):
    one, other = shared
    admin, ann = basic("admin"), basic("ann")
    do(one, f"{API}/users/create", {"username": "ann", "password": PASSWORD}, admin)
    experiment = do(one, f"{API}/experiments/create", {"name": "secret"}, admin)["experiment_id"]
    create = (other, f"{API}/runs/create", {"experiment_id": experiment})
    time.sleep(0.3)
    assert ask(*create, ann)[0] == 403

    grant = {"username": "ann", "resource_type": "experiment", "resource": experiment, "permission": "EDIT"}
    number = do(one, f"{OURS}/grants/create", grant, admin)["grant"]["id"]
    until(200, *create, ann)
    token = "Bearer " + do(other, f"{OURS}/tokens/create", {"name": "job", "read_only": True}, ann)["token"]
    time.sleep(0.3)
    assert ask(one, f"{API}/runs/search", {"experiment_ids": [experiment]}, token)[0] == 200
    assert ask(*create, token)[0] == 403

    do(other, f"{OURS}/grants/delete", {"id": number}, admin)
    until(403, *create, ann)
    status, again = ask(one, f"{API}/users/create", {"username": "ann", "password": PASSWORD}, admin)
    assert (status, again["error_code"]) == (400, "RESOURCE_ALREADY_EXISTS")

    auditor = {**os.environ, "MLFLOW_TRACKING_USERNAME": "admin", "MLFLOW_TRACKING_PASSWORD": PASSWORD}
    command = [sys.executable, "-m", "windlass", "--tracking-uri", other, "audit", "--verify"]
    checked = subprocess.run(command, env=auditor, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stderr
