"""DeploymentOptions: what `-C` may say about a deployment of Kubernetes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlsplit

from windlass.errors import InvalidValue
from windlass.interfaces import TargetOption, count
from windlass_kubernetes.serving.options import POD_OPTIONS, PodOptions

_MANY = 1000
OPTIONS = (
    *(replace(one, required=True) if one.name == "image" else one for one in POD_OPTIONS),
    count("replicas", "How many pods answer.", default=1, most=_MANY),
    count(
        "max_replicas",
        "Up to how many pods there are under load, with replicas as the least; needs cpus. Without, never more.",
        most=_MANY,
    ),
    count("cpu_goal", "With max_replicas, how much of its cpus a pod shall use, in percent.", default=80, most=_MANY),
    TargetOption(
        name="service_type",
        meaning="Who reaches the Service: the cluster, or others through a port of the nodes or a load balancer.",
        default="ClusterIP",
        choices=("ClusterIP", "NodePort", "LoadBalancer"),
    ),
    count("port", "The port of the Service.", default=80, most=65_535),
    TargetOption(
        name="http_url",
        meaning="The URL at which clients reach the Service, such as that of an ingress; without, that of its load "
        "balancer, and predictions go through the API server where there is none.",
        pattern=r"https?://[^\s?#]+",
        form="a URL with http or https",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentOptions(PodOptions):
    """How a deployment runs, and how it is reached."""

    replicas: int = 1
    max_replicas: int | None = None
    cpu_goal: int = 80
    service_type: str = "ClusterIP"
    port: int = 80
    http_url: str | None = None

    @classmethod
    def read(cls, config: Mapping[str, str]) -> Self:
        """Read the options; InvalidValue for one that is unknown, bad, or at odds with another."""
        found = cls.parse(OPTIONS, config)
        if found.http_url and "@" in urlsplit(found.http_url).netloc:
            raise InvalidValue("config http_url", "***", "must not hold credentials, as it is shown to others")
        if found.max_replicas is None:
            return found
        if found.max_replicas < found.replicas:
            limit = f"{found.replicas} or more, as replicas"
            raise InvalidValue("config max_replicas", found.max_replicas, "is too small", limit=limit)
        if found.cpus is None:
            hint = "the goal is a part of what is reserved: -C cpus=500m"
            raise InvalidValue("config max_replicas", found.max_replicas, "needs cpus", hint=hint)
        return found
