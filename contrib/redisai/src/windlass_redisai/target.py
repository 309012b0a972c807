"""RedisAITarget: each deployment is a model in a Redis with RedisAI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Self

from windlass.config import Settings
from windlass.entities import Deployment, DeploymentStatus
from windlass.errors import AlreadyExists, InvalidValue, NotFound
from windlass.interfaces import (
    DeploymentRecord,
    DeploymentRequest,
    DeploymentTarget,
    TargetOption,
    check_deployment_name,
    parse_options,
)
from windlass_redisai.address import Address
from windlass_redisai.model_file import ModelFile
from windlass_redisai.options import OPTIONS
from windlass_redisai.server import RedisAI
from windlass_redisai.tensor import Tensor

_FORMS = ("inputs", "instances", "dataframe_split")


class RedisAITarget(DeploymentTarget):
    """Models that carry our tag, which is the record of the deployment.

    RedisAI replaces a model in one step, and loads it before: what it cannot load leaves what was there.
    """

    def __init__(self, address: Address, settings: Settings) -> None:
        self._address = address
        self._settings = settings
        self._server = RedisAI(address, settings)

    @classmethod
    def open(cls, target: str, settings: Settings) -> Self:
        """The Redis that the target names; nothing is asked yet."""
        return cls(Address.parse(target, settings), settings)

    def create(self, request: DeploymentRequest) -> Deployment:
        """Put a model below a new key."""
        name = check_deployment_name(request.name)
        with suppress(NotFound):
            self._server.tag(name)
            hint = "update it with `windlass deployments update`, or choose another name"
            raise AlreadyExists(f"there is a model {name!r} at {self._address}", hint=hint)
        return self._store(request, self._record(request))

    def update(self, request: DeploymentRequest) -> Deployment:
        """Put another model below the key."""
        return self._store(request, self._record(request).since(self._found(request.name)))

    def delete(self, name: str) -> None:
        """Remove the model."""
        with suppress(NotFound):
            self._found(name)
            self._server.delete(name)

    def get(self, name: str) -> Deployment:
        """The deployment; RedisAI has no others than those that answer."""
        return self._deployment(self._found(name))

    def list(self) -> list[Deployment]:
        """What was deployed from here, whatever else Redis has."""
        found = (DeploymentRecord.decode(tag) for _, tag in sorted(self._server.tags().items()))
        return [self._deployment(one) for one in found if one is not None]

    def predict(self, name: str, payload: Mapping[str, Any]) -> Any:
        """The model's answer."""
        options = parse_options(OPTIONS, self._found(name).config)
        inputs = [Tensor.of(one, options["dtype"]) for one in _inputs(payload)]
        server = RedisAI(self._address, self._settings, timeout=options["request_timeout"])
        try:
            outputs = [one.value() for one in server.run(name, inputs, options["outputs"])]
        finally:
            server.close()
        return {"predictions": outputs[0] if len(outputs) == 1 else outputs}

    def address(self, target: str) -> str:
        """The server and the database, without who asks."""
        del target
        return str(self._address)

    def options(self) -> Sequence[TargetOption]:
        """What `config` may hold."""
        return OPTIONS

    def _record(self, request: DeploymentRequest) -> DeploymentRecord:
        return DeploymentRecord.new(request, allow_pickle=self._settings.allow_pickle)

    def _store(self, request: DeploymentRequest, record: DeploymentRecord) -> Deployment:
        options, file = parse_options(OPTIONS, request.config), ModelFile.find(request.model_path)
        batch: dict[str, int] = {name: options[name] for name in ("batchsize", "minbatchsize") if name in options}
        if options.get("minbatchsize", 0) > options.get("batchsize", 0):
            raise InvalidValue("config minbatchsize", options["minbatchsize"], "is more than batchsize")
        # Nothing of ours runs there: RedisAI executes graphs, not Python.
        kept = replace(record, may_execute=False)
        self._server.store(request.name, file.backend, options["device"], kept.encode(), file.content, batch)
        return self.get(request.name)

    def _found(self, name: str) -> DeploymentRecord:
        missing = f"there is no deployment {name!r} at {self._address}"
        try:
            found = DeploymentRecord.decode(self._server.tag(check_deployment_name(name)))
        except NotFound as error:
            raise NotFound(missing) from error
        if found is None:
            raise NotFound(missing, hint="there is a model below this key that was not made by Windlass")
        return found

    def _deployment(self, record: DeploymentRecord) -> Deployment:
        place = str(self._address)
        return record.deployment(place, status=DeploymentStatus.READY, url=f"{place}#{record.name}")


def _inputs(payload: Mapping[str, Any]) -> list[Any]:
    """The values of the model's inputs in a request; InvalidValue if it is none."""
    given = [name for name in _FORMS if name in payload]
    if len(payload) != 1 or len(given) != 1:
        raise InvalidValue("payload", sorted(map(str, payload)), "is no request", limit=", ".join(_FORMS))
    value = payload[given[0]]
    if given[0] == "dataframe_split":
        if not isinstance(value, Mapping) or "data" not in value:
            raise InvalidValue("payload", sorted(map(str, value or ())), "has no data")
        return [value["data"]]
    return list(value.values()) if isinstance(value, Mapping) else [value]
