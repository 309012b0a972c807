"""Requests to a scoring server: reading the input of a model from JSON or CSV."""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from windlass.errors import InvalidValue, Unsupported
from windlass_models.types import DataType, Schema

if TYPE_CHECKING:
    import pandas as pd

FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")
JSON, CSV = "application/json", "text/csv"
_HINT = 'write for example {"dataframe_split": {"columns": ["a"], "data": [[1]]}}'


@dataclass(frozen=True, slots=True)
class ScoringInput:
    """What a request asks a model."""

    data: Any
    params: dict[str, Any] | None = None


def parse_scoring_input(body: bytes | str, content_type: str = JSON, schema: Schema | None = None) -> ScoringInput:
    """Read a request by its media type; InvalidValue if it is malformed, Unsupported for an unknown media type.

    JSON has fewer types than a model may want, so with a schema its numbers and texts are read as the schema's types.
    """
    if content_type == JSON:
        return _read_json(body, schema)
    if content_type == CSV:
        return ScoringInput(_read_csv(body, schema))
    raise Unsupported(f"the media type {content_type!r} is not known", hint=f"send {JSON} or {CSV}")


def parse_scoring_object(request: Any, schema: Schema | None = None) -> ScoringInput:
    """Read a request whose JSON is already decoded."""
    if not isinstance(request, Mapping):
        raise InvalidValue("request", request, "must be a JSON object", hint=_HINT)
    given = [form for form in FORMS if form in request]
    if len(given) != 1:
        problem = f"must have exactly one of {', '.join(FORMS)}"
        raise InvalidValue("request", sorted(map(str, request)), problem, hint=_HINT)
    params = request.get("params")
    if params is not None and not isinstance(params, Mapping):
        raise InvalidValue("params", params, "must be a JSON object")
    form, value = given[0], request[given[0]]
    data = _table(form, value, schema) if form.startswith("dataframe") else _tensors(form, value, schema)
    return ScoringInput(data, None if params is None else dict(params))


def _read_json(body: bytes | str, schema: Schema | None) -> ScoringInput:
    try:
        request = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidValue("request", body, f"is not JSON: {error}", hint=_HINT) from None
    return parse_scoring_object(request, schema)


def _read_csv(body: bytes | str, schema: Schema | None) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415  a model of tensors needs no pandas

    try:
        text = body if isinstance(body, str) else body.decode("utf-8")
        texts = {
            str(column.name): str
            for column in (schema.columns if schema else ())
            if column.type in {DataType.string, DataType.binary, DataType.datetime}
        }
        frame = pd.read_csv(io.StringIO(text), dtype=texts or None)
    except (ValueError, UnicodeDecodeError) as error:
        raise InvalidValue("request", body, f"is not CSV with a header line: {error}") from None
    return _typed(frame, schema)


def _table(form: str, value: Any, schema: Schema | None) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415  a model of tensors needs no pandas

    try:
        if form == "dataframe_records":
            if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
                raise InvalidValue(form, value, "must be a list of JSON objects")
            return _typed(pd.DataFrame(value), schema)
        if not isinstance(value, Mapping) or "data" not in value:
            raise InvalidValue(form, value, 'must be a JSON object with "columns" and "data"')
        frame = pd.DataFrame(value["data"], columns=value.get("columns"), index=value.get("index"))
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidValue(form, value, f"is no table: {error}") from None
    return _typed(frame, schema)


def _tensors(form: str, value: Any, schema: Schema | None) -> Any:
    if value is None or value == []:
        raise InvalidValue(form, value, "must not be empty")
    if schema is not None and not schema.is_tensor_spec():
        return _columns(form, value, schema)
    if form == "instances" and isinstance(value, list) and isinstance(value[0], Mapping):
        try:
            value = {name: [row[name] for row in value] for name in value[0]}
        except (KeyError, TypeError, AttributeError):
            raise InvalidValue(form, value, "must have the same names in every row") from None
    if schema is not None:
        return value
    if isinstance(value, Mapping):
        lists = value and all(isinstance(one, list) for one in value.values())
        return {name: _array(form, one) for name, one in value.items()} if lists else dict(value)
    return _array(form, value)


def _columns(form: str, value: Any, schema: Schema) -> Any:
    from windlass_models.enforcement import as_frame  # noqa: PLC0415  it brings pandas along

    try:
        return _typed(as_frame(value, schema), schema)
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidValue(form, value, f"is no table: {error}") from None


def _array(form: str, value: Any) -> np.ndarray[Any, Any]:
    try:
        return np.array(value)
    except ValueError:
        raise InvalidValue(form, value, "must have rows of the same length") from None


def _typed(frame: pd.DataFrame, schema: Schema | None) -> pd.DataFrame:
    """The table with the columns that JSON or CSV cannot tell apart in the schema's types."""
    if schema is None or schema.is_tensor_spec():
        return frame
    names = schema.input_names() if schema.has_input_names() else list(frame.columns)
    result = frame
    for name, spec in zip(names, schema.columns, strict=False):
        if isinstance(spec.type, DataType) and name in frame.columns:
            column = frame[name]
            typed = _column(column, spec.type, name)
            if typed is not column:
                result = frame.copy(deep=False) if result is frame else result
                result[name] = typed
    return result


def _column(column: Any, dtype: DataType, name: object) -> Any:
    kind = column.dtype.kind
    try:
        if dtype is DataType.datetime and kind != "M":
            return _times(column)
        if dtype is DataType.binary:
            return column.map(_bytes, na_action="ignore")
        if kind == "O" and dtype in {DataType.float, DataType.double} and _all_numbers(column):
            return column.astype(dtype.to_numpy())
        if kind in "if" and dtype in {DataType.integer, DataType.long, DataType.float, DataType.double}:
            return _number(column, dtype)
    except (ValueError, TypeError, OverflowError, binascii.Error):
        raise InvalidValue(f"column {name!r}", column.tolist(), f"cannot be read as {dtype}") from None
    return column


def _times(column: Any) -> Any:
    import pandas as pd  # noqa: PLC0415  a model of tensors needs no pandas

    return pd.to_datetime(column, format="ISO8601").astype("datetime64[ns]")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _all_numbers(column: Any) -> bool:
    return all(value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)) for value in column)


def _number(column: Any, dtype: DataType) -> Any:
    wanted = dtype.to_numpy()
    if column.dtype == wanted or (wanted.kind == "i" and column.isna().any()):
        return column
    cast = column.astype(wanted)
    if wanted.kind == "i" and not bool((cast == column).all()):
        return column
    return cast
