"""Handing the listening socket of a running server to the one that takes its place.

Both accept from the same queue until the old one ends, so no connection is lost between them; two sockets on one port
would each have a queue of their own, and what waits in the old one's would be reset.
"""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

from windlass.errors import Unavailable

_SECONDS = 5.0


def offer(sock: socket.socket, path: Path) -> None:
    """Give the listening socket to whoever asks at the Unix socket `path`, for the life of this process."""
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _Nearby(path) as address:
        door.bind(address)
    path.chmod(0o600)
    door.listen(1)
    kept = sock.dup()
    threading.Thread(target=_answer, args=(door, kept), name="windlass-handover", daemon=True).start()


def take(path: Path) -> socket.socket:
    """The listening socket of the server that offers it at `path`; Unavailable if it does not answer."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(_SECONDS)
    try:
        with _Nearby(path) as address:
            client.connect(address)
        _, fds, _, _ = socket.recv_fds(client, 1, 1)
    except OSError as error:
        raise Unavailable(f"the running server does not hand over its socket: {error.strerror or error}") from error
    finally:
        client.close()
    if not fds:
        raise Unavailable("the running server does not hand over its socket")
    return socket.socket(fileno=fds[0])


def _answer(door: socket.socket, kept: socket.socket) -> None:
    while True:
        try:
            caller, _ = door.accept()
        except OSError:
            return
        with caller:
            socket.send_fds(caller, [b"s"], [kept.fileno()])


class _Nearby:
    """A short name for a Unix socket: the system allows some hundred bytes, and projects lie deeper than that."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._directory = -1

    def __enter__(self) -> str:
        if not Path("/proc/self/fd").is_dir():
            return str(self._path)
        self._directory = os.open(self._path.parent, os.O_RDONLY)
        return f"/proc/self/fd/{self._directory}/{self._path.name}"

    def __exit__(self, *_error: object) -> None:
        if self._directory >= 0:
            os.close(self._directory)
