"""FTP and HTTP servers for tests, in this process."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

USER, PASSWORD = "tester", "wörd@:/#"


@contextmanager
def ftp_server(directory: Path, *, port: int = 0, **options: Any) -> Iterator[int]:
    """The port of an FTP server on a directory, where `USER` may do everything; skips the test without pyftpdlib.

    `options` are attributes of its handler.
    """
    if find_spec("pyftpdlib") is None:
        pytest.skip("pyftpdlib is not installed")
    with warnings.catch_warnings():
        # It uses asyncore, which Python 3.11 complains about.
        warnings.simplefilter("ignore", DeprecationWarning)
        from pyftpdlib.authorizers import DummyAuthorizer  # noqa: PLC0415  it may be missing
        from pyftpdlib.handlers import FTPHandler  # noqa: PLC0415  it may be missing
        from pyftpdlib.servers import ThreadedFTPServer  # noqa: PLC0415  it may be missing

    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, str(directory), perm="elradfmwMT")
    handler = type("Handler", (FTPHandler,), {"authorizer": authorizer, "auth_failed_timeout": 0, **options})
    server = ThreadedFTPServer(("127.0.0.1", port), handler)
    ending = Event()

    def serve() -> None:
        # It ends in the thread that serves: its loop cannot be closed by another one.
        while not ending.is_set():
            server.serve_forever(timeout=0.05, blocking=False, handle_exit=False)
        server.close_all()

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.address[1]
    finally:
        ending.set()
        thread.join(5)


class _Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base's name
        """Say nothing."""


@contextmanager
def http_server(directory: Path, handler: type[SimpleHTTPRequestHandler] = _Quiet) -> Iterator[int]:
    """The port of a web server that shows a directory: with index pages, and without parts of files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(directory)))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
