"""Values of numpy and pandas in the form that JSON has for them."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np


def jsonable(value: Any) -> Any:
    """`value` out of texts, numbers, lists and dictionaries alone; missing ones become None.

    Tables become a list of rows, times ISO 8601, bytes base64. Infinite numbers stay: JSON has no form for them, and
    whoever writes it decides.
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else float(value)
    if isinstance(value, Mapping):
        return {str(key): jsonable(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [jsonable(one) for one in value]
    return _of_arrays(value)


def _of_arrays(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, np.generic):
        return jsonable(value.astype("datetime64[us]").item() if value.dtype.kind == "M" else value.item())
    if hasattr(value, "iloc"):
        return frame_rows(value) if hasattr(value, "columns") else column_values(value)
    if hasattr(value, "toarray"):
        return _array(value.toarray())
    return _single(value)


def frame_rows(frame: Any) -> list[dict[str, Any]]:
    """A table as one dictionary a row."""
    names, columns = [str(name) for name in frame.columns], frame_columns(frame)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def frame_split(frame: Any) -> dict[str, Any]:
    """A table as its column names and a list of rows, without the index."""
    rows = [list(row) for row in zip(*frame_columns(frame), strict=True)]
    return {"columns": [jsonable(name) for name in frame.columns], "data": rows or [[] for _ in range(len(frame))]}


def frame_columns(frame: Any) -> list[list[Any]]:
    """The values of each column."""
    return [column_values(frame.iloc[:, index]) for index in range(frame.shape[1])]


def column_values(column: Any) -> list[Any]:
    """The values of one column."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biuf":
        return list(_array(column.to_numpy()))
    return [jsonable(one) for one in column]


def _array(value: np.ndarray[Any, Any]) -> Any:
    if value.dtype.kind in "biu" or (value.dtype.kind == "f" and not np.isnan(value).any()):
        return value.tolist()
    if value.dtype.kind == "M":
        value = value.astype("datetime64[us]")
    return jsonable(value.tolist())


def _single(value: Any) -> Any:
    if type(value).__name__ in {"NAType", "NaTType"}:
        return None
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Decimal):
        return jsonable(float(value))
    raise TypeError(f"a {type(value).__name__} has no JSON form")
