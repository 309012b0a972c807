"""Plan: what the process that runs the steps is told."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from windlass.entities import ProjectEnvironment, ProjectSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A project that is in a directory, the entry point whose steps to run, and where and how.

    `values` are those of the parameters of the whole; `force` names the steps to run even if nothing has changed;
    `environments` replace, by step, the one that the project declares.
    """

    directory: str
    source: ProjectSource
    entry_point: str
    values: Mapping[str, str]
    manager: str | None
    storage: str | None
    backend: str
    config: Mapping[str, Any]
    tags: Mapping[str, str]
    force: tuple[str, ...] = ()
    environments: Mapping[str, ProjectEnvironment] = field(default_factory=dict)

    def write(self, file: Path) -> None:
        """Keep it for the process; values may be secret, so nobody else may read it."""
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(asdict(self), stream)

    @classmethod
    def read(cls, file: Path) -> Plan:
        """What was written."""
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        source, force = ProjectSource(**content.pop("source")), tuple(content.pop("force"))
        environments = {step: _environment(one) for step, one in content.pop("environments").items()}
        return cls(source=source, force=force, environments=environments, **content)


def _environment(content: Mapping[str, Any]) -> ProjectEnvironment:
    """An environment from JSON, which knows no tuples."""
    return ProjectEnvironment(**{name: _frozen(value) for name, value in content.items()})


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
