"""The log: what is written for a request, and in which form lines are written."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import TextIO

from windlass_server.observe.observer import Observation, Watcher
from windlass_server.observe.request_id import current_request

_log = logging.getLogger("windlass.access")
_SLOW = 5.0
_FAILED = 500
_FIELDS = ("request_id", "method", "path", "route", "status", "seconds", "sent", "client")


def request_log(*, everything: bool) -> Watcher:
    """A watcher that logs each request, or without `everything` those that failed or took more than five seconds."""

    def watch(observation: Observation) -> None:
        failed = observation.status >= _FAILED
        if everything or failed or observation.seconds > _SLOW:
            level = logging.WARNING if failed else logging.INFO
            _log.log(level, "%s", _line(observation), extra={"observation": observation})

    return watch


def _line(one: Observation) -> str:
    return f"{one.method} {one.path} {one.status} {one.seconds * 1000:.1f} ms {one.sent} bytes to {one.client}"


def configure_logging(form: str, level: str, stream: TextIO | None = None) -> None:
    """Write the process's log to standard error, as `text` or as one JSON object a line."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


class TextLines(logging.Formatter):
    """Lines for people: time, level, request and message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802  the name is logging's
        """The time in UTC."""
        return time.strftime(datefmt or "%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))

    def format(self, record: logging.LogRecord) -> str:
        """The line, with the request that it belongs to."""
        text = super().format(record)
        identity = _identity(record)
        return f"{text} [{identity}]" if identity else text


class JsonLines(logging.Formatter):
    """Lines for machines: one JSON object each."""

    def format(self, record: logging.LogRecord) -> str:
        """The object: time in seconds, level, logger, message, the request's fields, the traceback of an error."""
        line: dict[str, object] = {
            "time": record.created,
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if identity := _identity(record):
            line["request_id"] = identity
        observation = getattr(record, "observation", None)
        if isinstance(observation, Observation):
            line |= {name: getattr(observation, name) for name in _FIELDS}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def _identity(record: logging.LogRecord) -> str:
    observation = getattr(record, "observation", None)
    return observation.request_id if isinstance(observation, Observation) else current_request.get()
