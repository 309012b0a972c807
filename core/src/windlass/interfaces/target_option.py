"""TargetOption: what a deployment target can be told with `-C NAME=VALUE`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from windlass.errors import InvalidValue

HIDDEN = "***"
"""What stands for the value of a secret option."""
_DAY = 86_400.0


class OptionType(StrEnum):
    """How the text of an option is read."""

    TEXT = "text"
    INTEGER = "whole number"
    NUMBER = "number"
    BOOLEAN = "true or false"
    JSON = "JSON"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOption:
    """An option with a sentence about it, and the values that it takes.

    `least` and `most` bound numbers, both included; `pattern` is what a text must match as a whole, described by
    `form`. An option without a default is absent from what is parsed unless it is given. The value of a `secret` one is
    never written down, nor shown.
    """

    name: str
    meaning: str
    type: OptionType = OptionType.TEXT
    default: Any = None
    required: bool = False
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    pattern: str = ""
    form: str = ""
    secret: bool = False

    def parse(self, text: str) -> Any:
        """The value that the text means; InvalidValue with what is allowed otherwise."""
        if not isinstance(text, str):
            raise InvalidValue(self.field, type(text).__name__, "must be a text")
        shown = HIDDEN if self.secret else text
        try:
            value = _PARSERS[self.type](text)
        except ValueError:
            raise InvalidValue(self.field, shown, f"must be {_A[self.type]}", limit=self._range()) from None
        if not self._allows(value):
            raise InvalidValue(self.field, shown, self._demand(), limit=self._range())
        return value

    def values(self) -> str:
        """What may be given, and what holds without, as `whole number, 1 to 256; 1 without`."""
        kind = self._range() if self.choices else ", ".join(filter(None, (str(self.type), self._range())))
        without = "needed" if self.required else "" if self.default is None else f"{self.default} without"
        return "; ".join(filter(None, (kind, without)))

    @property
    def field(self) -> str:
        """What errors call it."""
        return f"config {self.name}"

    def _allows(self, value: Any) -> bool:
        if self.choices and value not in self.choices:
            return False
        if self.pattern and not re.fullmatch(self.pattern, value):
            return False
        too_small = self.least is not None and value < self.least
        return not too_small and not (self.most is not None and value > self.most)

    def _demand(self) -> str:
        if self.choices:
            return "is none of the choices"
        return f"must be {self.form}" if self.form else "is out of range"

    def _range(self) -> str | None:
        if self.choices:
            return ", ".join(self.choices)
        if self.least is None and self.most is None:
            return None
        low = "any" if self.least is None else f"{self.least:g}"
        return f"{low} to {self.most:g}" if self.most is not None else f"{low} and more"


def count(name: str, meaning: str, *, default: int | None = None, least: int = 1, most: int) -> TargetOption:
    """An option that is a whole number."""
    return TargetOption(name=name, meaning=meaning, type=OptionType.INTEGER, default=default, least=least, most=most)


def seconds(name: str, meaning: str, *, default: float, least: float = 0.001) -> TargetOption:
    """An option that is a time in seconds, of a day at most."""
    return TargetOption(name=name, meaning=meaning, type=OptionType.NUMBER, default=default, least=least, most=_DAY)


def parse_options(options: Iterable[TargetOption], config: Mapping[str, str]) -> dict[str, Any]:
    """The values of a target's options by name, with defaults; InvalidValue for one that is unknown, bad or missing."""
    known = {one.name: one for one in options}
    for name in config:
        if name not in known:
            limit = ", ".join(sorted(known)) or "none"
            raise InvalidValue("config", name, "is no option of this target", limit=limit)
    missing = [name for name, one in known.items() if one.required and name not in config]
    if missing:
        hint = f"give it with -C {missing[0]}=…: {known[missing[0]].meaning}"
        raise InvalidValue("config", None, f"needs {missing[0]!r}", hint=hint)
    given = {name: known[name].parse(text) for name, text in config.items()}
    return {name: one.default for name, one in known.items() if one.default is not None} | given


def hide_secrets(options: Iterable[TargetOption], config: Mapping[str, str]) -> dict[str, str]:
    """The options with something else in the place of what nobody is to read."""
    secret = {one.name for one in options if one.secret}
    return {name: HIDDEN if name in secret else text for name, text in config.items()}


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise ValueError(text)
    return int(text)


def _boolean(text: str) -> bool:
    if text.lower() not in _BOOLEANS:
        raise ValueError(text)
    return _BOOLEANS[text.lower()]


_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_PARSERS: Mapping[OptionType, Callable[[str], Any]] = {
    OptionType.TEXT: str,
    OptionType.INTEGER: _whole,
    OptionType.NUMBER: _number,
    OptionType.BOOLEAN: _boolean,
    OptionType.JSON: json.loads,
}
_A: Mapping[OptionType, str] = {
    OptionType.TEXT: "a text",
    OptionType.INTEGER: "a whole number",
    OptionType.NUMBER: "a number",
    OptionType.BOOLEAN: "true or false",
    OptionType.JSON: "JSON",
}
