"""ServeOptions: what `-C` may say about a model in a container."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from windlass.errors import InvalidValue
from windlass.interfaces import OptionType, TargetOption, count, parse_options, seconds
from windlass.services.model_image.recipe import RECIPE_OPTIONS, ImageRecipe
from windlass_docker.arguments import container_arguments

DEFAULT_HOST = "127.0.0.1"
HOST_NETWORK = "host"
_OBJECT = "an object of names and texts"

OPTIONS = (
    *RECIPE_OPTIONS,
    TargetOption(
        name="host",
        meaning="The address on which it is reached; by default only from the machine of the daemon.",
        default=DEFAULT_HOST,
        pattern=r"[0-9A-Fa-f.:]+",
        form="an IP address, such as 0.0.0.0 for all",
    ),
    count("port", "The port on that machine; 0 takes a free one, which it keeps.", default=0, least=0, most=65_535),
    TargetOption(
        name="network",
        meaning="The network of the container: bridge, host, or one that was made with `docker network create`.",
        default="bridge",
        pattern=r"(?!none$|default$)[A-Za-z0-9][\w.-]*",
        form="a network through which it can be reached",
    ),
    count("workers", "How many processes serve.", default=1, most=256),
    TargetOption(
        name="memory",
        meaning="The memory that it may use, such as 2g; as much as there is without.",
        pattern=r"[1-9]\d*[bkmgBKMG]?",
        form="a size such as 512m or 2g",
    ),
    TargetOption(
        name="cpus",
        meaning="The processors that it may use, such as 1.5; all without.",
        type=OptionType.NUMBER,
        least=0.01,
        most=10_000,
    ),
    TargetOption(
        name="gpus",
        meaning="all, a number of them, or device=ID,ID.",
        pattern=r"all|\d+|device=\S+",
        form="all, a number, or device=ID,ID",
    ),
    TargetOption(name="env", meaning=f"Variables, {_OBJECT}.", type=OptionType.JSON, secret=True),
    TargetOption(name="labels", meaning=f"Labels of the container, {_OBJECT}.", type=OptionType.JSON),
    TargetOption(name="volumes", meaning='What to mount, a list such as ["/data:/data:ro"].', type=OptionType.JSON),
    TargetOption(
        name="restart",
        meaning="When Docker starts it again after its end, or that of the machine.",
        default="unless-stopped",
        choices=("no", "on-failure", "always", "unless-stopped"),
    ),
    seconds("timeout", "Seconds to wait until the deployment answers.", default=120.0),
    seconds("request_timeout", "Seconds that one prediction may take.", default=60.0),
    seconds("build_timeout", "Seconds that building the image may take.", default=1800.0),
    TargetOption(name="build_network", meaning="The network that building uses, such as host."),
    TargetOption(
        name="keep_image",
        meaning="Whether images stay when they are not deployed any more.",
        type=OptionType.BOOLEAN,
        default=False,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """How a model is served in a container; `arguments` are for Docker's API."""

    host: str
    port: int
    network: str
    workers: int
    restart: str
    timeout: float
    request_timeout: float
    build_timeout: float
    build_network: str | None
    keep_image: bool
    env: Mapping[str, str] = field(repr=False)
    labels: Mapping[str, str]
    arguments: Mapping[str, Any]
    values: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, config: Mapping[str, str]) -> ServeOptions:
        """Read the options; InvalidValue for one that is unknown, of the wrong type, or points at nothing."""
        values = parse_options(OPTIONS, config)
        ImageRecipe.of(values, may_execute=False)
        _check_host(values["host"])
        named = ("host", "port", "network", "workers", "restart", "timeout", "request_timeout", "build_timeout")
        limits: dict[str, Any] = {name: values[name] for name in ("memory", "cpus", "gpus") if name in values}
        return cls(
            **{name: values[name] for name in named},
            build_network=values.get("build_network"),
            keep_image=values["keep_image"],
            env=_texts("env", values.get("env")),
            labels=_texts("labels", values.get("labels")),
            arguments={**container_arguments(limits), **_volumes(values.get("volumes"))},
            values=values,
        )

    def recipe(self, *, may_execute: bool) -> ImageRecipe:
        """How the image is made."""
        return ImageRecipe.of(self.values, may_execute=may_execute)

    @property
    def shares_network(self) -> bool:
        """Whether the container has the network of its machine."""
        return self.network == HOST_NETWORK


def variables_of(config: Mapping[str, str]) -> dict[str, str]:
    """The variables that options ask for."""
    return _texts("env", json.loads(config["env"])) if "env" in config else {}


def _check_host(text: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise InvalidValue("config host", text, "must be an IP address") from None


def _texts(name: str, given: Any) -> dict[str, str]:
    """An object of texts; its values may be secret, so errors tell only names."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InvalidValue(f"config {name}", type(given).__name__, f"must be {_OBJECT}")
    for key, value in given.items():
        if not key or "=" in key or "\0" in key or isinstance(value, (Mapping, list)) or value is None:
            raise InvalidValue(f"config {name}", key, f"must be {_OBJECT}")
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in given.items()}


def _volumes(given: Any) -> dict[str, list[str]]:
    if given is None:
        return {}
    if not isinstance(given, list) or not all(isinstance(one, str) and ":" in one for one in given):
        raise InvalidValue("config volumes", given, "must be a list of texts like HERE:THERE or HERE:THERE:ro")
    return {"volumes": given}
