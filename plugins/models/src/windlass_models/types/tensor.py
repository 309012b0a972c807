"""TensorSpec: an array of known type and shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from windlass.errors import InvalidValue


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """An array; -1 in the shape stands for any length."""

    type: np.dtype[Any]
    shape: tuple[int, ...]
    name: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "type", np.dtype(self.type))
        object.__setattr__(self, "shape", tuple(int(length) for length in self.shape))

    @property
    def required(self) -> bool:
        """Tensors always are."""
        return True

    @property
    def dtype_name(self) -> str:
        """The type's name; texts and bytes go without their length."""
        return {"U": "str", "S": "bytes"}.get(self.type.kind, self.type.name)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        form: dict[str, Any] = {
            "type": "tensor",
            "tensor-spec": {"dtype": self.dtype_name, "shape": list(self.shape)},
        }
        return form if self.name is None else {"name": self.name, **form}

    @classmethod
    def from_dict(cls, form: Mapping[str, Any]) -> TensorSpec:
        """Read the JSON form."""
        try:
            inner = form["tensor-spec"]
            return cls(np.dtype(inner["dtype"]), tuple(inner["shape"]), form.get("name"))
        except (KeyError, TypeError, ValueError):
            raise InvalidValue("tensor-spec", form, "is not the JSON form of a tensor") from None

    def __str__(self) -> str:
        return f"{'' if self.name is None else repr(self.name) + ': '}Tensor({self.dtype_name!r}, {self.shape})"
