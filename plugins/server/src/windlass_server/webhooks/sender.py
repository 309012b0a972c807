"""Sending a delivery: one POST, signed, to an address that may be reached."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import io
import json
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError

from windlass import __version__
from windlass.errors import PermissionDenied
from windlass_server.webhooks.addresses import Addresses
from windlass_server.webhooks.event import Event

_TIMEOUT = urllib3.Timeout(connect=5, read=10)
_PATIENCE = 15.0
_SHOWN = 2000
_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: the answer's status and the beginning of its body, or why there was none."""

    status: int | None = None
    body: str = ""
    error: str = ""
    retry_after: float | None = None

    @property
    def ok(self) -> bool:
        """Whether the other side took it."""
        return self.status in _OK

    @property
    def may_help_to_retry(self) -> bool:
        """Whether a later attempt may go better: there was no answer, or one that says so."""
        return self.status is None or self.status in {408, 425, 429} or self.status >= 500  # noqa: PLR2004  their errors


class Sender:
    """Posts events to URLs; connections go only where `addresses` lets them, and no redirect is followed."""

    def __init__(self, addresses: Addresses) -> None:
        self._pool = urllib3.PoolManager(num_pools=20, timeout=_TIMEOUT, retries=False)
        self._pool.pool_classes_by_scheme = _pools(addresses)

    def send(self, url: str, event: Event, *, delivery_id: str, timestamp: int, secret: str | None) -> Outcome:
        """Send the event; `timestamp` is when it happened, in epoch milliseconds."""
        body = encode(event, timestamp)
        headers = {
            "content-type": "application/json",
            "user-agent": f"windlass/{__version__}",
            "x-mlflow-delivery-id": delivery_id,
            "x-mlflow-timestamp": str(timestamp // 1000),
        }
        if secret:
            headers["x-mlflow-signature"] = sign(secret, delivery_id, headers["x-mlflow-timestamp"], body)
        try:
            answer = self._pool.request("POST", url, body=body, headers=headers, redirect=False, preload_content=False)
            text = _beginning(answer)
        except PermissionDenied as error:
            return Outcome(error=error.message)
        except (HTTPError, OSError, ValueError) as error:
            return Outcome(error=_reason(error))
        return Outcome(answer.status, text.replace("\0", ""), retry_after=_seconds(answer.headers.get("retry-after")))

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()


def encode(event: Event, timestamp: int) -> bytes:
    """The body of a delivery, in the form that receivers of MLflow's webhooks know."""
    happened = datetime.fromtimestamp(timestamp / 1000, UTC).isoformat()
    body = {"entity": event.kind.entity, "action": event.kind.action, "timestamp": happened, "data": dict(event.data)}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def sign(secret: str, delivery_id: str, timestamp: str, body: bytes) -> str:
    """The signature over what was sent, when and as which delivery."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()


def _beginning(answer: urllib3.BaseHTTPResponse) -> str:
    """The first 2,000 bytes of the body; what the status says counts, also where they do not come."""
    body = b""
    with suppress(HTTPError):
        while len(body) < _SHOWN and (part := answer.read1(_SHOWN - len(body), decode_content=False)):
            body += part
    # A body that was read to its end has given its connection back already; any other connection is of no more use.
    answer.close()
    return body.decode("utf-8", "replace")


class _Timed(http.client.HTTPResponse):
    """An answer that must have come within 15 seconds, however steadily its bytes drip in."""

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = io.BufferedReader(_UntilLate(self.fp.detach(), sock))


class _UntilLate(io.RawIOBase):
    """Reads from a socket; TimeoutError when it has been read for 15 seconds."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw, self._socket = raw, sock
        self._end = time.monotonic() + _PATIENCE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._socket.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _pools(addresses: Addresses) -> dict[str, Any]:
    """Connection pools whose connections look up names with the addresses in mind."""

    def connect(connection: Any) -> socket.socket:
        try:
            places = addresses.resolve(connection.host, connection.port)
        except OSError as error:
            raise NewConnectionError(connection, f"{connection.host} is not known: {error}") from error
        reason: OSError | None = None
        for family, place in places:
            try:
                return _open(family, place, connection.timeout)
            except OSError as error:
                reason = error
        raise NewConnectionError(connection, f"{connection.host} cannot be reached: {reason}")

    class Plain(HTTPConnection):
        response_class = _Timed

        def _new_conn(self) -> socket.socket:
            return connect(self)

    class Encrypted(HTTPSConnection):
        response_class = _Timed

        def _new_conn(self) -> socket.socket:
            return connect(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}


def _open(family: socket.AddressFamily, place: tuple[str, int], timeout: float | None) -> socket.socket:
    connected = socket.socket(family, socket.SOCK_STREAM)
    try:
        connected.settimeout(timeout)
        connected.connect(place)
    except BaseException:
        connected.close()
        raise
    return connected


def _reason(error: Exception) -> str:
    """Why nothing came back, without addresses of objects."""
    return str(error).rpartition(">: ")[2] or str(error) or type(error).__name__


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdigit() else None
