"""ServeOptions: what `-C` may say about a deployment on Ray Serve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from windlass.errors import InvalidValue
from windlass.interfaces import OptionType, TargetOption, count, parse_options, seconds
from windlass_ray.address import dashboard_url

_DAY = 86_400.0
_MANY = 10_000

OPTIONS = (
    count("num_replicas", "How many copies of the model answer.", default=1, most=_MANY),
    count(
        "max_replicas",
        "Up to how many copies there are under load, with num_replicas as the least; without, never more.",
        most=_MANY,
    ),
    TargetOption(
        name="num_cpus",
        meaning="Processors to reserve for each copy.",
        type=OptionType.NUMBER,
        default=1.0,
        least=0,
        most=_MANY,
    ),
    TargetOption(
        name="num_gpus",
        meaning="GPUs to reserve for each copy.",
        type=OptionType.NUMBER,
        default=0.0,
        least=0,
        most=_MANY,
    ),
    TargetOption(
        name="memory",
        meaning="Bytes of memory to reserve for each copy; none without.",
        type=OptionType.INTEGER,
        least=1,
    ),
    count(
        "max_ongoing_requests",
        "How many requests a copy works on at a time; more wait for their turn.",
        default=8,
        most=_MANY,
    ),
    TargetOption(
        name="route_prefix",
        meaning="The path below which the deployment answers; / and its name without.",
        pattern=r"(/[A-Za-z0-9._~-]+)+",
        form="a path such as /fraud",
    ),
    TargetOption(
        name="http_url",
        meaning="The URL of Serve's proxy as clients reach it; without, the dashboard's host and Serve's port.",
    ),
    seconds("timeout", "Seconds to wait until the deployment answers.", default=300.0, least=1.0),
    seconds("request_timeout", "Seconds that one prediction may take.", default=60.0),
    TargetOption(
        name="environment",
        meaning="Where packages come from: cluster takes those of the nodes, model adds the model's requirements.txt.",
        default="cluster",
        choices=("cluster", "model"),
    ),
    TargetOption(
        name="storage",
        meaning="A directory that all nodes share, or a URI such as s3://bucket/models, for the model's files; "
        "without, the memory of the cluster, which takes less than 100 MiB.",
        pattern=r"/.+|[A-Za-z][A-Za-z0-9+.\-]*://.+",
        form="an absolute path or a URI",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """How a deployment runs on a cluster; seconds, bytes, and what Ray counts as processors."""

    num_replicas: int
    num_cpus: float
    num_gpus: float
    max_ongoing_requests: int
    timeout: float
    request_timeout: float
    environment: str
    max_replicas: int | None = None
    memory: int | None = None
    route_prefix: str | None = None
    http_url: str | None = None
    storage: str | None = None

    @classmethod
    def parse(cls, config: Mapping[str, str]) -> ServeOptions:
        """Read the options; InvalidValue for one that is unknown or of the wrong type."""
        values = parse_options(OPTIONS, config)
        if "http_url" in values:
            values["http_url"] = dashboard_url(values["http_url"], field="config http_url")
        options = cls(**values)
        if options.max_replicas is not None and options.max_replicas < options.num_replicas:
            limit = f"{options.num_replicas} or more, as num_replicas"
            raise InvalidValue("config max_replicas", options.max_replicas, "is too small", limit=limit)
        return options

    def of_model(self) -> dict[str, Any]:
        """What Serve calls the options of the model's deployment."""
        actor: dict[str, Any] = {"num_cpus": self.num_cpus, "num_gpus": self.num_gpus}
        if self.memory is not None:
            actor["memory"] = self.memory
        chosen = {"max_ongoing_requests": self.max_ongoing_requests, "ray_actor_options": actor}
        if self.max_replicas is None:
            return {**chosen, "num_replicas": self.num_replicas}
        return {**chosen, "autoscaling_config": {"min_replicas": self.num_replicas, "max_replicas": self.max_replicas}}
