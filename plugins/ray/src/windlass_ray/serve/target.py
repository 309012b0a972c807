"""RayDeploymentTarget: models as applications of Ray Serve."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self
from urllib.parse import urlsplit

from windlass.config import Settings
from windlass.entities import Deployment
from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import DeploymentRequest, DeploymentTarget, TargetOption, check_deployment_name
from windlass_ray.address import dashboard_url
from windlass_ray.dashboard import Dashboard
from windlass_ray.serve.applications import Applications, Served
from windlass_ray.serve.files import ModelFiles
from windlass_ray.serve.options import OPTIONS, ServeOptions
from windlass_ray.serve.record import Part, Record, parts_of, record_of
from windlass_ray.serve.rollout import Rollout
from windlass_rest.rest import Rest
from windlass_rest.scoring import ask

# What the entrance waits beyond the model's own limit, and some for the way.
_EXTRA = 40.0
_PORT = 8000
_PROXY_HINT = "is Serve's proxy reached at this URL from here? -C http_url=… names another one"
_ALL = 100


class RayDeploymentTarget(DeploymentTarget):
    """The deployments of one cluster: each an entrance with a route, and an application for each model behind it."""

    def __init__(self, dashboard: Dashboard, applications: Applications, settings: Settings) -> None:
        self._dashboard = dashboard
        self._applications = applications
        self._settings = settings
        self._files = ModelFiles(dashboard, settings)
        self._rollout = Rollout(applications, self._files)
        self._target = f"ray:/{dashboard.url}"

    @classmethod
    def open(cls, target: str, settings: Settings) -> Self:
        """The cluster of `ray:/http://host:8265`; `ray` is the one that the settings name."""
        named = target.removeprefix("ray").removeprefix(":").lstrip("/")
        dashboard = Dashboard.open(dashboard_url(named or settings.ray_address, field="target"), settings)
        return cls(dashboard, Applications(dashboard, settings.home.absolute() / "ray"), settings)

    def create(self, request: DeploymentRequest) -> Deployment:
        """Start an entrance and a model, and return when both run."""
        options, part = _checked(request), _part(request)
        with self._applications.locked(request.name):
            served = self._applications.look()
            self._check_free(request.name, served)
            record = Record(
                name=request.name,
                route_prefix=options.route_prefix or f"/{request.name}",
                creation_timestamp=part.updated,
                last_updated_timestamp=part.updated,
                present=part,
            )
            _check_route(record, served)
            return self._seen(self._rollout.begin(request, record))

    def update(self, request: DeploymentRequest) -> Deployment:
        """Start the new model beside the old one, lead the requests to it when it runs, and end the others."""
        options, part = _checked(request), _part(request)
        with self._applications.locked(request.name):
            served = self._applications.look()
            old = self._known(request.name, served)
            route = options.route_prefix or f"/{request.name}"
            new = replace(
                old, route_prefix=route, last_updated_timestamp=part.updated, present=part, canary=None, percent=0
            )
            _check_route(new, served)
            return self._seen(self._rollout.bring(request, part, old, new))

    def start_canary(self, request: DeploymentRequest, percent: int) -> Deployment:
        """Start another model beside the present one, and lead a part of the requests to it when it runs."""
        _checked(request)
        part = _part(request)
        with self._applications.locked(request.name):
            old = self._known(request.name, self._applications.look())
            if old.canary is not None:
                hint = f"end it with `windlass deployments canary -t {self._target} --name {old.name} 0`"
                raise AlreadyExists(f"the deployment {old.name!r} has a canary", hint=hint)
            new = replace(old, last_updated_timestamp=part.updated, canary=part, percent=percent)
            return self._seen(self._rollout.bring(request, part, old, new))

    def set_canary(self, name: str, percent: int) -> Deployment:
        """Divide the requests in another way; with 100 the canary is the deployment's model, with 0 it ends."""
        check_deployment_name(name)
        with self._applications.locked(name):
            old = self._known(name, self._applications.look())
            if old.canary is None:
                raise NotFound(f"the deployment {name!r} has no canary")
            new = replace(old, last_updated_timestamp=_now(), percent=percent)
            if percent == 0:
                new = replace(new, canary=None)
            elif percent == _ALL:
                new = replace(new, present=old.canary, canary=None, percent=0)
            self._rollout.shift(old, new)
            return self._seen(new)

    def delete(self, name: str) -> None:
        """End the entrance and every model of the deployment, and return when they are gone."""
        check_deployment_name(name)
        with self._applications.locked(name):
            served = self._applications.look()
            entrance = served.applications.get(name)
            record = None if entrance is None else record_of(entrance)
            self._rollout.end(frozenset(parts_of(name, served)))
            for one in () if record is None else record.parts:
                self._files.remove(one.stored)

    def get(self, name: str) -> Deployment:
        """The deployment; READY while Serve says that its entrance and its models run."""
        served = self._applications.look()
        return self._seen(self._known(name, served), served)

    def list(self) -> list[Deployment]:
        """The deployments of this cluster; what others run there is none of ours."""
        served = self._applications.look()
        records = [found for one in served.applications.values() if (found := record_of(one)) is not None]
        return [self._seen(one, served) for one in sorted(records, key=lambda one: one.name)]

    def predict(self, name: str, payload: Mapping[str, Any]) -> Any:
        """The answer of one of its models."""
        served = self._applications.look()
        record = self._known(name, served)
        timeout = max(ServeOptions.parse(one.config).request_timeout for one in record.parts) + _EXTRA
        rest = Rest.open(
            self._url(record, served),
            self._settings,
            name=f"the deployment {name!r}",
            timeout=timeout,
            hint=_PROXY_HINT,
        )
        with contextlib.closing(rest):
            return ask(rest, "/invocations", payload)

    def address(self, target: str) -> str:
        """The target with the URL of its dashboard, also where the settings name that."""
        del target
        return self._target

    def options(self) -> Sequence[TargetOption]:
        """What `config` may hold."""
        return OPTIONS

    def _known(self, name: str, served: Served) -> Record:
        found = served.applications.get(name)
        record = None if found is None else record_of(found)
        if record is None:
            known = ", ".join(sorted(one.name for one in self.list())) or "none"
            raise NotFound(f"there is no deployment {name!r} at {self._dashboard.url} (known: {known})")
        return record

    def _check_free(self, name: str, served: Served) -> None:
        """Refuse a name that is taken, also by an application that is none of ours."""
        found = served.applications.get(name)
        if found is None:
            return
        if record_of(found) is not None:
            hint = (
                f"update it with `windlass deployments update -t {self._target} --name {name} -m …`, or delete it first"
            )
            raise AlreadyExists(f"the deployment {name!r} exists at {self._dashboard.url}", hint=hint)
        raise AlreadyExists(
            f"Serve has another application {name!r}, which is {found.status}", hint="choose another name"
        )

    def _seen(self, record: Record, served: Served | None = None) -> Deployment:
        look = served or self._applications.look()
        return record.deployment(look, self._target, self._url(record, look))

    def _url(self, record: Record, served: Served) -> str:
        """Where the entrance is reached: on the dashboard's host, at Serve's port, unless an option knows better."""
        base = ServeOptions.parse(record.present.config).http_url
        if base is None:
            http = served.general.get("http_options") or {}
            host = urlsplit(self._dashboard.url).hostname or ""
            scheme = "https" if http.get("ssl_certfile") else "http"
            shown = f"[{host}]" if ":" in host else host
            base = f"{scheme}://{shown}:{http.get('port') or _PORT}{str(http.get('root_path') or '').rstrip('/')}"
        return f"{base}{record.route_prefix}"


def _checked(request: DeploymentRequest) -> ServeOptions:
    check_deployment_name(request.name)
    return ServeOptions.parse(request.config)


def _part(request: DeploymentRequest) -> Part:
    return Part(
        application=f"{request.name}--{secrets.token_hex(4)}",
        model_uri=request.model_uri,
        resolved_uri=request.resolved_uri,
        flavor=request.flavor,
        updated=_now(),
        config=dict(request.config),
    )


def _check_route(record: Record, served: Served) -> None:
    for one in served.applications.values():
        if one.route_prefix == record.route_prefix and one.name != record.name:
            hint = "choose another one: -C route_prefix=/…"
            raise Conflict(f"the application {one.name!r} answers at {record.route_prefix}", hint=hint)


def _now() -> int:
    return time.time_ns() // 1_000_000
