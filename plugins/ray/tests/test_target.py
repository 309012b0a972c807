"""What the target says without a cluster, and of one that goes away."""

from __future__ import annotations

import pytest

from windlass.config import Settings
from windlass.errors import AlreadyExists, InvalidValue, NotFound, Unavailable, WindlassError
from windlass.interfaces import DeploymentRequest
from windlass.sockets import listen
from windlass_ray.serve.target import RayDeploymentTarget


@pytest.fixture
def request_for(tmp_path):
    model = tmp_path / "model"
    model.mkdir()
    (model / "MLmodel").write_text("flavors: {}\n")

    def make(**config):
        return DeploymentRequest(
            name="fraud", model_uri="models:/m/1", resolved_uri="models:/m/1", model_path=model, config=config
        )

    return make


def opened(target, tmp_path, **settings):
    return RayDeploymentTarget.open(target, Settings(home=tmp_path / "home", ray_timeout=2.0, **settings))


def test_the_settings_name_the_cluster_where_the_target_does_not(tmp_path):
    for one in (opened("ray", tmp_path, ray_address="http://h:1"), opened("ray:/http://h:1/", tmp_path)):
        assert one.address("ray") == "ray:/http://h:1"
    with pytest.raises(InvalidValue, match="target"):
        opened("ray", tmp_path)


def test_a_cluster_that_is_not_there_is_said_for_every_command(tmp_path, request_for):
    with listen("127.0.0.1", 0) as sock:
        target = opened(f"ray:/http://127.0.0.1:{sock.getsockname()[1]}", tmp_path)
    for call in (
        lambda: target.create(request_for()), lambda: target.update(request_for()), lambda: target.delete("fraud"),
        lambda: target.get("fraud"), target.list, lambda: target.predict("fraud", {}),
    ):  # fmt: skip
        with pytest.raises(Unavailable, match="cannot be reached"):
            call()


def test_options_are_checked_before_the_cluster_is_asked(tmp_path, request_for):
    target = opened("ray:/http://127.0.0.1:1", tmp_path)
    with pytest.raises(InvalidValue, match="num_replicas"):
        target.create(request_for(num_replicas="none"))


def test_a_cluster_that_goes_away_after_the_upload_leaves_no_files_in_the_storage(tmp_path, request_for, answering):
    def answer(method, path, body):
        return (503, b"gone") if method == "PUT" else (200, {"applications": {}, "proxies": {}})

    target = opened(f"ray:/{answering(answer).url}", tmp_path)
    with pytest.raises(WindlassError, match="gone"):
        target.create(request_for(storage=str(tmp_path / "shared")))
    assert [one for one in (tmp_path / "shared").rglob("*") if one.is_file()] == []


def test_an_application_of_others_is_neither_taken_nor_shown(tmp_path, request_for, answering):
    config = {"name": "fraud", "import_path": "their.code:app", "args": {}}
    shown = {"status": "RUNNING", "message": "", "route_prefix": "/", "deployed_app_config": config, "deployments": {}}
    server = answering(lambda *_: (200, {"applications": {"fraud": shown}, "proxies": {}}))
    target = opened(f"ray:/{server.url}", tmp_path)
    assert target.list() == []
    with pytest.raises(AlreadyExists, match="another application 'fraud'"):
        target.create(request_for())
    with pytest.raises(NotFound):
        target.update(request_for())
    target.delete("fraud")
    assert {method for method, *_ in server.requests} == {"GET"}
