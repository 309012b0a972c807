"""Local deployments: what the suite for all targets does not know about."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import windlass.pyfunc

from windlass.config import Settings
from windlass.entities import DeploymentStatus
from windlass.errors import AlreadyExists, InvalidValue, Unavailable
from windlass.interfaces import DeploymentRequest
from windlass.sockets import listen
from windlass_serving.local import LocalDeploymentTarget
from windlass_serving.local_state import LocalState
from windlass_serving.os_process import OsProcess


@pytest.fixture
def target(tmp_path):
    """A target whose deployments end with the test."""
    target = LocalDeploymentTarget.open("local", Settings(home=tmp_path / "home"))
    yield target
    for deployment in target.list():
        target.delete(deployment.name)


@pytest.fixture
def request_for(saved):
    """A request to deploy a function that multiplies."""

    def make(name="one", factor=2, uri="models:/m/1", **config):
        path = saved(lambda model_input: [factor * value for value in model_input], f"times-{factor}-{time.time_ns()}")
        return DeploymentRequest(name=name, model_uri=uri, resolved_uri=uri, model_path=path, config=config)

    return make


def free_port():
    with listen("127.0.0.1", 0) as sock:
        return sock.getsockname()[1]


def ask(deployment, value=1):
    host, _, port = deployment.url.removeprefix("http://").partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    try:
        connection.request("POST", "/invocations", json.dumps({"inputs": [value]}))
        return json.loads(connection.getresponse().read())["predictions"][0]
    finally:
        connection.close()


def state_of(target, name="one"):
    return LocalState.read(target._root / name)


def test_no_request_fails_while_a_model_is_replaced(target, request_for):
    made = target.create(request_for(factor=2))
    seen, failures, stop = [], [], threading.Event()

    def keep_asking(kept):
        connection = http.client.HTTPConnection("127.0.0.1", int(made.url.rpartition(":")[2]), timeout=10)
        while not stop.is_set():
            try:
                if not kept:
                    connection.close()
                connection.request("POST", "/invocations", '{"inputs": [1]}')
                seen.append(json.loads(connection.getresponse().read())["predictions"][0])
            except Exception as error:  # noqa: BLE001
                failures.append(repr(error))
        connection.close()

    askers = [threading.Thread(target=keep_asking, args=(kept,)) for kept in (False, False, True)]
    for asker in askers:
        asker.start()
    time.sleep(0.3)
    for factor in (3, 4):
        updated = target.update(request_for(factor=factor))
        assert updated.url == made.url
        assert ask(updated) == factor
    stop.set()
    for asker in askers:
        asker.join(10)
    assert failures == []
    assert set(seen) == {2, 3, 4}
    assert sorted(seen[-3:]) == [4, 4, 4]


def test_a_port_that_is_given_is_used_and_one_in_use_is_refused(target, request_for):
    port = free_port()
    made = target.create(request_for(port=str(port)))
    assert made.url == f"http://127.0.0.1:{port}"
    with pytest.raises(Unavailable, match="in use"):
        target.create(request_for("two", port=str(port)))
    assert [one.name for one in target.list()] == ["one"]


def test_a_server_that_was_killed_is_stopped_and_starts_again_where_it_was(target, request_for):
    made = target.create(request_for())
    os.kill(state_of(target).pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while target.get("one").status != DeploymentStatus.STOPPED and time.monotonic() < deadline:
        time.sleep(0.02)
    assert target.get("one").status == target.list()[0].status == DeploymentStatus.STOPPED
    with pytest.raises(Unavailable, match="not running"):
        target.predict("one", {"inputs": [1]})
    again = target.update(request_for(factor=5))
    assert (again.url, again.status, ask(again)) == (made.url, DeploymentStatus.READY, 5)


def test_another_process_with_the_number_is_never_touched(target, request_for):
    target.create(request_for())
    state = state_of(target)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        try:
            replace(state, pid=other.pid).write(target._root / "one")
            assert target.get("one").status == DeploymentStatus.STOPPED
            target.delete("one")
            assert other.poll() is None
        finally:
            other.kill()
            OsProcess(state.pid, state.born).stop(5)


def test_of_two_creations_at_once_one_wins(target, request_for):
    requests = [request_for(factor=2), request_for(factor=3)]

    def create(request):
        try:
            return target.create(request)
        except AlreadyExists:
            return None

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(create, requests))
    assert [one is None for one in made].count(True) == 1
    assert len(target.list()) == 1


def test_several_workers_serve_and_leave_together(target, request_for):
    made = target.create(request_for(workers="2"))
    assert {ask(made) for _ in range(10)} == {2}
    updated = target.update(request_for(factor=3, workers="2"))
    assert {ask(updated) for _ in range(10)} == {3}
    group = state_of(target).pid
    target.delete("one")
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            break
        time.sleep(0.02)
    else:
        pytest.fail("a worker is still there")


def test_a_deployment_outlives_who_made_it(target, request_for, tmp_path):
    request = request_for()
    script = (
        "import sys; from pathlib import Path; from windlass.config import Settings\n"
        "from windlass.interfaces import DeploymentRequest\n"
        "from windlass_serving.local import LocalDeploymentTarget\n"
        "target = LocalDeploymentTarget.open('local', Settings(home=Path(sys.argv[1])))\n"
        "uri = 'models:/m/1'\n"
        "request = DeploymentRequest(name='one', model_uri=uri, resolved_uri=uri, model_path=Path(sys.argv[2]))\n"
        "print(target.create(request).url)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "home"), str(request.model_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert target.get("one").url == done.stdout.strip()
    assert ask(target.get("one")) == 2


def test_a_strangers_pickle_is_not_deployed(target, request_for):
    with pytest.raises(Unavailable, match="WINDLASS_ALLOW_PICKLE"):
        target.create(request_for(uri="/somewhere/on/disk"))
    assert not (target._root / "one").exists()


def test_a_failure_shows_the_end_of_the_log(target, saved):
    path = saved(lambda model_input: model_input)
    (path / "python_model.pkl").write_bytes(b"no pickle")
    (path / "SHA256SUMS").unlink()
    with pytest.raises(Unavailable, match="is no pickle"):
        target.create(
            DeploymentRequest(name="one", model_uri="models:/m/1", resolved_uri="models:/m/1", model_path=path)
        )


@pytest.mark.timeout(40)
def test_a_model_that_never_loads_is_given_up_in_time(target, saved, tmp_path):
    class Slow(windlass.pyfunc.PythonModel):
        def load_context(self, context):
            import time

            if "home" in context.artifacts["marker"]:
                time.sleep(60)

        def predict(self, context, model_input):
            return model_input

    (tmp_path / "marker").write_text("x")
    path = saved(Slow(), artifacts={"marker": str(tmp_path / "marker")})
    request = DeploymentRequest(
        name="one", model_uri="models:/m/1", resolved_uri="models:/m/1", model_path=path, config={"timeout": "1"}
    )
    with pytest.raises(Unavailable, match="did not answer within 1 seconds"):
        target.create(request)
    assert target.list() == []


@pytest.mark.parametrize(
    "config",
    [
        {"port": "x"},
        {"port": "70000"},
        {"workers": "0"},
        {"timeout": "-1"},
        {"timeout": "nan"},
        {"host": ""},
        {"colour": "red"},
    ],
)
def test_options_are_checked_before_anything_is_made(config, target, request_for):
    with pytest.raises(InvalidValue, match=next(iter(config))):
        target.create(request_for(**config))
    assert not target._root.exists()


@pytest.mark.parametrize("name", ["-a", ".a", "a b", "a" * 64, "ä", "a\n"])
def test_names_are_plain(name, target, request_for):
    with pytest.raises(InvalidValue):
        target.create(request_for(name))


def test_the_target_has_no_parts():
    with pytest.raises(InvalidValue, match="write just: local"):
        LocalDeploymentTarget.open("local:/there", Settings())


def test_a_creation_that_was_cut_off_does_not_block_its_name(target, request_for):
    target.create(request_for())
    state = replace(state_of(target), status=str(DeploymentStatus.CREATING))
    state.write(target._root / "one")
    assert ask(target.create(request_for(factor=7))) == 7
    assert not state.process.is_alive


def test_the_socket_is_closed_when_the_deployment_is_gone(target, request_for):
    made = target.create(request_for())
    target.delete("one")
    with socket.socket() as sock:
        assert sock.connect_ex(("127.0.0.1", int(made.url.rpartition(":")[2]))) != 0
