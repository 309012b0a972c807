"""Addresses, keys, archives, and what answers inside TorchServe."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import windlass.pyfunc

from windlass.config import Settings
from windlass.errors import InvalidValue
from windlass.interfaces import DeploymentRecord
from windlass.plugins import Kind, get_plugin_manager
from windlass_torchserve.address import Address
from windlass_torchserve.archive import ModelStore
from windlass_torchserve.handler import WindlassHandler
from windlass_torchserve.keys import INFERENCE, MANAGEMENT, Keys


@pytest.mark.parametrize(
    ("target", "inference", "management"),
    [
        ("torchserve:/?model_store=/s", "http://127.0.0.1:8080", "http://127.0.0.1:8081"),
        ("torchserve:/http://h:1/?model_store=/s", "http://h:1", "http://h:8081"),
        ("torchserve:/https://h/a?model_store=/s&management=https://m:7/b/", "https://h/a", "https://m:7/b"),
        ("torchserve:/http://[::1]:1?model_store=/s", "http://[::1]:1", "http://[::1]:8081"),
    ],
)
def test_a_target_names_both_interfaces_and_the_model_store(target, inference, management):
    found = Address.parse(target)
    assert (found.inference, found.management, found.model_store) == (inference, management, Path("/s"))


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("torchserve", "names no model store"),
        ("torchserve:/http://u:secret@h:1", "names no model store"),
        ("torchserve:/ftp://h?model_store=/s", "has no URL"),
        ("torchserve:/http://h?model_store=/s&management=h:1", "has no URL"),
        ("torchserve:/http://h?model_store=/s&colour=red", "colour"),
    ],
)
def test_a_target_that_cannot_be_meant_is_refused(target, told):
    with pytest.raises(InvalidValue, match=told) as caught:
        Address.parse(target)
    assert "secret" not in str(caught.value)


def test_it_is_found_by_its_name():
    assert "torchserve" in get_plugin_manager().names(Kind.DEPLOYMENT_TARGET)


def write_keys(file, **expiry):
    keys = {name: {"key": f"{name}-key"} for name in (MANAGEMENT, INFERENCE)} | {"API": {"key": "master"}}
    for name, time in expiry.items():
        keys[name]["expiration time"] = time.isoformat().replace("+00:00", "000Z")
    file.write_text(json.dumps(keys))


def test_keys_come_from_settings_or_from_the_file_of_the_target(tmp_path):
    settings = Settings(torchserve_management_key="m")
    keys = Keys.of(settings, None, renew=pytest.fail)
    assert keys.headers(MANAGEMENT) == {"authorization": "Bearer m"}
    assert keys.headers(INFERENCE) == {}
    write_keys(tmp_path / "keys.json")
    keys = Keys.of(settings, str(tmp_path / "keys.json"), renew=pytest.fail)
    assert keys.headers(MANAGEMENT) == {"authorization": "Bearer management-key"}


def test_a_key_is_renewed_when_it_expires(tmp_path):
    file, now = tmp_path / "keys.json", datetime.now(UTC)
    renewed = []

    def renew(name, master):
        renewed.append((name, master))
        write_keys(file, inference=now + timedelta(hours=1))

    write_keys(file, inference=now + timedelta(hours=1), management=now + timedelta(hours=1))
    keys = Keys.of(Settings(torchserve_key_file=str(file)), None, renew=renew)
    assert keys.headers(INFERENCE) == {"authorization": "Bearer inference-key"}
    assert renewed == []
    write_keys(file, inference=now - timedelta(hours=1))
    assert keys.headers(INFERENCE) == {"authorization": "Bearer inference-key"}
    assert renewed == [("inference", "master")]


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_file_of_keys_that_cannot_be_used_is_named(tmp_path, content):
    if content is not None:
        (tmp_path / "keys.json").write_text(content)
    with pytest.raises(InvalidValue, match="torchserve_key_file") as caught:
        Keys.of(Settings(), str(tmp_path / "keys.json"), renew=pytest.fail).headers(MANAGEMENT)
    assert f"{tmp_path}/keys.json must be the key_file.json" in caught.value.hint


@pytest.fixture
def record(request_for):
    return DeploymentRecord.new(request_for(), allow_pickle="owned")


def test_archives_are_numbered_and_read_back(model_store, record, tmp_path):
    store = ModelStore(model_store)
    (model_store / "one.1.windlass.mar").write_bytes(b"half an archive")
    (model_store / "one.mar").write_bytes(b"others'")
    first, second = (store.add(record, tmp_path / "model") for _ in range(2))
    assert (first.version, second.version) == (2, 3)
    assert store.archives("one") == [first, second]
    assert store.add(record, tmp_path / "model", above=7).version == 8
    assert store.names() == ["one"]
    assert (model_store / "one.mar").exists()


class Context(SimpleNamespace):
    """What TorchServe gives a handler."""

    def get_all_request_header(self, number):
        return {"body": {"content-type": self.media_types[number]}}

    def set_response_content_type(self, number, value):
        self.told[number] = value

    def set_response_status(self, code, phrase, number):
        self.statuses[number] = code


@pytest.fixture
def context(model_store, record, tmp_path):
    """The files of an archive, as TorchServe unpacks it."""
    archive = ModelStore(model_store).add(record, tmp_path / "model")
    with zipfile.ZipFile(archive.file) as packed:
        packed.extractall(tmp_path / "unpacked")
    manifest = json.loads((tmp_path / "unpacked" / "MAR-INF" / "MANIFEST.json").read_text())
    assert (tmp_path / "unpacked" / manifest["model"]["handler"]).exists()
    return Context(system_properties={"model_dir": str(tmp_path / "unpacked")}, told={}, statuses={}, media_types=[])


def test_each_request_of_a_batch_is_answered_for_itself(context):
    handler = WindlassHandler()
    handler.initialize(context)
    batch = [{"body": {"inputs": [1, 2]}}, {"body": b'{"inputs": [3]}'}, {"body": "{"}, {"body": b"x"}, {}]
    context.media_types = ["application/json"] * 3 + ["image/png", "application/json"]
    answers = [json.loads(one) for one in handler.handle(batch, context)]
    assert answers[:2] == [{"predictions": [1, 2]}, {"predictions": [3]}]
    assert context.statuses == {2: 400, 3: 415, 4: 400}
    assert answers[3]["error_code"] == "UNSUPPORTED_MEDIA_TYPE"
    assert set(context.told.values()) == {"application/json"}


def test_a_model_that_fails_is_an_error_of_the_server(context, tmp_path):
    def fails(model_input):
        raise RuntimeError("no")

    windlass.pyfunc.save_model(tmp_path / "bad", python_model=fails)
    model = tmp_path / "unpacked" / "model"
    model.rename(tmp_path / "away")
    (tmp_path / "bad").rename(model)
    handler = WindlassHandler()
    handler.initialize(context)
    context.media_types = ["application/json"]
    (answer,) = handler.handle([{"body": {"inputs": [1]}}], context)
    assert "the model failed" in json.loads(answer)["message"]
    assert context.statuses == {0: 500}


def test_a_model_that_cannot_be_loaded_is_the_error_that_torchserve_understands(context, tmp_path):
    (tmp_path / "unpacked" / "model" / "MLmodel").write_text("flavors: {}\n")
    with pytest.raises(RuntimeError, match="could not be loaded"):
        WindlassHandler().initialize(context)
