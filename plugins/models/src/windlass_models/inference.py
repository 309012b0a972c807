"""Inferring a signature from examples of what goes in and what comes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from windlass.errors import InvalidValue
from windlass_models.signature import ModelSignature
from windlass_models.types import (
    AnyType,
    Array,
    ColSpec,
    DataType,
    Object,
    ParamSchema,
    ParamSpec,
    Property,
    Schema,
    TensorSpec,
)
from windlass_models.types.data_type import WIDENS, numpy_data_type
from windlass_models.types.nested import ValueType

if TYPE_CHECKING:
    import pandas as pd

_SINGLE: tuple[tuple[tuple[type, ...], DataType], ...] = (
    ((bool, np.bool_), DataType.boolean),
    ((np.int8, np.int16, np.int32, np.uint8, np.uint16), DataType.integer),
    ((int, np.int64, np.uint32), DataType.long),
    ((np.float16, np.float32), DataType.float),
    ((float, np.float64, Decimal), DataType.double),
    ((str,), DataType.string),
    ((bytes, bytearray), DataType.binary),
    ((datetime, date, np.datetime64), DataType.datetime),
)


def infer_signature(
    model_input: Any = None, model_output: Any = None, params: Mapping[str, Any] | None = None
) -> ModelSignature:
    """The signature that examples of input, output and parameters show.

    Takes tables, series, arrays, sparse matrices, and dictionaries and lists of plain values. A column with missing
    values becomes optional.
    """
    return ModelSignature(
        None if model_input is None else infer_schema(model_input),
        None if model_output is None else infer_schema(model_output),
        infer_params(params) if params else None,
    )


def infer_schema(data: Any) -> Schema:
    """The schema of one example."""
    if hasattr(data, "iloc"):
        frame = data if hasattr(data, "columns") else data.to_frame()
        return Schema(tuple(_column(frame.iloc[:, i], name) for i, name in enumerate(frame.columns)))
    if isinstance(data, np.ndarray):
        return Schema((_tensor(data),))
    if hasattr(data, "tocsr") and hasattr(data, "shape"):
        return Schema((TensorSpec(np.dtype(data.dtype), (-1, *data.shape[1:])),))
    if isinstance(data, Mapping):
        return _of_mapping(data)
    return _of_list(data if isinstance(data, (list, tuple)) else [data])


def infer_params(params: Mapping[str, Any]) -> ParamSchema:
    """The parameters that an example shows; the example's values become the defaults."""
    return ParamSchema(tuple(_param(name, value) for name, value in params.items()))


def infer_type(values: Iterable[Any]) -> ValueType:
    """The one type that fits all values; those that are missing say nothing."""
    merged: ValueType | None = None
    for value in values:
        if not is_missing(value):
            found = _type_of(value)
            merged = found if merged is None else merge_types(merged, found)
    return _Unseen() if merged is None else merged


class _Unseen(AnyType):
    """The type of values of which there were none: of any type, and of whichever other values show."""


def merge_types(one: ValueType, other: ValueType) -> ValueType:
    """The type that holds the values of both; any if there is none."""
    match one, other:
        case (_Unseen(), seen) | (seen, _Unseen()):
            return seen
        case (DataType(), DataType()):
            return _merge_single(one, other)
        case (Array(dtype=first), Array(dtype=second)):
            return Array(merge_types(first, second))
        case (Object(), Object()):
            return _merge_objects(one, other)
        case _:
            return one if one == other else AnyType()


def is_missing(value: Any) -> bool:
    """Whether a value stands for none: None, NaN, NaT or pandas' NA."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    return isinstance(value, (float, np.floating, np.datetime64)) and bool(value != value)  # noqa: PLR0124  only NaN and NaT differ from themselves


def _merge_single(one: DataType, other: DataType) -> ValueType:
    if one is other or one in WIDENS.get(other, ()):
        return one
    if other in WIDENS.get(one, ()):
        return other
    both = {one, other}
    return DataType.double if both <= {DataType.float, DataType.integer, DataType.long} else AnyType()


def _merge_objects(one: Object, other: Object) -> Object:
    first = {part.name: part for part in one.properties}
    second = {part.name: part for part in other.properties}
    merged = []
    for name in first | second:
        if name in first and name in second:
            a, b = first[name], second[name]
            merged.append(Property(name, merge_types(a.dtype, b.dtype), a.required and b.required))
        else:
            merged.append(Property(name, (first.get(name) or second[name]).dtype, required=False))
    return Object(tuple(merged))


def _type_of(value: Any) -> ValueType:
    for kinds, dtype in _SINGLE:
        if isinstance(value, kinds):
            return dtype
    if isinstance(value, Mapping):
        parts = (Property(str(name), infer_type([part]), not is_missing(part)) for name, part in value.items())
        return Object(tuple(parts))
    if isinstance(value, np.ndarray):
        return _array_of(value)
    if isinstance(value, (list, tuple, set)):
        return Array(infer_type(value))
    raise InvalidValue("example", value, f"is a {type(value).__name__}, for which no signature can be inferred")


def _array_of(value: np.ndarray[Any, Any]) -> ValueType:
    inner: ValueType = numpy_data_type(value.dtype) or infer_type(value.ravel().tolist())
    for _ in range(value.ndim):
        inner = Array(inner)
    return inner


def _column(column: pd.Series[Any], name: Any) -> ColSpec:
    missing = bool(column.isna().any())
    return ColSpec(_column_type(column), None if name is None else str(name), not missing)


def _column_type(column: pd.Series[Any]) -> ValueType:
    dtype = column.dtype
    if type(dtype).__name__ == "CategoricalDtype":
        return _column_type(column.cat.categories.to_series())
    if type(dtype).__name__ == "StringDtype":
        return DataType.string
    plain = dtype if isinstance(dtype, np.dtype) else getattr(dtype, "numpy_dtype", np.dtype(object))
    if type(dtype).__name__ == "DatetimeTZDtype":
        return DataType.datetime
    return numpy_data_type(plain) or infer_type(column)


def _tensor(data: np.ndarray[Any, Any], name: str | None = None) -> TensorSpec:
    return TensorSpec(data.dtype, (-1, *data.shape[1:]), name)


def _of_mapping(data: Mapping[Any, Any]) -> Schema:
    if data and all(isinstance(value, np.ndarray) for value in data.values()):
        return Schema(tuple(_tensor(value, str(name)) for name, value in data.items()))
    return _columns_of([data])


def _of_list(data: Sequence[Any]) -> Schema:
    if data and all(isinstance(value, Mapping) for value in data):
        return _columns_of(data)
    return Schema((ColSpec(infer_type(data)),))


def _columns_of(rows: Sequence[Mapping[Any, Any]]) -> Schema:
    names = list(dict.fromkeys(str(name) for row in rows for name in row))
    columns = []
    for name in names:
        values = [row.get(name) for row in rows]
        columns.append(ColSpec(infer_type(values), name, not any(map(is_missing, values))))
    return Schema(tuple(columns))


def _param(name: str, value: Any) -> ParamSpec:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return ParamSpec(name, infer_type(value), list(value), (-1,))
    return ParamSpec(name, infer_type([value]), value)
