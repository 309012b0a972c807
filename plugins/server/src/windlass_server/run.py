"""Running an application: uvicorn on a socket of ours."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import uvicorn

from windlass.sockets import listen
from windlass_server.protocol import PatientProtocol
from windlass_server.streams import end_streams

_GRACE = 15
_COLLECT_AFTER = (50_000, 20, 20)
_KEEP_ALIVE = 75
_LINGER = 0.3
_LOOK = 0.02


class _Server(uvicorn.Server):
    """A uvicorn server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # They would go on for as long as the server waits for them.
        end_streams()
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        await self._close_door(sockets or [])
        await self._linger()
        await super().shutdown(sockets)

    async def _close_door(self, listeners: Sequence[socket.socket]) -> None:
        """Stop listening, and take those in whom the kernel has let in already; it would cut them off."""
        waiting = [client for one in listeners for client in _accepted(one)]
        for server in self.servers:
            server.close()
        for listener in listeners:
            listener.close()
        loop = asyncio.get_running_loop()
        for client in waiting:
            with suppress(OSError):
                await loop.connect_accepted_socket(self._protocol, client)

    def _protocol(self) -> asyncio.Protocol:
        return PatientProtocol(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    async def _linger(self) -> None:
        """Hang up after each answer, and wait for requests that are on their way to us already."""
        for connection in self.server_state.connections:
            if isinstance(connection, PatientProtocol):
                connection.hang_up_after_answer()
        loop = asyncio.get_running_loop()
        give_up = loop.time() + _LINGER
        while self.server_state.connections and loop.time() < give_up:  # noqa: ASYNC110  nobody tells when they are gone
            await asyncio.sleep(_LOOK)


def _accepted(listener: socket.socket) -> Iterator[socket.socket]:
    """The connections that wait to be accepted."""
    listener.setblocking(False)
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            client.setblocking(False)
            yield client


def serve(
    app: Any, host: str = "127.0.0.1", port: int = 5000, *, on_ready: Callable[[str], None] | None = None
) -> None:
    """Answer requests until SIGTERM or SIGINT, then finish those under way; `on_ready` gets the URL.

    Port 0 takes a free one. InvalidValue or Unavailable if the address cannot be listened on.
    """
    listener = listen(host, port)
    try:
        serve_on(listener, app, on_ready=lambda: on_ready(url(host, listener)) if on_ready else None)
    finally:
        listener.close()


def serve_on(listener: socket.socket, app: Any, *, on_ready: Callable[[], None]) -> None:
    """The same on a socket that listens already."""

    def ready() -> None:
        spare_garbage_collection()
        on_ready()

    make_server(app, ready).run(sockets=[listener])


def spare_garbage_collection() -> None:
    """Let the collector look less often, and not at all at what is there from the beginning.

    A page of a long history makes thousands of tuples, and none of them is in a circle: the default of one collection
    every 700 objects doubles the time that such a page takes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def make_server(app: Any, on_ready: Callable[[], None]) -> uvicorn.Server:
    """A server that is not yet running; setting its `should_exit` stops it."""
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        # Its lines look like all others.
        log_config=None,
        server_header=False,
        http=PatientProtocol,
        # Training loops pause between requests; a new connection each time would cost them more than it costs us.
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
        # A proxy in front may speak for its clients only where it was told to.
        proxy_headers=False,
    )
    return _Server(config, on_ready)


def url(host: str, listener: socket.socket) -> str:
    """The URL of a listening socket as people type it."""
    shown = "127.0.0.1" if host in {"", "0.0.0.0"} else f"[{host}]" if ":" in host else host  # noqa: S104  only compared
    return f"http://{shown}:{listener.getsockname()[1]}"
