"""Cluster: the objects of one namespace."""

from __future__ import annotations

import builtins
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from windlass.config import Settings
from windlass.errors import Conflict, NotFound, Unavailable
from windlass_kubernetes.address import Address
from windlass_kubernetes.connection import JSON, Connection, segment

Object = Mapping[str, Any]
_PATHS = {
    "Deployment": ("apps/v1", "deployments"),
    "HorizontalPodAutoscaler": ("autoscaling/v1", "horizontalpodautoscalers"),
    "InferenceService": ("serving.kserve.io/v1beta1", "inferenceservices"),
    "Job": ("batch/v1", "jobs"),
    "Pod": ("v1", "pods"),
    "Secret": ("v1", "secrets"),
    "Service": ("v1", "services"),
}
_PAGE = 500
_PAUSE = 0.3


@dataclass(frozen=True, slots=True)
class Cluster:
    """Objects are JSON as the API has it, named by their kind."""

    connection: Connection
    namespace: str

    @classmethod
    def open(cls, address: Address, settings: Settings) -> Self:
        """The namespace that an address names; nothing is sent yet."""
        connection = Connection.open(address.context, settings)
        return cls(connection, address.namespace or connection.namespace)

    def find(self, kind: str, name: str) -> Object | None:
        """An object as it is now; None if there is none."""
        try:
            found: Object = self.connection.call("GET", self.path(kind, name))
        except NotFound:
            return None
        return found

    def list(self, kind: str, labels: Mapping[str, str]) -> list[Object]:
        """All objects with these labels."""
        query = {"labelSelector": ",".join(f"{key}={value}" for key, value in labels.items()), "limit": _PAGE}
        found: list[Object] = []
        while True:
            page = self.connection.call("GET", self.path(kind), query=query)
            found += page["items"]
            if not (mark := page["metadata"].get("continue")):
                return found
            query = {**query, "continue": mark}

    def create(self, kind: str, content: Object) -> Object:
        """Make an object; AlreadyExists if the name is taken."""
        version, _ = _PATHS[kind]
        made: Object = self.connection.call(
            "POST", self.path(kind), content={"apiVersion": version, "kind": kind, **content}
        )
        return made

    def merge(self, kind: str, name: str, content: Object) -> Object:
        """Change some fields of an object; None removes one."""
        return self._patch(kind, name, content, "merge-patch")

    def change(self, kind: str, name: str, steps: builtins.list[dict[str, Any]]) -> Object:
        """Change an object by steps as RFC 6902 has them; all of them or none."""
        return self._patch(kind, name, steps, "json-patch")

    def delete(self, kind: str, name: str, *, uid: str | None = None, grace: float | None = None) -> bool:
        """Have an object go, and what belongs to it after it; whether it was there.

        With `uid` only this one goes, none that has got its name since.
        """
        told: dict[str, Any] = {"propagationPolicy": "Background"}
        if uid is not None:
            told["preconditions"] = {"uid": uid}
        if grace is not None:
            told["gracePeriodSeconds"] = round(grace)
        try:
            self.connection.send("DELETE", self.path(kind, name), content=told)
        except (NotFound, Conflict):
            return False
        return True

    def gone(self, kind: str, labels: Mapping[str, str], *, timeout: float, ending: bool = False) -> None:
        """Return when no object has these labels any more; Unavailable if that takes longer.

        With `ending` those do not count whose end has begun, such as pods that answer their last requests.
        """
        deadline = time.monotonic() + timeout
        while left := [
            one for one in self.list(kind, labels) if not (ending and one["metadata"].get("deletionTimestamp"))
        ]:
            if time.monotonic() > deadline:
                names = ", ".join(one["metadata"]["name"] for one in left)
                raise Unavailable(f"after {timeout:g} seconds there is still: {kind} {names}")
            time.sleep(_PAUSE)

    def path(self, kind: str, name: str | None = None) -> str:
        """Where the objects of a kind are, or one of them."""
        version, plural = _PATHS[kind]
        root = f"/api/{version}" if "/" not in version else f"/apis/{version}"
        path = f"{root}/namespaces/{segment(self.namespace)}/{plural}"
        return path if name is None else f"{path}/{segment(name)}"

    def _patch(self, kind: str, name: str, content: Any, way: str) -> Object:
        media_type = JSON.replace("/", f"/{way}+")
        made: Object = self.connection.call("PATCH", self.path(kind, name), content=content, content_type=media_type)
        return made
