"""Models of a registry on a real cluster: their life, changes under load, and what goes wrong."""

from __future__ import annotations

import http.client
import json
import os
import signal
import threading
import time
from urllib.parse import urlsplit

import pytest

from windlass.errors import Conflict, InvalidValue, Unavailable
from windlass.testing.services import big_service_url

PATIENCE = 120
SMALL = {"num_cpus": "0.1"}

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def url():
    return big_service_url("ray")


@pytest.fixture
def target(url):
    return f"ray:/{url}"


@pytest.fixture
def models(target):
    """Two versions of a registered scikit-learn model, and what each predicts for a sample; nothing stays deployed."""
    import numpy as np
    import windlass.sklearn
    from sklearn.linear_model import LogisticRegression

    from windlass.fluent.state import current_workspace

    sample = np.array([[0.1, 1.0], [2.0, 0.3], [3.0, 3.0], [1.5, 0.2]])
    answers = []
    for labels in ([0, 1, 0, 1], [1, 0, 1, 1]):
        model = LogisticRegression().fit(sample, labels)
        with windlass.start_run():
            windlass.sklearn.log_model(model, name="model", registered_model_name="fraud")
        answers.append({"predictions": model.predict(sample).tolist()})
    assert answers[0] != answers[1]
    service = current_workspace().deployments
    yield service, {"inputs": sample.tolist()}, answers
    for one in service.list(target):
        service.delete(target, one.name)
    assert service.list(target) == []


def test_a_registered_model_lives_from_create_to_delete_with_a_way_back(models, target, tmp_path):
    service, payload, (first, second) = models
    service.create(target, "fraud", "models:/fraud/1", config=SMALL)
    assert service.predict(target, "fraud", payload) == first
    service.update(target, "fraud", "models:/fraud/2")
    assert service.predict(target, "fraud", payload) == second
    service.rollback(target, "fraud")
    assert service.predict(target, "fraud", payload) == first
    assert service.get(target, "fraud").resolved_uri == "models:/fraud/1"
    service.delete(target, "fraud")
    service.delete(target, "fraud")
    assert service.list(target) == []


class Load:
    """Asks at a steady pace from several threads, and keeps what was answered."""

    def __init__(self, url, payload, *, rate=100, threads=10):
        self._parts = urlsplit(url)
        self._body = json.dumps(payload)
        self._pause = threads / rate
        self._end = threading.Event()
        self.answers, self.failures = [], []
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(threads)]

    def __enter__(self):
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        for one in self._threads:
            one.join(60)

    def _ask(self):
        due = time.monotonic()
        while not self._end.is_set():
            connection = http.client.HTTPConnection(self._parts.hostname, self._parts.port, timeout=60)
            try:
                connection.request(
                    "POST", f"{self._parts.path}/invocations", self._body, {"Content-Type": "application/json"}
                )
                answer = connection.getresponse()
                data = answer.read()
                kept = self.answers if answer.status == 200 else self.failures
                kept.append(json.loads(data) if answer.status == 200 else (answer.status, data[:200]))
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(error)
            finally:
                connection.close()
            due += self._pause
            time.sleep(max(0.0, due - time.monotonic()))


@pytest.mark.slow
def test_a_hundred_requests_a_second_see_no_failed_answer_during_an_update(models, target):
    service, payload, (first, second) = models
    made = service.create(target, "fraud", "models:/fraud/1", config=SMALL)
    with Load(made.url, payload) as load:
        time.sleep(3)
        service.update(target, "fraud", "models:/fraud/2")
        time.sleep(3)
    assert load.failures == []
    assert {json.dumps(one) for one in load.answers} == {json.dumps(first), json.dumps(second)}
    assert load.answers[-1] == second
    assert len(load.answers) > 300


def test_a_model_whose_process_is_killed_answers_again(models, target, url):
    """Its only copy dies, and what the cluster kept of its files must still be there for the next one."""
    service, payload, (first, _) = models
    service.create(target, "fraud", "models:/fraud/1", config=SMALL)
    os.kill(_model_process(url), signal.SIGKILL)
    assert _until_it_answers(service, target, payload) == first


