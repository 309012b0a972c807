"""Fingerprint: what the result of a step depends on, as digests that can be compared with those of an earlier run."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import distributions
from pathlib import Path

from windlass.entities import ProjectEnvironment
from windlass_projects.digests import digest_of_text
from windlass_projects.local.contents import key_of

_FORMAT = "1"
_WORDS = {
    "code": "the code",
    "parameters": "the parameters",
    "inputs": "the inputs",
    "environment": "the environment",
    "needs": "the steps before",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Digests of the five things that make a step's result; `needs` are those of the steps before it."""

    code: str
    parameters: str
    inputs: str
    environment: str
    needs: str

    @property
    def key(self) -> str:
        """All of it as one short text."""
        return digest_of_text(_FORMAT + self.text)

    @property
    def text(self) -> str:
        """As it is kept on a run."""
        return json.dumps(asdict(self), sort_keys=True)

    def difference(self, former: str | None) -> str:
        """What has changed since a run that kept `former`, in words."""
        try:
            parts = json.loads(former or "{}")
        except ValueError:
            parts = {}
        changed = [word for name, word in _WORDS.items() if parts.get(name) != getattr(self, name)]
        return " and ".join(changed) if parts else "everything"


def digest_of_values(values: object) -> str:
    """The digest of anything that JSON can hold."""
    return digest_of_text(json.dumps(values, sort_keys=True))


def digest_of_environment(environment: ProjectEnvironment, directory: Path, *, backend: str) -> str:
    """The digest of an environment; for `local`, of what is installed here."""
    declared: Mapping[str, object] = asdict(environment)
    made = _installed() if environment.manager == "local" else key_of(environment, directory)
    return digest_of_values([backend, declared, made])


def _installed() -> list[str]:
    return [sys.version, *sorted({f"{one.name}=={one.version}" for one in distributions()})]
