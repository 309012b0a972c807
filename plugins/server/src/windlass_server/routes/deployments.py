"""The log of deployments over HTTP."""

from __future__ import annotations

from dataclasses import replace

from windlass.entities import ChangeAction, ChangeState, DeploymentChange, DeploymentKey
from windlass.errors import InvalidValue, NotFound
from windlass.services.workspace import Workspace
from windlass.wire import deployment as wire
from windlass_server.access.caller import caller_or_none
from windlass_server.endpoint import Endpoints, tags

deployments = Endpoints("deployments")


@deployments.add
def begin_deployment_change(workspace: Workspace, request: wire.BeginDeploymentChange) -> wire.DeploymentChangeAnswer:
    """Write down what is about to be done."""
    caller = caller_or_none()
    change = DeploymentChange(
        key=DeploymentKey(target=request.target, name=request.name, endpoint=request.endpoint_name),
        action=_one_of(ChangeAction, "action", request.action),
        model_uri=request.model_uri,
        resolved_uri=request.resolved_uri,
        flavor=request.flavor,
        config=tags(request.config),
        percent=request.percent,
        user=request.user if caller is None else caller.username,
    )
    return {"change": wire.encode_deployment_change(workspace.deployments.log.begin(change))}


@deployments.add
def end_deployment_change(workspace: Workspace, request: wire.EndDeploymentChange) -> wire.DeploymentChangeAnswer:
    """Write down how it ended; only who began it can say that, and administrators."""
    key = DeploymentKey(target=request.target, name=request.name, endpoint=request.endpoint_name)
    begun = workspace.deployments.log.changes(key, max_results=1, before=request.number + 1)
    caller = caller_or_none()
    mine = begun and (caller is None or caller.manages or begun[0].user == caller.username)
    if not mine or begun[0].number != request.number:
        raise NotFound(f"there is no change {request.number} of the deployment {key}")
    state = _one_of(ChangeState, "state", request.state)
    ended = replace(begun[0], state=state, url=request.url, message=request.message)
    return {"change": wire.encode_deployment_change(workspace.deployments.log.end(ended))}


@deployments.add
def list_deployment_changes(workspace: Workspace, request: wire.ListDeploymentChanges) -> wire.DeploymentChangesAnswer:
    """The changes of a deployment."""
    key = DeploymentKey(target=request.target, name=request.name, endpoint=request.endpoint_name)
    found = workspace.deployments.log.changes(key, max_results=request.max_results, before=request.before)
    return {"changes": [wire.encode_deployment_change(one) for one in found]}


@deployments.add
def list_deployments(workspace: Workspace, request: wire.ListDeployments) -> wire.DeploymentChangesAnswer:
    """The newest change of every deployment."""
    del request
    return {"changes": [wire.encode_deployment_change(one) for one in workspace.deployments.log.latest()]}


def _one_of(kind: type[ChangeAction | ChangeState], field: str, value: str) -> str:
    try:
        return kind(value)
    except ValueError:
        raise InvalidValue(field, value, "is not known", limit=", ".join(kind)) from None
