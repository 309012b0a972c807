"""ColSpec: one column of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from windlass_models.types.nested import ValueType, parse_type, type_from_dict, type_to_dict


@dataclass(frozen=True, slots=True)
class ColSpec:
    """A column; one without a name is known by its position."""

    type: ValueType
    name: str | None = None
    required: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "type", parse_type(self.type))

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        form = type_to_dict(self.type)
        if self.name is not None:
            form["name"] = self.name
        return {**form, "required": self.required}

    @classmethod
    def from_dict(cls, form: Mapping[str, Any]) -> ColSpec:
        """Read the JSON form; older files know `optional` in place of `required`."""
        return cls(type_from_dict(form), form.get("name"), form.get("required", not form.get("optional", False)))

    def __str__(self) -> str:
        kind = self.type if isinstance(self.type, str) else self.to_dict()["type"]
        name = "" if self.name is None else f"{self.name!r}: "
        return f"{name}{kind} ({'required' if self.required else 'optional'})"
