"""Environment: what has to be installed for a project, from whichever file says so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from windlass.entities import ProjectEnvironment
from windlass.errors import InvalidValue, NotFound
from windlass.plugins import Kind, PluginManager
from windlass_projects.declaration import Declaration, read_toml, read_yaml
from windlass_projects.environments.conda_packages import package_name, package_version

DEFAULT_MANAGER = "uv"
LOCAL, DOCKER = "local", "docker"
"""What needs no manager: what is installed here, and what is in a container."""


def known_managers(plugins: PluginManager) -> list[str]:
    """All names that may be given for who makes an environment."""
    names = [name for one in plugins.providers(Kind.ENVIRONMENT_MANAGER) for name in one.names]
    return sorted([*names, LOCAL, DOCKER])


def check_manager(plugins: PluginManager, manager: str | None) -> None:
    """Refuse a name that nobody provides."""
    if manager is not None and manager not in (known := known_managers(plugins)):
        hint = "others come with plugins, see `windlass plugins list --kind environment_manager`"
        raise InvalidValue("env_manager", manager, "is not known", limit=", ".join(known), hint=hint)


def environment_of(project: Declaration, manager: str | None = None) -> ProjectEnvironment:
    """What the project declares; else its uv.lock, python_env.yaml, conda.yaml, requirements.txt or pyproject.toml."""
    if manager == LOCAL:
        return ProjectEnvironment(manager=LOCAL)
    named, directory, chosen = project.environment, project.directory, manager or DEFAULT_MANAGER
    if "docker_env" in named:
        return _from_docker(named["docker_env"], manager)
    if chosen == DOCKER:
        raise InvalidValue("env_manager", chosen, "needs a docker_env in the project's MLproject file")
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
    """The version of Python, what pip is to install, and the packages of conda, which few managers can install."""
    content = read_yaml(file)
    requirements: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    for one in content.get("dependencies") or ():
        if isinstance(one, Mapping):
            requirements += _lines(one.get("pip"), file.name)
        else:
            packages += (str(one).strip(),)
    python = next((one for one in packages if package_name(one) == "python"), None)
    return ProjectEnvironment(
        manager=manager,
        python=None if python is None else package_version(python),
        requirements=requirements,
        packages=packages,
        channels=_lines(content.get("channels"), file.name),
    )


def _from_docker(content: Any, manager: str | None) -> ProjectEnvironment:
    if manager not in {None, DOCKER}:
        hint = f"--env-manager {LOCAL} runs it with what is installed here"
        raise InvalidValue("env_manager", manager, "is not for a project with a docker_env", hint=hint)
    if not isinstance(content, Mapping) or not isinstance(content.get("image"), str):
        raise InvalidValue("docker_env", content, "must have an image, a text")
    variables = [(one, None) if isinstance(one, str) else tuple(one) for one in content.get("environment") or ()]
    if any(len(one) != 2 for one in variables):  # noqa: PLR2004  a name and a value
        raise InvalidValue("docker_env: environment", content["environment"], "must hold names and [name, value]")
    return ProjectEnvironment(
        manager=DOCKER,
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
