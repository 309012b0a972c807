"""ServiceRecord: what an InferenceService remembers of itself, in an annotation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from windlass.entities import Canary, Deployment, DeploymentStatus
from windlass.interfaces import DeploymentRecord
from windlass_kubernetes.cluster import Object
from windlass_kubernetes.serving.names import DEPLOYMENT, RECORD


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the models that answer; `revision` is in the names of its Secrets."""

    revision: str
    record: DeploymentRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRecord:
    """The present model, and the canary that gets `percent` of the requests."""

    present: Part
    canary: Part | None = None
    percent: int = 0

    @property
    def parts(self) -> tuple[Part, ...]:
        """All models."""
        return (self.present,) if self.canary is None else (self.present, self.canary)

    def encode(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, found: Object) -> Self | None:
        """The record of an InferenceService; None if it is none of ours, not made yet, or on its way out."""
        metadata = found["metadata"]
        ours = (metadata.get("labels") or {}).get(DEPLOYMENT) == metadata["name"]
        try:
            told = json.loads((metadata.get("annotations") or {})[RECORD])
            canary = _part(told["canary"]) if told["canary"] else None
            record = cls(present=_part(told["present"]), canary=canary, percent=told["percent"])
        except (KeyError, TypeError, ValueError):
            return None
        return record if ours and not metadata.get("deletionTimestamp") else None

    def deployment(self, target: str, found: Object, *, url: str) -> Deployment:
        """What the outside sees."""
        main, canary = self.present.record, None
        if self.canary is not None:
            one = self.canary.record
            canary = Canary(one.model_uri, one.resolved_uri, self.percent, one.flavor, dict(one.config))
        seen = main.deployment(target, status=_status(found), url=url)
        return Deployment(
            name=seen.name, target=target, model_uri=seen.model_uri, resolved_uri=seen.resolved_uri, flavor=seen.flavor,
            status=seen.status, url=url, creation_timestamp=seen.creation_timestamp,
            last_updated_timestamp=seen.last_updated_timestamp, config=seen.config, canary=canary,
        )  # fmt: skip


def ready(found: Object) -> Mapping[str, Any]:
    """The condition Ready; empty if there is none yet."""
    conditions = (found.get("status") or {}).get("conditions") or []
    return next((one for one in conditions if one["type"] == "Ready"), {})


def _part(told: Mapping[str, Any]) -> Part:
    return Part(revision=told["revision"], record=DeploymentRecord(**told["record"]))


def _status(found: Object) -> DeploymentStatus:
    states = {"True": DeploymentStatus.READY, "False": DeploymentStatus.FAILED}
    return states.get(ready(found).get("status", ""), DeploymentStatus.CREATING)
