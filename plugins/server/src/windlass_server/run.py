"""Running an application: uvicorn on a socket of ours."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from windlass.sockets import listen
from windlass_server.protocol import PatientProtocol

_GRACE = 15
_KEEP_ALIVE = 75


class _Server(uvicorn.Server):
    """A uvicorn server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._on_ready()


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
    make_server(app, on_ready).run(sockets=[listener])


def make_server(app: Any, on_ready: Callable[[], None]) -> uvicorn.Server:
    """A server that is not yet running; setting its `should_exit` stops it."""
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
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
