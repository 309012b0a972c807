"""LocalDeploymentTarget: each deployment is a scoring server, a process of this machine."""

from __future__ import annotations

import builtins
import os
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from windlass.config import Settings
from windlass.entities import Deployment, DeploymentStatus
from windlass.errors import AlreadyExists, InvalidValue, NotFound, Unavailable
from windlass.interfaces import DeploymentRequest, DeploymentTarget, TargetOption, check_deployment_name
from windlass.model_uri import is_model_uri
from windlass.sockets import listen
from windlass_serving.handover import take
from windlass_serving.http_client import ask, process_token
from windlass_serving.local_options import OPTIONS, LocalOptions
from windlass_serving.local_state import LOG_FILE, LocalState, locked, remove
from windlass_serving.log_file import read_log
from windlass_serving.os_process import OsProcess

_PATIENCE = 10.0
_LOG_LINES = 20


class LocalDeploymentTarget(DeploymentTarget):
    """Deployments in directories below `deployments` of the project's home, one process each."""

    def __init__(self, root: Path, *, allow_pickle: str = "owned") -> None:
        self._root = root.absolute()
        self._allow_pickle = allow_pickle

    @classmethod
    def open(cls, target: str, settings: Settings) -> Self:
        """The deployments of this project; `local` has no further parts."""
        if target.rstrip(":/") != "local":
            raise InvalidValue("target", target, "is not known", hint="write just: local")
        return cls(settings.home / "deployments", allow_pickle=settings.allow_pickle)

    def create(self, request: DeploymentRequest) -> Deployment:
        """Start a server with a copy of the model, and return when it answers."""
        directory, options = self._directory(request.name), LocalOptions.parse(request.config)
        with locked(self._root, request.name):
            self._make_room(request.name, directory)
            sock = listen(options.host, options.port)
            directory.mkdir()
            try:
                started = self._start(request, options, sock=sock, directory=directory, since=_now())
                started.write(directory)
                return self._when_ready(started, options, directory).deployment(directory)
            except BaseException:
                if (state := LocalState.read(directory)) is not None:
                    state.process.stop(_PATIENCE)
                remove(directory)
                raise
            finally:
                sock.close()

    def update(self, request: DeploymentRequest) -> Deployment:
        """Start a server with the new model on the same port, and end the old one when the new one answers."""
        directory, options = self._directory(request.name), LocalOptions.parse(request.config)
        with locked(self._root, request.name):
            old = self._state(request.name)
            sock = _listening_socket(old, options, directory)
            try:
                new = self._start(request, options, sock=sock, directory=directory, since=old.creation_timestamp)
                try:
                    ready = self._when_ready(new, options, directory)
                except BaseException:
                    new.process.stop(_PATIENCE)
                    shutil.rmtree(directory / new.model_directory, ignore_errors=True)
                    raise
            finally:
                sock.close()
            old.process.stop(_PATIENCE)
            shutil.rmtree(directory / old.model_directory, ignore_errors=True)
            (directory / old.control).unlink(missing_ok=True)
            return ready.deployment(directory)

    def delete(self, name: str) -> None:
        """Stop the server and remove its directory."""
        directory = self._directory(name)
        if not directory.exists():
            return
        with locked(self._root, name):
            state = LocalState.read(directory)
            if state is not None:
                state.process.stop(_PATIENCE)
            remove(directory)

    def get(self, name: str) -> Deployment:
        """The deployment; READY or STOPPED as its process is."""
        return self._state(name).deployment(self._directory(name))

    def list(self) -> list[Deployment]:
        """All deployments of this project."""
        found = sorted(self._root.glob("*/deployment.json")) if self._root.is_dir() else []
        states = [(file.parent, LocalState.read(file.parent)) for file in found]
        return sorted((one.deployment(place) for place, one in states if one), key=lambda one: one.name)

    def predict(self, name: str, payload: Mapping[str, Any]) -> Any:
        """The server's answer; Unavailable if it is not running."""
        state = self._state(name)
        if not state.process.is_alive:
            hint = f"start it again with `windlass deployments update -t local --name {name}`"
            raise Unavailable(f"the deployment {name!r} is not running", hint=hint)
        timeout = LocalOptions.parse(state.config).request_timeout
        return ask(state.url, payload, timeout=timeout + _PATIENCE)

    def logs(self, name: str, *, follow: bool = False) -> Iterator[str]:
        """What the deployment's servers have printed."""
        self._state(name)
        return read_log(self._directory(name) / LOG_FILE, follow=follow)

    def address(self, target: str) -> str:
        """This machine and this project's directory, since every one has local deployments of its own."""
        return f"{target.rstrip(':/')}:{socket.gethostname()}:{self._root}"

    def options(self) -> Sequence[TargetOption]:
        """What `config` may hold."""
        return OPTIONS

    def _directory(self, name: str) -> Path:
        return self._root / check_deployment_name(name)

    def _state(self, name: str) -> LocalState:
        state = LocalState.read(self._directory(name))
        if state is None:
            known = ", ".join(one.name for one in self.list()) or "none"
            raise NotFound(f"there is no local deployment {name!r} (known: {known})")
        return state

    def _make_room(self, name: str, directory: Path) -> None:
        """Refuse a name that is taken; clear away what a creation left that was itself cut off."""
        state = LocalState.read(directory)
        if state is not None and state.status != DeploymentStatus.CREATING:
            hint = f"update it with `windlass deployments update -t local --name {name} -m …`, or delete it first"
            raise AlreadyExists(f"the local deployment {name!r} exists", hint=hint)
        if state is not None:
            state.process.stop(_PATIENCE)
        remove(directory)

    def _start(
        self,
        request: DeploymentRequest,
        options: LocalOptions,
        *,
        sock: socket.socket,
        directory: Path,
        since: int,
    ) -> LocalState:
        token = secrets.token_hex(8)
        model, control = directory / f"model-{token}", directory / f"control-{token}"
        shutil.copytree(request.model_path, model)
        command = _command(_Server(model, control, token), options, sock.fileno())
        log, environ = directory / LOG_FILE, self._environ(request.resolved_uri)
        process = OsProcess.start(command, log=log, environ=environ, give=sock.fileno())
        return LocalState(
            name=request.name,
            model_uri=request.model_uri,
            resolved_uri=request.resolved_uri,
            flavor=request.flavor,
            status=str(DeploymentStatus.CREATING),
            host=options.host,
            port=sock.getsockname()[1],
            pid=process.pid,
            born=process.born,
            token=token,
            model_directory=model.name,
            control=control.name,
            creation_timestamp=since,
            last_updated_timestamp=_now(),
            config=dict(request.config),
        )

    def _environ(self, resolved_uri: str) -> dict[str, str]:
        """The server sees a copy in a directory, so it is told here that the model comes from the configured store."""
        owned = self._allow_pickle == "owned" and is_model_uri(resolved_uri)
        allowed = "true" if owned else self._allow_pickle
        return {**os.environ, "WINDLASS_ALLOW_PICKLE": allowed, "PYTHONUNBUFFERED": "1"}

    def _when_ready(self, state: LocalState, options: LocalOptions, directory: Path) -> LocalState:
        """Wait until the new process itself answers; Unavailable with the end of its log if that does not happen."""
        deadline = time.monotonic() + options.timeout
        while True:
            if not state.process.is_alive:
                raise _failed(f"the server of {state.name!r} ended while it started", directory)
            if process_token(state.url, 1.0) == state.token:
                ready = replace(state, status=str(DeploymentStatus.READY))
                ready.write(directory)
                return ready
            if time.monotonic() > deadline:
                reason = f"the server of {state.name!r} did not answer within {options.timeout:g} seconds"
                raise _failed(reason, directory)
            time.sleep(0.05)


