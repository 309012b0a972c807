"""Files on their way to a server and back: hashed as they pass, and read on where a connection broke."""

from __future__ import annotations

import base64
import hashlib
import io
import time
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import urllib3
from urllib3.exceptions import HTTPError

from windlass.errors import Corrupted, Unavailable

_TRIES = 5
_PAUSE = 0.5
_PARTIAL = 206
_DIGEST = "sha-256=:"


class SentFile:
    """A local file that is hashed while it is sent; `moved` is told the bytes of each piece, `size` has their sum."""

    def __init__(self, stream: BinaryIO, moved: Callable[[int], None]) -> None:
        self._stream, self._moved = stream, moved
        self._hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        piece = self._stream.read(size)
        self._hash.update(piece)
        self.size += len(piece)
        self._moved(len(piece))
        return piece

    def check(self, answer: urllib3.BaseHTTPResponse, path: str) -> None:
        """Unavailable, so that it is sent again, if the server says that it has stored something else."""
        said = sha256_in(answer)
        if said is not None and said != self._hash.hexdigest():
            raise Unavailable(f"{path!r} did not arrive as it was sent: the server has stored SHA-256 {said}")


class ReceivedFile(io.RawIOBase):
    """The body of an answer as a file; where the connection breaks it is read on from there.

    `fetch` asks for the file with the headers that it is given.
    """

    def __init__(self, fetch: Callable[[Mapping[str, str]], urllib3.BaseHTTPResponse], path: str) -> None:
        super().__init__()
        self._fetch, self._path = fetch, path
        self._answer = fetch({})
        self._etag = self._answer.headers.get("etag")
        self._resumable = self._answer.headers.get("accept-ranges") == "bytes" and self._etag is not None
        self._hash = hashlib.sha256()
        self._place = 0
        self.sha256 = sha256_in(self._answer)

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes; Unavailable if they stay away, Corrupted if all of them are not what was stored."""
        piece = self.piece(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def piece(self, size: int) -> bytes:
        """The same without a copy; empty at the end."""
        piece = self._next(size)
        self._place += len(piece)
        self._hash.update(piece)
        if not piece and self.sha256 is not None and self.sha256 != self._hash.hexdigest():
            raise Corrupted(f"{self._path!r} is not what was stored: its SHA-256 should be {self.sha256}")
        return piece

    def _next(self, size: int) -> bytes:
        for attempt in range(_TRIES):
            try:
                if attempt:
                    self._go_on()
                return self._answer.read(size, decode_content=False)
            except (HTTPError, Unavailable) as error:
                if not self._resumable or attempt == _TRIES - 1:
                    problem = f"the connection broke while {self._path!r} was fetched: {error}"
                    raise Unavailable(problem) from error
                time.sleep(_PAUSE * attempt)
        return b""

    def _go_on(self) -> None:
        self._answer.close()
        answer = self._fetch({"range": f"bytes={self._place}-", "if-range": self._etag or ""})
        if answer.status != _PARTIAL:
            answer.close()
            raise Corrupted(f"{self._path!r} has changed while it was fetched", hint="fetch it again")
        self._answer = answer

    def close(self) -> None:
        """Give the connection back."""
        if not self.closed:
            self._answer.close()
            self._answer.release_conn()
        super().close()


def digest_field(content: bytes) -> str:
    """The value of a header of RFC 9530 that says the SHA-256 of what is sent."""
    return f"{_DIGEST}{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def sha256_in(answer: urllib3.BaseHTTPResponse) -> str | None:
    """The SHA-256 that an answer says its file has (RFC 9530), as 64 hex digits."""
    found: str = answer.headers.get("repr-digest", "")
    if not found.startswith(_DIGEST):
        return None
    try:
        return base64.b64decode(found.removeprefix(_DIGEST).rstrip(":"), validate=True).hex()
    except ValueError:
        return None
