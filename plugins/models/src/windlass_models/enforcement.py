"""Holding an input to a model's signature: what is missing, what fits, what is left out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from windlass.errors import InvalidValue
from windlass_models.inference import infer_type, is_missing
from windlass_models.types import AnyType, Array, DataType, Map, Object, ParamSchema, Schema, TensorSpec
from windlass_models.types.data_type import WIDENS, numpy_data_type
from windlass_models.types.nested import ValueType, type_to_dict

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)


def enforce_schema(data: Any, schema: Schema) -> Any:
    """`data` as the schema wants it; InvalidValue says what is missing or does not fit.

    Columns that the schema does not know are left out, the others are put in order and cast where nothing is lost.
    """
    return _enforce_tensors(data, schema) if schema.is_tensor_spec() else _enforce_columns(data, schema)


def enforce_params(params: Mapping[str, Any] | None, schema: ParamSchema | None) -> dict[str, Any]:
    """The parameters with the defaults filled in; those that the schema does not know are left out with a warning."""
    given = dict(params or {})
    known = {spec.name: spec for spec in schema or ()}
    if unknown := sorted(set(given) - set(known)):
        _log.warning("the model knows no parameter %s, it is left out", ", ".join(map(repr, unknown)))
    return {name: spec.check(given[name]) if name in given else spec.default for name, spec in known.items()}


def fits(value: Any, dtype: ValueType) -> bool:
    """Whether one value is of a type, or of one that it takes without loss."""
    if is_missing(value) or isinstance(dtype, AnyType):
        return True
    if isinstance(dtype, DataType):
        found = infer_type([value])
        # Python has one size of each kind of number, so a plain one is of the narrow types too.
        plain = {DataType.long: DataType.integer, DataType.double: DataType.float}
        narrow = plain.get(found) if isinstance(found, DataType) and type(value) in {int, float} else None
        return isinstance(found, DataType) and any(
            one is dtype or dtype in WIDENS.get(one, ()) for one in (found, narrow) if one is not None
        )
    return _nested_fits(value, dtype)


def _nested_fits(value: Any, dtype: Array | Object | Map) -> bool:
    match dtype:
        case Array(dtype=inner):
            return isinstance(value, (list, tuple, np.ndarray)) and all(fits(one, inner) for one in value)
        case Map(value_type=inner):
            return isinstance(value, Mapping) and all(fits(one, inner) for one in value.values())
        case Object(properties=properties):
            return isinstance(value, Mapping) and all(
                fits(value[part.name], part.dtype) if part.name in value else not part.required for part in properties
            )


def _enforce_columns(data: Any, schema: Schema) -> pd.DataFrame:
    frame = as_frame(data, schema)
    if not schema.has_input_names():
        _check_width(frame.shape[1], len(schema))
        frame = frame.set_axis(range(frame.shape[1]), axis=1) if frame.shape[1] > 1 else frame
        names: list[Any] = list(frame.columns)
    else:
        missing = [name for name in schema.required_input_names() if name not in frame.columns]
        if missing:
            raise InvalidValue(
                "input", list(map(str, frame.columns)), f"lacks the columns {', '.join(map(repr, missing))}",
                hint="the model's signature names all columns: windlass.models.get_model_info(uri).signature",
            )  # fmt: skip
        names = [name for name in schema.input_names() if name in frame.columns]
    types = {name: column.type for name, column in zip(schema.input_names(), schema.columns, strict=True)}
    if not schema.has_input_names():
        types = dict(zip(names, types.values(), strict=True))
    return _cast_all(frame if list(frame.columns) == names else frame[names], types)


def _cast_all(frame: pd.DataFrame, types: Mapping[Any, ValueType]) -> pd.DataFrame:
    """The table with its columns cast; the caller's own is not touched."""
    result = frame
    for name, dtype in types.items():
        if name in frame.columns:
            column = frame[name]
            cast = _cast(column, dtype, name)
            if cast is not column:
                result = frame.copy(deep=False) if result is frame else result
                result[name] = cast
    return result


def _check_width(width: int, wanted: int) -> None:
    if width != wanted:
        raise InvalidValue("input", width, f"must have {wanted} columns")


def as_frame(data: Any, schema: Schema) -> pd.DataFrame:
    """Rows, columns, a dictionary or a single value as a table with the names of the schema."""
    import pandas as pd  # noqa: PLC0415  a model of tensors needs no pandas

    if isinstance(data, pd.DataFrame):
        return data
    if isinstance(data, pd.Series):
        return data.to_frame()
    names = [str(name) for name in schema.input_names()] if schema.has_input_names() else None
    if isinstance(data, Mapping):
        return pd.DataFrame([data]) if _is_one_row(data, schema) else pd.DataFrame(dict(data))
    if isinstance(data, (list, tuple)) and data and all(isinstance(row, Mapping) for row in data):
        return pd.DataFrame(list(data))
    if not isinstance(data, (list, tuple, np.ndarray)) and not hasattr(data, "toarray"):
        data = [data]
    values = data.toarray() if hasattr(data, "toarray") else data
    if len(schema) == 1 and isinstance(schema.columns[0].type, (Array, Object, Map)):
        return pd.DataFrame({names[0] if names else 0: list(values)})
    try:
        frame = pd.DataFrame(values)
    except ValueError as error:
        raise InvalidValue("input", values, f"is no table: {error}") from error
    _check_width(frame.shape[1], len(schema))
    return frame if names is None else frame.set_axis(names, axis=1)


