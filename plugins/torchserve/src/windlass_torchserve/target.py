"""TorchServeTarget: models on a TorchServe."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any, Self

from windlass.config import Settings
from windlass.entities import Deployment, DeploymentStatus
from windlass.errors import AlreadyExists, NotFound, WindlassError
from windlass.interfaces import (
    DeploymentRecord,
    DeploymentRequest,
    DeploymentTarget,
    TargetOption,
    check_deployment_name,
)
from windlass_torchserve.address import Address
from windlass_torchserve.archive import Archive, ModelStore
from windlass_torchserve.options import OPTIONS, ServingOptions
from windlass_torchserve.server import Served, TorchServe

_log = logging.getLogger(__name__)


class TorchServeTarget(DeploymentTarget):
    """A TorchServe, whose model store is a directory that both sides see.

    Each change of a deployment is another version of a model on TorchServe. Its archive in the model store holds the
    record of the deployment, and stays there, since TorchServe reads it again when it is restarted.
    """

    def __init__(self, target: str, address: Address, settings: Settings) -> None:
        self._target = target
        self._settings = settings
        self._url = address.inference
        self._store = ModelStore(address.model_store)
        self._server = TorchServe(address, settings)

    @classmethod
    def open(cls, target: str, settings: Settings) -> Self:
        """The server at the URL that the target names; nothing is asked yet."""
        return cls(target, Address.parse(target), settings)

    def create(self, request: DeploymentRequest) -> Deployment:
        """Register the model, and return when its workers answer."""
        options = _checked_options(request)
        if self._store.archives(request.name) or self._server.versions(request.name):
            hint = "update it with `windlass deployments update`, or choose another name"
            raise AlreadyExists(f"TorchServe has a model {request.name!r}", hint=hint)
        self._start(self._record(request), request, options)
        return self.get(request.name)

    def update(self, request: DeploymentRequest) -> Deployment:
        """Register another version and let it answer when it can; the former one does until then."""
        options = _checked_options(request)
        former = self._found(request.name)[0]
        new = self._start(self._record(request).since(former.record), request, options)
        try:
            self._server.make_default(request.name, new.version)
        except BaseException:
            self._take_back(new)
            raise
        try:
            self._remove_others(new, options)
        except WindlassError as error:
            _log.warning("the former version of %r is still on TorchServe: %s", request.name, error)
        return self.get(request.name)

    def delete(self, name: str) -> None:
        """Unregister the model's versions and remove their archives."""
        archives = self._store.archives(check_deployment_name(name))
        if not archives:
            return
        ours = {str(one.version) for one in archives}
        default = self._server.default(name)
        # The version that answers goes last, as TorchServe keeps it for as long as there are others.
        served = sorted(
            self._server.versions(name), key=lambda one: default is not None and one.version == default.version
        )
        for one in served:
            if one.version in ours:
                self._server.unregister(name, one.version)
        for archive in archives:
            archive.remove()

    def get(self, name: str) -> Deployment:
        """The deployment, READY if workers of it answer."""
        return self._deployment(*self._found(check_deployment_name(name)))

    def list(self) -> list[Deployment]:
        """What was deployed from here, whatever else the server has."""
        found = []
        for name in self._store.names():
            # It may be deleted meanwhile.
            with contextlib.suppress(NotFound):
                found.append(self.get(name))
        return found

    def predict(self, name: str, payload: Mapping[str, Any]) -> Any:
        """The model's answer."""
        archives = self._archives(check_deployment_name(name))
        options = ServingOptions.parse(archives[-1].record.config)
        return self._server.predict(name, payload, timeout=options.request_timeout)

    def options(self) -> Sequence[TargetOption]:
        """What `config` may hold."""
        return OPTIONS

    def _record(self, request: DeploymentRequest) -> DeploymentRecord:
        return DeploymentRecord.new(request, allow_pickle=self._settings.allow_pickle)

    def _start(self, record: DeploymentRecord, request: DeploymentRequest, options: ServingOptions) -> Archive:
        known = [int(one.version) for one in self._server.versions(record.name) if one.version.isdigit()]
        archive = self._store.add(record, request.model_path, above=max(known, default=0))
        try:
            self._server.start(archive, options)
        except BaseException:
            self._take_back(archive)
            raise
        return archive

    def _take_back(self, archive: Archive) -> None:
        # What went wrong first is what the user must know.
        with contextlib.suppress(WindlassError):
            self._server.unregister(archive.record.name, str(archive.version))
        archive.remove()

    def _remove_others(self, new: Archive, options: ServingOptions) -> None:
        name = new.record.name
        others = [one for one in self._store.archives(name) if one.version != new.version]
        known = {one.version for one in self._server.versions(name)}
        for one in others:
            if str(one.version) in known:
                self._server.drain(name, str(one.version), seconds=options.drain_seconds)
                self._server.unregister(name, str(one.version))
            one.remove()

    def _archives(self, name: str) -> Sequence[Archive]:
        archives = self._store.archives(name)
        if not archives:
            raise NotFound(f"there is no deployment {name!r} on TorchServe at {self._url}")
        return archives

    def _found(self, name: str) -> tuple[Archive, Served | None]:
        """The archive of the version that answers, or the newest one where TorchServe knows none of them."""
        archives, served = self._archives(name), self._server.default(name)
        present = [one for one in archives if served is not None and str(one.version) == served.version]
        return (present[0], served) if present else (archives[-1], None)

    def _deployment(self, archive: Archive, served: Served | None) -> Deployment:
        url = f"{self._url}/predictions/{archive.record.name}"
        return archive.record.deployment(self._target, status=_status(archive, served), url=url)


def _status(archive: Archive, served: Served | None) -> DeploymentStatus:
    """Workers that do not answer are being started, unless they had the time for that."""
    if served is None:
        return DeploymentStatus.STOPPED
    if served.ready:
        return DeploymentStatus.READY
    patience = ServingOptions.parse(archive.record.config).startup_timeout
    return DeploymentStatus.CREATING if time.time() - served.started < patience else DeploymentStatus.FAILED


def _checked_options(request: DeploymentRequest) -> ServingOptions:
    check_deployment_name(request.name)
    return ServingOptions.parse(request.config)
