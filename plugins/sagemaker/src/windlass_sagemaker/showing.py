"""An endpoint as the outside sees a deployment."""

from __future__ import annotations

from collections.abc import Mapping

from windlass.entities import Canary, Deployment, DeploymentStatus
from windlass_sagemaker.record import EndpointRecord
from windlass_sagemaker.resources import EndpointState

_STATUS: Mapping[str, DeploymentStatus] = {
    "Creating": DeploymentStatus.CREATING,
    "InService": DeploymentStatus.READY,
    "Updating": DeploymentStatus.READY,
    "SystemUpdating": DeploymentStatus.READY,
    "RollingBack": DeploymentStatus.READY,
    "Deleting": DeploymentStatus.STOPPED,
}
"""An endpoint that is being updated answers; what is not here has failed."""


def deployment(target: str, state: EndpointState, record: EndpointRecord, *, url: str) -> Deployment:
    """What the outside sees."""
    main, status = record.main, _STATUS.get(state.status, DeploymentStatus.FAILED)
    failed = status == DeploymentStatus.FAILED and state.reason
    return Deployment(
        name=record.name,
        target=target,
        model_uri=main.model_uri,
        resolved_uri=main.resolved_uri,
        flavor=main.flavor,
        status=status,
        url=url,
        creation_timestamp=main.creation_timestamp,
        last_updated_timestamp=main.last_updated_timestamp,
        config=dict(main.config),
        details={"arn": state.arn, "endpoint_config": state.config, **({"reason": state.reason} if failed else {})},
        canary=_canary(state, record),
    )


def _canary(state: EndpointState, record: EndpointRecord) -> Canary | None:
    if record.canary is None:
        return None
    whole = sum(state.weights.values()) or 1.0
    part = next((weight for name, weight in state.weights.items() if name.endswith("-canary")), 0.0)
    percent = min(99, max(1, round(100 * part / whole)))
    one = record.canary
    return Canary(one.model_uri, one.resolved_uri, percent, one.flavor, dict(one.config))
