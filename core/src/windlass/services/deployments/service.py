"""Deployments: what can be done with them, on any target."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from windlass.entities import ChangeAction, ChangeState, Deployment, DeploymentChange, DeploymentStatus
from windlass.errors import InvalidValue, NotFound
from windlass.interfaces import (
    DeploymentLog,
    DeploymentRequest,
    DeploymentTarget,
    ExplainsPredictions,
    KeepsLogs,
    ManagesEndpoints,
    RunsLocally,
    SplitsTraffic,
    parse_options,
)
from windlass.interfaces.target_option import HIDDEN, hide_secrets
from windlass.services.artifacts import ArtifactService
from windlass.services.deployments.check import DEFAULT_CHECK, HealthCheck
from windlass.services.deployments.history import DeploymentHistory
from windlass.services.deployments.recording import recording
from windlass.services.deployments.targets import Place, Targets, unable
from windlass.services.model_versions import ModelVersionService

DEFAULT_FLAVOR = "python_function"
_LOCAL = "local"
_PAGE = 100


class DeploymentService:
    """Models that answer requests; a target is named as `NAME` or `NAME:/…`, and an endpoint of it by its name.

    Each change is written down in the log before and after, and followed by a health check unless `check` is None: what
    fails it is taken back to what was there before. Without `config` the present options stay.
    """

    def __init__(
        self,
        *,
        targets: Targets,
        artifacts: ArtifactService,
        model_versions: ModelVersionService,
        log: DeploymentLog,
    ) -> None:
        self._targets = targets
        self._artifacts = artifacts
        self._model_versions = model_versions
        self.log = log

    def target(self, target: str | None) -> DeploymentTarget:
        """The target that the user named, or the one that the settings name."""
        return self._targets.open(target)

    def endpoints(self, target: str | None) -> ManagesEndpoints:
        """The endpoints of a target; Unsupported if it has none."""
        found = self.target(target)
        if not isinstance(found, ManagesEndpoints):
            raise unable("endpoints")
        return found

    def address(self, target: str) -> str:
        """What the log calls a target."""
        return self.target(target).address(target)

    def delete_endpoint(self, target: str | None, endpoint: str) -> None:
        """Remove an endpoint with its deployments; nothing happens if it is missing."""
        found = self.endpoints(target)
        for one in found.within(endpoint).list():
            self.delete(target, one.name, endpoint=endpoint)
        found.delete_endpoint(endpoint)

    def create(
        self,
        target: str | None,
        name: str,
        model_uri: str,
        *,
        flavor: str | None = None,
        config: Mapping[str, str] | None = None,
        endpoint: str | None = None,
        check: HealthCheck | None = DEFAULT_CHECK,
    ) -> Deployment:
        """Deploy a model and return when it answers; AlreadyExists if the name is taken."""
        place = self._targets.place(target, name, endpoint)
        with self._request(place, model_uri, flavor=flavor, config=config) as request:
            return self._change(
                _change(ChangeAction.CREATE, place, request),
                lambda: place.target.create(request),
                check=lambda: _check(check, place, request),
                undo=lambda: place.target.delete(name),
                undone="it was deleted again",
            )

    def update(
        self,
        target: str | None,
        name: str,
        model_uri: str | None = None,
        *,
        flavor: str | None = None,
        config: Mapping[str, str] | None = None,
        endpoint: str | None = None,
        check: HealthCheck | None = DEFAULT_CHECK,
    ) -> Deployment:
        """Deploy another model, or the present one anew, under the same name; NotFound if there is none."""
        place = self._targets.place(target, name, endpoint)
        present = place.target.get(name)
        wanted = present.config if config is None else config
        with self._request(
            place, model_uri or present.model_uri, flavor=flavor or present.flavor, config=wanted
        ) as request:
            return self._replace(place, ChangeAction.UPDATE, request, present=present, check=check)

    def rollback(
        self,
        target: str | None,
        name: str,
        *,
        to: int | None = None,
        endpoint: str | None = None,
        check: HealthCheck | None = DEFAULT_CHECK,
    ) -> Deployment:
        """Deploy the version before the present one again, or the one that change number `to` brought."""
        place = self._targets.place(target, name, endpoint)
        present, history = place.target.get(name), DeploymentHistory(place.key, self._changes(place))
        version = history.version_before() if to is None else history.version(to)
        known = replace(version, config=_with_secrets(version.config, present.config))
        with self._again(place, known) as request:
            return self._replace(place, ChangeAction.ROLLBACK, request, present=present, check=check)

    def start_canary(
        self,
        target: str | None,
        name: str,
        model_uri: str,
        *,
        percent: int,
        flavor: str | None = None,
        config: Mapping[str, str] | None = None,
        endpoint: str | None = None,
        check: HealthCheck | None = DEFAULT_CHECK,
    ) -> Deployment:
        """Let another model answer `percent` (1 to 99) of the requests; AlreadyExists if there is a canary already."""
        place, part = self._targets.place(target, name, endpoint), _percent(percent, 1, 99)
        splits, present = _splitting(place), place.target.get(name)
        wanted = present.config if config is None else config
        with self._request(place, model_uri, flavor=flavor or present.flavor, config=wanted) as request:
            return self._change(
                replace(_change(ChangeAction.CANARY, place, request), percent=part),
                lambda: splits.start_canary(request, part),
                check=lambda: _check(check, place, request),
                undo=lambda: splits.set_canary(name, 0),
                undone="the canary was taken away",
            )

    def set_canary(self, target: str | None, name: str, percent: int, *, endpoint: str | None = None) -> Deployment:
        """Give the canary another part of the requests: with 100 it becomes the deployment, with 0 it goes away."""
        place, part = self._targets.place(target, name, endpoint), _percent(percent, 0, 100)
        splits, present = _splitting(place), place.target.get(name)
        if present.canary is None:
            hint = "`windlass deployments update --canary 10` starts one"
            raise NotFound(f"the deployment {name!r} has no canary", hint=hint)
        change = DeploymentChange(
            key=place.key,
            action=ChangeAction.UPDATE if part == 100 else ChangeAction.CANARY,  # noqa: PLR2004  all of it
            model_uri=present.canary.model_uri,
            resolved_uri=present.canary.resolved_uri,
            flavor=present.canary.flavor,
            config=hide_secrets(place.target.options(), present.canary.config),
            percent=part,
        )
        return self._change(change, lambda: splits.set_canary(name, part))

    def delete(self, target: str | None, name: str, *, endpoint: str | None = None) -> None:
        """Take the deployment down; nothing happens if it is missing."""
        place = self._targets.place(target, name, endpoint)
        present = next((one for one in place.target.list() if one.name == name), None)
        if present is None:
            place.target.delete(name)
            return
        with recording(self.log, _change(ChangeAction.DELETE, place, present)):
            place.target.delete(name)

    def get(self, target: str | None, name: str, *, endpoint: str | None = None) -> Deployment:
        """The deployment as it is now."""
        return self._targets.open(target, endpoint).get(name)

    def list(self, target: str | None, *, endpoint: str | None = None) -> list[Deployment]:
        """All deployments of a target, as they are now."""
        return self._targets.open(target, endpoint).list()

    def recorded(self) -> builtins.list[DeploymentChange]:
        """What the log knows to be deployed, on whatever target: the newest change of each that did not fail."""
        gone = (ChangeAction.DELETE, ChangeState.DONE)
        return [one for one in self.log.latest() if (one.action, one.state) != gone]

    def history(
        self, target: str | None, name: str, *, endpoint: str | None = None, max_results: int = _PAGE
    ) -> builtins.list[DeploymentChange]:
        """The last changes of a deployment, newest first."""
        place = self._targets.place(target, name, endpoint)
        return builtins.list(self.log.changes(place.key, max_results=max_results))

    def predict(self, target: str | None, name: str, payload: Mapping[str, Any], *, endpoint: str | None = None) -> Any:
        """The deployment's answer to a request in the scoring server's JSON form."""
        return self._targets.open(target, endpoint).predict(name, payload)

    def explain(self, target: str | None, name: str, payload: Mapping[str, Any], *, endpoint: str | None = None) -> Any:
        """Why the deployment answers as it does; Unsupported on targets that cannot say."""
        found = self._targets.open(target, endpoint)
        if not isinstance(found, ExplainsPredictions):
            raise unable("explanations")
        return found.explain(name, payload)

    def logs(
        self, target: str | None, name: str, *, endpoint: str | None = None, follow: bool = False
    ) -> Iterator[str]:
        """The lines that the deployment has printed; Unsupported on targets that do not keep them."""
        found = self._targets.open(target, endpoint)
        if not isinstance(found, KeepsLogs):
            raise unable("logs")
        return found.logs(name, follow=follow)

    def run_local(
        self,
        target: str | None,
        name: str,
        model_uri: str,
        *,
        flavor: str | None = None,
        config: Mapping[str, str] | None = None,
    ) -> Deployment:
        """Run a model on this machine as it would run on the target; a local deployment where that has no own way."""
        place = self._targets.place(target, name, None)
        if not isinstance(place.target, RunsLocally):
            parse_options(place.target.options(), config or {})
            return self.create(_LOCAL, name, model_uri, flavor=flavor)
        with self._request(place, model_uri, flavor=flavor, config=config) as request:
            return place.target.run_local(request)

    def _changes(self, place: Place) -> Iterator[DeploymentChange]:
        """All changes of a deployment, newest first, read as they are needed."""
        before: int | None = None
        while page := self.log.changes(place.key, max_results=_PAGE, before=before):
            yield from page
            before = page[-1].number

    def _replace(
        self,
        place: Place,
        action: ChangeAction,
        request: DeploymentRequest,
        *,
        present: Deployment,
        check: HealthCheck | None,
    ) -> Deployment:
        def restore() -> None:
            with self._again(place, present) as former:
                place.target.update(former)

        return self._change(
            _change(action, place, request),
            lambda: place.target.update(request),
            check=lambda: _check(check, place, request),
            undo=restore,
            undone=f"{present.resolved_uri} was deployed again",
        )

    def _change(
        self,
        change: DeploymentChange,
        do: Callable[[], Deployment],
        *,
        check: Callable[[], object] | None = None,
        undo: Callable[[], object] | None = None,
        undone: str = "",
    ) -> Deployment:
        with recording(self.log, change) as recorded:
            made = recorded.keep(do())
            # A target that was told not to wait has nothing to be asked yet.
            if check is not None and undo is not None and made.status != DeploymentStatus.CREATING:
                recorded.checked(check, undo, undone)
            return made

    @contextmanager
    def _again(self, place: Place, version: Deployment | DeploymentChange) -> Iterator[DeploymentRequest]:
        """A request for what was deployed before."""
        with self._request(
            place,
            version.model_uri,
            resolved=version.resolved_uri,
            flavor=version.flavor,
            config=version.config,
        ) as request:
            yield request

    @contextmanager
    def _request(
        self,
        place: Place,
        model_uri: str,
        *,
        flavor: str | None,
        config: Mapping[str, str] | None,
        resolved: str | None = None,
    ) -> Iterator[DeploymentRequest]:
        """The checked request, with the model's files at hand for the time of the block."""
        parse_options(place.target.options(), config or {})
        fixed = resolved or self._model_versions.resolve(model_uri)
        with self._artifacts.fetched(fixed) as path:
            yield DeploymentRequest(
                name=place.key.name,
                model_uri=model_uri,
                resolved_uri=fixed,
                model_path=path,
                flavor=flavor or DEFAULT_FLAVOR,
                config=dict(config or {}),
            )


def _change(action: ChangeAction, place: Place, what: DeploymentRequest | Deployment) -> DeploymentChange:
    return DeploymentChange(
        key=place.key,
        action=action,
        model_uri=what.model_uri,
        resolved_uri=what.resolved_uri,
        flavor=what.flavor,
        config=hide_secrets(place.target.options(), what.config),
    )


def _with_secrets(config: Mapping[str, str], present: Mapping[str, str]) -> dict[str, str]:
    """Options that were written down, with the values that were not as they are now."""
    lost = [name for name, value in config.items() if value == HIDDEN and name not in present]
    if lost:
        hint = "update it instead, with the version of then and -C"
        raise InvalidValue(f"config {lost[0]}", HIDDEN, "was not written down, as it is a secret", hint=hint)
    return {name: present[name] if value == HIDDEN else value for name, value in config.items()}


def _check(check: HealthCheck | None, place: Place, request: DeploymentRequest) -> None:
    if check is not None:
        check.run(place.target, request.name, request.model_path)


def _splitting(place: Place) -> SplitsTraffic:
    if not isinstance(place.target, SplitsTraffic):
        raise unable("canaries")
    return place.target


def _percent(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise InvalidValue("percent", value, "is out of range", limit=f"{least} to {most}")
    return value
