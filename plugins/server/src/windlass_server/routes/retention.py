"""Retention policies over HTTP."""

from __future__ import annotations

from typing import cast

from windlass.errors import InvalidQuery
from windlass.services.retention.policy import MAX, RetentionPolicy
from windlass.services.retention.service import Going
from windlass.services.workspace import Workspace
from windlass.wire import retention as wire
from windlass_server.endpoint import Endpoints

retention = Endpoints("retention")
_SECONDS = 60
_MOST = 10_000


@retention.add
def set_retention(workspace: Workspace, request: wire.SetRetention) -> wire.RetentionAnswer:
    """Give an experiment a policy."""
    policy = RetentionPolicy(
        experiment_id=request.experiment_id,
        best=request.best,
        metric=request.metric,
        goal=request.goal or MAX,
        days=request.days,
        keep_tags=request.keep_tags,
        grace_days=request.grace_days or 0,
    )
    return {"policy": _encode(workspace.retention.policies.put(policy))}


@retention.add
def get_retention(workspace: Workspace, request: wire.GetRetention) -> wire.RetentionAnswer:
    """The policy of an experiment."""
    return {"policy": _encode(workspace.retention.policies.get(request.experiment_id))}


@retention.add
def list_retention(workspace: Workspace, request: wire.ListRetention) -> wire.RetentionPoliciesAnswer:
    """The policies of all experiments."""
    del request
    return {"policies": [_encode(one) for one in workspace.retention.policies.visible()]}


@retention.add
def remove_retention(workspace: Workspace, request: wire.RemoveRetention) -> None:
    """Take the policy of an experiment away."""
    workspace.retention.policies.remove(request.experiment_id)


@retention.add
def preview_retention(workspace: Workspace, request: wire.PreviewRetention) -> wire.RetentionPlanAnswer:
    """What applying the policy would do."""
    if not 1 <= request.max_results <= _MOST:
        raise InvalidQuery("max_results", request.max_results, "is out of range", limit=f"1 … {_MOST}")
    plan = workspace.retention.preview(request.experiment_id)
    runs = [_run(one, waiting=False) for one in plan.going] + [_run(one, waiting=True) for one in plan.waiting]
    return {
        "policy": _encode(plan.policy),
        "kept": dict(plan.kept),
        "runs": runs[: request.max_results],
        "total": len(runs),
        "files": plan.count.files,
        "bytes": plan.count.size,
    }


@retention.add
def apply_retention(workspace: Workspace, request: wire.ApplyRetention) -> wire.RetentionAppliedAnswer:
    """Apply the policy now."""
    done = workspace.retention.apply(request.experiment_id, seconds=_SECONDS)
    return {
        "binned": len(done.binned),
        "freed": len(done.freed),
        "files": done.count.files,
        "bytes": done.count.size,
        "left": done.left,
    }


def _encode(policy: RetentionPolicy) -> wire.RetentionPolicyJson:
    return cast(wire.RetentionPolicyJson, policy.as_record())


def _run(going: Going, *, waiting: bool) -> wire.GoingRunJson:
    info = going.run.info
    return {
        "run_id": info.run_id,
        "run_name": info.run_name,
        "start_time": info.start_time,
        "files": going.count.files,
        "bytes": going.count.size,
        "waiting": waiting,
    }
