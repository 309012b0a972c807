"""LocalOptions: what `-C` may say about a local deployment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from windlass.errors import InvalidValue

_MAX_PORT = 65_535
_MAX_SECONDS = 86_400
_MAX_WORKERS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalOptions:
    """How a local deployment runs; without a port it gets a free one and keeps it."""

    host: str = "127.0.0.1"
    port: int = 0
    workers: int = 1
    timeout: float = 60.0
    request_timeout: float = 60.0

    @classmethod
    def parse(cls, config: Mapping[str, str]) -> LocalOptions:
        """Read the options; InvalidValue for one that is unknown or of the wrong type."""
        values = {}
        for name, text in config.items():
            if name not in _PARSERS:
                limit = ", ".join(sorted(_PARSERS))
                raise InvalidValue("config", name, "is no option of local deployments", limit=limit)
            values[name] = _PARSERS[name](f"config {name}", str(text))
        return cls(**values)


OPTIONS: Mapping[str, str] = {
    "host": "The address to listen on; 127.0.0.1 without, so that only this machine reaches it.",
    "port": "The port; a free one without.",
    "workers": "How many processes serve; 1 without.",
    "timeout": "Seconds to wait until the deployment answers; 60 without.",
    "request_timeout": "Seconds that one prediction may take; 60 without.",
}
"""Each option with a sentence about it."""


def _host(field: str, text: str) -> str:
    if not text or any(character.isspace() or character == "/" for character in text):
        raise InvalidValue(field, text, "must be a host name or address")
    return text


def _whole(low: int, high: int) -> Callable[[str, str], int]:
    def parse(field: str, text: str) -> int:
        if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
            raise InvalidValue(field, text, "must be a whole number", limit=f"{low} to {high}")
        return int(text)

    return parse


def _seconds(field: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number <= _MAX_SECONDS:
        raise InvalidValue(field, text, "must be a number of seconds", limit=f"more than 0, up to {_MAX_SECONDS}")
    return number


_PARSERS: Mapping[str, Callable[[str, str], Any]] = {
    "host": _host,
    "port": _whole(0, _MAX_PORT),
    "workers": _whole(1, _MAX_WORKERS),
    "timeout": _seconds,
    "request_timeout": _seconds,
}
