"""Message: a request of the HTTP API, which knows where it is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from typing import Annotated, Any, ClassVar, TypeVar, dataclass_transform

from windlass.wire.scalars import encode_float

NUMBER_IS_FINE = "a JSON number is read as text"
Id = Annotated[str, NUMBER_IS_FINE]
"""An id or a version: text, which clients may also send as a number."""

MLFLOW = "mlflow"
MLFLOW3 = "mlflow 3"
PROXY = "mlflow-artifacts"
WINDLASS = "windlass"
PREFIXES: Mapping[str, tuple[str, ...]] = {
    MLFLOW: ("/api/2.0/mlflow", "/ajax-api/2.0/mlflow", "/api/2.0/preview/mlflow"),
    MLFLOW3: ("/api/3.0/mlflow", "/ajax-api/3.0/mlflow"),
    PROXY: ("/api/2.0/mlflow-artifacts", "/ajax-api/2.0/mlflow-artifacts"),
    WINDLASS: ("/api/windlass/v1",),
}
"""The prefixes that each family is served below; clients use the first."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a message goes: its methods, the first of which our client uses, and its path below a family's prefix.

    The path may hold `{field}` of the message. `idempotent` says that sending it twice does what sending it once does,
    so that a client may try again when it does not know whether the first one arrived.
    """

    methods: tuple[str, ...]
    path: str
    idempotent: bool = True
    family: str = MLFLOW


class Message:
    """The root of all requests."""

    __slots__ = ()
    endpoint: ClassVar[Endpoint]


M = TypeVar("M", bound=Message)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def message(methods: str, path: str, *, idempotent: bool = True, family: str = MLFLOW) -> Callable[[type[M]], type[M]]:
    """Make a class a frozen message of this endpoint; several methods are separated by spaces."""

    def decorate(cls: type[M]) -> type[M]:
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        made.endpoint = Endpoint(tuple(methods.split()), path, idempotent, family)
        return made

    return decorate


def also_named(*names: str) -> Any:
    """A required field that older clients call by other names."""
    return field(metadata={"names": names})


def from_header(name: str) -> Any:
    """An optional text that may also come as a header, as browsers send some."""
    return field(default=None, metadata={"header": name})


def encode_message(value: Any) -> Any:
    """A message, or what is inside of one, as JSON: snake_case keys, absent values left out."""
    if isinstance(value, float):
        return encode_float(value)
    if isinstance(value, Enum):
        return value.name if isinstance(value, int) else value.value
    if isinstance(value, tuple | list):
        return [encode_message(one) for one in value]
    if is_dataclass(value):
        parts = ((one.name, getattr(value, one.name)) for one in fields(value))
        return {name: encode_message(part) for name, part in parts if part is not None and part != ()}
    return value
