"""The small shapes that every noun uses: floats, tags and params as lists, absent values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, TypeVar

WireFloat = float | str
T = TypeVar("T")


class KeyValueJson(TypedDict):
    """A tag or a param."""

    key: str
    value: str


def encode_float(value: float) -> WireFloat:
    """The number, or the text that stands for one JSON lacks."""
    if math.isfinite(value):
        return float(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def decode_float(value: WireFloat) -> float:
    """The float behind a JSON number or text."""
    return float(value)


def encode_pairs(values: Mapping[str, str]) -> list[KeyValueJson]:
    """Tags or params as the list that the wire wants."""
    return [{"key": key, "value": value} for key, value in values.items()]


def decode_pairs(values: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """Tags or params by key; a value that is missing is the empty text."""
    return {str(one["key"]): str(one.get("value", "")) for one in values or ()}


def present(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without those that are absent: None and empty lists."""
    return {key: value for key, value in values.items() if value is not None and value != []}


def text_or_none(value: str | None) -> str | None:
    """The text, None if it is absent or empty."""
    return value or None
