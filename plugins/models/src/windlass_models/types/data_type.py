"""DataType: the kinds of single values that a column or a parameter may hold."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np

from windlass.errors import InvalidValue


class DataType(StrEnum):
    """The kinds of single values; `integer` and `float` have 32 bits, `long` and `double` 64."""

    boolean = "boolean"
    integer = "integer"
    long = "long"
    float = "float"
    double = "double"
    string = "string"
    binary = "binary"
    datetime = "datetime"

    def to_numpy(self) -> np.dtype[Any]:
        """The numpy type that holds such values."""
        return np.dtype(_NUMPY[self])

    def to_pandas(self) -> np.dtype[Any]:
        """The type of a pandas column that holds such values."""
        return self.to_numpy()

    @classmethod
    def parse(cls, name: object) -> DataType:
        """The type of this name; InvalidValue lists the known ones."""
        try:
            return cls(str(name))
        except ValueError:
            raise InvalidValue("type", name, "is not a known data type", limit=", ".join(cls)) from None


_NUMPY: dict[DataType, str] = {
    DataType.boolean: "bool",
    DataType.integer: "int32",
    DataType.long: "int64",
    DataType.float: "float32",
    DataType.double: "float64",
    DataType.string: "object",
    DataType.binary: "object",
    DataType.datetime: "datetime64[ns]",
}

WIDENS: dict[DataType, frozenset[DataType]] = {
    DataType.integer: frozenset({DataType.long, DataType.double}),
    DataType.long: frozenset({DataType.double}),
    DataType.float: frozenset({DataType.double}),
}
"""The types that take the values of a type without loss (of a `long`, up to 2**53, as everyone expects)."""


_BY_KIND: dict[str, DataType] = {
    "b": DataType.boolean,
    "M": DataType.datetime,
    "U": DataType.string,
    "S": DataType.binary,
    "i1": DataType.integer,
    "i2": DataType.integer,
    "i4": DataType.integer,
    "i8": DataType.long,
    "u1": DataType.integer,
    "u2": DataType.integer,
    "u4": DataType.long,
    "f2": DataType.float,
    "f4": DataType.float,
    "f8": DataType.double,
}


def numpy_data_type(dtype: np.dtype[Any]) -> DataType | None:
    """The data type of a numpy type; None for those that need a look at the values, or have no counterpart."""
    return _BY_KIND.get(dtype.kind if dtype.kind in "bMUS" else f"{dtype.kind}{dtype.itemsize}")
