"""What is left when a step fails, and what the user is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from windlass.config import Settings
from windlass.errors import AlreadyExists, InvalidValue, Unauthenticated, Unavailable, WindlassError
from windlass.interfaces import DeploymentRequest
from windlass_torchserve.target import TorchServeTarget

GONE = "http://127.0.0.1:9"
BROKEN = (500, {"code": 500, "message": "Failed to start workers"})


def files(model_store):
    return sorted(one.name for one in model_store.iterdir())


def test_a_model_that_does_not_start_leaves_nothing(failing, target, model_store, request_for):
    failing.refusals["POST /models"] = BROKEN
    with pytest.raises(Unavailable, match=r"could not be started.*Failed to start workers") as caught:
        target.create(request_for())
    assert "log" in caught.value.hint
    assert (files(model_store), failing.models) == ([], {})


def test_workers_that_cannot_be_scaled_leave_nothing(failing, target, model_store, request_for):
    failing.refusals["PUT /models/one/1?"] = BROKEN
    with pytest.raises(Unavailable):
        target.create(request_for(min_worker="2"))
    assert (files(model_store), failing.models) == ([], {})


def test_an_update_that_cannot_become_the_default_leaves_what_was_there(failing, target, model_store, request_for):
    made = target.create(request_for())
    failing.refusals["PUT /models/one/2/set-default"] = BROKEN
    with pytest.raises(Unavailable):
        target.update(request_for(2))
    assert (files(model_store), failing.models) == (["one.1.windlass.mar"], {"one": ["1"]})
    assert target.get("one") == made


def test_an_update_answers_even_if_the_former_version_stays(failing, target, model_store, request_for):
    target.create(request_for())
    failing.refusals["DELETE /models/one/1"] = BROKEN
    assert target.update(request_for(2, drain_seconds="0")).resolved_uri == "models:/m/2"
    assert failing.defaults == {"one": "2"}
    failing.refusals.clear()
    target.update(request_for(3, drain_seconds="0"))
    assert (files(model_store), failing.models) == (["one.3.windlass.mar"], {"one": ["3"]})
    target.delete("one")
    assert (files(model_store), failing.models) == ([], {})


def test_the_former_version_goes_when_it_has_begun_all_its_requests(failing, target, request_for):
    target.create(request_for())
    failing.waiting = [1, 2, 3]
    target.update(request_for(2, drain_seconds="0"))
    assert failing.models == {"one": ["2"]}
    assert failing.waiting == []


def test_a_model_of_others_is_left_alone(failing, target, request_for):
    failing.models["one"], failing.defaults["one"] = ["1.0"], "1.0"
    with pytest.raises(AlreadyExists):
        target.create(request_for())
    target.delete("one")
    assert target.list() == []
    assert failing.models == {"one": ["1.0"]}


def test_a_deployment_that_the_server_forgot_is_stopped_and_can_be_updated(failing, target, request_for):
    target.create(request_for())
    failing.models.clear()
    failing.defaults.clear()
    assert target.get("one").status == "STOPPED"
    assert target.update(request_for(2, drain_seconds="0")).status == "READY"
    assert failing.models == {"one": ["2"]}


def test_workers_that_do_not_answer_are_being_started_or_have_failed(failing, target, request_for):
    target.create(request_for())
    failing.worker = {"status": "UNLOADING", "startTime": datetime.now(UTC).isoformat()}
    assert target.get("one").status == "CREATING"
    failing.worker = {"status": "UNLOADING", "startTime": "2026-01-01T00:00:00.123Z"}
    assert target.get("one").status == "FAILED"


def test_what_to_set_is_told_where_models_cannot_be_managed(failing, target, model_store, request_for):
    failing.refusals["POST /models"] = (405, {"code": 405, "message": "Requested method is not allowed"})
    with pytest.raises(WindlassError) as caught:
        target.create(request_for())
    assert "enable_model_api=true" in caught.value.hint
    assert files(model_store) == []


@pytest.mark.parametrize("call", ["GET /models", "POST /predictions"])
def test_what_to_set_is_told_where_a_key_is_wanted(failing, target, request_for, call):
    target.create(request_for())
    text = "Token Authorization failed. Token either incorrect, expired, or not provided correctly"
    failing.refusals[call] = (400, {"code": 400, "type": "InvalidKeyException", "message": text})
    with pytest.raises(Unauthenticated, match="expired") as caught:
        target.get("one") if call.startswith("GET") else target.predict("one", {"inputs": [1]})
    assert "WINDLASS_TORCHSERVE_KEY_FILE" in caught.value.hint


def test_a_prediction_that_never_comes_is_given_up(failing, target, request_for):
    target.create(request_for(request_timeout="0.2"))
    failing.refusals["POST /predictions"] = None
    with pytest.raises(Unavailable, match=r"did not answer within 0\.2 seconds"):
        target.predict("one", {"inputs": [1]})


def test_options_reach_the_server(failing, target, request_for):
    target.create(request_for(initial_workers="2", batch_size="4", startup_timeout="30", max_worker="3"))
    register, scale = (path for method, path, _ in failing.asked if method in {"POST", "PUT"})
    for told in ("url=one.1.windlass.mar", "initial_workers=2", "batch_size=4", "startup_timeout=30"):
        assert told in register
    assert scale == "/models/one/1?min_worker=2&max_worker=3&synchronous=true"


def test_options_that_contradict_each_other_are_refused_before_anything_is_made(target, model_store, request_for):
    with pytest.raises(InvalidValue, match="min_worker"):
        target.create(request_for(min_worker="3", max_worker="2"))
    assert files(model_store) == []


def test_a_server_that_is_not_there_leaves_nothing(model_store, request_for):
    target = TorchServeTarget.open(f"torchserve:/{GONE}?management={GONE}&model_store={model_store}", Settings())
    with pytest.raises(Unavailable, match="cannot be reached"):
        target.create(request_for())
    assert files(model_store) == []


def test_a_model_store_that_is_not_there_is_named(failing, tmp_path, request_for):
    named = f"torchserve:/{failing.url}?management={failing.url}&model_store={tmp_path}/none"
    target = TorchServeTarget.open(named, Settings())
    for call in (target.list, lambda: target.create(request_for())):
        with pytest.raises(InvalidValue, match="model_store: is no directory"):
            call()


def test_a_model_that_cannot_be_read_leaves_no_archive(target, model_store, tmp_path):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "data").symlink_to(tmp_path / "nowhere")
    request = DeploymentRequest(name="one", model_uri="m", resolved_uri="m", model_path=tmp_path / "bad")
    with pytest.raises(Unavailable):
        target.create(request)
    assert files(model_store) == []
