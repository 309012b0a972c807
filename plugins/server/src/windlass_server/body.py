"""What a request brings: a JSON body or a query string, as plain values."""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import fields
from functools import cache
from typing import Any, cast, get_type_hints
from urllib.parse import parse_qsl

from windlass.errors import InvalidValue
from windlass.wire.message import Message
from windlass_server.reading import Constant, camel


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs; which of two equal names was meant, nobody knows."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidValue(twice, found[twice], "is given more than once")
    return found


_DECODER = json.JSONDecoder(parse_constant=Constant, object_pairs_hook=_object)
_MAX_ARGUMENTS = 10_000


def parse_json(body: bytes) -> Any:
    """The value of a JSON text; nothing is an empty object, and a text inside of a text is read as well."""
    if not body:
        return {}
    value = _decode(body)
    return _decode(value.encode()) if isinstance(value, str) else value


def _decode(body: bytes) -> Any:
    try:
        return _DECODER.decode(body.decode())
    except RecursionError:
        raise InvalidValue("body", body[:20], "is nested too deep") from None
    except ValueError as error:
        # A JSONDecodeError, bad UTF-8, or a number of more digits than Python reads.
        raise InvalidValue("body", body[:200], f"is no JSON in UTF-8: {error}") from None


def parse_query(query: bytes, kind: type[Message]) -> dict[str, Any]:
    """The arguments of a query string; those that `kind` wants as lists come as lists."""
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_ARGUMENTS)
    except ValueError as error:
        raise InvalidValue("query", query[:200], f"cannot be read: {error}") from None
    values: dict[str, Any] = {}
    lists = _lists(cast(Hashable, kind))
    for key, value in pairs:
        if key in lists:
            values.setdefault(key, []).append(value)
        elif key in values:
            raise InvalidValue(key, value, "is given more than once")
        else:
            values[key] = value
    return values


@cache
def _lists(kind: Any) -> frozenset[str]:
    hints = get_type_hints(kind)
    names = set()
    for one in fields(kind):
        if getattr(hints[one.name], "__origin__", None) is tuple:
            spelled = {one.name, *one.metadata.get("names", ())}
            names |= spelled | {camel(name) for name in spelled}
    return frozenset(names)
