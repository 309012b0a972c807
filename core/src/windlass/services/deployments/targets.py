"""Targets: where the deployments are that users name."""

from __future__ import annotations

from dataclasses import dataclass

from windlass.config import Settings
from windlass.entities import DeploymentKey
from windlass.errors import InvalidValue, Unsupported
from windlass.interfaces import DeploymentTarget, ManagesEndpoints
from windlass.plugins import Kind, PluginManager


@dataclass(frozen=True, slots=True)
class Place:
    """A deployment's target, narrowed to its endpoint if it has one, and what the log calls the deployment."""

    target: DeploymentTarget
    key: DeploymentKey


class Targets:
    """Opens targets, which are named as `NAME` or `NAME:/…`; without a name the one of the settings."""

    def __init__(self, settings: Settings, plugins: PluginManager) -> None:
        self._settings = settings
        self._plugins = plugins

    def open(self, target: str | None, endpoint: str | None = None) -> DeploymentTarget:
        """The target, narrowed to an endpoint of it."""
        chosen = self._chosen(target)
        kind = self._plugins.load(Kind.DEPLOYMENT_TARGET, chosen.partition(":")[0])
        opened: DeploymentTarget = kind.open(chosen, self._settings)
        if endpoint is None:
            return opened
        if not isinstance(opened, ManagesEndpoints):
            raise unable("endpoints")
        return opened.within(endpoint)

    def place(self, target: str | None, name: str, endpoint: str | None) -> Place:
        """Where a deployment is, or will be."""
        opened = self.open(target, endpoint)
        address = opened.address(self._chosen(target))
        return Place(opened, DeploymentKey(target=address, name=name, endpoint=endpoint))

    def _chosen(self, target: str | None) -> str:
        chosen = target or self._settings.deployment_target
        if not chosen:
            known = ", ".join(self._plugins.names(Kind.DEPLOYMENT_TARGET))
            raise InvalidValue("target", target, "is missing", hint=f"name one of: {known}")
        return chosen


def unable(what: str) -> Unsupported:
    """The error for a target that cannot do what was asked for."""
    hint = "`windlass plugins list --kind deployment_target` shows the others"
    return Unsupported(f"this target has no {what}", hint=hint)
