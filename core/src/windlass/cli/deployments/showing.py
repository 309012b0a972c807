"""How deployments, their changes and endpoints are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from windlass.cli.output import show_json, show_many, show_one, when
from windlass.entities import Deployment, DeploymentChange, Endpoint


def show_deployment(one: Deployment, output: str) -> None:
    """One deployment, field by field."""
    if output == "json":
        show_json(one)
    else:
        show_one(deployment_row(one), output)


def show_deployments(found: Sequence[Deployment], output: str) -> None:
    """A table of deployments."""
    if output == "json":
        show_json(found)
    else:
        show_many([deployment_row(one) for one in found], output, nothing="no deployments")


def show_changes(found: Sequence[DeploymentChange], output: str, *, nothing: str) -> None:
    """A table of changes."""
    if output == "json":
        show_json(found)
    else:
        show_many([_change_row(one) for one in found], output, nothing=nothing)


def show_latest(found: Sequence[DeploymentChange], output: str) -> None:
    """A table of what the log knows of all deployments."""
    if output == "json":
        show_json(found)
        return
    rows = [
        {
            "name": one.key.name,
            "target": one.key.target,
            **({"endpoint": one.key.endpoint} if any(other.key.endpoint for other in found) else {}),
            "version": one.resolved_uri,
            "url": one.url,
            "last change": f"{one.action} {one.state}",
            "by": one.user,
            "at": when(one.end_time or one.start_time),
        }
        for one in found
    ]
    show_many(rows, output, nothing="no deployments are known; `windlass deployments list -t TARGET` asks a target")


def show_endpoint(one: Endpoint, output: str) -> None:
    """One endpoint, field by field."""
    if output == "json":
        show_json(one)
    else:
        show_one(endpoint_row(one), output)


def endpoint_row(one: Endpoint) -> dict[str, Any]:
    """An endpoint as a row of a table."""
    return {"name": one.name, "status": one.status, "url": one.url, "traffic": dict(one.traffic)}


def deployment_row(one: Deployment) -> dict[str, Any]:
    """A deployment as a row of a table."""
    row = {
        "name": one.name,
        "status": str(one.status),
        "url": one.url,
        "model": one.model_uri,
        "version": one.resolved_uri,
        "updated": when(one.last_updated_timestamp),
    }
    if one.endpoint is not None:
        row["endpoint"] = one.endpoint
    if one.canary is not None:
        row["canary"] = f"{one.canary.resolved_uri} {one.canary.percent}%"
    return row


def _change_row(one: DeploymentChange) -> dict[str, Any]:
    return {
        "change": one.number,
        "action": str(one.action),
        "state": str(one.state),
        "version": one.resolved_uri,
        "by": one.user,
        "at": when(one.end_time or one.start_time),
        "message": one.message,
    }
