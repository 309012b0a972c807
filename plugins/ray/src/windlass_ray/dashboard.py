"""Dashboard: the REST interfaces of a Ray cluster."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, BinaryIO, Self

from windlass.config import Settings
from windlass_rest.rest import Rest

_SHOWN = 500
_HINT = "is the cluster running, and is the URL that of its dashboard? WINDLASS_RAY_TIMEOUT sets the seconds"
_HINTS = {401: "set WINDLASS_RAY_TOKEN to the cluster's token", 403: "is WINDLASS_RAY_TOKEN the cluster's token?"}
_EXCEPTION = re.compile(r"^(?:[A-Za-z_]\w*\.)*([A-Z]\w*): +(.+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Connections to one dashboard; every request has a time-out, and only those that change nothing are repeated."""

    rest: Rest

    @classmethod
    def open(cls, url: str, settings: Settings) -> Self:
        """A dashboard at a URL; nothing is sent yet."""
        token = {"authorization": f"Bearer {settings.ray_token}"} if settings.ray_token else {}
        rest = Rest.open(
            url,
            settings,
            name="Ray's dashboard",
            timeout=settings.ray_timeout,
            headers=token,
            hint=_HINT,
            hints=_HINTS,
            said=_said,
        )
        return cls(rest)

    @property
    def url(self) -> str:
        """Where it is."""
        return self.rest.url

    def get(self, path: str) -> Any:
        """The JSON at a path; NotFound if there is nothing."""
        return self.rest.get(path)

    def exists(self, path: str) -> bool:
        """Whether there is something at a path."""
        return self.rest.exists(path)

    def send(self, method: str, path: str, content: Any = None) -> Any:
        """The JSON that a request is answered with, one attempt; None for an empty answer."""
        return self.rest.call(method, path, content)

    def put_file(self, path: str, stream: BinaryIO, size: int) -> None:
        """Send a file of `size` bytes."""
        headers = {"content-type": "application/octet-stream", "content-length": str(size)}
        self.rest.send("PUT", path, body=stream, headers=headers)

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        self.rest.close()


def cause_of(text: str) -> str:
    """What a message of Ray's is about: of a traceback its last error, without the lines of code."""
    found = [f"{name}: {said.strip()}" for name, said in _EXCEPTION.findall(text)] if "Traceback" in text else []
    said = found[-1] if found else " ".join(text.split())
    return said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"


def _said(data: bytes) -> str:
    return cause_of(data.decode("utf-8", "replace"))
