"""JobOptions: what a backend configuration may say about a project on Kubernetes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from windlass.entities import ProjectEnvironment
from windlass.errors import InvalidValue
from windlass_kubernetes.address import checked_namespace
from windlass_kubernetes.serving.options import names, texts, variable_names

OPTIONS: Mapping[str, str] = {
    "kube-context": "The context of the kubeconfig; the current one without.",
    "namespace": "The namespace; that of the template or of the context without.",
    "kube-job-template-path": "A YAML file with a Job, into whose first container the command goes.",
    "image": "The image, where the project's docker_env names none.",
    "repository-uri": "Not needed, as the code is sent without a registry; taken so that MLflow's files work.",
    "skip_image_build": "true takes the code that is in the image, and sends none.",
    "cpus": "Processors to reserve, such as 2 or 500m.",
    "memory": "Memory to reserve, and to use at most, such as 4Gi.",
    "gpus": "GPUs (nvidia.com/gpu), a whole number.",
    "timeout": "Seconds after which the cluster ends the command; no limit without.",
    "node_selector": "Labels that a node must have, an object.",
    "service_account": "The service account of the pod.",
    "image_pull_policy": "Always, IfNotPresent or Never.",
    "image_pull_secrets": "Names of Secrets with which the image is fetched, a list.",
    "secrets": "Names of Secrets of the namespace whose keys become variables of the command, a list.",
    "variables": "Names of variables of this machine to hand on, a list; they travel in a Secret of the Job.",
    "tracking_uri": "The tracking server as pods reach it; WINDLASS_KUBERNETES_TRACKING_URI without.",
}
"""Each option with a sentence about it."""
_AMOUNT = re.compile(r"[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?")
_MOST = 10_000_000
_POLICIES = ("Always", "IfNotPresent", "Never")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """Where a project runs, and what is reserved for it; `timeout` is seconds."""

    image: str | None
    context: str | None = None
    namespace: str | None = None
    template: Path | None = None
    bare: bool = False
    repository: str | None = None
    cpus: str | None = None
    memory: str | None = None
    gpus: int | None = None
    timeout: int | None = None
    node_selector: Mapping[str, str] = field(default_factory=dict)
    service_account: str | None = None
    image_pull_policy: str | None = None
    image_pull_secrets: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    tracking_uri: str | None = None

    @classmethod
    def read(cls, config: Mapping[str, Any], environment: ProjectEnvironment) -> Self:
        """Read and check the options; the image of the project comes first. InvalidValue for a bad one."""
        if environment.image is None and environment.manager != "local":
            hint = "--env-manager local runs it with what is installed in the image"
            problem = "the project has no docker_env, and nothing is installed in pods"
            raise InvalidValue("env_manager", environment.manager, problem, hint=hint)
        bare = config.get("skip_image_build", False)
        if not isinstance(bare, bool):
            raise InvalidValue("backend-config skip_image_build", bare, "must be true or false")
        template, space = _text(config, "kube-job-template-path"), _text(config, "namespace")
        return cls(
            image=environment.image or _text(config, "image"),
            context=_text(config, "kube-context"),
            namespace=None if space is None else checked_namespace(space, field="backend-config namespace"),
            template=None if template is None else Path(template).absolute(),
            bare=bare,
            repository=_text(config, "repository-uri"),
            cpus=_amount(config, "cpus"),
            memory=_amount(config, "memory"),
            gpus=_count(config, "gpus"),
            timeout=_count(config, "timeout"),
            node_selector=texts("backend-config node_selector", config.get("node_selector", {})),
            service_account=_text(config, "service_account"),
            image_pull_policy=_policy(config),
            image_pull_secrets=names("backend-config image_pull_secrets", config.get("image_pull_secrets", [])),
            secrets=names("backend-config secrets", config.get("secrets", [])),
            variables=variable_names("backend-config variables", config.get("variables", [])),
            tracking_uri=_text(config, "tracking_uri"),
        )

    def resources(self) -> dict[str, Any]:
        """What is reserved, and what may be used at most."""
        limits = {"memory": self.memory, "nvidia.com/gpu": None if self.gpus is None else str(self.gpus)}
        parts = {"requests": {"cpu": self.cpus, "memory": self.memory}, "limits": limits}
        kept = {part: {name: one for name, one in amounts.items() if one} for part, amounts in parts.items()}
        return {part: amounts for part, amounts in kept.items() if amounts}


def _text(config: Mapping[str, Any], name: str) -> str | None:
    value = config.get(name)
    if value is not None and (not isinstance(value, str) or not value):
        raise InvalidValue(f"backend-config {name}", value, "must be a text")
    return value


def _amount(config: Mapping[str, Any], name: str) -> str | None:
    value = config.get(name)
    if value is None:
        return None
    text = str(value)
    if isinstance(value, bool) or not _AMOUNT.fullmatch(text):
        raise InvalidValue(f"backend-config {name}", value, "must be an amount such as 500m, 2 or 4Gi")
    return text


def _count(config: Mapping[str, Any], name: str) -> int | None:
    value = config.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST):
        raise InvalidValue(f"backend-config {name}", value, "must be a whole number", limit=f"1 to {_MOST}")
    return value


def _policy(config: Mapping[str, Any]) -> str | None:
    value = _text(config, "image_pull_policy")
    if value is not None and value not in _POLICIES:
        raise InvalidValue("backend-config image_pull_policy", value, "is none", limit=", ".join(_POLICIES))
    return value
