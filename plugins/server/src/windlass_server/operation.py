"""The description of a request in the OpenAPI document, made from its message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, Field, dataclass, fields
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
)

from windlass.services.limits import MAX_KEY
from windlass.wire.error import ErrorJson
from windlass.wire.message import Message

ERRORS = {400: ResponseSpec(ErrorJson, generate_examples=False, description="What was wrong")}
"""What errors look like, as handlers declare it."""
NOTHING = {200: ResponseSpec(dict[str, str], generate_examples=False, description="An empty object"), **ERRORS}
"""The same of handlers that answer an empty object."""

_SCALARS = {
    str: Schema(type=OpenAPIType.STRING),
    int: Schema(type=OpenAPIType.INTEGER, minimum=-(2**63), maximum=2**63 - 1),
    float: Schema(type=OpenAPIType.NUMBER),
    bool: Schema(type=OpenAPIType.BOOLEAN),
}
_BY_NAME = {
    "key": Schema(type=OpenAPIType.STRING, min_length=1, max_length=MAX_KEY),
    "max_results": Schema(type=OpenAPIType.INTEGER, minimum=1, maximum=2**63 - 1),
    "timestamp": Schema(type=OpenAPIType.INTEGER, minimum=0, maximum=2**63 - 1),
}
"""What fields of these names hold wherever they are."""


def operation(kind: type[Message], method: str, media_types: Sequence[str] = ()) -> type[Operation]:
    """An operation that takes this message: from the query of a GET, from the body otherwise, and from the path.

    `media_types` are those of an answer that is no JSON.
    """
    in_path = {name for name in _names(kind) if f"{{{name}}}" in kind.endpoint.path}

    # No dataclass of its own: making a hundred of them would take a tenth of a second of every start.
    class MessageOperation(Operation):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            if method == "GET":
                self.parameters = [*(self.parameters or ()), *_parameters(kind, in_path)]
            else:
                schema = _schema_of_object(kind, in_path)
                self.request_body = RequestBody(content={"application/json": OpenAPIMediaType(schema=schema)})

            _describe_errors(self)
            answer = (self.responses or {}).get("200")
            if media_types and isinstance(answer, OpenAPIResponse):
                answer.content = {one: OpenAPIMediaType(schema=_BYTES) for one in media_types}

    return MessageOperation


def _describe_errors(described: Operation) -> None:
    """Every other status has the form of a 400."""
    responses = described.responses
    if responses and "400" in responses:
        responses["default"] = responses["400"]


_BYTES = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
_ANY_FILE = "application/octet-stream"


@dataclass
class PlainOperation(Operation):
    """An operation that is described by its handler."""

    def __post_init__(self) -> None:
        """Describe the errors."""
        _describe_errors(self)


@dataclass
class UploadOperation(Operation):
    """An operation whose body is a file."""

    def __post_init__(self) -> None:
        """Describe the body."""
        _describe_errors(self)
        self.request_body = RequestBody(content={_ANY_FILE: OpenAPIMediaType(schema=_BYTES)}, required=True)


@dataclass
class DownloadOperation(Operation):
    """An operation whose answer is a file of any type."""

    def __post_init__(self) -> None:
        """Describe the answer."""
        _describe_errors(self)
        answer = (self.responses or {}).get("200")
        if isinstance(answer, OpenAPIResponse):
            answer.content = {_ANY_FILE: OpenAPIMediaType(schema=_BYTES)}


def _fields(kind: type[Any]) -> list[tuple[Field[Any], Any]]:
    hints = get_type_hints(kind, include_extras=True)
    return [(one, hints[one.name]) for one in fields(kind)]


def _names(kind: type[Any]) -> list[str]:
    return [one.name for one, _ in _fields(kind)]


def _required(one: Field[Any]) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _parameters(kind: type[Message], skipped: set[str]) -> list[Parameter]:
    in_query = [
        Parameter(name=one.name, param_in="query", schema=_schema_of_field(one.name, hint), required=_required(one))
        for one, hint in _fields(kind)
        if one.name not in skipped
    ]
    in_headers = [
        Parameter(name=one.metadata["header"], param_in="header", schema=_schema(hint), required=False)
        for one, hint in _fields(kind)
        if "header" in one.metadata
    ]
    return in_query + in_headers


def _schema_of_object(kind: type[Any], skipped: set[str] | None = None) -> Schema:
    parts = [(one, hint) for one, hint in _fields(kind) if one.name not in (skipped or ())]
    return Schema(
        type=OpenAPIType.OBJECT,
        description=(kind.__doc__ or "").strip() or None,
        properties={one.name: _schema_of_field(one.name, hint) for one, hint in parts},
        required=[one.name for one, _ in parts if _required(one)] or None,
    )


def _schema_of_field(name: str, hint: Any) -> Schema:
    return _BY_NAME.get(name) or _schema(hint)


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
