"""Environment: what has to be installed for a project, from whichever file says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from windlass.entities import ProjectEnvironment
from windlass.errors import InvalidValue, NotFound
from windlass_projects.declaration import Declaration, read_toml, read_yaml

MANAGERS = ("uv", "local")
"""Who can build environments; the first one does unless told otherwise."""
_PACKAGE = re.compile(r"(?:[\w\-]+::)?([\w.\-]+)\s*(.*)")
_OF_UV = frozenset({"pip", "python", "setuptools", "wheel"})


def environment_of(project: Declaration, manager: str | None = None) -> ProjectEnvironment:
    """What the project declares; else its uv.lock, python_env.yaml, conda.yaml, requirements.txt or pyproject.toml."""
    chosen = manager or MANAGERS[0]
    if chosen not in MANAGERS:
        raise InvalidValue("env_manager", chosen, "is not known", limit=", ".join(MANAGERS))
    if chosen == "local":
        return ProjectEnvironment(manager=chosen)
    named, directory = project.environment, project.directory
    if "docker_env" in named:
        return _from_docker(named["docker_env"], chosen)
    if "python_env" in named:
        return _from_python_env(_file(directory, "python_env", named["python_env"]), chosen)
    if "conda_env" in named:
        return _from_conda(_file(directory, "conda_env", named["conda_env"]), chosen)
    return _found(directory, chosen)


def _found(directory: Path, manager: str) -> ProjectEnvironment:
    pyproject = directory / "pyproject.toml"
    table = read_toml(pyproject).get("project") if pyproject.is_file() else None
    declared = isinstance(table, Mapping)
    python = table.get("requires-python") if isinstance(table, Mapping) else None
    if declared and (directory / "uv.lock").is_file():
        return ProjectEnvironment(manager=manager, python=python, pyproject=True, lock=True)
    if (file := directory / "python_env.yaml").is_file():
        return _from_python_env(file, manager)
    if (file := directory / "conda.yaml").is_file():
        return _from_conda(file, manager)
    if (directory / "requirements.txt").is_file():
        return ProjectEnvironment(manager=manager, requirements=("-r requirements.txt",))
    if declared:
        return ProjectEnvironment(manager=manager, python=python, pyproject=True)
    return ProjectEnvironment(manager=manager)


def _from_python_env(file: Path, manager: str) -> ProjectEnvironment:
    content = read_yaml(file)
    python = content.get("python")
    return ProjectEnvironment(
        manager=manager,
        python=None if python is None else str(python),
        build_requirements=_lines(content.get("build_dependencies"), file.name),
        requirements=_lines(content.get("dependencies"), file.name),
    )


def _from_conda(file: Path, manager: str) -> ProjectEnvironment:
    """The version of Python and what pip is to install; conda's other packages are nothing that uv could install."""
    python: str | None = None
    requirements: tuple[str, ...] = ()
    for one in read_yaml(file).get("dependencies") or ():
        if isinstance(one, Mapping):
            requirements += _lines(one.get("pip"), file.name)
        elif (found := _PACKAGE.fullmatch(str(one))) and found[1] in _OF_UV:
            python = (found[2].lstrip("= ") or None) if found[1] == "python" else python
        else:
            hint = "list it below `pip:`, or run with --env-manager local in an environment that has it"
            raise InvalidValue(file.name, one, "is a package of conda, which uv cannot install", hint=hint)
    return ProjectEnvironment(manager=manager, python=python, requirements=requirements)


def _from_docker(content: Any, manager: str) -> ProjectEnvironment:
    if not isinstance(content, Mapping) or not isinstance(content.get("image"), str):
        raise InvalidValue("docker_env", content, "must have an image, a text")
    variables = [(one, None) if isinstance(one, str) else tuple(one) for one in content.get("environment") or ()]
    if any(len(one) != 2 for one in variables):  # noqa: PLR2004  a name and a value
        raise InvalidValue("docker_env: environment", content["environment"], "must hold names and [name, value]")
    return ProjectEnvironment(
        manager=manager,
        image=content["image"],
        volumes=_lines(content.get("volumes"), "docker_env"),
        image_variables=tuple((str(name), value if value is None else str(value)) for name, value in variables),
    )


def _file(directory: Path, key: str, name: Any) -> Path:
    file = directory / str(name)
    if not file.is_file():
        raise NotFound(f"{key} names {str(name)!r}, which is no file of the project")
    return file


def _lines(content: Any, where: str) -> tuple[str, ...]:
    if not isinstance(content or [], list):
        raise InvalidValue(where, content, "must be a list")
    return tuple(str(one).strip() for one in content or ())
