"""PartWriter: a file that is stored in parts while it is written."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor

from windlass.interfaces import UploadsParts
from windlass.services.transfers import persistently

PIECE = 8 << 20
"""Bytes of a part, unless the file would have too many."""
_UNDER_WAY = 2


class PartWriter:
    """A file of unknown length on its way to a repository; it has no more than three parts in memory.

    A short file is never sent in parts: `rest` has all of it when the writing ends, and `begun` is false.
    """

    def __init__(self, repository: UploadsParts, path: str) -> None:
        self._repository, self._path = repository, path
        self._buffer = bytearray()
        self._pool = ThreadPoolExecutor(_UNDER_WAY)
        self._sending: deque[Future[None]] = deque()
        self._upload_id = ""
        self._marks: dict[int, str] = {}
        self._count = 0

    def write(self, data: bytes, /) -> int:
        """Take more of the file; waits where the storage is slower than who writes."""
        self._buffer += data
        while len(self._buffer) >= PIECE:
            piece = bytes(memoryview(self._buffer)[:PIECE])
            del self._buffer[:PIECE]
            self._send(piece)
        return len(data)

    @property
    def begun(self) -> bool:
        """Whether parts have been sent."""
        return bool(self._upload_id)

    @property
    def rest(self) -> bytes:
        """What has not been sent yet."""
        return bytes(self._buffer)

    def complete(self) -> None:
        """Send the rest and put the parts together."""
        if self._buffer:
            self._send(self.rest)
        while self._sending:
            self._sending.popleft().result()
        persistently(lambda: self._repository.complete_upload(self._path, self._upload_id, self._marks))

    def abort(self) -> None:
        """Throw away what was sent."""
        self._pool.shutdown(cancel_futures=True)
        if self.begun:
            self._repository.abort_upload(self._path, self._upload_id)

    def close(self) -> None:
        """End its threads."""
        self._pool.shutdown()

    def _send(self, piece: bytes) -> None:
        if not self._upload_id:
            count = self._repository.most_parts
            self._upload_id = persistently(lambda: self._repository.begin_upload(self._path, count))
        if len(self._sending) >= _UNDER_WAY:
            self._sending.popleft().result()
        self._count += 1
        self._sending.append(self._pool.submit(self._put, self._count, piece))

    def _put(self, number: int, piece: bytes) -> None:
        self._marks[number] = persistently(
            lambda: self._repository.put_part(self._path, self._upload_id, number, piece)
        )
