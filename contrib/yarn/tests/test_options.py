from __future__ import annotations

import pytest

from windlass.config import Settings
from windlass.entities import Project, ProjectEnvironment, ProjectSource
from windlass.errors import InvalidValue, Unavailable, Unsupported
from windlass_yarn.application import request
from windlass_yarn.backend import YarnProjectBackend
from windlass_yarn.options import YarnOptions
from windlass_yarn.web_hdfs import StagedFile

_PLACES = {"resource_manager": "http://rm.example:8088/", "webhdfs": "http://names.example:9870"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("resource_manager", "rm:8088"), ("resource_manager", "http://me:pass@rm:8088"), ("webhdfs", "hdfs://n:8020"),
        ("webhdfs", None), ("resource_manager", "http://h:x"), ("memory", "much"), ("memory", 0), ("memory", True),
        ("memory", "4 PiB"), ("num_cores", 0), ("num_cores", "two"), ("num_cores", 1.5), ("max_attempts", -1),
        ("queue", "a b"), ("user", "../root"), ("staging", "relative"), ("staging", "/a/$(id)"), ("staging", "/a/../b"),
        ("hadoop_file_systems", ["hdfs://a", "hdfs://b"]), ("classpath", "`id`"), ("classpath", 'a"b'),
        ("node_label", 3), ("variables", "HOME"), ("variables", ["A B"]),
        ("variables", {"TOKEN": "pass"}),
    ],
)  # fmt: skip
def test_a_bad_option_is_refused_by_its_name(name, value):
    with pytest.raises(InvalidValue, match=name) as caught:
        YarnOptions.parse({**_PLACES, name: value})
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "mebibytes"), [(512, 512), ("512", 512), ("2 GiB", 2048), ("4g", 4096), ("100 MB", 100)]
)
def test_memory_may_have_a_unit(text, mebibytes):
    assert YarnOptions.parse({**_PLACES, "memory": text}).memory == mebibytes


def test_the_application_asks_for_what_the_options_say():
    options = YarnOptions.parse(
        {**_PLACES, "user": "me", "memory": "2 GiB", "num_cores": 3, "queue": "root.ml", "node_label": "gpu",
         "max_attempts": 2, "name": "training"}
    )  # fmt: skip
    body = request("application_1_2", StagedFile("/user/me/x", 12, 34), run_id="abc", options=options)
    variables = {one["key"]: one["value"] for one in body["am-container-spec"]["environment"]["entry"]}
    assert (body["application-name"], body["queue"], body["max-app-attempts"]) == ("training", "root.ml", 2)
    assert body["app-node-label-expression"] == "gpu"
    assert "--container_memory 2048 --container_vcores 3 " in body["am-container-spec"]["commands"]["command"]
    assert variables["DISTRIBUTEDSHELLSCRIPTLOCATION"] == "webhdfs://names.example:9870/user/me/x"
    assert (variables["DISTRIBUTEDSHELLSCRIPTLEN"], variables["DISTRIBUTEDSHELLSCRIPTTIMESTAMP"]) == ("12", "34")


def test_nodes_may_call_the_file_system_otherwise_and_files_have_a_place_of_their_user():
    options = YarnOptions.parse({**_PLACES, "user": "me", "hadoop_file_systems": ["hdfs://names.example:8020"]})
    body = request("a", StagedFile(f"{options.staging}/x", 1, 2), run_id="abc", options=options)
    variables = {one["key"]: one["value"] for one in body["am-container-spec"]["environment"]["entry"]}
    assert variables["DISTRIBUTEDSHELLSCRIPTLOCATION"] == "hdfs://names.example:8020/user/me/.windlass/x"
    assert body["application-name"] == "windlass abc"


@pytest.fixture
def project(tmp_path):
    def make(**environment):
        return Project(
            source=ProjectSource(uri="x"), directory=tmp_path, entry_point="main", command=("python", "main.py"),
            environment=ProjectEnvironment(**environment),
        )  # fmt: skip

    return make


def test_a_cluster_that_is_not_there_is_said_at_once(tmp_path, project):
    backend = YarnProjectBackend.open(Settings(home=tmp_path, tracking_uri="http://127.0.0.1:1"))
    with pytest.raises(Unavailable, match="ResourceManager"):
        backend.check(
            project(manager="local"), {"resource_manager": "http://127.0.0.1:1", "webhdfs": "http://127.0.0.1:1"}
        )


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"manager": "uv", "image": "busybox"}, "busybox"),
        ({"manager": "virtualenv"}, "virtualenv"),
        ({"manager": "uv", "packages": ("gdal",)}, "conda"),
    ],
)
def test_an_environment_that_nodes_cannot_make_is_refused(tmp_path, project, environment, said):
    backend = YarnProjectBackend.open(Settings(home=tmp_path, tracking_uri="http://127.0.0.1:1"))
    with pytest.raises(Unsupported, match=said):
        backend.check(project(**environment), _PLACES)


def test_runs_in_a_file_of_this_machine_are_refused_for_a_cluster_elsewhere(tmp_path, project):
    backend = YarnProjectBackend.open(Settings(home=tmp_path, tracking_uri=f"sqlite:///{tmp_path}/w.db"))
    with pytest.raises(Unsupported, match="cannot reach"):
        backend.check(project(manager="local"), _PLACES)
