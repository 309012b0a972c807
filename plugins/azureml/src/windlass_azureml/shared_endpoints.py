"""SharedEndpoints: endpoints that were made for several deployments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from windlass.entities import Endpoint
from windlass.errors import AlreadyExists, NotFound
from windlass.interfaces import parse_options
from windlass_azureml.options import ENDPOINT_OPTIONS, check_forms, check_traffic
from windlass_azureml.plan import SHARED
from windlass_azureml.service import OnlineEndpoints, path_of, traffic_of

_DELETION = 1800.0


class SharedEndpoints:
    """Endpoints that carry the tag of those."""

    def __init__(self, target: str, service: OnlineEndpoints) -> None:
        self._target = target
        self._service = service

    def create(self, name: str, config: Mapping[str, str]) -> Endpoint:
        """Make an endpoint."""
        options = _options(config)
        path = path_of(self._service.check_name(name))
        try:
            self._service.manager.get(path)
        except NotFound:
            tags = {**options.get("tags", {}), SHARED: name}
            return self._endpoint(self._service.make_endpoint(name, options, tags))
        raise AlreadyExists(f"there is an endpoint {name!r} at Azure Machine Learning")

    def update(self, name: str, config: Mapping[str, str]) -> Endpoint:
        """Share its requests out anew, among deployments that are there."""
        options, found = _options(config), self._found(name)
        traffic = options.get("traffic", traffic_of(found))
        mirror = options.get("mirror_traffic", found["properties"].get("mirrorTraffic"))
        self._service.route(name, traffic, timeout=float(options["timeout"]), mirror=mirror)
        return self.get(name)

    def delete(self, name: str) -> None:
        """Remove an endpoint, of which no deployment is ours any more."""
        try:
            self._found(name)
        except NotFound:
            return
        self._service.manager.delete(path_of(name), what=f"the endpoint {name!r}", timeout=_DELETION)

    def get(self, name: str) -> Endpoint:
        """The endpoint as it is now."""
        return self._endpoint(self._found(name))

    def list(self) -> list[Endpoint]:
        """All that were made from here."""
        found = [one for one in self._service.manager.each("/onlineEndpoints") if SHARED in (one.get("tags") or {})]
        return sorted((self._endpoint(one) for one in found), key=lambda one: one.name)

    def _found(self, name: str) -> dict[str, Any]:
        missing = f"there is no endpoint {name!r} at Azure Machine Learning"
        try:
            found = self._service.manager.get(path_of(self._service.check_name(name)))
        except NotFound as error:
            raise NotFound(missing) from error
        if SHARED not in (found.get("tags") or {}):
            raise NotFound(missing, hint="there is one of this name that was not made for several deployments")
        return found

    def _endpoint(self, found: Mapping[str, Any]) -> Endpoint:
        about = found["properties"]
        mirror = about.get("mirrorTraffic") or {}
        return Endpoint(
            name=found["name"],
            target=self._target,
            url=about.get("scoringUri"),
            status="READY" if about.get("provisioningState") == "Succeeded" else str(about.get("provisioningState")),
            traffic=traffic_of(found),
            config={"auth_mode": about["authMode"]},
            details={f"mirror of {one}": f"{part}%" for one, part in mirror.items()},
        )


def _options(config: Mapping[str, str]) -> dict[str, Any]:
    options = parse_options(ENDPOINT_OPTIONS, config)
    check_forms(options)
    check_traffic(options)
    return options
