"""The list of applications, against a server that keeps it as Serve does: read and written as a whole."""

from __future__ import annotations

import json
import threading

import pytest

from windlass.errors import Conflict, Unavailable
from windlass_ray.serve.applications import RUNNING, Applications, Change, Served

_PATH = "/api/serve/applications/"


class ListServer:
    """Keeps the list; what is in it runs at once. `before_write` may do something between a reading and a writing."""

    def __init__(self):
        self.applications = {}
        self.general = {"proxy_location": "HeadOnly", "http_options": {"host": "127.0.0.1", "port": 8000}}
        self.written = []
        self.after_write = lambda: None

    def answer(self, method, path, body):
        if method == "PUT":
            self.written.append(json.loads(body))
            self.applications = {one["name"]: one for one in self.written[-1]["applications"]}
            self.after_write()
            return 200, b""
        shown = {
            name: {
                "status": "RUNNING",
                "message": "",
                "route_prefix": one.get("route_prefix"),
                "deployed_app_config": one,
                "deployments": {},
            }
            for name, one in self.applications.items()
        }
        return 200, {**self.general, "applications": shown, "proxies": {}}


@pytest.fixture
def served():
    return ListServer()


@pytest.fixture
def applications(served, answering, dashboard_at, tmp_path):
    return Applications(dashboard_at(answering(served.answer).url, ray_timeout=5.0), tmp_path / "locks")


def app(name, **fields):
    return {"name": name, "import_path": "code:app", "args": {"of": name}, **fields}


def runs(name):
    return lambda served: name in served.applications and served.applications[name].status == RUNNING


def test_an_application_joins_those_that_are_there(served, applications):
    served.applications = {"others": app("others", runtime_env={"env_vars": {"KEY": "value"}})}
    applications.make_and_wait(Change(put={"ours": app("ours")}), runs("ours"), timeout=20)
    assert served.applications == {
        "others": app("others", runtime_env={"env_vars": {"KEY": "value"}}),
        "ours": app("ours"),
    }
    assert served.written[-1]["http_options"] == {"host": "127.0.0.1", "port": 8000}


def test_a_list_that_is_as_wanted_is_not_written(served, applications):
    served.applications = {"ours": app("ours")}
    applications.make(Change(put={"ours": app("ours")}, remove=frozenset({"missing"})))
    assert served.written == []


def test_what_another_machine_has_undone_is_made_again(served, applications):
    """Another deployer has read the list before we wrote it, and writes it without our application."""

    def overwrite():
        served.after_write = lambda: None
        threading.Timer(0.3, lambda: served.applications.pop("ours")).start()
        served.applications["theirs"] = app("theirs")

    served.after_write = overwrite
    applications.make_and_wait(Change(put={"ours": app("ours")}), runs("ours"), timeout=20)
    assert sorted(served.applications) == ["ours", "theirs"]
    assert len(served.written) == 2


def test_what_another_machine_has_brought_back_is_removed_again(served, applications):
    served.applications = {"ours": app("ours")}

    def overwrite():
        served.after_write = lambda: None
        threading.Timer(0.3, lambda: served.applications.update(ours=app("ours"))).start()

    served.after_write = overwrite
    gone = Change(remove=frozenset({"ours"}))
    applications.make_and_wait(gone, lambda look: "ours" not in look.applications, timeout=20)
    assert served.applications == {}


def test_many_deployers_of_one_machine_lose_nothing(served, applications):
    def deploy(name):
        applications.make(Change(put={name: app(name)}))

    threads = [threading.Thread(target=deploy, args=(f"app{number}",)) for number in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert sorted(served.applications) == sorted(f"app{number}" for number in range(12))


def test_waiting_has_an_end_which_says_what_serve_says(applications):
    with pytest.raises(Unavailable, match="within 1 seconds: ours is RUNNING"):
        applications.make_and_wait(Change(put={"ours": app("ours")}), lambda _: False, timeout=1)


def test_a_list_with_hidden_variables_is_not_written(served, applications):
    served.applications = {"others": app("others", runtime_env={"env_vars": {"KEY": "<redacted>"}})}
    with pytest.raises(Conflict, match="without loss"):
        applications.make(Change(put={"ours": app("ours")}))
    assert served.written == []


def test_what_is_going_is_not_in_the_list(served):
    from windlass_ray.serve.applications import Application

    going = Application("ours", "DELETING", "", None, app("ours"))
    imperative = Application("code", "RUNNING", "", "/code", None)
    assert Served({}, {"ours": going, "code": imperative}).listed == {}
