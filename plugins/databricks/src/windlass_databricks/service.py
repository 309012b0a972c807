"""ServingEndpoints: Databricks Model Serving.

See https://docs.databricks.com/api/workspace/servingendpoints.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from windlass.entities import DeploymentStatus
from windlass.errors import AlreadyExists, Conflict, InvalidValue, NotFound, Unavailable
from windlass.interfaces import ModelRecord, parse_options, wait_until
from windlass_databricks.catalog import Catalog
from windlass_databricks.options import OPTIONS, check_forms
from windlass_databricks.records import BORN, OWNER, from_databricks, keys_of, record_tags, records, to_databricks
from windlass_rest.endpoints.service import EndpointService
from windlass_rest.endpoints.state import EndpointState, Plan, Variant
from windlass_rest.rest import Refused, Rest
from windlass_rest.scoring import ask

_API = "/api/2.0/serving-endpoints"
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")
_BUSY = "IN_PROGRESS"
_CLOSING = 300.0
_ENTITY = ("workload_size", "workload_type", "scale_to_zero_enabled", "environment_vars", "instance_profile_arn")
_ENDPOINT = ("rate_limits", "ai_gateway", "budget_policy_id")


class ServingEndpoints(EndpointService):
    """A variant is a served entity, with a version of a model in Unity Catalog that was made for it."""

    name = "Databricks"

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._catalog = Catalog(rest)
        self._versions: dict[str, str] = {}

    def check_name(self, name: str) -> str:
        """The name, if Databricks gives it to endpoints."""
        if not _NAME.fullmatch(name):
            limit = "1 to 63 letters, digits, '-' and '_', with a letter or digit at both ends"
            raise InvalidValue("name", name, "is no name for a serving endpoint", limit=limit)
        return name

    def check(self, plan: Plan) -> None:
        """Whether the options have the right form, there is the version that they name, and the tags suffice."""
        check_forms(plan.options)
        record_tags(plan)
        self._catalog.check(plan.options["model_name"], plan.options.get("model_version"))

    def state(self, name: str) -> EndpointState:
        """The endpoint, of which the tags say what it is for."""
        return _state(self._rest.get(_path(name)), self._rest.url)

    def states(self) -> list[EndpointState]:
        """The endpoints that carry our tags; each is looked at, since the list tells little of them."""
        found = []
        for one in self._rest.get(_API).get("endpoints", []):
            if OWNER in from_databricks(one.get("tags") or []):
                # It may be deleted meanwhile.
                with suppress(NotFound):
                    found.append(self.state(one["name"]))
        return found

    def prepare(self, plan: Plan) -> None:
        """Register the model, unless a version is named."""
        model, number = plan.options["model_name"], plan.options.get("model_version")
        self._versions[plan.variant] = number or self._catalog.register(
            model, plan.path, deployment=plan.name, variant=plan.variant, timeout=plan.timeout
        )

    def open(self, plan: Plan) -> None:
        """Make the endpoint, which has the record of its deployment from the beginning."""
        tags = {**plan.options.get("tags", {}), OWNER: plan.name, BORN: plan.variant, **record_tags(plan)}
        asked = {
            "name": plan.name,
            "config": {**_config([self._entity(plan)], {plan.variant: 100}), **_capture(plan.options)},
            "tags": to_databricks(tags),
            **{name: plan.options[name] for name in _ENDPOINT if name in plan.options},
            **({"route_optimized": True} if plan.options["route_optimized"] else {}),
        }
        try:
            self._rest.call("POST", _API, asked)
        except Refused as error:
            if "already exists" in error.message:
                raise AlreadyExists(error.message) from error
            raise InvalidValue("config", plan.name, f"is not what Databricks accepts: {error.message}") from error
        self._await(plan.name, {plan.variant}, plan.timeout)

    def turn(self, state: EndpointState, traffic: Mapping[str, int], plan: Plan | None) -> None:
        """Give the endpoint another configuration; it answers with the present one until that is ready."""
        found = self._rest.get(_path(state.name))
        if _of(found, "state").get("config_update") == _BUSY:
            raise Conflict(f"the endpoint {state.name!r} is being updated", hint="wait until that is done")
        config = found["config"]
        entities = [_given(one) for one in config["served_entities"] if one["name"] in traffic]
        if plan is not None:
            entities.append(self._entity(plan))
            self._tag(state.name, {"add_tags": to_databricks(record_tags(plan))})
            self._govern(state.name, plan.options)
        options = plan.options if plan is not None else _main_options(state)
        try:
            self._configure(state.name, {**_config(entities, traffic), **_capture(options)})
            self._await(state.name, set(traffic), float(options["timeout"]))
        except BaseException:
            if plan is not None:
                self._govern(state.name, _main_options(state), instead_of=plan.options)
            raise

    def remove(self, state: EndpointState | None, plan: Plan | str) -> None:
        """Delete the versions that were made for a variant, and the tags that tell of it."""
        variant = plan if isinstance(plan, str) else plan.variant
        name = plan.name if isinstance(plan, Plan) else state.owner if state is not None else ""
        tags = self._unused(name, variant)
        models = _models(state) | ({plan.options["model_name"]} if isinstance(plan, Plan) else set())
        for model in sorted(models):
            for one in list(self._catalog.versions(model, name)):
                if one.variant == variant:
                    self._catalog.delete(one)
            self._catalog.drop_empty(model)
        if gone := keys_of(tags, variant):
            self._tag(name, {"delete_tags": gone})

    def close(self, state: EndpointState) -> None:
        """Delete the endpoint, and return when its name is free."""
        with suppress(NotFound):
            self._rest.call("DELETE", _path(state.name))
            wait_until(
                lambda: self._rest.get(_path(state.name)),
                lambda _: False,
                within=_CLOSING,
                late=lambda _: f"the endpoint {state.name!r} is still being deleted",
            )

    def left(self, name: str, state: EndpointState | None) -> list[str]:
        """The variants with tags or with versions. Where there is no endpoint, nobody knows which model it had."""
        found = {one.variant for model in _models(state) for one in self._catalog.versions(model, name)}
        return sorted(found | {one.name for one in (state.variants if state is not None else ())})

    def ask(self, state: EndpointState, payload: Mapping[str, Any]) -> Any:
        """What the endpoint answers."""
        patient = replace(self._rest, timeout=_main_options(state)["request_timeout"])
        return ask(patient, f"/serving-endpoints/{quote(state.name, safe='')}/invocations", payload)

    def log(self, state: EndpointState, variant: str, kind: str) -> str:
        """What a variant has printed: `logs`, or `build-logs` of its environment; nothing where there is none."""
        path = f"{_path(state.name)}/served-models/{quote(variant, safe='')}/{kind}"
        with suppress(NotFound, Refused):
            return str(self._rest.get(path).get("logs") or "")
        return ""

    def _entity(self, plan: Plan) -> dict[str, Any]:
        entity = {
            "name": plan.variant,
            "entity_name": plan.options["model_name"],
            "entity_version": self._versions[plan.variant],
        }
        return entity | {name: plan.options[name] for name in _ENTITY if name in plan.options}

    def _configure(self, name: str, config: Mapping[str, Any]) -> None:
        try:
            self._rest.call("PUT", f"{_path(name)}/config", config)
        except Unavailable:
            # The answer may be lost while the change is on its way.
            if _entities(_of(self._rest.get(_path(name)), "pending_config")) != _entities(config):
                raise

    def _unused(self, name: str, variant: str) -> dict[str, str]:
        """The tags of the endpoint, none if it is gone; Conflict if it uses the variant, or is about to."""
        with suppress(NotFound):
            found = self._rest.get(_path(name))
            used = _entities(_of(found, "config"))
            if _of(found, "state").get("config_update") == _BUSY:
                used |= _entities(_of(found, "pending_config"))
            if variant in used:
                raise Conflict(f"the endpoint {name!r} uses it")
            return from_databricks(found.get("tags") or [])
        return {}

    def _tag(self, name: str, change: Mapping[str, Any]) -> None:
        self._rest.call("PATCH", f"{_path(name)}/tags", change)

    def _govern(self, name: str, options: Mapping[str, Any], *, instead_of: Mapping[str, Any] | None = None) -> None:
        """Set the limits and the gateway, where they are given; to none if others had been given instead."""
        given = options if instead_of is None else instead_of
        if "rate_limits" in given:
            self._rest.call("PUT", f"{_path(name)}/rate-limits", {"rate_limits": options.get("rate_limits", [])})
        if "ai_gateway" in given:
            self._rest.call("PUT", f"{_path(name)}/ai-gateway", options.get("ai_gateway", {}))

    def _await(self, name: str, wanted: set[str], timeout: float) -> None:
        found = wait_until(
            lambda: self._rest.get(_path(name)),
            lambda one: _of(one, "state").get("config_update") != _BUSY,
            within=timeout,
            late=lambda _: f"the endpoint {name!r} is still being brought up",
            hint="give it longer with -C timeout=…",
        )
        ready = _of(found, "state").get("ready") == "READY" and _entities(_of(found, "config")) == wanted
        if _of(found, "state").get("config_update") != "NOT_UPDATING" or not ready:
            raise Unavailable(f"Databricks could not bring up the endpoint {name!r}: {_reason(found)}")


def _path(name: str) -> str:
    return f"{_API}/{quote(name, safe='')}"


def _of(found: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    return found.get(part) or {}


def _entities(config: Mapping[str, Any]) -> set[str]:
    return {one["name"] for one in config.get("served_entities") or []}


def _given(entity: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for, of a served entity as it is described."""
    return {name: entity[name] for name in ("name", "entity_name", "entity_version", *_ENTITY) if name in entity}


