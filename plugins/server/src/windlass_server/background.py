"""BackgroundServer: an application that answers from a thread of this process."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Self

from windlass.errors import Unavailable
from windlass.sockets import listen
from windlass_server.run import make_server, url

_PATIENCE = 30


class BackgroundServer:
    """Answers from when it is made until `stop`; port 0 takes a free one, which `url` and `port` tell."""

    def __init__(self, app: Any, host: str = "127.0.0.1", port: int = 0) -> None:
        self._listener = listen(host, port)
        self.port: int = self._listener.getsockname()[1]
        self.url = url(host, self._listener)
        ready = threading.Event()
        self.server = make_server(app, ready.set)
        self._thread = threading.Thread(
            target=self.server.run, kwargs={"sockets": [self._listener]}, name="windlass-server", daemon=True
        )
        self._thread.start()
        if not ready.wait(_PATIENCE):
            self.stop()
            raise Unavailable(f"the server on {self.url} did not start", hint="its log says why")

    def stop(self) -> None:
        """Finish what is under way and stop; calling it again does nothing."""
        self.server.should_exit = True
        self._thread.join(_PATIENCE)
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
