"""OpenInferenceTarget: what deployments on all servers of the protocol have in common."""

from __future__ import annotations

import os
import shutil
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from windlass.config import Settings
from windlass.entities import Deployment, DeploymentStatus
from windlass.errors import AlreadyExists, Corrupted, NotFound
from windlass.interfaces import (
    DeploymentRecord,
    DeploymentRequest,
    DeploymentTarget,
    TargetOption,
    check_deployment_name,
    parse_options,
    seconds,
)
from windlass_open_inference.address import Address
from windlass_open_inference.server import InferenceServer

_LOAD = 300.0

REQUEST_TIMEOUT = seconds("request_timeout", "Seconds that one prediction may take.", default=60.0)


class OpenInferenceTarget(DeploymentTarget):
    """Deployments on one server, whose model repository is a directory that both sides see.

    Each deployment has a directory there with a file of settings, which is replaced in one step and holds the record of
    the deployment, and a directory with the present model, which has another name after each change.
    """

    server_name: str
    default_url: str
    settings_file: str
    known: tuple[str, ...] = ()

    def __init__(self, target: str, address: Address, settings: Settings) -> None:
        self._target = target
        self._settings = settings
        self.address_parts = address
        self.server = InferenceServer(
            address.url, settings, name=self.server_name, timeout=settings.http_timeout, load_timeout=_LOAD
        )

    @classmethod
    def open(cls, target: str, settings: Settings) -> Self:
        """The server at the URL that the target names; nothing is asked yet."""
        return cls(target, Address.parse(target, default=cls.default_url, known=cls.known), settings)

    def create(self, request: DeploymentRequest) -> Deployment:
        """Give the server a copy of the model, and return when it answers."""
        self._check(request)
        if self._directory(request.name).exists() or request.name in self.server.states():
            hint = "update it with `windlass deployments update`, or choose another name"
            raise AlreadyExists(f"{self.server_name} has a model {request.name!r}", hint=hint)
        self._place(request, DeploymentRecord.new(request, allow_pickle=self._settings.allow_pickle))
        return self.get(request.name)

    def update(self, request: DeploymentRequest) -> Deployment:
        """Let the server load another model in its place; it answers with the former one until then."""
        self._check(request)
        former = self._found(request.name)
        self._place(request, DeploymentRecord.new(request, allow_pickle=self._settings.allow_pickle).since(former))
        return self.get(request.name)

    def delete(self, name: str) -> None:
        """Unload the model and remove its directory."""
        if self._record(check_deployment_name(name)) is not None:
            self.server.unload(name)
            shutil.rmtree(self._directory(name))

    def get(self, name: str) -> Deployment:
        """The deployment, READY if the server has loaded it."""
        return self._deployment(self._found(name), self.server.states())

    def list(self) -> list[Deployment]:
        """What was deployed from here, whatever else the server has."""
        states, found = self.server.states(), sorted(self.address_parts.repository.glob(f"*/{self.settings_file}"))
        records = [self._record(file.parent.name) for file in found]
        return [self._deployment(one, states) for one in records if one is not None]

    def predict(self, name: str, payload: Mapping[str, Any]) -> Any:
        """The model's answer."""
        options = parse_options(self.options(), self._found(name).config)
        return self.server.infer(name, payload, timeout=options["request_timeout"])

    def options(self) -> Sequence[TargetOption]:
        """What `config` may hold."""
        return (REQUEST_TIMEOUT,)

    @abstractmethod
    def decode(self, text: str) -> DeploymentRecord | None:
        """The record in a file of settings; None if it is none of ours. ValueError if it cannot be read."""

    @abstractmethod
    def arrange(self, directory: Path, request: DeploymentRequest, record: DeploymentRecord) -> tuple[Path, str]:
        """Copy the model to a new directory below this one, and return it with the settings that use it."""

    @abstractmethod
    def models(self, directory: Path) -> Sequence[Path]:
        """The directories with models below a deployment's own."""

    def _place(self, request: DeploymentRequest, record: DeploymentRecord) -> None:
        """Have the server load the new model; what was there before stays if that fails."""
        directory = self._directory(request.name)
        present, before = self._read(directory), set(self.models(directory))
        try:
            model, settings = self.arrange(directory, request, record)
            _write(directory / self.settings_file, settings)
            self.server.load(request.name)
        except BaseException:
            self._take_back(directory, before, present)
            raise
        for other in set(self.models(directory)) - {model}:
            shutil.rmtree(other, ignore_errors=True)

    def _take_back(self, directory: Path, before: set[Path], present: str | None) -> None:
        if present is None:
            self.server.unload(directory.name)
            shutil.rmtree(directory, ignore_errors=True)
            return
        _write(directory / self.settings_file, present)
        for new in set(self.models(directory)) - before:
            shutil.rmtree(new, ignore_errors=True)
        self.server.load(directory.name)

    def _record(self, name: str) -> DeploymentRecord | None:
        text = self._read(self._directory(name))
        if text is None:
            return None
        try:
            return self.decode(text)
        except ValueError as error:
            path = self._directory(name) / self.settings_file
            raise Corrupted(f"the settings of {name!r} cannot be read", hint=f"correct or remove {path}") from error

    def _read(self, directory: Path) -> str | None:
        try:
            return (directory / self.settings_file).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def _directory(self, name: str) -> Path:
        return self.address_parts.repository / name

    def _check(self, request: DeploymentRequest) -> None:
        check_deployment_name(request.name)
        parse_options(self.options(), request.config)

    def _found(self, name: str) -> DeploymentRecord:
        found = self._record(check_deployment_name(name))
        if found is None:
            raise NotFound(f"there is no deployment {name!r} on {self.server_name} at {self.server.url}")
        return found

    def _deployment(self, record: DeploymentRecord, states: Mapping[str, str]) -> Deployment:
        ready = states.get(record.name) == "READY"
        status = DeploymentStatus.READY if ready else DeploymentStatus.STOPPED
        url = f"{self.server.url}/v2/models/{record.name}/infer"
        return record.deployment(self._target, status=status, url=url)


def _write(path: Path, text: str) -> None:
    """Replace a file in one step, since the server may read it at any time."""
    scratch = path.parent / f".{path.name}.new"
    with scratch.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    scratch.replace(path)