def _is_one_row(data: Mapping[Any, Any], schema: Schema) -> bool:
    """Whether a dictionary holds one value a column, and not a list of them."""
    types = {str(column.name): column.type for column in schema.columns}
    for name, value in data.items():
        if isinstance(value, (list, tuple, np.ndarray)) or hasattr(value, "iloc"):
            return isinstance(types.get(str(name)), Array) and not (len(value) and _is_list(value[0]))
    return True


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple, np.ndarray))


def _cast(column: Any, dtype: ValueType, name: object) -> Any:
    if isinstance(dtype, AnyType):
        return column
    if not isinstance(dtype, DataType):
        return _checked(column, dtype, name)
    plain = column.dtype if isinstance(column.dtype, np.dtype) else getattr(column.dtype, "numpy_dtype", None)
    found = numpy_data_type(plain) if isinstance(plain, np.dtype) else None
    if found is None:
        return _cast_objects(column, dtype, name)
    if found is dtype:
        return column
    if dtype in WIDENS.get(found, ()):
        return column.astype(_wide(column, dtype))
    if found is DataType.double and dtype in {DataType.integer, DataType.long} and _only_missing_differs(column):
        # pandas turns whole numbers with gaps into floats; there the gaps stay NaN.
        return column
    raise _misfit(name, str(found), dtype)


def _wide(column: Any, dtype: DataType) -> Any:
    if isinstance(column.dtype, np.dtype):
        return dtype.to_numpy()
    return {DataType.long: "Int64", DataType.double: "Float64"}[dtype]


def _cast_objects(column: Any, dtype: DataType, name: object) -> Any:
    if dtype is DataType.string and type(column.dtype).__name__ == "StringDtype":
        return column
    if type(column.dtype).__name__ == "DatetimeTZDtype" and dtype is DataType.datetime:
        return column
    checked = _checked(column, dtype, name)
    if column.dtype == object and dtype not in {DataType.string, DataType.binary}:
        whole = dtype in {DataType.integer, DataType.long, DataType.boolean}
        return checked if whole and column.isna().any() else checked.astype(dtype.to_numpy())
    return checked


def _checked(column: Any, dtype: ValueType, name: object) -> Any:
    for value in column:
        if not fits(value, dtype):
            raise _misfit(name, f"a value {value!r:.60}", dtype)
    return column


def _only_missing_differs(column: Any) -> bool:
    present = column.dropna()
    return len(present) < len(column) and bool((present == present.round()).all())


def _misfit(name: object, found: str, dtype: ValueType) -> InvalidValue:
    wanted = str(dtype) if isinstance(dtype, DataType) else type_to_dict(dtype)
    hint = "convert it yourself where the loss is acceptable, or save the model with a wider signature"
    return InvalidValue(f"column {name!r}", found, f"cannot be cast to {wanted} without loss", hint=hint)


def _enforce_tensors(data: Any, schema: Schema) -> Any:
    if schema.has_input_names():
        return _named_tensors(data, schema)
    if hasattr(data, "toarray"):
        _check_shape(data.shape, schema.tensors[0])
        return data
    return _tensor(data.to_numpy() if hasattr(data, "iloc") else data, schema.tensors[0])


def _named_tensors(data: Any, schema: Schema) -> dict[str, np.ndarray[Any, Any]]:
    parts = {str(name): data[name].to_numpy() for name in data.columns} if hasattr(data, "columns") else data
    if not isinstance(parts, Mapping):
        if len(schema) == 1:
            return {str(schema.tensors[0].name): _tensor(parts, schema.tensors[0])}
        raise InvalidValue("input", data, f"must be a mapping with {', '.join(map(str, schema.inputs))}")
    if missing := [name for name in schema.input_names() if name not in parts]:
        raise InvalidValue("input", list(parts), f"lacks the tensors {', '.join(map(repr, missing))}")
    return {str(spec.name): _tensor(parts[str(spec.name)], spec) for spec in schema.tensors}


def _tensor(data: Any, spec: TensorSpec) -> np.ndarray[Any, Any]:
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise InvalidValue("input", data, "is no tensor: its rows differ in length") from error
    if array.dtype != spec.type:
        # Plain Python numbers have one size, arrays are taken at their word.
        loose = not isinstance(data, np.ndarray)
        array = _cast_tensor(array, spec, "same_kind" if loose else "safe")
    _check_shape(array.shape, spec)
    return array


def _cast_tensor(array: np.ndarray[Any, Any], spec: TensorSpec, casting: Any) -> np.ndarray[Any, Any]:
    if {array.dtype.kind, spec.type.kind} <= set("OUS"):
        return array
    gaps = array.dtype.kind == "O" and spec.type.kind == "f"
    numbers = {array.dtype.kind, spec.type.kind} <= set("iuf") and casting == "same_kind"
    try:
        return array.astype(spec.type, casting="unsafe" if gaps else "same_kind" if numbers else "safe")
    except (TypeError, ValueError) as error:
        raise InvalidValue("input", str(array.dtype), f"cannot be cast to {spec.dtype_name} without loss") from error


def _check_shape(shape: tuple[int, ...], spec: TensorSpec) -> None:
    matches = len(shape) == len(spec.shape) and all(
        want in {-1, have} for have, want in zip(shape, spec.shape, strict=True)
    )
    if not matches:
        raise InvalidValue("input", shape, f"must have the shape {spec.shape}")
