"""TorchServe: its inference and its management interface.

See https://docs.pytorch.org/serve/management_api.html.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from windlass.config import Settings
from windlass.errors import InvalidValue, NotFound, Unauthenticated, Unavailable, WindlassError
from windlass_rest.rest import Refused, Rest
from windlass_rest.scoring import ask
from windlass_torchserve.address import Address
from windlass_torchserve.archive import Archive
from windlass_torchserve.keys import INFERENCE, MANAGEMENT, Keys, bearer
from windlass_torchserve.options import ServingOptions

_NAME = "TorchServe"
_QUEUED, _SLACK, _PAUSE = 60.0, 30.0, 0.1
_NO_API = "start TorchServe with enable_model_api=true in its configuration, or with --enable-model-api"
_NO_KEY = (
    "set WINDLASS_TORCHSERVE_KEY_FILE to the key_file.json that TorchServe has written, or "
    "WINDLASS_TORCHSERVE_MANAGEMENT_KEY and WINDLASS_TORCHSERVE_INFERENCE_KEY to its keys"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A version of a model that TorchServe knows; `ready` workers answer, `waiting` requests are not begun.

    `started` is when the newest of its workers was made, in seconds since the epoch, 0 without workers.
    """

    version: str
    ready: int
    waiting: int
    started: float


class TorchServe:
    """One server; every call has a time-out, as it does not answer at all where its own environment lacks something."""

    def __init__(self, address: Address, settings: Settings) -> None:
        self._address, self._settings = address, settings
        self._keys = Keys.of(settings, address.key_file, renew=self._renew)
        self._opened: dict[tuple[str, float], Rest] = {}

    def versions(self, name: str) -> list[Served]:
        """All versions of a model; none if it is unknown."""
        return self._described(name, "/all")

    def default(self, name: str) -> Served | None:
        """The version that answers when none is asked for; None if the model is unknown."""
        return next(iter(self._described(name)), None)

    def start(self, archive: Archive, options: ServingOptions) -> None:
        """Load a version and return when its workers answer; Unavailable if they do not start."""
        name, version = archive.record.name, archive.version
        rest = self._rest(MANAGEMENT, options.startup_timeout + _SLACK)
        query = {"url": archive.file.name, "model_name": name, "synchronous": "true", **options.registration}
        with _translated(), _not_started(name):
            # Said to be JSON, it would look for all this in the body.
            rest.send("POST", f"/models?{urlencode(query)}", headers={"content-type": "text/plain"})
            if options.workers is not None:
                least, most = options.workers
                scale = {"min_worker": least, "max_worker": most, "synchronous": "true"}
                rest.call("PUT", f"{_path(name)}/{version}", query=scale)
        self._await_ready(name, str(version), within=options.startup_timeout)

    def make_default(self, name: str, version: int) -> None:
        """Let a version answer from now on."""
        with _translated():
            self._rest(MANAGEMENT).call("PUT", f"{_path(name)}/{version}/set-default")

    def unregister(self, name: str, version: str) -> None:
        """Take a version away with its workers; nothing happens if it is unknown."""
        with _translated():
            try:
                self._rest(MANAGEMENT).call("DELETE", f"{_path(name)}/{quote(version, safe='')}")
            except NotFound:
                return

    def drain(self, name: str, version: str, *, seconds: float) -> None:
        """Wait until a version has begun all its requests, and as many seconds more for it to end them."""
        end = time.monotonic() + _QUEUED
        while self._waiting(name, version) and time.monotonic() < end:
            time.sleep(_PAUSE)
        time.sleep(seconds)

    def predict(self, name: str, payload: Mapping[str, Any], *, timeout: float) -> Any:
        """What a model answers to a request in the scoring server's JSON form."""
        with _translated():
            return ask(self._rest(INFERENCE, timeout), f"/predictions/{quote(name, safe='')}", payload)

    def _described(self, name: str, which: str = "") -> list[Served]:
        with _translated():
            try:
                found = self._rest(MANAGEMENT).get(_path(name) + which)
            except NotFound:
                return []
        return [_served(one) for one in found or []]

    def _await_ready(self, name: str, version: str, *, within: float) -> None:
        end = time.monotonic() + within
        while not any(one.version == version and one.ready for one in self.versions(name)):
            if time.monotonic() > end:
                raise Unavailable(f"no worker of {name!r} is ready after {within:g} seconds", hint=_START_HINT)
            time.sleep(_PAUSE)

    def _waiting(self, name: str, version: str) -> int:
        return sum(one.waiting for one in self.versions(name) if one.version == version)

    def _rest(self, interface: str, timeout: float | None = None) -> Rest:
        timeout = self._settings.http_timeout if timeout is None else timeout
        if (interface, timeout) not in self._opened:
            self._opened[interface, timeout] = Rest.open(
                self._address.management if interface == MANAGEMENT else self._address.inference,
                self._settings,
                name=_NAME,
                timeout=timeout,
                authorize=lambda: self._keys.headers(interface),
                hints={405: _NO_API},
            )
        return self._opened[interface, timeout]

    def _renew(self, interface: str, master: str) -> None:
        rest = Rest.open(self._address.management, self._settings, name=_NAME, timeout=self._settings.http_timeout)
        with _translated():
            rest.send("GET", f"/token?type={interface}", headers=bearer(master))


_START_HINT = "TorchServe's log has the cause; are windlass-models, torch and what the model needs installed with it?"


@contextmanager
def _not_started(name: str) -> Iterator[None]:
    """Failures of TorchServe say that the model did not start."""
    try:
        yield
    except Unavailable as error:
        raise Unavailable(f"the model of {name!r} could not be started: {error.message}", hint=_START_HINT) from error


@contextmanager
def _translated() -> Iterator[None]:
    """A refusal for want of a key, which TorchServe calls a bad request, says so."""
    try:
        yield
    except (Refused, InvalidValue) as error:
        refusal: BaseException | None = error.__cause__ if isinstance(error, InvalidValue) else error
        if isinstance(refusal, WindlassError) and "Token Authorization failed" in refusal.message:
            raise Unauthenticated(refusal.message, hint=_NO_KEY) from error
        raise


def _path(name: str) -> str:
    return f"/models/{quote(name, safe='')}"


def _served(found: Mapping[str, Any]) -> Served:
    workers = found.get("workers") or []
    return Served(
        version=str(found.get("modelVersion")),
        ready=sum(one.get("status") == "READY" for one in workers),
        waiting=int((found.get("jobQueueStatus") or {}).get("pendingRequests") or 0),
        started=max((_seconds(one.get("startTime")) for one in workers), default=0.0),
    )


def _seconds(text: Any) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (TypeError, ValueError):
        return 0.0
