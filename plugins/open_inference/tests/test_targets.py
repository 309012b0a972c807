"""What the suite for all targets does not know about: addresses, servers that are gone, and what is in a repository."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import windlass.pyfunc

from windlass.config import Settings
from windlass.errors import Corrupted, InvalidValue, Unavailable
from windlass.interfaces import DeploymentRequest
from windlass.plugins import Kind, get_plugin_manager
from windlass_open_inference.address import Address
from windlass_open_inference.mlserver.target import MLServerTarget
from windlass_open_inference.target import OpenInferenceTarget
from windlass_open_inference.tensors import read_tensors, write_tensor
from windlass_open_inference.triton.target import TritonTarget

GONE = "http://127.0.0.1:9"


@pytest.fixture(params=["mlserver", "triton"])
def gone(request, tmp_path) -> OpenInferenceTarget:
    """A target whose server is not there."""
    kind = {"mlserver": MLServerTarget, "triton": TritonTarget}[request.param]
    (tmp_path / "repository").mkdir()
    return kind.open(f"{request.param}:/{GONE}?repository={tmp_path}/repository", Settings())


@pytest.fixture
def request_for(tmp_path):
    windlass.pyfunc.save_model(tmp_path / "model", python_model=lambda model_input: model_input)

    def make(**config):
        return DeploymentRequest(
            name="one", model_uri="m", resolved_uri="m", model_path=tmp_path / "model", config=config
        )

    return make


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("mlserver:/http://h:1?repository=/r", "http://h:1"),
        ("mlserver:http://h:1/?repository=/r", "http://h:1/"),
        ("mlserver:/?repository=/r", "http://127.0.0.1:8080"),
        ("mlserver:/https://h/base?repository=/r", "https://h/base"),
    ],
)
def test_a_target_names_a_server_and_its_repository(target, url):
    found = Address.parse(target, default="http://127.0.0.1:8080")
    assert (found.url, found.repository) == (url, Path("/r"))


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("mlserver", "names no model repository"),
        ("mlserver:/http://h:1", "names no model repository"),
        ("mlserver:/ftp://h?repository=/r", "has no URL"),
        ("mlserver:/http://h?repository=/r&colour=red", "colour"),
        ("mlserver:/http://u:secret@h", "names no model repository"),
    ],
)
def test_a_target_that_cannot_be_meant_is_refused_with_an_example(target, told):
    with pytest.raises(InvalidValue, match=told) as caught:
        MLServerTarget.open(target, Settings())
    assert "secret" not in str(caught.value)


def test_a_server_that_is_not_there_leaves_nothing_behind(gone, request_for):
    with pytest.raises(Unavailable, match="cannot be reached"):
        gone.create(request_for())
    assert list(gone.address_parts.repository.iterdir()) == []
    with pytest.raises(Unavailable):
        gone.list()


def test_options_are_checked_before_the_server_is_asked(gone, request_for):
    with pytest.raises(InvalidValue, match="request_timeout"):
        gone.create(request_for(request_timeout="-1"))
    with pytest.raises(InvalidValue, match="no option of this target"):
        gone.create(request_for(colour="red"))


def test_settings_that_cannot_be_read_are_named(tmp_path):
    target = MLServerTarget.open(f"mlserver:/{GONE}?repository={tmp_path}", Settings())
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "model-settings.json").write_text("{")
    with pytest.raises(Corrupted, match="cannot be read") as caught:
        target.get("one")
    assert "model-settings.json" in caught.value.hint


def test_models_that_others_have_put_there_are_left_alone(tmp_path):
    target = MLServerTarget.open(f"mlserver:/{GONE}?repository={tmp_path}", Settings())
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "model-settings.json").write_text(json.dumps({"name": "theirs"}))
    target.delete("theirs")
    assert (tmp_path / "theirs" / "model-settings.json").exists()


def test_both_are_found_by_their_names():
    names = get_plugin_manager().names(Kind.DEPLOYMENT_TARGET)
    assert {"mlserver", "triton"} <= set(names)


def test_one_tensor_is_an_array_and_several_are_a_table():
    array = read_tensors([("x", "FP64", [2, 2], [1, 2, 3, 4])])
    assert array.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    table = read_tensors([("a", "INT64", [2], [1, 2]), ("b", "BYTES", [2, 1], ["x", "y"])])
    assert table.to_dict(orient="list") == {"a": [1, 2], "b": ["x", "y"]}


@pytest.mark.parametrize(
    "tensor",
    [("x", "FP128", [1], [1]), ("x", "FP64", [3], [1, 2]), ("x", "INT8", [1], ["a"]), ("x", "INT8", [1], [999])],
)
def test_a_tensor_that_does_not_fit_is_refused(tensor):
    with pytest.raises(InvalidValue, match="tensor x"):
        read_tensors([tensor])


def test_predictions_become_a_tensor():
    import numpy as np

    assert write_tensor("p", np.array([[1.5], [2.5]])) == {
        "name": "p", "shape": [2, 1], "datatype": "FP64", "data": [1.5, 2.5],
    }  # fmt: skip
    assert write_tensor("p", ["a", 1])["datatype"] == "BYTES"
