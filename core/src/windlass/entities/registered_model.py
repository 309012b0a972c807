"""RegisteredModel: a name under which versions are promoted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from windlass.entities.model_version import ModelVersion


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """A name with versions; `aliases` maps an alias to a version, `latest_versions` holds the newest of each stage."""

    name: str
    creation_timestamp: int = 0
    last_updated_timestamp: int = 0
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, int] = field(default_factory=dict)
    latest_versions: tuple[ModelVersion, ...] = ()
