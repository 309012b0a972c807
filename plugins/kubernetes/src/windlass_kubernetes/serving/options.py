"""PodOptions: what `-C` may say about the pods that serve a model."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from windlass.errors import InvalidValue
from windlass.interfaces import OptionType, TargetOption, count, parse_options, seconds

_QUANTITY = r"[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?"
_OBJECT = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_MANY = 1000


def quantity(name: str, meaning: str) -> TargetOption:
    """An option with an amount as Kubernetes writes it."""
    form = "an amount such as 500m, 2 or 4Gi"
    return TargetOption(name=name, meaning=meaning, pattern=_QUANTITY, form=form)


def of_json(name: str, meaning: str) -> TargetOption:
    """An option with a list or an object."""
    return TargetOption(name=name, meaning=meaning, type=OptionType.JSON)


POD_OPTIONS = (
    TargetOption(
        name="image",
        meaning="The image, in which windlass and what the model needs are installed.",
        pattern=r"[^\s]{1,512}",
        form="the name of an image",
    ),
    TargetOption(
        name="model_path",
        meaning="A directory of the image with the model; without, the model's files are sent along.",
        pattern=r"/[^\s]+",
        form="an absolute path",
    ),
    TargetOption(
        name="fetch",
        meaning="true lets the pods fetch the model from the tracking server, as models that are large need it.",
        type=OptionType.BOOLEAN,
        default=False,
    ),
    quantity("cpus", "Processors to reserve for each pod; none without."),
    quantity("memory", "Memory to reserve for each pod; none without."),
    quantity("max_cpus", "Processors that a pod may use; all without."),
    quantity("max_memory", "Memory that a pod may use; all without."),
    count("gpus", "GPUs for each pod (nvidia.com/gpu); none without.", most=_MANY),
    count("workers", "How many processes of a pod serve.", default=1, most=256),
    of_json("env", 'Variables for the pods, {"NAME": "value"}; what is secret goes into secrets or variables.'),
    of_json("secrets", "Names of Secrets of the namespace whose keys become variables of the pods, as a list."),
    of_json(
        "variables",
        "Names of variables of this machine to hand on, as a list; they travel in a Secret of the deployment.",
    ),
    of_json("node_selector", "Labels that a node must have for the pods, as an object."),
    TargetOption(name="service_account", meaning="The service account of the pods.", pattern=_OBJECT.pattern),
    of_json("image_pull_secrets", "Names of Secrets with which the image is fetched, as a list."),
    TargetOption(
        name="image_pull_policy",
        meaning="When a node fetches the image; without, as Kubernetes does.",
        choices=("Always", "IfNotPresent", "Never"),
    ),
    seconds("timeout", "Seconds to wait until the deployment answers.", default=300.0, least=1.0),
    seconds("request_timeout", "Seconds that one prediction may take.", default=60.0),
    seconds(
        "drain_seconds",
        "Seconds that a pod goes on answering when it is to end, while the cluster leads requests away from it.",
        default=5.0,
        least=0.0,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PodOptions:
    """How the pods of a deployment run; times are seconds."""

    image: str | None = None
    model_path: str | None = None
    fetch: bool = False
    cpus: str | None = None
    memory: str | None = None
    max_cpus: str | None = None
    max_memory: str | None = None
    gpus: int | None = None
    workers: int = 1
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    node_selector: Mapping[str, str] = field(default_factory=dict)
    service_account: str | None = None
    image_pull_secrets: tuple[str, ...] = ()
    image_pull_policy: str | None = None
    timeout: float = 300.0
    request_timeout: float = 60.0
    drain_seconds: float = 5.0

    @classmethod
    def parse(cls, options: tuple[TargetOption, ...], config: Mapping[str, str]) -> Self:
        """Read the options; InvalidValue for one that is unknown, bad, or at odds with another."""
        values = parse_options(options, config)
        for name, read in _READERS.items():
            if name in values:
                values[name] = read(f"config {name}", values[name])
        found = cls(**values)
        if found.fetch and found.model_path:
            raise InvalidValue("config fetch", True, "cannot be combined with model_path")
        return found

    def resources(self) -> dict[str, Any]:
        """What is reserved, and what may be used at most."""
        requests = {"cpu": self.cpus, "memory": self.memory}
        gpus = None if self.gpus is None else str(self.gpus)
        limits = {"cpu": self.max_cpus, "memory": self.max_memory, "nvidia.com/gpu": gpus}
        parts = {"requests": requests, "limits": limits}
        kept = {part: {name: one for name, one in amounts.items() if one} for part, amounts in parts.items()}
        return {part: amounts for part, amounts in kept.items() if amounts}


def names(field_name: str, value: Any, *, allowed: re.Pattern[str] = _OBJECT) -> tuple[str, ...]:
    """A list of names; InvalidValue for anything else."""
    if not isinstance(value, (list, tuple)) or not all(
        isinstance(one, str) and allowed.fullmatch(one) for one in value
    ):
        # Somebody who gives values gives secrets.
        raise InvalidValue(field_name, type(value).__name__, "must be a list of names")
    return tuple(value)


def variable_names(field_name: str, value: Any) -> tuple[str, ...]:
    """A list of names of variables."""
    return names(field_name, value, allowed=_VARIABLE)


def texts(field_name: str, value: Any) -> dict[str, str]:
    """An object of texts; numbers and truth values become texts as Kubernetes would want them."""
    if not isinstance(value, Mapping) or not all(isinstance(one, (str, int, float)) for one in value.values()):
        raise InvalidValue(field_name, type(value).__name__, "must be an object of names and texts")
    return {str(name): str(one).lower() if isinstance(one, bool) else str(one) for name, one in value.items()}


def environment(field_name: str, value: Any) -> dict[str, str]:
    """An object of variables."""
    found = texts(field_name, value)
    variable_names(field_name, list(found))
    return found


_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "env": environment,
    "image_pull_secrets": names,
    "node_selector": texts,
    "secrets": names,
    "variables": variable_names,
}