@dataclass(frozen=True, slots=True)
class _Server:
    """What tells one server of a deployment from the next."""

    model: Path
    control: Path
    token: str


def _command(server: _Server, options: LocalOptions, fd: int) -> builtins.list[str]:
    values = {
        "model": server.model,
        "control": server.control,
        "token": server.token,
        "socket": fd,
        "workers": options.workers,
        "request-timeout": options.request_timeout,
    }
    named = [part for name, value in values.items() for part in (f"--{name}", str(value))]
    return [sys.executable, "-m", "windlass_serving.process", *named]


def _listening_socket(old: LocalState, options: LocalOptions, directory: Path) -> socket.socket:
    """The old server's own socket while it runs and stays where it is, else a new one."""
    stays = options.host == old.host and options.port in {0, old.port}
    if stays and old.process.is_alive:
        return take(directory / old.control)
    return listen(options.host, old.port if stays else options.port)


def _failed(reason: str, directory: Path) -> Unavailable:
    try:
        lines = (directory / LOG_FILE).read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:]
    except OSError:
        lines = []
    log = "\n".join(f"  {line}" for line in lines) or "  (empty)"
    return Unavailable(f"{reason}; the end of its log:\n{log}", hint="does `windlass models predict` work with it?")


def _now() -> int:
    return time.time_ns() // 1_000_000
