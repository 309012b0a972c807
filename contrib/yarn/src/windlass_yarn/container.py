"""Container: where on a cluster the command of an application runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from windlass.errors import NotFound
from windlass_yarn.resource_manager import ResourceManager

_FIRST = re.compile(r"_000001$")


@dataclass(frozen=True, slots=True)
class Container:
    """A container of YARN's; `node` is the URL of the NodeManager that it is on."""

    name: str
    node: str


def find_container(manager: ResourceManager, application: str) -> Container | None:
    """The newest container of the latest attempt that is not its master's; None if it has none yet."""
    try:
        latest = _latest(manager, application)
        master = str(latest.get("containerId") or "")
        found = [
            Container(str(one["containerId"]), _url(str(one["nodeHttpAddress"])))
            for one in manager.containers(application, _name(application, latest))
            if one.get("containerId") not in {None, master} and one.get("nodeHttpAddress")
        ]
    except (NotFound, ValueError):
        return None
    return max(found, key=lambda one: one.name, default=None)


def likely_container(manager: ResourceManager, application: str) -> Container | None:
    """What a master's first container most likely was, on its own node; for commands that were too quick to be seen."""
    try:
        latest = _latest(manager, application)
    except (NotFound, ValueError):
        return None
    master, address = str(latest.get("containerId") or ""), str(latest.get("nodeHttpAddress") or "")
    if not _FIRST.search(master) or not address:
        return None
    return Container(_FIRST.sub("_000002", master), _url(address))


def _latest(manager: ResourceManager, application: str) -> dict[str, Any]:
    """The latest attempt; ValueError if there is none yet."""
    return max(manager.attempts(application), key=lambda one: int(one["id"]))


def _name(application: str, attempt: Mapping[str, Any]) -> str:
    """The name of an attempt, which older releases do not tell."""
    return f"appattempt_{application.removeprefix('application_')}_{int(attempt['id']):06}"


def _url(address: str) -> str:
    """The URL of a node, which some releases name without a scheme."""
    return address if urlsplit(address).scheme in {"http", "https"} else f"http://{address}"
