"""Every field of every message with every kind of wrong value: refused with the field's name, never a 5xx."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest

import windlass_server.app
import windlass_server.routes.access  # noqa: F401  its messages are served as well
from windlass.wire.message import PREFIXES, Message

PASSWORD = "correct horse battery staple"
SURROGATE, NUL = "half a pair: \ud800", "NUL: \0"
HUGE = 10**400
WRONG: dict[type, list[Any]] = {
    str: [5, 1.5, True, [], {}, SURROGATE, NUL],
    int: ["x", "", 1.5, True, [], {}, 2**63, -(2**63) - 1, float("nan"), float("inf"), HUGE, "1e3"],
    float: ["x", "", True, [], {}, HUGE, "1e999", "0x10"],
    bool: ["yes", 1, 0.0, [], {}],
}
WRONG_ID = [1.5, True, [], {}, SURROGATE, NUL]
WRONG_ENUM = ["NO_SUCH_NAME", 99, 1.5, True, [], {}, ""]


def plain(hint: Any) -> Any:
    """The type without `| None`."""
    inner = [one for one in get_args(hint) if one is not NoneType]
    return inner[0] if NoneType in get_args(hint) else hint


def wrong(hint: Any) -> Iterator[tuple[str, Any]]:
    """Values that are no `hint`, each with the path inside of it that an error should name."""
    hint = plain(hint)
    if get_origin(hint) is Annotated:
        yield from (("", value) for value in WRONG_ID)
    elif get_origin(hint) is tuple:
        yield from (("", value) for value in ("x", 5, {}, True))
        inner = get_args(hint)[0]
        yield from ((f"[1]{path}", [good(inner), value]) for path, value in wrong(inner))
    elif is_dataclass(hint):
        yield from (("", value) for value in ("x", 5, [], True))
        hints = get_type_hints(hint, include_extras=True)
        for one in fields(hint):
            for path, value in wrong(hints[one.name]):
                yield f".{one.name}{path}", {**good(hint), one.name: value}
    elif isinstance(hint, type) and issubclass(hint, Enum):
        yield from (("", value) for value in WRONG_ENUM)
    else:
        yield from (("", value) for value in WRONG[hint])


def good(hint: Any) -> Any:
    """A value that is a `hint`."""
    hint = plain(hint)
    if get_origin(hint) is Annotated:
        return "1"
    if get_origin(hint) is tuple:
        return []
    if is_dataclass(hint):
        hints = get_type_hints(hint, include_extras=True)
        return {one.name: good(hints[one.name]) for one in fields(hint) if required(one)}
    if issubclass(hint, Enum):
        return next(iter(hint)).name
    return {str: "x", int: 1, float: 1.0, bool: True}[hint]


def required(one: Any) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def messages() -> list[type[Message]]:
    # A dataclass with slots leaves the class behind that it was made of, which has no endpoint.
    found = [kind for kind in Message.__subclasses__() if hasattr(kind, "endpoint")]
    return sorted(found, key=lambda kind: (kind.endpoint.path, kind.endpoint.methods, kind.__name__))


@pytest.fixture(scope="module")
def url(shared_server):
    return shared_server({"WINDLASS_AUTH": "true", "WINDLASS_ADMIN_PASSWORD": PASSWORD}).url


@pytest.fixture
def admin(url, connect):
    credentials = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    return connect(url, {"authorization": f"Basic {credentials}", "content-type": "application/json"})


@pytest.mark.parametrize("kind", messages(), ids=lambda kind: kind.__name__)
def test_every_wrong_value_of_every_field_is_refused_by_name(admin, kind):
    hints = get_type_hints(kind, include_extras=True)
    path = PREFIXES[kind.endpoint.family][0] + re.sub(r"\{\w+\}", "x", kind.endpoint.path)
    in_path = set(re.findall(r"\{(\w+)\}", kind.endpoint.path))
    base = {one.name: good(hints[one.name]) for one in fields(kind) if required(one)}
    for one in fields(kind):
        if one.name in in_path:
            continue
        for inside, value in wrong(hints[one.name]):
            # A GET without a query may have a body, so that it can be wrong in as many ways.
            body = json.dumps({**base, one.name: value}).replace(str(HUGE), "1e400" if inside else str(HUGE))
            status, found = admin.send(kind.endpoint.methods[0], path, body)
            problem = json.loads(found)
            where = f"{one.name}={value!r}"
            assert (status, problem["error_code"]) == (400, "INVALID_PARAMETER_VALUE"), (where, found)
            # What a batch holds may be named by its key as well.
            last = inside.rpartition(".")[2]
            names = {f"{one.name}{inside}", f"metric 'x' {last}", f"model 'x' {last}"}
            assert problem["details"]["field"] in names, (where, found)


@pytest.mark.parametrize("kind", messages(), ids=lambda kind: kind.__name__)
def test_every_required_field_is_asked_for_by_name(admin, kind):
    hints = get_type_hints(kind, include_extras=True)
    path = PREFIXES[kind.endpoint.family][0] + re.sub(r"\{\w+\}", "x", kind.endpoint.path)
    in_path = set(re.findall(r"\{(\w+)\}", kind.endpoint.path))
    needed = [one.name for one in fields(kind) if required(one) and one.name not in in_path]
    for name in needed:
        for absent in ({}, {name: None}):
            values = {one: good(hints[one]) for one in needed if one != name} | absent
            status, found = admin.send(kind.endpoint.methods[0], path, json.dumps(values))
            assert (status, json.loads(found).get("details", {}).get("field")) == (400, name), found
