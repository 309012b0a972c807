"""Change: from one revision of a deployment to the next; a step that fails leaves what was there before."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import Any

from windlass.errors import AlreadyExists, Conflict, NotFound, WindlassError
from windlass.interfaces import DeploymentRecord
from windlass_kubernetes.cluster import Cluster, Object
from windlass_kubernetes.faults import Refused
from windlass_kubernetes.serving import objects
from windlass_kubernetes.serving.deployment_options import DeploymentOptions
from windlass_kubernetes.serving.names import DEPLOYMENT, RECORD, REVISION, labels
from windlass_kubernetes.serving.rollout import Rollout, has_rolled_out
from windlass_kubernetes.serving.supply import Supply
from windlass_kubernetes.taking_back import TakingBack

_KINDS = ("HorizontalPodAutoscaler", "Service", "Deployment", "Secret")
_ENDING = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a deployment is to be; `revision` tells its objects from those of other changes."""

    cluster: Cluster
    record: DeploymentRecord
    options: DeploymentOptions
    supply: Supply
    revision: str

    def create(self) -> None:
        """Make all objects, and return when the pods answer."""
        name = self.record.name
        with TakingBack() as undo:
            self._make_secrets(undo)
            undo.later(f"the Deployment {name}", self._remove)
            made = self.cluster.create("Deployment", objects.deployment(name, self.revision, self.options, self.supply))
            for part in self.supply.secrets:
                self.cluster.merge("Secret", part, {"metadata": {"ownerReferences": objects.owned_by(made)}})
            self._make(undo, "Service", objects.service(name, self.options, made))
            if self.options.max_replicas:
                self._make(undo, "HorizontalPodAutoscaler", objects.autoscaler(name, self.options, made))
            self._wait()
            self._keep_record()

    def update(self, present: Object) -> None:
        """Bring the new pods up beside the old ones, which end as the new ones answer."""
        name = self.record.name
        with TakingBack() as undo:
            self._make_secrets(undo, owner=present)
            undo.later(f"the change of {name}", lambda: self._replace(present, self.revision, self._former(present)))
            self._replace(present, present["metadata"]["annotations"].get(REVISION, ""), self._steps())
            self._wait()
            self._change_service(undo)
            self._change_autoscaler(undo, present)
            self._keep_record()
        self._clear_secrets()

    def _make_secrets(self, undo: TakingBack, owner: Object | None = None) -> None:
        for part, content in self.supply.secrets.items():
            body = objects.secret(self.record.name, part, content, revision=self.revision, owner=owner)
            self._make(undo, "Secret", body)

    def _make(self, undo: TakingBack, kind: str, content: dict[str, Any]) -> None:
        name = content["metadata"]["name"]
        try:
            made = self.cluster.create(kind, content)
        except AlreadyExists:
            raise
        except WindlassError:
            # The answer may have got lost, and the object be there.
            undo.later(f"the {kind} {name}", lambda: remove_ours(self.cluster, kind, name, self.record.name))
            raise
        undo.later(f"the {kind} {name}", lambda: self.cluster.delete(kind, name, uid=made["metadata"]["uid"]))

    def _remove(self) -> None:
        """Remove the Deployment if it is the one of this change."""
        found = self.cluster.find("Deployment", self.record.name)
        if found and (found["metadata"].get("annotations") or {}).get(REVISION) == self.revision:
            self.cluster.delete("Deployment", self.record.name, uid=found["metadata"]["uid"])

    def _wait(self) -> None:
        rollout = Rollout(self.cluster, self.record.name, self.revision, self.options.timeout)
        rollout.wait(lambda: has_rolled_out(self._found(), rollout))

    def _found(self) -> Object:
        found = self.cluster.find("Deployment", self.record.name)
        if found is None:
            raise NotFound(f"somebody has removed the Deployment {self.record.name!r} meanwhile")
        return found

    def _keep_record(self) -> None:
        self.cluster.merge(
            "Deployment", self.record.name, {"metadata": {"annotations": {RECORD: self.record.encode()}}}
        )

    def _steps(self) -> list[dict[str, Any]]:
        """The new pods; how many there are is not ours to say where that goes with the load."""
        template = objects.template(self.record.name, self.revision, self.options, self.supply)
        steps: list[dict[str, Any]] = [
            {"op": "replace", "path": "/metadata/annotations/windlass.revision", "value": self.revision},
            {"op": "replace", "path": "/spec/template", "value": template},
            {"op": "replace", "path": "/spec/progressDeadlineSeconds", "value": round(self.options.timeout) + 2},
        ]
        if not self.options.max_replicas:
            steps.append({"op": "replace", "path": "/spec/replicas", "value": self.options.replicas})
        return steps

    def _former(self, present: Object) -> list[dict[str, Any]]:
        revision = present["metadata"]["annotations"].get(REVISION, "")
        fields = {f"/spec/{one}": present["spec"][one] for one in ("template", "progressDeadlineSeconds", "replicas")}
        fields["/metadata/annotations/windlass.revision"] = revision
        return [{"op": "replace", "path": path, "value": value} for path, value in fields.items()]

    def _replace(self, present: Object, revision: str, steps: list[dict[str, Any]]) -> None:
        """Change the Deployment if it is of this revision; Conflict if somebody else has changed it."""
        name = self.record.name
        test = {"op": "test", "path": "/metadata/annotations/windlass.revision", "value": revision}
        try:
            self.cluster.change("Deployment", name, [test, *steps])
        except Refused as error:
            found = self._found()
            if found["metadata"]["annotations"].get(REVISION) == revision:
                raise
            if found["metadata"]["annotations"].get(REVISION) == present["metadata"]["annotations"].get(REVISION):
                return
            raise Conflict(f"somebody else has changed the deployment {name!r} meanwhile") from error

    def _change_service(self, undo: TakingBack) -> None:
        name, found = self.record.name, self.cluster.find("Service", self.record.name)
        wanted = objects.service(name, self.options, self._found())
        if found is None:
            self._make(undo, "Service", wanted)
            return
        spec = {one: wanted["spec"][one] for one in ("type", "ports")}
        former = {one: found["spec"].get(one) for one in spec}
        if former["type"] != spec["type"] or former["ports"][0]["port"] != self.options.port:
            undo.later("the former Service", lambda: self.cluster.merge("Service", name, {"spec": former}))
            self.cluster.merge("Service", name, {"spec": spec})

    def _change_autoscaler(self, undo: TakingBack, present: Object) -> None:
        kind, name = "HorizontalPodAutoscaler", self.record.name
        found = self.cluster.find(kind, name)
        if not self.options.max_replicas:
            if found:
                remove_ours(self.cluster, kind, name, name)
            return
        wanted = objects.autoscaler(name, self.options, present)
        if found is None:
            self._make(undo, kind, wanted)
            return
        undo.later("the former autoscaler", lambda: self.cluster.merge(kind, name, {"spec": found["spec"]}))
        self.cluster.merge(kind, name, {"spec": wanted["spec"]})

    def _clear_secrets(self) -> None:
        """Remove those of former revisions; what cannot be removed now goes with the next change."""
        with contextlib.suppress(WindlassError):
            for one in self.cluster.list("Secret", labels(self.record.name)):
                if one["metadata"]["name"] not in self.supply.secrets:
                    self.cluster.delete("Secret", one["metadata"]["name"], uid=one["metadata"]["uid"])


def remove_all(cluster: Cluster, name: str) -> None:
    """Remove everything of a deployment, and return when its pods end."""
    for kind in _KINDS:
        for one in cluster.list(kind, labels(name)):
            cluster.delete(kind, one["metadata"]["name"], uid=one["metadata"]["uid"])
    deadline = time.monotonic() + _ENDING
    for kind in ("Deployment", "Pod"):
        with contextlib.suppress(WindlassError):
            cluster.gone(kind, labels(name), timeout=max(deadline - time.monotonic(), 1.0), ending=True)


def remove_ours(cluster: Cluster, kind: str, name: str, deployment: str) -> None:
    """Remove an object if it belongs to the deployment."""
    found = cluster.find(kind, name)
    if found and (found["metadata"].get("labels") or {}).get(DEPLOYMENT) == deployment:
        cluster.delete(kind, name, uid=found["metadata"]["uid"])
