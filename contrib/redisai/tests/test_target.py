"""What RedisAI is asked, and what is said when it refuses."""

from __future__ import annotations

import zipfile

import onnx
import pytest

from windlass.config import Settings
from windlass.errors import AlreadyExists, InvalidValue, NotFound, Unauthenticated, Unavailable, Unsupported
from windlass_redisai.address import Address
from windlass_redisai.conformance import case, double
from windlass_redisai.model_file import ModelFile
from windlass_redisai.target import RedisAITarget
from windlass_redisai.tensor import Tensor

__all__ = ["case", "double"]


def named(double, user=""):
    return RedisAITarget.open(f"redisai:/{user}127.0.0.1:{double.port}", Settings())


def test_a_target_names_a_server_and_the_settings_have_what_it_leaves_out():
    settings = Settings(redis_host="h", redis_port=1, redis_db=2, redis_username="u", redis_password="p")
    for target in ("redisai", "redisai:/", "redisai://"):
        assert Address.parse(target, settings) == Address(host="h", port=1, database=2, username="u", password="p")
    whole = Address.parse("redisai:/a%40b:s%2F@r.example:7/3?tls=true", settings)
    assert (whole.host, whole.port, whole.database, whole.tls) == ("r.example", 7, 3, True)
    assert (whole.username, whole.password) == ("a@b", "s/")
    assert str(whole) == "redisai:/r.example:7/3"
    for bad in ("redisai:/h:x", "redisai:/h/name", "redisai:/h?x=1"):
        with pytest.raises(InvalidValue, match="names no Redis"):
            Address.parse(bad, settings)


def test_options_reach_redis(case, double):
    config = {"device": "GPU:1", "batchsize": "8", "minbatchsize": "2", "tag": "blue"}
    case.target.create(case.request("one", **config))
    assert (double.models["one"].device, double.models["one"].batch) == ("GPU:1", (8, 2))
    assert case.target.get("one").config == config


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("device", "TPU", "must be CPU, GPU"),
        ("dtype", "FLOAT16", "none of the choices"),
        ("minbatchsize", "2", "more than batchsize"),
    ],
)
def test_what_is_wrong_is_found_before_anything_is_made(case, double, option, value, told):
    with pytest.raises(InvalidValue, match=told):
        case.target.create(case.request("one", **{option: value}))
    assert double.models == {}


def test_a_model_with_two_inputs_and_two_outputs_answers(case, double, tmp_path):
    helper, kind = onnx.helper, onnx.TensorProto.INT64
    values = [helper.make_tensor_value_info(name, kind, None) for name in "abxy"]
    nodes = [helper.make_node("Add", ["a", "b"], ["x"]), helper.make_node("Sub", ["a", "b"], ["y"])]
    graph = helper.make_graph(nodes, "two", values[:2], values[2:])
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "MLmodel").write_text("flavors: {onnx: {data: m.onnx}}")
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    (tmp_path / "two" / "m.onnx").write_bytes(made.SerializeToString())
    case.target.create(case.request("two", tmp_path / "two", dtype="INT64", outputs="2"))
    answer = case.target.predict("two", {"inputs": {"a": [[5, 7]], "b": [[1, 2]]}})
    assert answer == {"predictions": [[[6, 9]], [[4, 5]]]}
    split = {"columns": ["c"], "data": [[1]]}
    with pytest.raises(InvalidValue, match="Number of keys"):
        case.target.predict("two", {"dataframe_split": split})
    assert double.tensors == {}


def test_a_table_and_instances_are_requests_too(case):
    case.target.create(case.request("one"))
    assert case.target.predict("one", {"dataframe_split": {"columns": ["a"], "data": [[1.5]]}}) == {
        "predictions": [[3.0]]
    }
    assert case.target.predict("one", {"instances": [1]}) == {"predictions": [2.0]}


@pytest.mark.parametrize("value", [[[1], [2, 3]], ["a"], [None], {"a": {"b": 1}}, [1e300]])
def test_what_is_no_tensor_is_refused(case, double, value):
    case.target.create(case.request("one"))
    with pytest.raises(InvalidValue, match="is no tensor of FLOAT"):
        case.target.predict("one", {"inputs": value})
    assert double.tensors == {}


@pytest.mark.parametrize("value", [[[1, 2, 3], [4, 5, 6]], [], 7, [[[1]]]])
@pytest.mark.parametrize("dtype", ["FLOAT", "INT8", "UINT16", "DOUBLE"])
def test_a_tensor_comes_back_as_it_went(value, dtype):
    assert Tensor.of(value, dtype).value() == value


def test_a_failure_half_way_leaves_no_tensors(case, double):
    case.target.create(case.request("one"))
    double.refusals["AI.MODELEXECUTE"] = "ERR out of memory"
    with pytest.raises(InvalidValue, match="out of memory"):
        case.target.predict("one", case.payload)
    assert double.tensors == {}
    double.refusals = {"AI.MODELSTORE": "OOM command not allowed when used memory > 'maxmemory'."}
    with pytest.raises(Unavailable, match="has no memory left"):
        case.target.update(case.request("one", case.second))
    double.refusals.clear()
    assert case.target.predict("one", case.payload) == case.first_answer


def test_models_of_others_are_left_alone(case, double):
    case.target.create(case.request("one"))
    double.models["theirs"] = type(double.models["one"])("ONNX", "CPU", b"v1", (0, 0), None)
    assert [one.name for one in case.target.list()] == ["one"]
    with pytest.raises(NotFound):
        case.target.get("theirs")
    with pytest.raises(AlreadyExists):
        case.target.create(case.request("theirs"))
    case.target.delete("theirs")
    assert "theirs" in double.models


def test_models_that_redis_cannot_run_are_refused(tmp_path):
    (tmp_path / "MLmodel").write_text("flavors: {sklearn: {}, python_function: {}}")
    with pytest.raises(InvalidValue, match="has no flavor for RedisAI") as caught:
        ModelFile.find(tmp_path)
    assert "TorchScript" in caught.value.hint
    (tmp_path / "MLmodel").write_text("flavors: {pytorch: {model_data: data}}")
    (tmp_path / "data").mkdir()
    for inside, found in (("model/data.pkl", False), ("model/code/__torch__.py", True)):
        with zipfile.ZipFile(tmp_path / "data" / "model.pth", "w") as archive:
            archive.writestr(inside, "x")
        if found:
            assert ModelFile.find(tmp_path).backend == "TORCH"
        else:
            with pytest.raises(InvalidValue, match="is no TorchScript"):
                ModelFile.find(tmp_path)
    (tmp_path / "MLmodel").write_text("flavors: {onnx: {data: ../secret}}")
    with pytest.raises(InvalidValue, match="outside of the model"):
        ModelFile.find(tmp_path)


def test_who_may_not_in_is_told_and_no_password_is_shown(case, double):
    double.password = "hush"
    for user in ("", "u:wrong@"):
        with pytest.raises(Unauthenticated) as caught:
            named(double, user).list()
        assert "REDIS_PASSWORD" in caught.value.hint
        assert "wrong" not in str(caught.value)
    made = named(double, "u:hush@").create(case.request("one"))
    assert "hush" not in str(made)


def test_a_redis_that_is_not_there_or_has_no_module_is_said_to_be(double):
    with pytest.raises(Unavailable, match="cannot be reached"):
        RedisAITarget.open("redisai:/127.0.0.1:9", Settings()).list()
    double.without_module = True
    with pytest.raises(Unsupported, match="has no RedisAI"):
        named(double).list()
