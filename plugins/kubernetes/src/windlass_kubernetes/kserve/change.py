"""ServiceChange: changes of an InferenceService; one that fails leaves what was there before."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from windlass.errors import Conflict, NotFound, WindlassError
from windlass_kubernetes.cluster import Cluster, Object
from windlass_kubernetes.faults import Refused
from windlass_kubernetes.kserve.record import ServiceRecord, ready
from windlass_kubernetes.serving.change import remove_ours
from windlass_kubernetes.serving.names import RECORD, REVISION, labels
from windlass_kubernetes.serving.objects import owned_by, secret
from windlass_kubernetes.serving.rollout import Rollout
from windlass_kubernetes.taking_back import TakingBack

KIND = "InferenceService"
_RESTORING = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceChange:
    """What an InferenceService is to be; `secrets` are those that are new, `revision` tells this change from others.

    `unused` are revisions that get no requests and that KServe keeps nevertheless.
    """

    cluster: Cluster
    name: str
    revision: str
    record: ServiceRecord
    predictor: Mapping[str, Any]
    timeout: float
    secrets: Mapping[str, Mapping[str, Any]]
    unused: tuple[str, ...] = ()

    def create(self) -> None:
        """Make it, and return when it is ready."""
        with TakingBack() as undo:
            self._make_secrets(undo)
            undo.later(f"the InferenceService {self.name}", self._remove)
            annotations = {REVISION: self.revision}
            metadata = {"name": self.name, "labels": labels(self.name), "annotations": annotations}
            made = self.cluster.create(KIND, {"metadata": metadata, "spec": {"predictor": dict(self.predictor)}})
            for part in self.secrets:
                self.cluster.merge("Secret", part, {"metadata": {"ownerReferences": owned_by(made)}})
            self._wait()
            self._keep_record()

    def change(self, present: Object) -> None:
        """Replace the predictor, and return when the new one is ready; until then KServe asks the old one."""
        former = present["metadata"]["annotations"].get(REVISION, "")
        with TakingBack() as undo:
            self._make_secrets(undo, owner=present)
            restored = dict(present["spec"]["predictor"])
            undo.later(f"the change of {self.name}", lambda: self._restore(former, restored))
            self._replace(former, self.revision, dict(self.predictor))
            self._wait()
            self._keep_record()
        self._clear_secrets()

    def _make_secrets(self, undo: TakingBack, owner: Object | None = None) -> None:
        for part, content in self.secrets.items():
            undo.later(f"the Secret {part}", partial(remove_ours, self.cluster, "Secret", part, self.name))
            body = secret(self.name, part, content, revision=self.revision, owner=owner)
            self.cluster.create("Secret", body)

    def _remove(self) -> None:
        found = self.cluster.find(KIND, self.name)
        if found and (found["metadata"].get("annotations") or {}).get(REVISION) == self.revision:
            self.cluster.delete(KIND, self.name, uid=found["metadata"]["uid"])

    def _wait(self) -> None:
        rollout = Rollout(self.cluster, self.name, self.revision, self.timeout)
        last = ""

        def is_done() -> bool:
            nonlocal last
            found = self._found()
            last = str(ready(found).get("message") or "")
            return is_ready(found)

        try:
            rollout.wait(is_done)
        except WindlassError as error:
            if last and last not in error.message:
                error.message = f"{error.message} (KServe: {' '.join(last.split())[:400]})"
            raise

    def _restore(self, former: str, predictor: dict[str, Any]) -> None:
        """Have the former predictor again, and wait for its pods, which KServe starts anew."""
        self._replace(self.revision, former, predictor, undo=True)
        rollout = Rollout(self.cluster, self.name, former, _RESTORING)
        with contextlib.suppress(WindlassError):
            rollout.wait(lambda: is_ready(self._found()))

    def _found(self) -> Object:
        found = self.cluster.find(KIND, self.name)
        if found is None:
            raise NotFound(f"somebody has removed the InferenceService {self.name!r} meanwhile")
        return found

    def _keep_record(self) -> None:
        self.cluster.merge(KIND, self.name, {"metadata": {"annotations": {RECORD: self.record.encode()}}})

    def _replace(self, former: str, revision: str, predictor: dict[str, Any], *, undo: bool = False) -> None:
        """Change it if it is of the former revision; Conflict if somebody else has changed it."""
        place = "/metadata/annotations/windlass.revision"
        steps: list[dict[str, Any]] = [
            {"op": "test", "path": place, "value": former},
            {"op": "replace", "path": place, "value": revision},
            {"op": "replace", "path": "/spec/predictor", "value": predictor},
        ]
        try:
            self.cluster.change(KIND, self.name, steps)
        except Refused as error:
            found = self._found()["metadata"]["annotations"].get(REVISION)
            if undo and found != former:
                return
            if found == former:
                raise
            raise Conflict(f"somebody else has changed the deployment {self.name!r} meanwhile") from error

    def _clear_secrets(self) -> None:
        """Remove those of models that answer no more; what cannot be removed now goes with the next change."""
        kept = {*self.unused, *(one.revision for one in self.record.parts)}
        with contextlib.suppress(WindlassError):
            for one in self.cluster.list("Secret", labels(self.name)):
                if one["metadata"]["labels"].get(REVISION) not in kept:
                    self.cluster.delete("Secret", one["metadata"]["name"], uid=one["metadata"]["uid"])


def is_ready(found: Object) -> bool:
    """Whether what was asked for last answers."""
    status = found.get("status") or {}
    if status.get("observedGeneration", found["metadata"]["generation"]) < found["metadata"]["generation"]:
        return False
    revisions = (status.get("components") or {}).get("predictor") or {}
    newest = revisions.get("latestCreatedRevision")
    return ready(found).get("status") == "True" and newest == revisions.get("latestReadyRevision")
