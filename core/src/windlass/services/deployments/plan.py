"""Plan: what must be done so that what is deployed is what a file declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from windlass.entities import Deployment, DeploymentChange, DeploymentStatus
from windlass.errors import NotFound
from windlass.interfaces import parse_options
from windlass.interfaces.target_option import HIDDEN
from windlass.services.deployments.declared import DeclaredDeployment
from windlass.services.deployments.service import DEFAULT_FLAVOR, DeploymentService


class PlannedAction(StrEnum):
    """What is to be done with one deployment."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChange:
    """One step of a plan; `differences` has, for each thing that changes, what it is and what it will be."""

    target: str
    name: str
    endpoint: str | None
    action: PlannedAction
    differences: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    declared: DeclaredDeployment | None = None


class Planner:
    """Compares what is declared with what there is, and does what is missing."""

    def __init__(self, service: DeploymentService, resolve: Callable[[str], str]) -> None:
        self._service = service
        self._resolve = resolve

    def plan(self, declared: Iterable[DeclaredDeployment], *, prune: bool = False) -> list[PlannedChange]:
        """What is to be done, in the order of the declaration; changes nothing.

        With `prune`, what is known to be deployed on the declared targets and is not declared goes.
        """
        wanted = list(declared)
        steps = [self._step(one) for one in wanted]
        return steps + (self._pruned(wanted) if prune else [])

    def apply(self, step: PlannedChange) -> Deployment | None:
        """Do one step, and return what is deployed then; None if nothing is, or nothing was to be done."""
        if step.action is PlannedAction.DELETE:
            self._service.delete(step.target, step.name, endpoint=step.endpoint)
        one = step.declared
        if one is None or step.action in {PlannedAction.DELETE, PlannedAction.NOTHING}:
            return None
        do = self._service.create if step.action is PlannedAction.CREATE else self._service.update
        return do(
            one.target,
            one.name,
            one.model_uri,
            flavor=one.flavor or DEFAULT_FLAVOR,
            config=one.config,
            endpoint=one.endpoint,
            check=one.check,
        )

    def _step(self, one: DeclaredDeployment) -> PlannedChange:
        options = self._service.target(one.target).options()
        parse_options(options, one.config)
        version = self._resolve(one.model_uri)
        try:
            present = self._service.get(one.target, one.name, endpoint=one.endpoint)
        except NotFound:
            return _planned(one, PlannedAction.CREATE, {"version": ("", version)})
        found = _differences(one, present, version)
        secret = {option.name for option in options if option.secret}
        differences = {name: (HIDDEN, HIDDEN) if name in secret else pair for name, pair in found.items()}
        return _planned(one, PlannedAction.UPDATE if differences else PlannedAction.NOTHING, differences)

    def _pruned(self, wanted: list[DeclaredDeployment]) -> list[PlannedChange]:
        targets = {self._service.address(one.target): one.target for one in wanted}
        kept = {(self._service.address(one.target), one.endpoint, one.name) for one in wanted}
        return [
            _deletion(one, targets[one.key.target])
            for one in self._service.recorded()
            if one.key.target in targets and (one.key.target, one.key.endpoint, one.key.name) not in kept
        ]


def _planned(
    one: DeclaredDeployment, action: PlannedAction, differences: Mapping[str, tuple[str, str]]
) -> PlannedChange:
    return PlannedChange(
        target=one.target,
        name=one.name,
        endpoint=one.endpoint,
        action=action,
        differences=differences,
        declared=one,
    )


def _deletion(one: DeploymentChange, target: str) -> PlannedChange:
    return PlannedChange(
        target=target,
        name=one.key.name,
        endpoint=one.key.endpoint,
        action=PlannedAction.DELETE,
        differences={"version": (one.resolved_uri, "")},
    )


def _differences(one: DeclaredDeployment, present: Deployment, version: str) -> dict[str, tuple[str, str]]:
    pairs = {
        "version": (present.resolved_uri, version),
        "flavor": (present.flavor, one.flavor or DEFAULT_FLAVOR),
        "status": (str(present.status), str(DeploymentStatus.READY)),
    }
    for option in sorted({*present.config, *one.config}):
        pairs[option] = (present.config.get(option, ""), one.config.get(option, ""))
    return {name: (now, then) for name, (now, then) in pairs.items() if now != then}
