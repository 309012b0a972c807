"""ModelSignature: what goes into a model and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from windlass.errors import InvalidValue
from windlass_models.types import ParamSchema, Schema


@dataclass(frozen=True, slots=True)
class ModelSignature:
    """What goes into a model, what comes out, and what a caller may set; at least one of them is known."""

    inputs: Schema | None = None
    outputs: Schema | None = None
    params: ParamSchema | None = None

    def __post_init__(self) -> None:
        for name, kind in (("inputs", Schema), ("outputs", Schema), ("params", ParamSchema)):
            value = getattr(self, name)
            if value is not None and not isinstance(value, kind):
                raise InvalidValue(name, value, f"must be a {kind.__name__}")
        if self.inputs is None and self.outputs is None and self.params is None:
            raise InvalidValue("signature", None, "must have inputs, outputs or params")

    def to_dict(self) -> dict[str, Any]:
        """The form of the MLmodel file, in which each schema is a JSON text."""
        return {
            name: None if value is None else value.to_json()
            for name, value in (("inputs", self.inputs), ("outputs", self.outputs), ("params", self.params))
        }

    @classmethod
    def from_dict(cls, form: Mapping[str, Any]) -> ModelSignature:
        """Read the form of the MLmodel file."""
        inputs, outputs, params = form.get("inputs"), form.get("outputs"), form.get("params")
        return cls(
            Schema.from_json(inputs) if inputs else None,
            Schema.from_json(outputs) if outputs else None,
            ParamSchema.from_json(params) if params else None,
        )

    def __str__(self) -> str:
        return f"inputs: {self.inputs}\noutputs: {self.outputs}\nparams: {self.params and self.params.to_dict()}"
