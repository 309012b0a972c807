"""Naming: what containers and their labels are called, in one namespace of a Docker."""

from __future__ import annotations

import re
from dataclasses import dataclass

from windlass.errors import InvalidValue

DEPLOYMENT_LABEL = "windlass.deployment"
_NAMESPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,30}")


@dataclass(frozen=True, slots=True)
class Naming:
    """The names of one namespace; the deployments of another one are not seen."""

    namespace: str = ""

    @classmethod
    def of_target(cls, target: str) -> Naming:
        """What `docker` or `docker:/NAMESPACE` names; InvalidValue for anything else."""
        scheme, _, rest = target.partition(":")
        namespace = rest.strip("/")
        if scheme != "docker" or (namespace and not _NAMESPACE.fullmatch(namespace)):
            hint = (
                "docker, or docker:/NAMESPACE with up to 31 letters, digits, '_' and '-'; DOCKER_HOST says which Docker"
            )
            raise InvalidValue("target", target, "is not known", hint=hint)
        return cls(namespace)

    @property
    def target(self) -> str:
        """What users call it."""
        return f"docker:/{self.namespace}" if self.namespace else "docker"

    def container(self, deployment: str) -> str:
        """What the container of a deployment is called."""
        return "-".join(filter(None, ("windlass", self.namespace, deployment)))

    def label(self, deployment: str) -> str:
        """What the label of a deployment says."""
        return f"{self.namespace}/{deployment}" if self.namespace else deployment
