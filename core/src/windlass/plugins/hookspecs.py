"""The plugin API: every hook that a plugin may implement.

A hook implementation leaves out the arguments it does not need; new ones may be appended. The events fire exactly once,
in the process that owns the store, after the change is durable; an error in one is logged and changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from windlass.entities import Deployment, ModelVersion, Run
    from windlass.plugins.provider import Command, Provider

PROJECT = "windlass"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def windlass_providers() -> list[Provider]:
    """Contribute implementations; called once when plugins are first needed."""
    raise NotImplementedError


@hookspec
def windlass_commands() -> list[Command]:
    """Contribute commands to the `windlass` program; called when the program starts."""
    raise NotImplementedError


@hookspec
def windlass_routes(workspace: Any) -> list[Any]:
    """Contribute route handlers to the server; called once when it starts.

    `workspace` is the server's `windlass.services.workspace.Workspace`; the type of the handlers is the server plugin's
    affair.
    """
    raise NotImplementedError


@hookspec
def windlass_run_created(run: Run) -> None:
    """A run has begun."""


@hookspec
def windlass_run_finished(run: Run) -> None:
    """A run has come to its end, whichever way."""


@hookspec
def windlass_model_version_created(version: ModelVersion) -> None:
    """A model version has been registered."""


@hookspec
def windlass_model_version_transitioning(version: ModelVersion, stage: str) -> str | None:
    """A model version is about to change its stage; return a reason to forbid it. An error forbids it too."""
    raise NotImplementedError


@hookspec
def windlass_deployment_created(deployment: Deployment) -> None:
    """A deployment answers requests."""


@hookspec
def windlass_deployment_updated(deployment: Deployment) -> None:
    """A deployment answers with another model."""


@hookspec
def windlass_deployment_deleted(name: str, target: str) -> None:
    """A deployment is gone."""
