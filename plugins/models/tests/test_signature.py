"""Signatures: inferring them, and their JSON forms."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from windlass.errors import InvalidValue
from windlass_models.inference import infer_signature
from windlass_models.signature import ModelSignature
from windlass_models.types import (
    Array,
    ColSpec,
    DataType,
    Map,
    Object,
    ParamSchema,
    ParamSpec,
    Property,
    Schema,
    TensorSpec,
)


def inputs_of(example):
    return json.loads(infer_signature(example).to_dict()["inputs"])


def test_each_kind_of_column_has_its_type():
    frame = pd.DataFrame(
        {
            "boolean": [True, False],
            "integer": np.array([1, 2], "int32"),
            "long": [1, 2],
            "float": np.array([1, 2], "float32"),
            "double": [1.0, 2.0],
            "string": ["a", "b"],
            "binary": [b"a", b"b"],
            "datetime": pd.to_datetime(["2020-01-01", "2020-01-02"]),
        }
    )
    assert inputs_of(frame) == [{"type": name, "name": name, "required": True} for name in frame.columns]


def test_categories_and_nullable_types_are_seen_through():
    frame = pd.DataFrame(
        {
            "c": pd.Categorical(["a", "b"]),
            "n": pd.array([1, None], dtype="Int64"),
            "s": pd.array(["a", None], dtype="string"),
            "o": pd.Series(["a", "b"], dtype=object),
        }
    )
    assert inputs_of(frame) == [
        {"type": "string", "name": "c", "required": True},
        {"type": "long", "name": "n", "required": False},
        {"type": "string", "name": "s", "required": False},
        {"type": "string", "name": "o", "required": True},
    ]


def test_a_column_with_gaps_is_optional():
    assert inputs_of(pd.DataFrame({"a": [1.0, np.nan], "b": ["x", None]})) == [
        {"type": "double", "name": "a", "required": False},
        {"type": "string", "name": "b", "required": False},
    ]


def test_an_array_is_a_tensor_of_any_length():
    assert inputs_of(np.zeros((3, 2), "float32")) == [
        {"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 2]}}
    ]
    assert inputs_of({"a": np.zeros((3, 2)), "b": np.zeros(3, "int64")}) == [
        {"name": "a", "type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 2]}},
        {"name": "b", "type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}},
    ]


def test_plain_values_nest():
    assert inputs_of([{"a": 1, "b": ["x"], "c": {"d": 1.5}}, {"a": 2, "b": []}]) == [
        {"type": "long", "name": "a", "required": True},
        {"type": "array", "items": {"type": "string"}, "name": "b", "required": True},
        {
            "type": "object",
            "properties": {"d": {"type": "double", "required": True}},
            "name": "c",
            "required": False,
        },
    ]
    assert inputs_of([{"b": []}])[0]["items"] == {"type": "any"}


def test_a_list_of_texts_is_one_column_without_a_name():
    assert inputs_of(["a", "b"]) == [{"type": "string", "required": True}]


def test_sparse_matrices_are_tensors():
    from scipy.sparse import csr_matrix

    assert inputs_of(csr_matrix(np.eye(3))) == [
        {"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 3]}}
    ]


def test_parameters_become_defaults():
    signature = infer_signature(["a"], None, {"t": 0.5, "k": 3, "stop": ["x"], "on": True, "name": "n"})
    assert json.loads(signature.to_dict()["params"]) == [
        {"name": "t", "default": 0.5, "shape": None, "type": "double"},
        {"name": "k", "default": 3, "shape": None, "type": "long"},
        {"name": "stop", "default": ["x"], "shape": [-1], "type": "string"},
        {"name": "on", "default": True, "shape": None, "type": "boolean"},
        {"name": "name", "default": "n", "shape": None, "type": "string"},
    ]


def test_numpy_numbers_and_times_can_be_defaults():
    params = {"n": np.int64(3), "when": datetime(2020, 1, 2, tzinfo=UTC).replace(tzinfo=None)}
    form = json.loads(infer_signature(["a"], None, params).to_dict()["params"])
    assert form[0]["default"] == 3
    assert form[1] == {"name": "when", "default": "2020-01-02T00:00:00.000000000", "shape": None, "type": "datetime"}
    assert ParamSchema.from_json(json.dumps(form)).to_dict() == form


@pytest.mark.parametrize(
    "signature",
    [
        ModelSignature(Schema([ColSpec("long", "a"), ColSpec("string", "b", required=False)])),
        ModelSignature(
            None, Schema([TensorSpec(np.dtype("float32"), (-1, 3))]), ParamSchema([ParamSpec("k", "long", 1)])
        ),
        ModelSignature(
            Schema([ColSpec(Array(Object((Property("x", DataType.double), Property("y", Map(DataType.long))))), "a")])
        ),
        ModelSignature(Schema([TensorSpec(np.dtype("U5"), (-1,), "words")])),
    ],
    ids=["columns", "tensor", "nested", "words"],
)
def test_the_json_form_reads_back_the_same(signature):
    again = ModelSignature.from_dict(signature.to_dict())
    assert again.to_dict() == signature.to_dict()
    assert all(text is None or isinstance(text, str) for text in signature.to_dict().values())


@pytest.mark.parametrize(
    "make",
    [
        lambda: Schema([]),
        lambda: Schema([ColSpec("long", "a"), TensorSpec(np.dtype("int64"), (-1,), "b")]),
        lambda: Schema([ColSpec("long", "a"), ColSpec("long")]),
        lambda: ColSpec("number", "a"),
        ModelSignature,
        lambda: ModelSignature("text"),
        lambda: ParamSpec("k", "long", "text"),
        lambda: ParamSpec("k", "long", True),
        lambda: infer_signature([object()]),
    ],
)
def test_what_makes_no_sense_is_refused(make):
    with pytest.raises(InvalidValue):
        make()
