"""The description of a request in the OpenAPI document, made from its message."""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, fields
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
)

from windlass.wire.message import Message

_SCALARS = {
    str: Schema(type=OpenAPIType.STRING),
    int: Schema(type=OpenAPIType.INTEGER, minimum=-(2**63), maximum=2**63 - 1),
    float: Schema(type=OpenAPIType.NUMBER),
    bool: Schema(type=OpenAPIType.BOOLEAN),
}


def operation(kind: type[Message], method: str) -> type[Operation]:
    """An operation that takes this message: from the query of a GET, from the body otherwise, and from the path."""
    in_path = {name for name in _names(kind) if f"{{{name}}}" in kind.endpoint.path}

    @dataclass
    class MessageOperation(Operation):
        def __post_init__(self) -> None:
            if method == "GET":
                self.parameters = [*(self.parameters or ()), *_parameters(kind, in_path)]
            else:
                schema = _schema_of_object(kind, in_path)
                self.request_body = RequestBody(content={"application/json": OpenAPIMediaType(schema=schema)})

    return MessageOperation


def _fields(kind: type[Any]) -> list[tuple[Field[Any], Any]]:
    hints = get_type_hints(kind, include_extras=True)
    return [(one, hints[one.name]) for one in fields(kind)]


def _names(kind: type[Any]) -> list[str]:
    return [one.name for one, _ in _fields(kind)]


def _required(one: Field[Any]) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _parameters(kind: type[Message], skipped: set[str]) -> list[Parameter]:
    return [
        Parameter(name=one.name, param_in="query", schema=_schema(hint), required=_required(one))
        for one, hint in _fields(kind)
        if one.name not in skipped
    ]


def _schema_of_object(kind: type[Any], skipped: set[str] | None = None) -> Schema:
    parts = [(one, hint) for one, hint in _fields(kind) if one.name not in (skipped or ())]
    return Schema(
        type=OpenAPIType.OBJECT,
        description=(kind.__doc__ or "").strip() or None,
        properties={one.name: _schema(hint) for one, hint in parts},
        required=[one.name for one, _ in parts if _required(one)] or None,
    )


def _schema(hint: Any) -> Schema:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _schema(arguments[0])
    if origin in {Union, UnionType}:
        return _schema(next(one for one in arguments if one is not NoneType))
    if origin is tuple:
        return Schema(type=OpenAPIType.ARRAY, items=_schema(arguments[0]))
    if issubclass(hint, Enum):
        return Schema(type=OpenAPIType.STRING, enum=[one.name for one in hint])
    return _SCALARS[hint] if hint in _SCALARS else _schema_of_object(hint)
