"""The tensors of the protocol, as the inputs and the answer of a model; imported where models are served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from windlass.errors import InvalidValue

_DTYPES: Mapping[str, str] = {
    "BOOL": "bool", "UINT8": "uint8", "UINT16": "uint16", "UINT32": "uint32", "UINT64": "uint64",
    "INT8": "int8", "INT16": "int16", "INT32": "int32", "INT64": "int64",
    "FP16": "float16", "FP32": "float32", "FP64": "float64", "BYTES": "object",
}  # fmt: skip
Tensor = tuple[str, str, Sequence[int], Sequence[Any]]
"""A name, a data type of the protocol, a shape and the flat or nested values."""


def read_tensors(tensors: Sequence[Tensor]) -> Any:
    """One tensor as an array, several as a table with a column for each."""
    import numpy as np  # noqa: PLC0415  only the server has it
    import pandas as pd  # noqa: PLC0415  as above

    arrays = {}
    for name, datatype, shape, data in tensors:
        if datatype not in _DTYPES:
            raise InvalidValue(f"tensor {name}", datatype, "has an unknown data type", limit=", ".join(_DTYPES))
        try:
            arrays[name] = np.asarray(data, dtype=_DTYPES[datatype]).reshape(tuple(shape))
        except (ValueError, TypeError, OverflowError) as error:
            raise InvalidValue(f"tensor {name}", list(shape), f"does not fit its data: {error}") from error
    if len(arrays) == 1:
        return next(iter(arrays.values()))
    return pd.DataFrame({name: list(one.reshape(len(one), -1).squeeze(axis=1)) for name, one in arrays.items()})


def write_tensor(name: str, predictions: Any) -> dict[str, Any]:
    """Predictions as a tensor; what has no numeric type becomes texts."""
    import numpy as np  # noqa: PLC0415  only the server has it

    array = np.asarray(predictions)
    known = {dtype: datatype for datatype, dtype in _DTYPES.items() if datatype != "BYTES"}
    datatype = known.get(array.dtype.name)
    if datatype is None:
        array, datatype = array.astype(str), "BYTES"
    return {"name": name, "shape": list(array.shape), "datatype": datatype, "data": array.ravel().tolist()}
