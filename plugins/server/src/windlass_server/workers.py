"""Workers: several processes that answer on one port."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import FrameType

from windlass.config import Settings
from windlass.errors import Unavailable
from windlass.sockets import listen
from windlass_server.observe.metrics import SHARED
from windlass_server.options import ServerOptions
from windlass_server.run import url

_log = logging.getLogger(__name__)
_START_SECONDS = 60.0
_GRACE = 20.0
_SHORT_LIFE = 5.0
_LOOK = 0.5


def serve_with_workers(
    count: int,
    settings: Settings,
    options: ServerOptions,
    host: str,
    port: int,
    *,
    on_ready: Callable[[str], None],
) -> None:
    """Answer requests with `count` processes until SIGTERM or SIGINT; one that dies is replaced.

    The processes share the listening socket, so that the kernel gives each new connection to one that is free.
    `on_ready` gets the URL when all answer. Unavailable if they cannot be started.
    """
    listener = listen(host, port)
    with tempfile.TemporaryDirectory(prefix="windlass-metrics-") as directory:
        os.environ[SHARED] = directory
        crew = Crew(count, settings, options, listener)
        try:
            crew.start()
            on_ready(url(host, listener))
            crew.watch()
        finally:
            # Held open here, it would take connections that nobody answers any more.
            listener.close()
            crew.stop()
            os.environ.pop(SHARED, None)


class Crew:
    """The processes."""

    def __init__(self, count: int, settings: Settings, options: ServerOptions, listener: socket.socket) -> None:
        self._arguments = (settings, options, listener)
        self._count = count
        # Not forked: the parent may have threads and connections.
        self._context = multiprocessing.get_context("spawn")
        self._processes: list[tuple[BaseProcess, float]] = []
        self._stopping = threading.Event()

    def start(self) -> None:
        """Start all of them and wait until they answer."""
        pipes = [self._begin() for _ in range(self._count)]
        for pipe in pipes:
            if not _said_ready(pipe):
                raise Unavailable("a worker process did not start", hint="the log says why")

    def watch(self) -> None:
        """Replace processes that die, until this one is told to stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        while not self._stopping.wait(_LOOK):
            for entry in [one for one in self._processes if not one[0].is_alive()]:
                process, begun = entry
                self._processes.remove(entry)
                _log.error("worker %s ended with %s; another takes its place", process.pid, process.exitcode)
                if time.monotonic() - begun < _SHORT_LIFE:
                    # Whatever ends it at once would end the next one at once, too.
                    self._stopping.wait(_SHORT_LIFE)
                self._begin()

    def stop(self) -> None:
        """Let all of them finish what is under way."""
        for process, _ in self._processes:
            process.terminate()
        give_up = time.monotonic() + _GRACE
        for process, _ in self._processes:
            process.join(max(0.1, give_up - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()

    def _begin(self) -> Connection:
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_work, args=(*self._arguments, theirs), name="windlass-worker")
        process.start()
        theirs.close()
        self._processes.append((process, time.monotonic()))
        return ours

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()


def _said_ready(pipe: Connection) -> bool:
    try:
        return pipe.poll(_START_SECONDS) and bool(pipe.recv())
    except EOFError:
        return False


def _work(settings: Settings, options: ServerOptions, listener: socket.socket, ready: Connection) -> None:
    """What a process does."""
    # Imported in the process that needs it: the parent stays small.
    from windlass_server.app import create_app  # noqa: PLC0415
    from windlass_server.observe.request_log import configure_logging  # noqa: PLC0415
    from windlass_server.run import serve_on  # noqa: PLC0415

    threading.Thread(target=_end_with_parent, daemon=True).start()
    configure_logging(options.log_format, options.log_level)
    serve_on(listener, create_app(settings, options=options), on_ready=lambda: ready.send(True))


def _end_with_parent() -> None:
    """A parent that was killed cannot stop its workers; they would go on answering for nobody."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
