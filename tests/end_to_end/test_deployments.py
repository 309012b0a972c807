"""Deployments through a server: who did what is kept there, webhooks are told, and nobody sees what is not theirs."""

from __future__ import annotations

import http.client
import json
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import windlass.pyfunc
import windlass.sklearn
from sklearn.linear_model import LinearRegression

import windlass
from windlass.config import Settings
from windlass.entities import DeploymentStatus
from windlass.errors import NotFound, Unavailable
from windlass.services.workspace import Workspace
from windlass.testing.model_life import log_failing_model
from windlass_server.app import create_app
from windlass_server.background import BackgroundServer
from windlass_server.cli import server_settings

RATE = 100


@pytest.fixture
def server(tmp_path):
    """A server with a database of its own."""
    settings = server_settings(
        Settings(home=tmp_path / "server", tracking_uri=f"sqlite:///{tmp_path}/runs.db"), artifacts_destination=None
    )
    with BackgroundServer(create_app(settings)) as running:
        yield running


@pytest.fixture
def versions(server, tmp_path, monkeypatch):
    """Two versions of a model in the server's registry: one doubles, one trebles."""
    monkeypatch.setenv("WINDLASS_TRACKING_URI", f"http://127.0.0.1:{server.port}")
    monkeypatch.setenv("WINDLASS_HOME", str(tmp_path / "home"))
    features = [[1.0], [2.0], [3.0]]
    for factor in (2.0, 3.0):
        fitted = LinearRegression().fit(features, [factor * row[0] for row in features])
        with windlass.start_run():
            windlass.sklearn.log_model(
                fitted, name="model", registered_model_name="times", input_example=np.array([[1.0]])
            )
    yield ["models:/times/1", "models:/times/2"]
    client = windlass.deployments.get_deploy_client("local")
    for one in client.list_deployments():
        client.delete_deployment(one["name"])


def test_a_model_of_the_registry_is_created_updated_rolled_back_and_deleted(versions):
    client = windlass.deployments.get_deploy_client("local")
    in_process = [windlass.pyfunc.load_model(uri).predict(np.array([[4.0]])).tolist() for uri in versions]
    client.create_deployment("one", versions[0])
    assert client.predict("one", [[4.0]])["predictions"] == pytest.approx(in_process[0])
    client.update_deployment("one", versions[1])
    assert client.predict("one", [[4.0]])["predictions"] == pytest.approx(in_process[1])
    assert client.rollback_deployment("one")["resolved_uri"] == versions[0]
    assert client.predict("one", [[4.0]])["predictions"] == pytest.approx(in_process[0])
    client.delete_deployment("one")
    assert client.list_deployments() == []
    with Workspace.open(Settings.load()) as workspace:
        found = workspace.deployments.history("local", "one")
    assert [(one.number, one.action, one.state) for one in found] == [
        (4, "DELETE", "DONE"), (3, "ROLLBACK", "DONE"), (2, "UPDATE", "DONE"), (1, "CREATE", "DONE"),
    ]  # fmt: skip


@pytest.mark.slow
def test_no_request_of_a_hundred_a_second_fails_while_a_model_is_replaced(versions):
    client = windlass.deployments.get_deploy_client("local")
    port = int(client.create_deployment("one", versions[0])["url"].rpartition(":")[2])
    seen, failures, stop = [], [], threading.Event()

    def ask(number):
        began = time.monotonic()
        for turn in range(10_000):
            if stop.wait(max(0.0, began + (turn * 4 + number) / RATE - time.monotonic())):
                return
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            try:
                connection.request("POST", "/invocations", '{"inputs": [[4.0]]}', {"Content-Type": "application/json"})
                answer = connection.getresponse()
                seen.append(round(json.loads(answer.read())["predictions"][0], 6))
            except Exception as error:  # noqa: BLE001
                failures.append(repr(error))
            finally:
                connection.close()

    askers = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for one in askers:
        one.start()
    time.sleep(1)
    client.update_deployment("one", versions[1])
    client.rollback_deployment("one")
    stop.set()
    for one in askers:
        one.join(30)
    assert failures == []
    assert set(seen) == {8.0, 12.0}
    assert len(seen) > RATE


@pytest.mark.slow
def test_a_model_that_fails_its_own_example_is_rolled_back_and_everybody_is_told(versions, server, tmp_path):
    client = windlass.deployments.get_deploy_client("local")
    client.create_deployment("one", versions[0])
    failing = log_failing_model(tmp_path, '{"inputs": [[1.0]]}')
    with pytest.raises(Unavailable, match=r"failed its health check.*models:/times/1 was deployed again"):
        client.update_deployment("one", failing)
    present = client.get_deployment("one")
    assert (present["resolved_uri"], present["status"]) == (versions[0], DeploymentStatus.READY)
    with Workspace.open(Settings.load()) as workspace:
        newest = workspace.deployments.history("local", "one")[0]
    assert (newest.action, newest.state) == ("UPDATE", "ROLLED_BACK")
    assert "the model failed" in newest.message


@pytest.mark.slow
def test_a_change_is_ended_once_and_by_who_began_it(versions):
    with Workspace.open(Settings.load()) as workspace:
        log = workspace.deployments.log
        assert type(log).__name__ == "HttpDeploymentLog"
        windlass.deployments.get_deploy_client("local").create_deployment("one", versions[0])
        (only,) = workspace.deployments.recorded()
        assert (only.key.name, only.state, only.resolved_uri) == ("one", "DONE", versions[0])
        assert log.end(only) == only
        with pytest.raises(NotFound):
            log.end(replace(only, number=9))
