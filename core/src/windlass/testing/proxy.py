"""Proxy: a server that tests reach through connections which can be cut."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
from threading import Lock, Thread
from typing import Self


class Proxy:
    """Forwards what comes to `port` on 127.0.0.1; once it is cut all connections are gone and new ones are refused.

    With `tls` those who connect must do so with it; the server behind is spoken to without.
    """

    def __init__(self, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> None:
        self._target = (host, port)
        self._tls = tls
        self._lock = Lock()
        self._sockets: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.port = 0
        self.mend()

    def mend(self) -> None:
        """Let connections through, again on the same port."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """Break all connections, and refuse new ones."""
        listener, self._listener = self._listener, None
        if listener is not None:
            # Closing alone would not wake the thread that waits for connections.
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            for one in self._sockets:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            self._sockets.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                here, _ = listener.accept()
            except OSError:
                return
            Thread(target=self._serve, args=(here,), daemon=True).start()

    def _serve(self, here: socket.socket) -> None:
        sockets = {here}
        with contextlib.suppress(OSError):
            if self._tls is not None:
                here = self._tls.wrap_socket(here, server_side=True)
            there = socket.create_connection(self._target)
            sockets = {here, there}
            with self._lock:
                self._sockets |= sockets
            _pass_on(here, there)
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._sockets -= sockets
        for one in sockets:
            one.close()


def _pass_on(here: socket.socket, there: socket.socket) -> None:
    """Forward in both directions, in one thread: a connection with TLS must not be used by two."""
    while True:
        waiting = isinstance(here, ssl.SSLSocket) and here.pending()
        for one in [here] if waiting else select.select([here, there], [], [])[0]:
            data = one.recv(65_536)
            if not data:
                return
            (there if one is here else here).sendall(data)
