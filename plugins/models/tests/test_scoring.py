"""Requests to a scoring server and its answers, and the examples that become requests."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from windlass.errors import InvalidValue, Unsupported
from windlass_models.input_example import convert_input_example_to_serving_input, load_input_example, save_input_example
from windlass_models.predictions import predictions_json
from windlass_models.scoring import CSV, parse_scoring_input
from windlass_models.types import ColSpec, Schema, TensorSpec

TYPED = Schema(
    [
        ColSpec("integer", "i"),
        ColSpec("float", "f"),
        ColSpec("string", "s"),
        ColSpec("datetime", "d"),
        ColSpec("binary", "b"),
    ]
)


def read(request, schema=None):
    return parse_scoring_input(json.dumps(request), schema=schema).data


def test_tables_come_in_both_orientations():
    split = read({"dataframe_split": {"columns": ["a", "b"], "data": [[1, "x"], [2, None]]}})
    records = read({"dataframe_records": [{"a": 1, "b": "x"}, {"a": 2, "b": None}]})
    pd.testing.assert_frame_equal(split, records)


def test_json_is_read_in_the_types_of_the_schema():
    row = {"i": 1, "f": 1, "s": "x", "d": "2020-01-01T12:00:00", "b": "aGk="}
    for request in (
        {"dataframe_records": [row]},
        {"inputs": [row]},
        {"instances": [row]},
        {"inputs": {k: [v] for k, v in row.items()}},
    ):
        frame = read(request, TYPED)
        assert [str(frame[name].dtype) for name in "ifd"] == ["int32", "float32", "datetime64[ns]"]
        assert frame["b"].tolist() == [b"hi"]


def test_numbers_that_do_not_fit_are_left_for_the_signature_to_refuse():
    assert read({"dataframe_records": [{"i": 1.5}]}, Schema([ColSpec("long", "i")]))["i"].dtype == "float64"
    assert read({"dataframe_records": [{"i": 2.0}]}, Schema([ColSpec("long", "i")]))["i"].dtype == "int64"


def test_tensors_are_rows_or_columns():
    assert read({"instances": [[1, 2], [3, 4]]}).tolist() == [[1, 2], [3, 4]]
    assert read({"inputs": {"a": [1, 2], "b": [[1], [2]]}})["b"].shape == (2, 1)
    named = Schema([TensorSpec(np.dtype("int64"), (-1,), "a"), TensorSpec(np.dtype("float64"), (-1,), "b")])
    assert read({"instances": [{"a": 1, "b": 2.5}, {"a": 3, "b": 4.5}]}, named) == {"a": [1, 3], "b": [2.5, 4.5]}


def test_csv_keeps_texts_that_look_like_numbers():
    schema = Schema([ColSpec("string", "code"), ColSpec("double", "x")])
    frame = parse_scoring_input(b"code,x\n007,1\n", CSV, schema).data
    assert frame.to_dict("records") == [{"code": "007", "x": 1.0}]


def test_parameters_come_beside_the_input():
    assert parse_scoring_input('{"inputs": [1], "params": {"t": 2}}').params == {"t": 2}


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "[1]", "3", "null", "{}", '{"a": 1}', '{"inputs": [1], "instances": [1]}', '{"inputs": []}',
        '{"inputs": [[1], [1, 2]]}', '{"dataframe_split": 3}', '{"dataframe_split": {"columns": ["a"]}}',
        '{"dataframe_split": {"columns": ["a"], "data": [[1, 2]]}}',
        '{"dataframe_split": {"columns": ["a"], "data": 3}}',
        '{"dataframe_records": 3}', '{"dataframe_records": [3]}', '{"inputs": [1], "params": 3}', "[" * 100_000,
        '{"instances": [{"a": 1}, {"b": 1}]}', "\udcff",
    ],
)  # fmt: skip
def test_a_malformed_request_is_an_invalid_value(body):
    with pytest.raises(InvalidValue):
        parse_scoring_input(body.encode("utf-8", "surrogateescape"))


@pytest.mark.parametrize(
    "request_",
    [{"dataframe_records": [{"d": "yesterday", "b": "aGk="}]}, {"dataframe_records": [{"d": "2020-01-01", "b": "?"}]}],
)
def test_a_value_that_cannot_be_read_names_its_column(request_):
    with pytest.raises(InvalidValue, match=r"column '[db]'"):
        read(request_, Schema([ColSpec("datetime", "d"), ColSpec("binary", "b")]))


def test_an_unknown_media_type_is_unsupported():
    with pytest.raises(Unsupported):
        parse_scoring_input("", "text/html")


def test_answers_read_back_as_the_very_same_numbers():
    values = np.array([0.1, 1 / 3, 1e-300, 1e300, -0.0, np.float32(0.1)])
    assert json.loads(predictions_json(values))["predictions"] == values.tolist()
    narrow = np.array([0.1, 1 / 3], "float32")
    assert np.array_equal(np.array(json.loads(predictions_json(narrow))["predictions"], "float32"), narrow)


def test_missing_and_infinite_numbers_are_json():
    text = predictions_json([np.nan, np.inf, -np.inf, "Infinity", None, np.float32("inf")])
    assert text == '{"predictions": [null, 1e999, -1e999, "Infinity", null, 1e999]}'
    assert json.loads(text)["predictions"][1:3] == [np.inf, -np.inf]


def test_answers_of_every_kind_are_json():
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None], "d": pd.to_datetime(["2020-01-01", None])})
    assert json.loads(predictions_json(frame))["predictions"] == [
        {"a": 1, "b": "x", "d": "2020-01-01T00:00:00"}, {"a": 2, "b": None, "d": None},
    ]  # fmt: skip
    assert json.loads(predictions_json(pd.Series([1.5, np.nan])))["predictions"] == [1.5, None]
    assert json.loads(predictions_json({"x": np.int64(1), "y": (np.True_, b"hi")}))["predictions"] == {
        "x": 1,
        "y": [True, "aGk="],
    }
    assert json.loads(predictions_json(np.array(["a", "b"])))["predictions"] == ["a", "b"]


@pytest.mark.parametrize(
    ("example", "kind", "request_"),
    [
        (
            pd.DataFrame({"a": [1, 2], "b": [0.5, np.nan]}),
            "dataframe",
            {"dataframe_split": {"columns": ["a", "b"], "data": [[1, 0.5], [2, None]]}},
        ),
        (np.array([[1.0, np.nan]]), "ndarray", {"inputs": [[1.0, None]]}),
        (
            {"a": np.int64(1), "b": np.float32(0.5), "c": np.True_},
            "json_object",
            {"inputs": {"a": 1, "b": 0.5, "c": True}},
        ),
        (["x"], "json_object", {"inputs": ["x"]}),
        ((["x"], {"t": np.float64(0.5)}), "json_object", {"inputs": ["x"], "params": {"t": 0.5}}),
        ({"a": np.array([1, 2])}, "ndarray", {"inputs": {"a": [1, 2]}}),
    ],
    ids=["table", "array", "mapping", "list", "pair", "arrays"],
)
def test_an_example_becomes_a_request_and_comes_back(example, kind, request_, tmp_path):
    info = save_input_example(example, tmp_path)
    assert info["type"] == kind
    assert json.loads((tmp_path / info["serving_input_path"]).read_text()) == request_
    assert json.loads(convert_input_example_to_serving_input(example)) == request_
    parse_scoring_input(json.dumps(request_))
    load_input_example(tmp_path, info)
