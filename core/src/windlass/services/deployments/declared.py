"""Declared deployments: what a file says that should be deployed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from windlass.errors import InvalidValue
from windlass.services.deployments.check import DEFAULT_CHECK, HealthCheck
from windlass.services.document_file import read_document

_KEYS = ("target", "name", "model", "flavor", "endpoint", "config", "check")
_NEEDED = ("target", "name", "model")
_TOP = "deployments"
_HINT = "each needs a target, a name and a model, such as {target: local, name: fraud, model: models:/fraud@champion}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredDeployment:
    """One deployment as it should be; `check` is None if nothing is to be asked after a change."""

    target: str
    name: str
    model_uri: str
    flavor: str | None = None
    endpoint: str | None = None
    config: Mapping[str, str] = field(default_factory=dict)
    check: HealthCheck | None = DEFAULT_CHECK


def read_declared(path: Path) -> list[DeclaredDeployment]:
    """The deployments that a YAML or JSON file declares below the key `deployments`.

    Values of `config` may be numbers, truth values, lists and mappings, which become the texts that options take;
    `check` is the path of a request, from the file's directory, or false. InvalidValue says where something is wrong.
    """
    content = read_document(path, field="file")
    entries = content.get(_TOP) if isinstance(content, Mapping) else None
    if not isinstance(entries, list):
        raise InvalidValue("file", str(path), f"must hold a list below the key {_TOP!r}", hint=_HINT)
    found = [_read(entry, number, path.parent) for number, entry in enumerate(entries, start=1)]
    seen = set()
    for one in found:
        key = (one.target, one.endpoint, one.name)
        if key in seen:
            raise InvalidValue("file", str(path), f"declares {one.name!r} on {one.target} twice")
        seen.add(key)
    return found


def _read(entry: Any, number: int, directory: Path) -> DeclaredDeployment:
    place = f"{_TOP}[{number}]"
    if not isinstance(entry, Mapping):
        raise InvalidValue(place, entry, "must be a mapping", hint=_HINT)
    for key in entry:
        if key not in _KEYS:
            raise InvalidValue(place, key, "is not known", limit=", ".join(_KEYS))
    for key in _NEEDED:
        if not entry.get(key):
            raise InvalidValue(f"{place}.{key}", entry.get(key), "is missing", hint=_HINT)
    return DeclaredDeployment(
        target=_text(entry["target"], f"{place}.target"),
        name=_text(entry["name"], f"{place}.name"),
        model_uri=_text(entry["model"], f"{place}.model"),
        flavor=_text(entry["flavor"], f"{place}.flavor") if entry.get("flavor") else None,
        endpoint=_text(entry["endpoint"], f"{place}.endpoint") if entry.get("endpoint") else None,
        config=_config(entry.get("config") or {}, f"{place}.config"),
        check=_check(entry.get("check"), directory, f"{place}.check"),
    )


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise InvalidValue(place, value, "must be a text", hint="put it in quotes")
    return value


def _config(value: Any, place: str) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise InvalidValue(place, value, "must be a mapping")
    return {str(key): option_text(one) for key, one in value.items()}


def option_text(value: Any) -> str:
    """A number, a truth value, a list or a mapping as the text that an option takes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)


def _check(value: Any, directory: Path, place: str) -> HealthCheck | None:
    if value is None:
        return DEFAULT_CHECK
    if value is False:
        return None
    payload = read_document(directory / _text(value, place), field=place)
    if not isinstance(payload, Mapping):
        raise InvalidValue(place, value, "must name a file with a JSON object")
    return HealthCheck(payload)
