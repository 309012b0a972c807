"""Array, Object, Map and AnyType: the types of values that hold other values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from windlass.errors import InvalidValue
from windlass_models.types.data_type import DataType


@dataclass(frozen=True, slots=True)
class AnyType:
    """A value of any type."""

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {"type": "any"}


@dataclass(frozen=True, slots=True)
class Array:
    """A list of values of one type."""

    dtype: ValueType

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {"type": "array", "items": type_to_dict(self.dtype)}


@dataclass(frozen=True, slots=True)
class Map:
    """A mapping from texts to values of one type."""

    value_type: ValueType

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {"type": "map", "values": type_to_dict(self.value_type)}


@dataclass(frozen=True, slots=True)
class Property:
    """A named part of an object."""

    name: str
    dtype: ValueType
    required: bool = True

    def to_dict(self) -> dict[str, Any]:
        """The JSON form, under the property's name."""
        return {self.name: {**type_to_dict(self.dtype), "required": self.required}}


@dataclass(frozen=True, slots=True)
class Object:
    """A mapping with known parts."""

    properties: tuple[Property, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "properties", tuple(sorted(self.properties, key=lambda one: one.name)))

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        parts = {name: form for one in self.properties for name, form in one.to_dict().items()}
        return {"type": "object", "properties": parts}


ValueType = DataType | Array | Object | Map | AnyType


def type_to_dict(dtype: ValueType) -> dict[str, Any]:
    """The JSON form of any value type."""
    return {"type": str(dtype)} if isinstance(dtype, DataType) else dtype.to_dict()


def type_from_dict(form: Mapping[str, Any]) -> ValueType:
    """Read the JSON form of a value type."""
    try:
        match form["type"]:
            case "any":
                return AnyType()
            case "array":
                return Array(type_from_dict(form["items"]))
            case "map":
                return Map(type_from_dict(form["values"]))
            case "object":
                parts = form["properties"].items()
                return Object(tuple(Property(name, type_from_dict(p), p.get("required", True)) for name, p in parts))
            case name:
                return DataType.parse(name)
    except (KeyError, TypeError, AttributeError):
        raise InvalidValue("type", form, "is not the JSON form of a type") from None


def parse_type(dtype: ValueType | str) -> ValueType:
    """A type, or the one that a name means."""
    return dtype if isinstance(dtype, (DataType, Array, Object, Map, AnyType)) else DataType.parse(dtype)
