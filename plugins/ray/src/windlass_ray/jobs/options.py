"""JobOptions: what a backend configuration may say about a project on Ray."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from windlass.config import Settings
from windlass.errors import InvalidValue
from windlass_ray.address import dashboard_url

_NAME = re.compile(r"[A-Za-z_]\w*")
_MANY = 10_000.0

OPTIONS: Mapping[str, str] = {
    "address": "The URL of the cluster's dashboard, such as http://127.0.0.1:8265; WINDLASS_RAY_ADDRESS without.",
    "num_cpus": "Processors to reserve for the command; 0 without, which runs it on the head of the cluster.",
    "num_gpus": "GPUs to reserve for the command; 0 without.",
    "memory": "Bytes of memory to reserve for the command; none without.",
    "resources": "Other resources of the cluster to reserve, as an object of names and numbers.",
    "variables": "Names of variables of this machine to hand on to the command, such as AWS_ACCESS_KEY_ID, as a list.",
}
"""Each option with a sentence about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """Where on a cluster a project runs, and what is reserved for its command."""

    address: str
    num_cpus: float = 0.0
    num_gpus: float = 0.0
    memory: int = 0
    resources: Mapping[str, float] = field(default_factory=dict)
    variables: tuple[str, ...] = ()

    @classmethod
    def parse(cls, config: Mapping[str, Any], settings: Settings) -> JobOptions:
        """Read the options; InvalidValue for one of the wrong type."""
        return cls(
            address=dashboard_url(config.get("address") or settings.ray_address, field="backend-config address"),
            num_cpus=_amount("num_cpus", config.get("num_cpus", 0)),
            num_gpus=_amount("num_gpus", config.get("num_gpus", 0)),
            memory=int(_amount("memory", config.get("memory", 0), most=2.0**50)),
            resources=_resources(config.get("resources")),
            variables=_names(config.get("variables")),
        )

    def reserved(self) -> dict[str, Any]:
        """What Ray calls them; what is not wanted is not named."""
        wanted = {
            "entrypoint_num_cpus": self.num_cpus,
            "entrypoint_num_gpus": self.num_gpus,
            "entrypoint_memory": self.memory,
            "entrypoint_resources": dict(self.resources),
        }
        return {name: value for name, value in wanted.items() if value}


def _amount(name: str, value: Any, *, most: float = _MANY) -> float:
    try:
        number = -1.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number <= most:
        raise InvalidValue(f"backend-config {name}", value, "must be a number", limit=f"0 to {most:g}")
    return number


def _resources(value: Any) -> dict[str, float]:
    if not isinstance(value or {}, Mapping):
        raise InvalidValue("backend-config resources", value, "must be an object of names and numbers")
    return {str(name): _amount(f"resources {name}", one) for name, one in (value or {}).items()}


def _names(value: Any) -> tuple[str, ...]:
    names = value or []
    if not isinstance(names, (list, tuple)) or not all(isinstance(one, str) and _NAME.fullmatch(one) for one in names):
        # Somebody who gives values gives secrets.
        raise InvalidValue("backend-config variables", type(value).__name__, "must be a list of names of variables")
    return tuple(names)
