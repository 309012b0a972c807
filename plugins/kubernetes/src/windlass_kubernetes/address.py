"""Address: which cluster a target names, and which namespace of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote

from windlass.errors import InvalidValue
from windlass_kubernetes.connection import known_contexts

_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Address:
    """A context of the kubeconfig and a namespace; what is None is as the kubeconfig has it."""

    context: str | None = None
    namespace: str | None = None

    @classmethod
    def parse(cls, target: str) -> Self:
        """Read `NAME`, `NAME:/CONTEXT` or `NAME:/CONTEXT/NAMESPACE`; a context may itself have slashes."""
        rest = unquote(target.partition(":")[2].lstrip("/").rstrip("/"))
        if not rest:
            return cls()
        if rest in known_contexts() or "/" not in rest:
            return cls(rest)
        context, _, namespace = rest.rpartition("/")
        return cls(context, checked_namespace(namespace, field="target"))


def checked_namespace(name: str, *, field: str) -> str:
    """A name that a namespace may have; InvalidValue for any other."""
    if not _NAMESPACE.fullmatch(name):
        raise InvalidValue(field, name, "is no namespace", limit="up to 63 small letters, digits and '-'")
    return name
