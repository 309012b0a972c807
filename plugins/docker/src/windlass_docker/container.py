"""ProjectContainer: the container of one run, from its making to its removal."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import IO, Any, TypeVar

import docker
from docker.models.containers import Container

from windlass.errors import WindlassError
from windlass.services.supervision.cancellation import Cancellation
from windlass_docker.faults import is_lost_connection, translated

T = TypeVar("T")
RUN_LABEL = "windlass.run_id"
_ENDED = {"exited", "dead", "removing"}
_PAUSE = 0.2
_PATIENCE = 60.0
_LAST_WORDS = 30.0


class ProjectContainer:
    """A container that was made and not started yet."""

    def __init__(self, container: Container, output: IO[bytes], cancellation: Cancellation) -> None:
        self._container = container
        self._output = output
        self._cancellation = cancellation
        self._seen = 0
        self._ended = threading.Event()

    def run(self) -> dict[str, Any]:
        """Start it, copy what it prints, and return its last state; Cancelled if somebody asks to end."""
        with translated("start the container"):
            self._container.start()
        reader = threading.Thread(target=self._copy, daemon=True)
        reader.start()
        state = self._wait()
        self._ended.set()
        reader.join(_LAST_WORDS)
        return state

    def stop(self, grace: float) -> None:
        """Ask it to end, and end it after `grace` seconds."""
        with translated("stop the container"):
            self._container.stop(timeout=max(1, round(grace)))

    def _wait(self) -> dict[str, Any]:
        while True:
            self._cancellation.check()
            with translated("say how the container is"):
                _patiently(self._container.reload)
            state: dict[str, Any] = self._container.attrs["State"]
            if state["Status"] in _ENDED:
                return state
            time.sleep(_PAUSE)

    def _copy(self) -> None:
        """Copy what it prints; after a lost connection, which looks like its end, too, from where it was."""
        ended = False
        while not ended:
            ended = self._ended.wait(_PAUSE)
            # The log is not worth the project; how that ends is told by its state.
            with contextlib.suppress(Exception):
                self._copy_from(self._seen)

    def _copy_from(self, skip: int) -> None:
        for told in self._container.logs(stream=True, follow=True):
            piece = told.encode() if isinstance(told, str) else told  # a terminal's are texts
            fresh, skip = piece[skip:], max(0, skip - len(piece))
            self._output.write(fresh)
            self._seen += len(fresh)


def remove_containers(client: docker.DockerClient, run_id: str) -> None:
    """Remove what there is for a run, running or not."""
    with translated("remove the container"):
        for one in client.containers.list(all=True, filters={"label": f"{RUN_LABEL}={run_id}"}):
            one.remove(force=True, v=True)


def exit_text(state: dict[str, Any]) -> str | None:
    """How a container ended, in words; None if it succeeded."""
    if state.get("OOMKilled"):
        return "the command was ended because it used more memory than the container has"
    code = state["ExitCode"]
    return f"the command ended with exit code {code}" if code else None


def _patiently(ask: Callable[[], T]) -> T:
    """Ask again for a minute while the daemon does not answer, as when it is restarted."""
    give_up = time.monotonic() + _PATIENCE
    while True:
        try:
            return ask()
        except Exception as error:
            if isinstance(error, WindlassError) or not is_lost_connection(error) or time.monotonic() > give_up:
                raise
        time.sleep(1.0)
