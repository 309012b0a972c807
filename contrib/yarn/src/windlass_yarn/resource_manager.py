"""ResourceManager: the REST interface of YARN's ResourceManager."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from windlass.config import Settings
from windlass.errors import InvalidValue
from windlass_rest.rest import Rest
from windlass_yarn.options import YarnOptions
from windlass_yarn.refusal import said_by_hadoop

_TIMEOUT = 30.0
_APPS = "/ws/v1/cluster/apps"
_HINT = "is the ResourceManager running, and is the URL that of its web interface?"
_HINTS = {401: "clusters with Kerberos are not supported", 403: "may the option `user` do that?"}


@dataclass(frozen=True, slots=True)
class ResourceManager:
    """One ResourceManager, spoken to as one user; nothing is sent twice but what changes nothing."""

    rest: Rest
    user: str

    @classmethod
    def open(cls, options: YarnOptions, settings: Settings) -> Self:
        """The ResourceManager that the options name; nothing is sent yet."""
        rest = Rest.open(
            options.resource_manager,
            settings,
            name="YARN's ResourceManager",
            timeout=_TIMEOUT,
            hint=_HINT,
            hints=_HINTS,
            said=said_by_hadoop,
        )
        return cls(rest, options.user)

    def check(self) -> None:
        """Unavailable if it is not there."""
        self._get("/ws/v1/cluster/info")

    def new_application(self, options: YarnOptions) -> str:
        """A new id; InvalidValue if no node of the cluster has what the options ask for."""
        made = self._send("POST", f"{_APPS}/new-application")
        largest = made.get("maximum-resource-capability", {})
        for name, wanted, most in (
            ("memory", options.memory, largest.get("memory")),
            ("num_cores", options.num_cores, largest.get("vCores")),
        ):
            if most is not None and wanted > most:
                raise InvalidValue(f"backend-config {name}", wanted, "is more than the cluster allows", limit=most)
        return str(made["application-id"])

    def submit(self, request: Mapping[str, Any]) -> None:
        """Start an application."""
        self._send("POST", _APPS, request)

    def application(self, identifier: str) -> dict[str, Any]:
        """What is known of an application; NotFound if it is unknown or long gone."""
        return dict(self._get(f"{_APPS}/{identifier}")["app"])

    def attempts(self, identifier: str) -> list[dict[str, Any]]:
        """The attempts at an application, the oldest first."""
        return _listed(self._get(f"{_APPS}/{identifier}/appattempts"), "appAttempts", "appAttempt")

    def containers(self, identifier: str, attempt: str) -> list[dict[str, Any]]:
        """The containers that an attempt has now."""
        found = self._get(f"{_APPS}/{identifier}/appattempts/{attempt}/containers")
        return _listed(found, "containers", "container")

    def ask_to_end(self, container: str) -> None:
        """Send SIGTERM to what runs in a container."""
        self._send("POST", f"/ws/v1/cluster/containers/{container}/signal/GRACEFUL_SHUTDOWN")

    def kill(self, identifier: str) -> None:
        """End an application with all its containers; this returns before they are gone."""
        self._send("PUT", f"{_APPS}/{identifier}/state", {"state": "KILLED"})

    def _get(self, path: str) -> Any:
        return self.rest.get(path, {"user.name": self.user})

    def _send(self, method: str, path: str, content: Any = None) -> Any:
        return self.rest.call(method, path, content, query={"user.name": self.user})


def _listed(answer: Any, plural: str, singular: str) -> list[dict[str, Any]]:
    """The elements of a list as Hadoop writes it: null if it is empty, in some places without the name of the whole."""
    whole = (answer or {}).get(plural, answer) or {}
    listed = whole.get(singular) or []
    return [listed] if isinstance(listed, dict) else list(listed)