def _config(entities: list[dict[str, Any]], traffic: Mapping[str, int]) -> dict[str, Any]:
    routes = [{"served_model_name": name, "traffic_percentage": part} for name, part in traffic.items()]
    return {"served_entities": entities, "traffic_config": {"routes": routes}}


def _capture(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in ("auto_capture_config",) if name in options}


def _main_options(state: EndpointState) -> Mapping[str, Any]:
    return parse_options(OPTIONS, state.main.record.config if state.main is not None else {"model_name": "none"})


def _models(state: EndpointState | None) -> set[str]:
    return {one.record.config["model_name"] for one in (state.variants if state is not None else ())}


def _reason(found: Mapping[str, Any]) -> str:
    for part in ("pending_config", "config"):
        for one in _of(found, part).get("served_entities") or []:
            state = _of(one, "state")
            if "FAILED" in str(state.get("deployment")) or "ABORTED" in str(state.get("deployment")):
                return str(state.get("deployment_state_message") or state["deployment"])
    return f"its state is {_of(found, 'state').get('config_update')}"


def _state(found: Mapping[str, Any], host: str) -> EndpointState:
    tags = from_databricks(found.get("tags") or [])
    routes = _of(_of(found, "config"), "traffic_config").get("routes") or []
    parts = {one.get("served_model_name"): int(one.get("traffic_percentage", 0)) for one in routes}
    known: list[tuple[str, ModelRecord]] = list(records(tags))
    return EndpointState(
        name=found["name"],
        status=_status(_of(found, "state")),
        url=f"{host}/serving-endpoints/{quote(found['name'], safe='')}/invocations",
        owner=tags.get(OWNER, ""),
        born=tags.get(BORN, ""),
        reason=_reason(found),
        variants=tuple(Variant(name=name, record=record, percent=parts.get(name, 0)) for name, record in known),
        details={"id": str(found.get("id", ""))},
    )


def _status(state: Mapping[str, Any]) -> DeploymentStatus:
    if state.get("ready") == "READY":
        return DeploymentStatus.READY
    return DeploymentStatus.CREATING if state.get("config_update") == _BUSY else DeploymentStatus.FAILED
