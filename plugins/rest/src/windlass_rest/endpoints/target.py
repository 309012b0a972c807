"""EndpointTarget: each deployment is an endpoint of a service, whose canary is a second model behind it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from windlass.entities import Deployment
from windlass.errors import AlreadyExists, Conflict, NotFound, WindlassError
from windlass.interfaces import (
    DeploymentRequest,
    DeploymentTarget,
    ModelRecord,
    TargetOption,
    parse_options,
    take_back,
)
from windlass_rest.endpoints.naming import new_variant
from windlass_rest.endpoints.service import EndpointService
from windlass_rest.endpoints.state import EndpointState, Plan, Variant

_WHOLE = 100
_log = logging.getLogger(__name__)


class EndpointTarget(DeploymentTarget):
    """Endpoints of a service; a subclass opens it and names its options.

    What a deployment remembers is with its variants, at the service. A change makes a new variant, gives it the
    requests, and takes the former one away; a variant is never changed.
    """

    def __init__(self, target: str, service: EndpointService, options: Sequence[TargetOption]) -> None:
        self._target = target
        self._options = options
        self.service = service

    def create(self, request: DeploymentRequest) -> Deployment:
        """Make an endpoint, and return when it answers."""
        name = self.service.check_name(request.name)
        with suppress(NotFound):
            found = self.service.state(name)
            hint = "update it with `windlass deployments update`, or choose another name"
            raise AlreadyExists(f"there is an endpoint {name!r} at {self.service.name} ({found.status})", hint=hint)
        plan = self._plan(request, None)
        try:
            self.service.prepare(plan)
            self.service.open(plan)
            return self.get(name)
        except BaseException as error:
            take_back(error, [(f"the endpoint {name!r}", lambda: self._close(plan)), self._removal(plan)])
            raise

    def update(self, request: DeploymentRequest) -> Deployment:
        """Make another variant, which gets all requests when it answers."""
        state = self._found(request.name)
        plan = self._plan(request, state)
        return self._turn(state, {plan.variant: _WHOLE}, plan)

    def delete(self, name: str) -> None:
        """Remove the endpoint and what was made for it; where there is none, what a failed change has left."""
        state = None
        with suppress(NotFound):
            state = self.service.state(self.service.check_name(name))
            if state.owner != name:
                return
        left = self.service.left(name, state)
        if state is not None:
            self.service.close(state)
        for variant in left:
            self.service.remove(state, variant)

    def get(self, name: str) -> Deployment:
        """The deployment as it is now."""
        found = self._found(name).deployment(self._target)
        if found is None:
            raise NotFound(f"the endpoint {name!r} at {self.service.name} has no model")
        return found

    def list(self) -> list[Deployment]:
        """What was deployed from here, whatever else the service has."""
        found = (state.deployment(self._target) for state in self.service.states())
        return sorted((one for one in found if one is not None), key=lambda one: one.name)

    def predict(self, name: str, payload: Mapping[str, Any]) -> Any:
        """The answer of one of the deployment's models."""
        return self.service.ask(self._found(name), payload)

    def start_canary(self, request: DeploymentRequest, percent: int) -> Deployment:
        """Make a second variant with this part of the requests."""
        state = self._found(request.name)
        if state.canary is not None:
            raise AlreadyExists(f"the deployment {request.name!r} has a canary", hint="set it to 0 or 100 first")
        plan = self._plan(request, state)
        return self._turn(state, {_main(state).name: _WHOLE - percent, plan.variant: percent}, plan)

    def set_canary(self, name: str, percent: int) -> Deployment:
        """Change the parts of both variants; with 0 and 100 one of them goes away."""
        state = self._found(name)
        if state.canary is None:
            raise NotFound(f"the deployment {name!r} has no canary")
        parts = {_main(state).name: _WHOLE - percent, state.canary.name: percent}
        return self._turn(state, {one: part for one, part in parts.items() if part}, None)

    def options(self) -> Sequence[TargetOption]:
        """What `config` may hold."""
        return self._options

    def _plan(self, request: DeploymentRequest, state: EndpointState | None) -> Plan:
        variant = new_variant()
        record = ModelRecord.new(request, variant)
        if state is not None and state.main is not None:
            record = record.since(state.main.record)
        plan = Plan(
            name=request.name,
            variant=variant,
            record=record,
            path=request.model_path,
            options=parse_options(self._options, request.config),
        )
        self.service.check(plan)
        return plan

    def _turn(self, state: EndpointState, traffic: Mapping[str, int], plan: Plan | None) -> Deployment:
        try:
            if plan is not None:
                self.service.prepare(plan)
            self.service.turn(state, traffic, plan)
        except BaseException as error:
            take_back(error, [] if plan is None else [self._removal(plan)])
            raise
        self._tidy(state.name, traffic)
        return self.get(state.owner)

    def _tidy(self, name: str, used: Mapping[str, int]) -> None:
        try:
            state = self.service.state(name)
            for one in self.service.left(name, state):
                # Somebody else may be about to bring a newer one.
                if one not in used and one < max(used):
                    self.service.remove(state, one)
        except WindlassError as error:
            # The change is made; what could not be tidied up goes with the next one.
            _log.warning("after the change of %r: %s", name, error)

    def _removal(self, plan: Plan) -> tuple[str, Any]:
        def remove() -> None:
            state = None
            with suppress(NotFound):
                state = self.service.state(plan.name)
            self.service.remove(state, plan)

        return f"the model {plan.variant!r}", remove

    def _close(self, plan: Plan) -> None:
        with suppress(NotFound):
            state = self.service.state(plan.name)
            # Another one may have been quicker with the same name.
            if state.born == plan.variant:
                self.service.close(state)

    def _found(self, name: str) -> EndpointState:
        missing = f"there is no deployment {name!r} at {self.service.name}"
        try:
            state = self.service.state(self.service.check_name(name))
        except NotFound as error:
            raise NotFound(missing) from error
        if state.owner != name:
            raise NotFound(missing, hint="there is an endpoint of this name that was not made by Windlass")
        return state


def _main(state: EndpointState) -> Variant:
    if state.main is None:
        raise Conflict(f"the endpoint {state.name!r} has no model", hint="delete the deployment and create it anew")
    return state.main
