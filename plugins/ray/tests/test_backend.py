"""What the backend refuses before anything is made."""

from __future__ import annotations

import pytest

from windlass.config import Settings
from windlass.entities import Project, ProjectEnvironment, ProjectSource
from windlass.errors import InvalidValue, Unavailable, Unsupported
from windlass.sockets import listen
from windlass_ray.jobs.backend import RayProjectBackend


@pytest.fixture
def project(tmp_path):
    def make(**fields):
        directory = tmp_path / "fetched" / "source" / "code"
        directory.mkdir(parents=True, exist_ok=True)
        without = {"command": ("python", "main.py"), "environment": ProjectEnvironment(manager="local")}
        return Project(source=ProjectSource(uri="x"), directory=directory, entry_point="main", **{**without, **fields})

    return make


@pytest.fixture
def backend(tmp_path):
    return RayProjectBackend.open(Settings(home=tmp_path / "home", tracking_uri="http://127.0.0.1:1", ray_timeout=0.5))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("address", "auto"), ("num_cpus", -1), ("num_cpus", True), ("num_gpus", "many"), ("memory", "1GB"),
        ("grace", -1),
        ("resources", ["a"]), ("resources", {"a": "b"}), ("variables", "HOME"), ("variables", ["A B"]), ("no_such", 1),
    ],
)  # fmt: skip
def test_a_bad_option_is_refused_by_its_name(backend, project, name, value):
    with pytest.raises(InvalidValue) as caught:
        backend.check(project(), {"address": "http://127.0.0.1:1", name: value})
    assert name in str(caught.value)


def test_without_an_address_it_says_where_one_goes(backend, project):
    with pytest.raises(InvalidValue) as caught:
        backend.check(project(), {})
    assert "WINDLASS_RAY_ADDRESS" in caught.value.hint


def test_a_cluster_that_is_not_there_is_said_at_once(backend, project):
    with listen("127.0.0.1", 0) as sock:
        address = f"http://127.0.0.1:{sock.getsockname()[1]}"
    with pytest.raises(Unavailable, match="cannot be reached"):
        backend.check(project(), {"address": address})


def test_runs_in_a_file_of_this_machine_are_refused_for_a_cluster_elsewhere(project, tmp_path):
    backend = RayProjectBackend.open(Settings(home=tmp_path, tracking_uri=f"sqlite:///{tmp_path}/w.db"))
    with pytest.raises(Unsupported, match="cannot reach") as caught:
        backend.check(project(), {"address": "http://10.255.255.1:8265"})
    assert "windlass server" in caught.value.hint


def test_a_container_is_refused(backend, project):
    with pytest.raises(Unsupported, match="busybox"):
        backend.check(
            project(environment=ProjectEnvironment(manager="uv", image="busybox")), {"address": "http://127.0.0.1:1"}
        )
