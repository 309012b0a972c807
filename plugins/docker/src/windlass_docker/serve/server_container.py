"""ServerContainer: a container with a scoring server."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import docker
from docker.models.containers import Container

from windlass.config import Settings
from windlass.entities import Deployment, DeploymentStatus
from windlass.errors import NotFound, Unavailable, WindlassError
from windlass.services.model_image.contract import PORT, PROCESS_HEADER
from windlass_docker.faults import translated
from windlass_docker.serve.address import Address
from windlass_docker.serve.labels import Remembered
from windlass_docker.serve.options import DEFAULT_HOST, ServeOptions
from windlass_rest.rest import Rest

_LAST_LINES = 20
_PAUSE = 0.2
_ANSWER = 2.0
_DRAIN = 15
_HINT = "does `windlass models predict` work with it?"


class ServerContainer:
    """A container of ours, running or not, with what it remembers."""

    def __init__(self, container: Container, remembered: Remembered) -> None:
        self._container = container
        self.remembered = remembered

    @classmethod
    def make(
        cls,
        client: docker.DockerClient,
        name: str,
        remembered: Remembered,
        *,
        labels: Mapping[str, str],
        options: ServeOptions,
        address: Address,
    ) -> ServerContainer:
        """A container that is not started yet; Conflict if the name is taken."""
        listening, port = (address.host, address.port) if options.shares_network else ("0.0.0.0", PORT)  # noqa: S104  in a container
        words: dict[str, Any] = {
            "host": listening,
            "port": port,
            "workers": options.workers,
            "request-timeout": options.request_timeout,
            "token": remembered.token,
        }
        published = {} if options.shares_network else {"ports": {f"{PORT}/tcp": (address.host, address.port)}}
        mode = "network_mode" if options.network in {"host", "bridge"} else "network"
        with translated("make the container"):
            made = client.containers.create(
                remembered.image,
                [part for key, value in words.items() for part in (f"--{key}", str(value))],
                name=name,
                environment=dict(options.env),
                labels={**options.labels, **labels},
                restart_policy={"Name": options.restart},
                **{mode: options.network},
                **published,
                **options.arguments,
            )
        return cls(made, remembered)

    def start(self, timeout: float) -> None:
        """Start it, and return when it answers; Unavailable with the end of its log if that does not happen."""
        with translated(f"start the container of {self.remembered.record.name!r}"):
            self._container.start()
        give_up = time.monotonic() + timeout
        while not self._answers():
            if (ended := self._ended()) is not None:
                raise self._failed(f"ended while it started ({ended})")
            if time.monotonic() > give_up:
                raise self._failed(f"did not answer within {timeout:g} seconds")
            time.sleep(_PAUSE)

    def stop(self) -> None:
        """Let it finish what it has begun to answer, and end it."""
        with translated("stop the container"):
            self._container.stop(timeout=_DRAIN)

    def remove(self) -> None:
        """Remove it, running or not; nothing happens if it is gone."""
        with contextlib.suppress(NotFound), translated("remove the container"):
            self._container.remove(force=True, v=True)

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self._container.name)

    def port_at(self, host: str) -> int:
        """The port on which it is reached at an address; 0 if that is not its own."""
        mine = self.remembered.record.config.get("host", DEFAULT_HOST)
        return urlsplit(self.remembered.url).port or 0 if mine == host else 0

    def rename(self, name: str) -> None:
        """Give it the name that deployments have."""
        with translated("name the container"):
            self._container.rename(name)

    @property
    def is_running(self) -> bool:
        """Whether it runs, as Docker has last said."""
        return bool(self._state["Running"])

    def lines(self, *, follow: bool) -> Iterator[str]:
        """What it prints, line by line."""
        rest = ""
        for piece in self._container.logs(stream=True, follow=follow):
            *whole, rest = (rest + piece.decode("utf-8", "replace")).split("\n")
            yield from whole
        if rest:
            yield rest

    def deployment(self, target: str) -> Deployment:
        """What the outside sees."""
        seen = self.remembered.record.deployment(target, status=self._status(), url=self.remembered.url)
        details = {"container": str(self._container.short_id), "image": self.remembered.image}
        return replace(seen, details=details)

    @property
    def _state(self) -> dict[str, Any]:
        found: dict[str, Any] = self._container.attrs["State"]
        return found

    def _status(self) -> DeploymentStatus:
        if self._state.get("Restarting") or self._state.get("Status") == "restarting":
            return DeploymentStatus.FAILED
        if self.is_running:
            return DeploymentStatus.READY
        never = str(self._state.get("Status")) in {"created", "configured", "initialized"}
        return DeploymentStatus.CREATING if never else DeploymentStatus.STOPPED

    def _answers(self) -> bool:
        """Whether this very container answers, and not somebody else at its address."""
        rest = Rest.open(self.remembered.url, Settings(), name="the container", timeout=_ANSWER)
        try:
            return rest.send("GET", "/ping").headers.get(PROCESS_HEADER) == self.remembered.token
        except WindlassError:
            return False
        finally:
            rest.close()

    def _ended(self) -> str | None:
        """How it ended, in words; None while it runs."""
        with translated("say how the container is"):
            self._container.reload()
        again = int(self._container.attrs.get("RestartCount") or 0)
        if self.is_running and not self._state.get("Restarting") and not again:
            return None
        if self._state.get("OOMKilled"):
            return "it used more memory than it has"
        return "it was started again" if again else f"exit code {self._state.get('ExitCode')}"

    def _failed(self, what: str) -> Unavailable:
        name, said = self.remembered.record.name, ""
        with contextlib.suppress(Exception):
            told = self._container.logs(tail=_LAST_LINES).decode("utf-8", "replace")
            said = "\n".join(f"  {line}" for line in told.splitlines())
        return Unavailable(f"the container of {name!r} {what}; the end of its log:\n{said or '  (empty)'}", hint=_HINT)
