"""Servers that fail: fixtures for tests of how a plugin tells its users."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from threading import Thread

import pytest

_WAIT = 5
_ANSWER = (
    b"HTTP/1.1 206 Partial Content\r\nContent-Length: 100\r\nContent-Range: bytes 0-99/100\r\n\r\n" + b"0123456789"
)


@pytest.fixture
def dead_server() -> Iterator[str]:
    """The URL of a server that is not there: whoever connects is refused."""
    with socket.socket() as listener:
        # Bound, so that nobody else gets the port, but it does not listen.
        listener.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def breaking_server() -> Iterator[str]:
    """The URL of a server whose answers promise a hundred bytes, have ten and end."""
    listener = socket.create_server(("127.0.0.1", 0))
    thread = Thread(target=_answer, args=(listener,))
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(_WAIT)


def _answer(listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.recv(65_536)
            connection.sendall(_ANSWER)
