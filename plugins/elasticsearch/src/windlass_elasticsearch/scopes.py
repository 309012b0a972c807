"""Scopes: the data sets that a metric of a logged model counts for, each as one short term."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

EVERY = "every"


def scope(name: str | None, digest: str | None = None) -> str:
    """A data set by name, or by name and digest; without a name whatever was measured."""
    if name is None:
        return EVERY
    parts = name if digest is None else f"{name}\0{digest}"
    return hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()[:32]


def scopes_of(point: Mapping[str, Any]) -> list[str]:
    """All scopes to which a point belongs."""
    name, digest = point.get("dataset_name"), point.get("dataset_digest")
    found = [EVERY]
    if name is not None:
        found.append(scope(name))
        if digest is not None:
            found.append(scope(name, digest))
    return found
