"""Tensor: numbers as RedisAI takes and gives them."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from windlass.errors import InvalidValue

CODES = {
    "FLOAT": "f", "DOUBLE": "d", "INT8": "b", "INT16": "h", "INT32": "i", "INT64": "q", "UINT8": "B", "UINT16": "H",
    "BOOL": "?",
}  # fmt: skip
"""How Python packs the types of RedisAI; all are little-endian."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Numbers of one type in a shape, packed."""

    dtype: str
    shape: tuple[int, ...]
    content: bytes

    @classmethod
    def of(cls, value: Any, dtype: str) -> Tensor:
        """From nested lists of one shape; InvalidValue for anything else."""
        shape = _shape(value)
        try:
            numbers = list(_flat(value, shape))
            code = f"<{len(numbers)}{CODES[dtype]}"
            whole = CODES[dtype] not in "fd"
            packed = struct.pack(code, *(int(one) if whole and one == int(one) else one for one in numbers))
        except (struct.error, TypeError, ValueError, OverflowError) as error:
            raise InvalidValue("payload", value, f"is no tensor of {dtype}: {error}") from error
        return cls(dtype, shape, packed)

    def value(self) -> Any:
        """As nested lists; a number for a tensor without a shape."""
        found = struct.unpack(f"<{math.prod(self.shape)}{CODES[self.dtype]}", self.content)
        return _nested(found, self.shape)


def _shape(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        return ()
    return (len(value), *(_shape(value[0]) if value else ()))


def _flat(value: Any, shape: tuple[int, ...]) -> Iterator[Any]:
    if not shape:
        if isinstance(value, str | list | dict) or value is None:
            raise TypeError("it holds something else than numbers")
        yield value
        return
    if not isinstance(value, list) or len(value) != shape[0]:
        raise ValueError("its lists differ in length")
    for one in value:
        yield from _flat(one, shape[1:])


def _nested(found: Sequence[Any], shape: tuple[int, ...]) -> Any:
    if not shape:
        return found[0]
    size = math.prod(shape[1:])
    return [_nested(found[at * size : (at + 1) * size], shape[1:]) for at in range(shape[0])]
