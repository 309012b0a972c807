"""Running the scoring server on a socket."""

from __future__ import annotations

import contextlib
import importlib
import signal
import socket
import time
from types import FrameType
from typing import Any

import uvicorn

from windlass.errors import MissingDependency
from windlass_serving.app import ScoringApp, ServingOptions

_DRAIN = 2.0
_FINISH = 30


def load_model(model_uri: str) -> Any:
    """The model at any URI or path, of whatever flavor."""
    return public_module("windlass.pyfunc").load_model(model_uri)


def public_module(name: str) -> Any:
    """A module that another plugin provides, by the name that users know; MissingDependency without that plugin."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise MissingDependency(f"no plugin provides {name}", hint="pip install windlass-models") from error


def serve(model: Any, sock: socket.socket, options: ServingOptions) -> None:
    """Serve a model on a listening socket until the process gets SIGTERM or SIGINT."""
    scoring = ScoringApp(model, options)
    config = uvicorn.Config(
        scoring.starlette(), log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=_FINISH
    )
    server = ScoringServer(config, scoring)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[sock])


class ScoringServer(uvicorn.Server):
    """Ends without failing a request: it takes no new connections, tells its clients to leave, and waits for them."""

    def __init__(self, config: uvicorn.Config, scoring: ScoringApp) -> None:
        super().__init__(config)
        self._scoring = scoring
        self._deadline: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end; a second signal, or Ctrl-C, ends at once."""
        del frame
        if self._scoring.draining or sig == signal.SIGINT:
            self.should_exit = True
        self._scoring.draining = True

    async def on_tick(self, counter: int) -> bool:
        """Look ten times a second whether it is time to end."""
        if self._scoring.draining and not self.should_exit:
            now = time.monotonic()
            if self._deadline is None:
                self._deadline = now + _DRAIN
                for listener in self.servers:
                    listener.close()
            self.should_exit = now >= self._deadline or not self.server_state.connections
        return await super().on_tick(counter)
