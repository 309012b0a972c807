"""EndpointState: an endpoint of a service as it is now, with the variants behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from windlass.entities import Canary, Deployment, DeploymentStatus
from windlass.interfaces import ModelRecord

_LEAST, _MOST = 1, 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One of the models behind an endpoint; names sort by the time at which variants were made.

    `percent` is its part of the requests.
    """

    name: str
    record: ModelRecord
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A variant that is to be made for a deployment from the files at `path`; `options` are as they were read."""

    name: str
    variant: str
    record: ModelRecord
    path: Path
    options: Mapping[str, Any]

    @property
    def timeout(self) -> float:
        """Seconds to wait for each state."""
        return float(self.options["timeout"])


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointState:
    """An endpoint; `owner` is the deployment that it was made for and `born` the variant it was made with.

    An endpoint without an owner is none of ours.
    """

    name: str
    status: DeploymentStatus
    url: str
    owner: str = ""
    born: str = ""
    reason: str = ""
    variants: tuple[Variant, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def answering(self) -> tuple[Variant, ...]:
        """The variants that get requests, the oldest first; all of them where none does yet."""
        found = sorted(self.variants, key=lambda one: one.name)
        return tuple(one for one in found if one.percent) or tuple(found)

    @property
    def main(self) -> Variant | None:
        """The deployment's model."""
        return next(iter(self.answering), None)

    @property
    def canary(self) -> Variant | None:
        """The model beside it."""
        return self.answering[1] if len(self.answering) > 1 and self.answering[1].percent else None

    def deployment(self, target: str) -> Deployment | None:
        """What the outside sees; None of an endpoint without a model."""
        if self.main is None:
            return None
        one, failed = self.main.record, self.status == DeploymentStatus.FAILED and self.reason
        return Deployment(
            name=self.owner,
            target=target,
            model_uri=one.model_uri,
            resolved_uri=one.resolved_uri,
            flavor=one.flavor,
            status=self.status,
            url=self.url,
            creation_timestamp=one.creation_timestamp,
            last_updated_timestamp=one.last_updated_timestamp,
            config=dict(one.config),
            details={**self.details, **({"reason": self.reason} if failed else {})},
            canary=_canary(self.canary),
        )


def _canary(variant: Variant | None) -> Canary | None:
    if variant is None:
        return None
    one, percent = variant.record, min(_MOST, max(_LEAST, variant.percent))
    return Canary(one.model_uri, one.resolved_uri, percent, one.flavor, dict(one.config))