def test_files_on_a_shared_directory_come_and_go_with_the_deployment(models, target, tmp_path):
    service, payload, answers = models
    shared = tmp_path / "shared"
    config = {**SMALL, "storage": str(shared)}
    service.create(target, "fraud", "models:/fraud/1", config=config)
    assert service.predict(target, "fraud", payload) == answers[0]
    service.update(target, "fraud", "models:/fraud/2")
    assert service.predict(target, "fraud", payload) == answers[1]
    assert len([one for one in shared.iterdir() if (one / "MLmodel").is_file()]) == 1
    service.delete(target, "fraud")
    assert [one for one in shared.rglob("*") if one.is_file()] == []


def test_two_deployers_of_two_machines_do_not_lose_each_others_deployment(models, target, tmp_path):
    """Each has a home of its own, and so no lock in common."""
    from windlass.config import Settings
    from windlass.interfaces import DeploymentRequest
    from windlass_ray.serve.target import RayDeploymentTarget

    service, payload, (first, _) = models
    failures = []

    def create(name):
        try:
            opened = RayDeploymentTarget.open(target, Settings(home=tmp_path / name))
            with _fetched("models:/fraud/1") as path:
                uri = "models:/fraud/1"
                opened.create(
                    DeploymentRequest(name=name, model_uri=uri, resolved_uri=uri, model_path=path, config=SMALL)
                )
        except Exception as error:  # noqa: BLE001  it is looked at below
            failures.append(error)

    threads = [threading.Thread(target=create, args=(name,)) for name in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert failures == []
    assert [(one.name, one.status) for one in service.list(target)] == [
        ("one", "READY"),
        ("three", "READY"),
        ("two", "READY"),
    ]
    for name in ("one", "two", "three"):
        assert service.predict(target, name, payload) == first


def test_a_cluster_without_room_is_given_up_in_time_and_nothing_is_left(models, target, url):
    service, payload, (first, _) = models
    with pytest.raises(Unavailable, match="within"):
        service.create(target, "fraud", "models:/fraud/1", config={"num_cpus": "9000", "timeout": "4"})
    assert service.list(target) == []
    assert _eventually_empty(url)
    service.create(target, "fraud", "models:/fraud/1", config=SMALL)
    with pytest.raises(Unavailable, match="within"):
        service.update(target, "fraud", "models:/fraud/2", config={"num_gpus": "1", "timeout": "4"})
    assert service.predict(target, "fraud", payload) == first


def test_a_route_that_is_taken_is_refused_before_anything_is_made(models, target):
    service, payload, (first, _) = models
    service.create(target, "fraud", "models:/fraud/1", config=SMALL)
    with pytest.raises(Conflict, match="'fraud' answers at /fraud"):
        service.create(target, "other", "models:/fraud/2", config={**SMALL, "route_prefix": "/fraud"})
    assert [one.name for one in service.list(target)] == ["fraud"]
    assert service.predict(target, "fraud", payload) == first


def test_what_the_scoring_server_refuses_is_refused_in_the_same_words(models, target):
    service, _, _ = models
    made = service.create(target, "fraud", "models:/fraud/1", config=SMALL)
    with pytest.raises(InvalidValue, match="exactly one of"):
        service.predict(target, "fraud", {"rows": []})
    parts = urlsplit(made.url)
    for method, path, status in (("GET", "/ping", 200), ("GET", "/nowhere", 404), ("PUT", "/invocations", 405)):
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        connection.request(method, f"{parts.path}{path}")
        answer = connection.getresponse()
        assert answer.status == status, (method, path, answer.read())
        connection.close()


def _fetched(uri):
    from windlass.fluent.state import current_workspace

    return current_workspace().artifacts.fetched(uri)


def _applications(url):
    from windlass.config import Settings
    from windlass_ray.dashboard import Dashboard

    return Dashboard.open(url, Settings()).get("/api/serve/applications/")["applications"]


def _model_process(url):
    (name,) = [name for name in _applications(url) if "--" in name]
    (replica,) = _applications(url)[name]["deployments"]["Model"]["replicas"]
    return replica["pid"]


def _until_it_answers(service, target, payload):
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            return service.predict(target, "fraud", payload)
        except Unavailable:
            assert time.monotonic() < give_up, "it does not answer any more"
            time.sleep(0.5)


def _eventually_empty(url):
    give_up = time.monotonic() + PATIENCE
    while _applications(url):
        assert time.monotonic() < give_up, "something is left"
        time.sleep(0.5)
    return True
