"""Schema: the columns of a table, or the tensors that take its place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from windlass.errors import InvalidValue
from windlass_models.types.column import ColSpec
from windlass_models.types.data_type import DataType
from windlass_models.types.nested import AnyType, Array, Map, Object, Property, ValueType
from windlass_models.types.param import ParamSchema, ParamSpec
from windlass_models.types.tensor import TensorSpec

__all__ = [
    "AnyType", "Array", "ColSpec", "DataType", "Map", "Object", "ParamSchema", "ParamSpec", "Property", "Schema",
    "TensorSpec", "ValueType",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Schema:
    """All columns or all tensors; several of them are either all named or all unnamed."""

    inputs: tuple[ColSpec, ...] | tuple[TensorSpec, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs", tuple(self.inputs))
        if not self.inputs:
            raise InvalidValue("schema", self.inputs, "must have at least one column or tensor")
        if len({type(one) for one in self.inputs}) > 1:
            raise InvalidValue("schema", self.inputs, "must be all columns or all tensors")
        named = [one.name is not None for one in self.inputs]
        if any(named) != all(named):
            raise InvalidValue("schema", self.inputs, "must have a name for every column, or for none")
        if self.is_tensor_spec() and len(self.inputs) > 1 and not any(named):
            raise InvalidValue("schema", self.inputs, "must name its tensors when there are several")

    def __iter__(self) -> Iterator[ColSpec | TensorSpec]:
        return iter(self.inputs)

    def __len__(self) -> int:
        return len(self.inputs)

    def is_tensor_spec(self) -> bool:
        """Whether it describes tensors rather than columns."""
        return isinstance(self.inputs[0], TensorSpec)

    def has_input_names(self) -> bool:
        """Whether the columns or tensors have names."""
        return self.inputs[0].name is not None

    @property
    def columns(self) -> tuple[ColSpec, ...]:
        """The columns; none if it describes tensors."""
        return tuple(one for one in self.inputs if isinstance(one, ColSpec))

    @property
    def tensors(self) -> tuple[TensorSpec, ...]:
        """The tensors; none if it describes columns."""
        return tuple(one for one in self.inputs if isinstance(one, TensorSpec))

    def input_names(self) -> list[str | int]:
        """The names, or the positions of what has none."""
        return [index if one.name is None else one.name for index, one in enumerate(self)]

    def required_input_names(self) -> list[str | int]:
        """The names that an input must have."""
        return [name for name, one in zip(self.input_names(), self, strict=True) if one.required]

    def optional_input_names(self) -> list[str | int]:
        """The names that an input may lack."""
        return [name for name, one in zip(self.input_names(), self, strict=True) if not one.required]

    def input_types(self) -> list[Any]:
        """The types, in order."""
        return [one.type for one in self.inputs]

    def input_dict(self) -> dict[str, ColSpec | TensorSpec]:
        """The columns or tensors by name."""
        return {str(one.name): one for one in self.inputs if one.name is not None}

    def to_dict(self) -> list[dict[str, Any]]:
        """The JSON form."""
        return [one.to_dict() for one in self.inputs]

    def to_json(self) -> str:
        """The JSON text that the MLmodel file holds."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> Schema:
        """Read the JSON text."""
        return cls.from_dict(json.loads(text))

    @classmethod
    def from_dict(cls, forms: Sequence[Mapping[str, Any]]) -> Schema:
        """Read the JSON form."""
        if all(form.get("type") == "tensor" for form in forms):
            return cls(tuple(TensorSpec.from_dict(form) for form in forms))
        return cls(tuple(ColSpec.from_dict(form) for form in forms))

    def __str__(self) -> str:
        return f"[{', '.join(map(str, self.inputs))}]"
