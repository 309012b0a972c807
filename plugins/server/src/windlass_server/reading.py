"""Reading requests: the one place that is lenient, and says exactly what is wrong where it is not.

Lenient: keys in snake_case or camelCase, null for absent, unknown keys, whole numbers and floats as texts, the floats
that JSON lacks as texts or bare words, enums by name or number, ids as numbers. Everything else is an `InvalidValue`
with the field, the value and the limit; nothing ever falls back to a default.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from enum import Enum, IntEnum
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from windlass.errors import InvalidValue
from windlass.wire.message import Message

Read = Callable[[Any], Any]
M = TypeVar("M", bound=Message)

_INT64 = (-(2**63), 2**63 - 1)
_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WORDS: Mapping[str, float] = {
    "nan": math.nan,
    **dict.fromkeys(("inf", "+inf", "infinity", "+infinity"), math.inf),
    **dict.fromkeys(("-inf", "-infinity"), -math.inf),
}


_readers: dict[type[Any], ObjectReader] = {}


class Constant(float):
    """A bare NaN or Infinity of a JSON text, told apart from a number that is too large for a float."""


class Wrong(Exception):
    """What is wrong with a value; the path to it grows on the way out."""

    def __init__(self, value: object, problem: str, limit: object = None) -> None:
        super().__init__(problem)
        self.value, self.problem, self.limit = value, problem, limit
        self.path = ""

    def inside(self, place: str) -> Wrong:
        """The same, seen from one level further out."""
        self.path = place + (f".{self.path}" if self.path and not self.path.startswith("[") else self.path)
        return self


def read_text(value: Any) -> str:
    """A text that every database can hold."""
    if type(value) is not str:
        raise Wrong(value, "must be a text")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Wrong(value, "holds half of a surrogate pair, which is no character") from None
    if "\x00" in value:
        raise Wrong(value, "holds a NUL character")
    return value


def read_id(value: Any) -> str:
    """An id: a text, or a whole number that stands for one."""
    return str(value) if type(value) is int else read_text(value)


def read_int(value: Any) -> int:
    """A whole number of 64 bits."""
    if (type(value) is str and _WHOLE.fullmatch(value)) or (type(value) is float and value.is_integer()):
        value = int(value)
    if type(value) is not int:
        raise Wrong(value, "must be a whole number")
    if not _INT64[0] <= value <= _INT64[1]:
        raise Wrong(value, "does not fit into 64 bits", "-2^63 … 2^63-1")
    return value


def read_float(value: Any) -> float:
    """Any float."""
    if type(value) is Constant:
        return float(value)
    if type(value) is str:
        if (word := _WORDS.get(value.lower())) is not None:
            return word
        if _NUMBER.fullmatch(value):
            value = float(value)
    try:
        number = float(value) if type(value) in {int, float} else None
    except OverflowError:
        number = math.inf
    if number is None:
        raise Wrong(value, 'must be a number, or one of "NaN", "Infinity" and "-Infinity"')
    if math.isinf(number):
        raise Wrong(value, "is too large for a float", "1.8e308")
    return number


def read_bool(value: Any) -> bool:
    """True or false."""
    if type(value) is bool:
        return value
    if type(value) is str and value in {"true", "false"}:
        return value == "true"
    raise Wrong(value, "must be true or false")


def _read_enum(kind: type[Enum]) -> Read:
    members = list(kind)
    by_name = {one.name: one for one in members} | {str(one.value): one for one in members}
    for place, one in enumerate(members, start=1):
        by_name[str(int(one.value) if isinstance(one, IntEnum) else place)] = one
    known = ", ".join(one.name for one in members)

    def read(value: Any) -> Any:
        found = by_name.get(str(value)) if type(value) in {str, int} else None
        if found is None:
            raise Wrong(value, "is not known", known)
        return found

    return read


def _read_list(read: Read) -> Read:
    def read_all(values: Any) -> tuple[Any, ...]:
        if type(values) is not list:
            raise Wrong(values, "must be a list")
        found: list[Any] = []
        try:
            found.extend(read(value) for value in values)
        except Wrong as wrong:
            raise wrong.inside(f"[{len(found)}]") from None
        return tuple(found)

    return read_all


@dataclass(frozen=True, slots=True)
class _Part:
    """One field of an object: how it is called, how it is read, and whether it may be absent."""

    name: str
    others: tuple[str, ...]
    read: Read
    required: bool


@dataclass(slots=True)
class ObjectReader:
    """Reads JSON objects into instances of one dataclass."""

    kind: Any
    parts: list[_Part] = field(default_factory=list)

    def __post_init__(self) -> None:
        hints = get_type_hints(self.kind, include_extras=True)
        for one in fields(self.kind):
            required = one.default is MISSING and one.default_factory is MISSING
            names = (one.name, *one.metadata.get("names", ()))
            others = [spelled for name in names for spelled in (name, camel(name)) if spelled != one.name]
            self.parts.append(_Part(one.name, tuple(dict.fromkeys(others)), _reader(hints[one.name]), required))

    def __call__(self, raw: Any) -> Any:
        """The instance; `Wrong` if a field is missing or cannot be read."""
        if not isinstance(raw, dict):
            raise Wrong(raw, "must be a JSON object")
        values: dict[str, Any] = {}
        for part in self.parts:
            value = raw.get(part.name)
            for other in part.others:
                if other in raw:
                    value = _only(part.name, value, raw[other])
            if value is None:
                if part.required:
                    raise Wrong(None, "is missing").inside(part.name)
                continue
            try:
                values[part.name] = part.read(value)
            except Wrong as wrong:
                raise wrong.inside(part.name) from None
        return self.kind(**values)


def reader(kind: type[Any]) -> ObjectReader:
    """The reader of a dataclass, made once."""
    if (known := _readers.get(kind)) is None:
        known = _readers[kind] = ObjectReader(kind)
    return known


def read_message(kind: type[M], raw: object) -> M:
    """The message behind a JSON value; `InvalidValue` names the field, the value and the limit."""
    try:
        found: M = reader(kind)(raw)
    except Wrong as wrong:
        if wrong.problem == "is missing":
            raise InvalidValue(wrong.path, None, "is missing", hint=f"{kind.endpoint.path} needs it") from None
        raise InvalidValue(wrong.path or "body", wrong.value, wrong.problem, limit=wrong.limit) from None
    return found


def _only(name: str, value: Any, other: Any) -> Any:
    if value is None or value == "":
        return value if other is None else other
    if other is not None and other != value:
        raise Wrong(other, f"differs from the same field under another name, which is {value!r}").inside(name)
    return value


def _reader(hint: Any) -> Read:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return read_id
    if origin in {Union, UnionType}:
        (inner,) = (one for one in arguments if one is not NoneType)
        return _reader(inner)
    if origin is tuple:
        return _read_list(_reader(arguments[0]))
    if issubclass(hint, Enum):
        return _read_enum(hint)
    if is_dataclass(hint):
        return reader(cast(type[Any], hint))
    return {str: read_text, int: read_int, float: read_float, bool: read_bool}[hint]


def camel(name: str) -> str:
    """The name as protobuf spells it in JSON."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
