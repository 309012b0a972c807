from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from windlass.config import Settings
from windlass_yarn.container import Container, find_container, likely_container
from windlass_yarn.options import YarnOptions
from windlass_yarn.resource_manager import ResourceManager

_APP = "application_17_0003"
_MASTER = {"id": 2, "containerId": "container_17_0003_02_000001", "nodeHttpAddress": "n1:8042"}


@pytest.fixture
def manager(answering):
    """A ResourceManager that has these attempts, and these containers of the second."""

    def make(attempts, containers):
        told = {
            f"/ws/v1/cluster/apps/{_APP}/appattempts": attempts,
            f"/ws/v1/cluster/apps/{_APP}/appattempts/appattempt_17_0003_000002/containers": containers,
        }

        def answer(_method, path, _body):
            found = told.get(urlsplit(path).path, 404)
            return (404, b"{}") if found == 404 else (200, json.dumps(found).encode())

        options = {"resource_manager": answering(answer), "webhdfs": "http://127.0.0.1:1"}
        return ResourceManager.open(YarnOptions.parse(options), Settings())

    return make


def test_the_newest_container_of_the_latest_attempt_is_followed_and_not_its_master(manager):
    containers = [
        {"containerId": f"container_17_0003_02_00000{number}", "nodeHttpAddress": f"http://n{number}:8042"}
        for number in (3, 1, 2)
    ]
    made = manager({"appAttempts": {"appAttempt": [_MASTER, {"id": 1}]}}, {"container": containers})
    assert find_container(made, _APP) == Container("container_17_0003_02_000003", "http://n3:8042")


@pytest.mark.parametrize(
    ("attempts", "containers"),
    [
        ({"appAttempts": {}}, None),
        ({"appAttempts": {"appAttempt": [_MASTER]}}, None),
        ({"appAttempts": {"appAttempt": [_MASTER]}}, {"containers": None}),
        ({"appAttempts": {"appAttempt": [_MASTER]}}, {"container": {"containerId": _MASTER["containerId"]}}),
    ],
)
def test_an_application_may_have_no_container_yet(manager, attempts, containers):
    assert find_container(manager(attempts, containers), _APP) is None


def test_of_a_command_too_quick_to_be_seen_the_container_is_guessed(manager):
    made = manager({"appAttempts": {"appAttempt": [_MASTER]}}, None)
    assert likely_container(made, _APP) == Container("container_17_0003_02_000002", "http://n1:8042")
    assert likely_container(manager({"appAttempts": None}, None), _APP) is None
