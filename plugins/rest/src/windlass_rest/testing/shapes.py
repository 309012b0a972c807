"""Shapes of JSON: what a published API description says of a request, in few words.

A mapping names the fields of an object, those that are needed with a `!`; a list of one shape is a list, a tuple of
texts the choices, `Texts` any names with texts, `Anything` whatever. Everything else is refused, unknown fields too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Texts:
    """An object with any names, whose values are texts."""


class Whole:
    """An object with any names, whose values are whole numbers."""


class Anything:
    """Any JSON."""


def problems(shape: Any, value: Any, where: str = "body") -> Iterator[str]:
    """What is wrong with a value, in words."""
    if isinstance(shape, Mapping):
        yield from _of_object(shape, value, where)
    elif isinstance(shape, list):
        yield from _of_list(shape[0], value, where)
    elif isinstance(shape, tuple):
        if value not in shape:
            yield f"{where} must be one of {', '.join(shape)}"
    elif shape in (Texts, Whole):
        kind = str if shape is Texts else int
        if not isinstance(value, dict) or not all(type(one) is kind for one in value.values()):
            yield f"{where} must be an object of {kind.__name__}"
    elif shape is not Anything and not (type(value) is shape or (shape is float and type(value) is int)):
        yield f"{where} must be {shape.__name__}"


def _of_list(shape: Any, value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{where} must be a list"
        return
    for number, one in enumerate(value):
        yield from problems(shape, one, f"{where}[{number}]")


def _of_object(shape: Mapping[str, Any], value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} must be an object"
        return
    known = {name.rstrip("!"): inner for name, inner in shape.items()}
    for name in value:
        if name not in known:
            yield f"{where} has an unknown field {name}"
    for name, inner in shape.items():
        plain = name.rstrip("!")
        if plain in value:
            yield from problems(inner, value[plain], f"{where}.{plain}")
        elif name.endswith("!"):
            yield f"{where} needs {plain}"
