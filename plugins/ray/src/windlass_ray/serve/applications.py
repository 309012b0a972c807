"""Applications: the list of what Serve runs, which is read and written as a whole.

Serve has no request that adds one application. Two who read the list, change it and write it would each take away what
the other has added in between. On one machine a lock keeps them apart. Across machines nothing can, as Serve compares
no versions; so whoever has written goes on looking for as long as it waits for its applications to start or end, and
writes again what another has undone.
"""

from __future__ import annotations

import fcntl
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from windlass.errors import Conflict, Unavailable
from windlass_ray.dashboard import Dashboard, cause_of

_PATH = "/api/serve/applications/"
_GENERAL = ("proxy_location", "http_options", "grpc_options")
_REDACTED = "<redacted>"
_PAUSE = 0.5
_SETTLED = 1.5
RUNNING, DELETING = "RUNNING", "DELETING"
FAILED = frozenset({"DEPLOY_FAILED", "UNHEALTHY"})


@dataclass(frozen=True, slots=True)
class Application:
    """An application as Serve describes it; `config` is what somebody has asked for, None if no list asked for it."""

    name: str
    status: str
    message: str
    route_prefix: str | None
    config: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Served:
    """One look at Serve; `general` is what the list says besides applications, empty where Serve does not run."""

    general: Mapping[str, Any]
    applications: Mapping[str, Application]
    proxies: tuple[str, ...] = ()

    @property
    def listed(self) -> dict[str, Mapping[str, Any]]:
        """The configurations of a list that changes nothing."""
        present = ((one.name, one.config) for one in self.applications.values() if one.status != DELETING)
        return {name: config for name, config in present if config is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What somebody wants to be different in the list: applications by name, and names that go."""

    put: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    remove: frozenset[str] = frozenset()

    def is_in(self, listed: Mapping[str, Mapping[str, Any]]) -> bool:
        """Whether a list is as this change wants it."""
        same = all(name in listed and _essence(listed[name]) == _essence(one) for name, one in self.put.items())
        return same and not self.remove & listed.keys()

    def made_to(self, listed: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
        """The list with this change."""
        return {name: one for name, one in listed.items() if name not in self.remove} | dict(self.put)


class Applications:
    """The applications of one cluster; `locks` is a directory for what keeps processes of this machine apart."""

    def __init__(self, dashboard: Dashboard, locks: Path) -> None:
        self._dashboard = dashboard
        self._locks = locks

    def look(self) -> Served:
        """What Serve runs now."""
        found = self._dashboard.get(_PATH)
        general = {name: found[name] for name in _GENERAL if found.get(name) is not None}
        proxies = tuple(str(one.get("status")) for one in (found.get("proxies") or {}).values())
        return Served(general, {name: _application(name, one) for name, one in found["applications"].items()}, proxies)

    def make(self, change: Change) -> None:
        """Have the list be as the change wants it, now."""
        with self.locked("applications"):
            served = self.look()
            if not change.is_in(served.listed):
                self._write(served, change)

    def make_and_wait(self, change: Change, until: Callable[[Served], bool], *, timeout: float) -> Served:
        """Make a change and wait until Serve has followed, and nobody has undone it; Unavailable after `timeout`."""
        deadline = time.monotonic() + timeout
        self.make(change)
        since = time.monotonic()
        while True:
            served = self.look()
            if not change.is_in(served.listed):
                self.make(change)
                since = time.monotonic()
            elif until(served) and time.monotonic() - since >= _SETTLED:
                return served
            if time.monotonic() > deadline:
                raise Unavailable(f"Serve has not followed within {timeout:g} seconds{_complaints(served, change)}")
            time.sleep(_PAUSE)

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """While it lasts, no other process of this machine is in such a block for this cluster and name."""
        self._locks.mkdir(parents=True, exist_ok=True)
        key = hashlib.sha256(f"{self._dashboard.url}\n{name}".encode()).hexdigest()[:24]
        with (self._locks / f".{key}.lock").open("a", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, served: Served, change: Change) -> None:
        wanted = change.made_to(served.listed)
        if _REDACTED in str([one.get("runtime_env") for one in wanted.values()]):
            raise Conflict(
                "the cluster hides the variables of its applications, so its list cannot be written without loss",
                hint="start Ray with RAY_DASHBOARD_REDACT_RUNTIME_ENV=0",
            )
        self._dashboard.send("PUT", _PATH, {**served.general, "applications": list(wanted.values())})


def _application(name: str, found: Mapping[str, Any]) -> Application:
    # What Serve says of the parts is about the cause; of the whole it says only that something is wrong.
    parts = (found.get("deployments") or {}).values()
    said = [str(text) for text in (*(one.get("message") for one in parts), found.get("message")) if text]
    message = cause_of(said[0]) if said else ""
    return Application(name, str(found["status"]), message, found.get("route_prefix"), found.get("deployed_app_config"))


def _essence(config: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells one configuration of ours from another; the rest is in the arguments, too."""
    told = [one.get("user_config") for one in config.get("deployments") or ()]
    return config.get("import_path"), config.get("args") or {}, told


def _complaints(served: Served, change: Change) -> str:
    """What Serve says of applications that are not as they should be."""
    names = [*change.put, *change.remove]
    about = [served.applications[name] for name in names if name in served.applications]
    said = [f"{one.name} is {one.status}" + (f" ({one.message})" if one.message else "") for one in about]
    return f": {'; '.join(said)}" if said else ""
