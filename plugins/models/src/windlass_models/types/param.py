"""ParamSpec and ParamSchema: what a caller may set beside the input."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from windlass.errors import InvalidValue
from windlass_models.types.data_type import DataType
from windlass_models.types.nested import Object, ValueType, parse_type, type_from_dict, type_to_dict

_PYTHON: dict[DataType, tuple[type, ...]] = {
    DataType.boolean: (bool, np.bool_),
    DataType.integer: (int, np.integer),
    DataType.long: (int, np.integer),
    DataType.float: (int, float, np.integer, np.floating),
    DataType.double: (int, float, np.integer, np.floating),
    DataType.string: (str,),
    DataType.binary: (bytes, bytearray),
    DataType.datetime: (datetime, np.datetime64, str),
}


@dataclass(frozen=True, slots=True)
class ParamSpec:
    """A parameter with its default; the shape is None for one value and (-1,) for a list."""

    name: str
    dtype: ValueType
    default: Any
    shape: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", parse_type(self.dtype))
        object.__setattr__(self, "shape", None if self.shape is None else tuple(self.shape))
        object.__setattr__(self, "default", self.check(self.default))

    def check(self, value: Any) -> Any:
        """The value in the parameter's type; InvalidValue if it has another."""
        if value is None or isinstance(self.dtype, Object):
            return value
        if self.shape is None:
            return self._single(value)
        if isinstance(value, (str, bytes)) or not isinstance(value, (Sequence, np.ndarray)):
            raise InvalidValue(f"param {self.name}", value, f"must be a list of {self.dtype}")
        return [self._single(one) for one in value]

    def _single(self, value: Any) -> Any:
        dtype = self.dtype
        if not isinstance(dtype, DataType):
            return value
        is_bool = isinstance(value, (bool, np.bool_))
        if not isinstance(value, _PYTHON[dtype]) or (is_bool and dtype is not DataType.boolean):
            raise InvalidValue(f"param {self.name}", value, f"must be of type {dtype}")
        return _converted(dtype, value)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        default = self.default
        if isinstance(default, (datetime, np.datetime64)):
            default = str(np.datetime64(default).astype("datetime64[ns]"))
        shape = None if self.shape is None else list(self.shape)
        return {"name": self.name, "default": default, "shape": shape, **type_to_dict(self.dtype)}

    @classmethod
    def from_dict(cls, form: Mapping[str, Any]) -> ParamSpec:
        """Read the JSON form; the oldest files say `dtype` for `type`."""
        if not {"name", "default"} <= form.keys():
            raise InvalidValue("param", form, "must have a name and a default")
        dtype = type_from_dict(form if "type" in form else {"type": form.get("dtype")})
        return cls(form["name"], dtype, form["default"], form.get("shape"))


def _converted(dtype: DataType, value: Any) -> Any:
    match dtype:
        case DataType.boolean:
            return bool(value)
        case DataType.integer | DataType.long:
            return int(value)
        case DataType.float | DataType.double:
            return float(value)
        case DataType.datetime:
            return np.datetime64(value).astype("datetime64[us]").item() if isinstance(value, str) else value
        case _:
            return value


@dataclass(frozen=True, slots=True)
class ParamSchema:
    """All parameters of a model."""

    params: tuple[ParamSpec, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", tuple(self.params))
        names = [param.name for param in self.params]
        if len(set(names)) < len(names):
            raise InvalidValue("params", names, "must have different names")

    def __iter__(self) -> Any:
        return iter(self.params)

    def __len__(self) -> int:
        return len(self.params)

    def to_dict(self) -> list[dict[str, Any]]:
        """The JSON form."""
        return [param.to_dict() for param in self.params]

    def to_json(self) -> str:
        """The JSON text that the MLmodel file holds."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> ParamSchema:
        """Read the JSON text."""
        return cls(tuple(ParamSpec.from_dict(form) for form in json.loads(text)))
