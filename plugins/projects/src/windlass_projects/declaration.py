"""Declaration: what a project says of itself, in an MLproject file or a pyproject.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from windlass.errors import InvalidValue, NotFound
from windlass_projects.entry_point import EntryPoint

_INTERPRETERS = {".py": "python", ".sh": "bash"}
_ENVIRONMENT_KEYS = ("python_env", "conda_env", "docker_env")


@dataclass(frozen=True, slots=True)
class Declaration:
    """The entry points of a project, and the environment that its MLproject file names.

    `environment` has at most one of `python_env`, `conda_env` (both name a file) and `docker_env`.
    """

    directory: Path
    entry_points: Mapping[str, EntryPoint] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, directory: Path) -> Declaration:
        """The declaration in a directory; an empty one where there is none."""
        for file in sorted(directory.iterdir()):
            if file.name.lower() == "mlproject" and file.is_file():
                return _from_mlproject(file)
        pyproject = directory / "pyproject.toml"
        return _from_pyproject(pyproject) if pyproject.is_file() else cls(directory)

    def entry_point(self, name: str) -> EntryPoint:
        """The entry point of a name: a declared one, or a file; `main` is also the file main.py."""
        if name in self.entry_points:
            return self.entry_points[name]
        names = [name, "main.py"] if name == "main" else [name]
        for one in names:
            interpreter = _INTERPRETERS.get(Path(one).suffix)
            if interpreter and _inside(self.directory, one):
                return EntryPoint(name, words=(interpreter, one))
        known = ", ".join(sorted(self.entry_points)) or "none"
        hint = "any .py or .sh file of the project is an entry point, too"
        raise NotFound(f"the project has no entry point {name!r} (declared: {known})", hint=hint)


def _from_mlproject(file: Path) -> Declaration:
    content = read_yaml(file)
    named = {key: content[key] for key in _ENVIRONMENT_KEYS if content.get(key) is not None}
    if len(named) > 1:
        raise InvalidValue(file.name, ", ".join(named), "declares more than one environment")
    return Declaration(file.parent, _entry_points(content.get("entry_points"), file.name), named)


def _from_pyproject(file: Path) -> Declaration:
    content = read_toml(file)
    scripts = _table(_table(content, "project", file.name), "scripts", file.name)
    tool = _table(_table(content, "tool", file.name), "windlass", file.name)
    found = {str(name): EntryPoint(str(name), words=(str(name),)) for name in scripts}
    return Declaration(file.parent, found | _entry_points(tool.get("entry_points"), file.name))


def _entry_points(content: Any, where: str) -> dict[str, EntryPoint]:
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        raise InvalidValue(f"{where}: entry_points", content, "must map names to commands")
    return {str(name): EntryPoint.read(str(name), one, where) for name, one in content.items()}


def read_yaml(file: Path) -> Mapping[str, Any]:
    """A YAML file that holds a mapping; an empty one holds an empty mapping."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidValue(file.name, str(file), f"is no YAML: {error}") from None
    if not isinstance(content or {}, Mapping):
        raise InvalidValue(file.name, content, "must be a mapping")
    return content or {}


def read_toml(file: Path) -> Mapping[str, Any]:
    """A TOML file."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidValue(file.name, str(file), f"is no TOML: {error}") from None


def _table(content: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    found = content.get(key, {})
    if not isinstance(found, Mapping):
        raise InvalidValue(f"{where}: {key}", found, "must be a table")
    return found


def _inside(directory: Path, name: str) -> bool:
    path = (directory / name).resolve()
    return path.is_file() and path.is_relative_to(directory.resolve())
