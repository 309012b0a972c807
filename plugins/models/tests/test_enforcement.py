"""Holding inputs and parameters to a signature."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from windlass.errors import InvalidValue
from windlass_models.enforcement import enforce_params, enforce_schema
from windlass_models.types import Array, ColSpec, DataType, ParamSchema, ParamSpec, Schema, TensorSpec

TWO = Schema([ColSpec("long", "a"), ColSpec("double", "b", required=False)])


def test_missing_columns_are_named():
    with pytest.raises(InvalidValue, match="lacks the columns 'a'"):
        enforce_schema(pd.DataFrame({"b": [1.0]}), TWO)


def test_extra_columns_are_left_out_and_the_rest_is_put_in_order():
    frame = pd.DataFrame({"z": [1], "b": [1.0], "a": [2]})
    assert list(enforce_schema(frame, TWO).columns) == ["a", "b"]
    assert list(frame.columns) == ["z", "b", "a"]


def test_optional_columns_may_be_missing():
    assert list(enforce_schema(pd.DataFrame({"a": [2]}), TWO).columns) == ["a"]


@pytest.mark.parametrize(
    ("have", "want", "result"),
    [
        ("int32", "long", "int64"),
        ("int32", "double", "float64"),
        ("int64", "double", "float64"),
        ("float32", "double", "float64"),
    ],
)
def test_casts_that_lose_nothing_are_made(have, want, result):
    frame = pd.DataFrame({"a": np.array([1, 2], have)})
    assert enforce_schema(frame, Schema([ColSpec(want, "a")]))["a"].dtype == result
    assert frame["a"].dtype == have


@pytest.mark.parametrize(
    ("values", "want"),
    [
        ([1.5, 2.0], "long"),
        ([1.0, 2.0], "long"),
        (np.array([1.5]), "float"),
        (np.array([2**40]), "integer"),
        ([1, 2], "string"),
        (["1"], "long"),
        ([True], "long"),
        ([1], "boolean"),
        (["2020-01-01"], "datetime"),
        (["x"], "binary"),
    ],
)
def test_casts_that_lose_something_are_refused(values, want):
    with pytest.raises(InvalidValue, match="column 'a'"):
        enforce_schema(pd.DataFrame({"a": values}), Schema([ColSpec(want, "a")]))


def test_whole_numbers_with_gaps_stay_as_pandas_has_them():
    frame = pd.DataFrame({"a": [1.0, np.nan]})
    assert enforce_schema(frame, Schema([ColSpec("long", "a", required=False)]))["a"].isna().tolist() == [False, True]


def test_objects_are_looked_into():
    frame = pd.DataFrame({"a": pd.Series([1, 2], dtype=object)})
    assert enforce_schema(frame, Schema([ColSpec("double", "a")]))["a"].tolist() == [1.0, 2.0]
    with pytest.raises(InvalidValue):
        enforce_schema(pd.DataFrame({"a": pd.Series([1, "x"], dtype=object)}), Schema([ColSpec("long", "a")]))


@pytest.mark.parametrize(
    "data", [{"a": 1, "b": 2.0}, [{"a": 1, "b": 2.0}], {"a": [1], "b": [2.0]}, [[1, 2]], np.array([[1, 2]])]
)
def test_plain_values_become_a_table(data):
    frame = enforce_schema(data, TWO)
    assert frame.to_dict("records") == [{"a": 1, "b": 2.0}]


def test_lists_in_a_column_are_checked_inside():
    schema = Schema([ColSpec(Array(DataType.long), "a")])
    assert enforce_schema({"a": [1, 2]}, schema)["a"].tolist() == [[1, 2]]
    assert enforce_schema({"a": [[1], [2]]}, schema)["a"].tolist() == [[1], [2]]
    with pytest.raises(InvalidValue):
        enforce_schema({"a": [["x"]]}, schema)


def test_a_column_without_name_goes_by_position():
    assert enforce_schema(["x", "y"], Schema([ColSpec("string")])).iloc[:, 0].tolist() == ["x", "y"]
    with pytest.raises(InvalidValue, match="must have 1 columns"):
        enforce_schema(np.zeros((2, 3)), Schema([ColSpec("double")]))


def test_tensors_have_their_type_and_shape():
    schema = Schema([TensorSpec(np.dtype("float64"), (-1, 2))])
    assert enforce_schema([[1, 2]], schema).dtype == "float64"
    assert enforce_schema(np.ones((1, 2), "float32"), schema).dtype == "float64"
    assert enforce_schema(pd.DataFrame({"x": [1.0], "y": [2.0]}), schema).tolist() == [[1.0, 2.0]]
    with pytest.raises(InvalidValue, match="shape"):
        enforce_schema(np.ones((1, 3)), schema)
    with pytest.raises(InvalidValue, match="without loss"):
        enforce_schema(np.ones((1, 2)), Schema([TensorSpec(np.dtype("int64"), (-1, 2))]))
    with pytest.raises(InvalidValue, match="differ in length"):
        enforce_schema([[1], [1, 2]], schema)


def test_named_tensors_come_as_a_mapping():
    schema = Schema([TensorSpec(np.dtype("int64"), (-1,), "a"), TensorSpec(np.dtype("float64"), (-1,), "b")])
    found = enforce_schema({"a": [1], "b": [2], "c": [3]}, schema)
    assert set(found) == {"a", "b"}
    with pytest.raises(InvalidValue, match="'b'"):
        enforce_schema({"a": [1]}, schema)


def test_parameters_get_their_defaults_and_are_checked(caplog):
    schema = ParamSchema([ParamSpec("t", "double", 0.5), ParamSpec("stop", "string", [], (-1,))])
    assert enforce_params({"t": 1}, schema) == {"t": 1.0, "stop": []}
    assert enforce_params({"other": 1}, schema) == {"t": 0.5, "stop": []}
    assert "'other'" in caplog.text
    for wrong in ({"t": "x"}, {"t": True}, {"stop": "x"}, {"stop": [1]}):
        with pytest.raises(InvalidValue, match="param"):
            enforce_params(wrong, schema)
