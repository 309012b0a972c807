"""The environment that a model wants: requirements.txt, python_env.yaml and conda.yaml."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

from windlass.errors import InvalidValue

REQUIREMENTS_FILE = "requirements.txt"
PYTHON_ENV_FILE = "python_env.yaml"
CONDA_FILE = "conda.yaml"
ENTRY = {"conda": CONDA_FILE, "virtualenv": PYTHON_ENV_FILE}
"""What the python_function flavor says about the environment."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def pinned(*names: str) -> list[str]:
    """The installed packages of these names, pinned as pip reads them; those that are not installed are left out."""
    found = []
    for name in names:
        try:
            # A local part (`+cpu`) names a build that no index has.
            found.append(f"{name}=={version(name).partition('+')[0]}")
        except PackageNotFoundError:
            continue
    return found


def read_requirements(given: str | Path | Iterable[str]) -> list[str]:
    """The lines of a requirements file, or the requirements of a list."""
    if isinstance(given, (str, Path)):
        path = Path(given)
        if not path.is_file():
            raise InvalidValue("pip_requirements", str(given), "must be a list or the path of a requirements file")
        given = path.read_text(encoding="utf-8").splitlines()
    lines = [str(line).strip() for line in given]
    return [line for line in lines if line and not line.startswith("#")]


def choose_requirements(
    default: list[str],
    *,
    pip_requirements: str | Path | Iterable[str] | None = None,
    extra_pip_requirements: str | Path | Iterable[str] | None = None,
) -> list[str]:
    """The requirements of a model: the user's own, or the default with the user's extra ones taking precedence."""
    if pip_requirements is not None:
        if extra_pip_requirements is not None:
            raise InvalidValue("extra_pip_requirements", extra_pip_requirements, "cannot go with pip_requirements")
        return read_requirements(pip_requirements)
    extra = read_requirements(extra_pip_requirements or [])
    named = {_package(line) for line in extra}
    return [line for line in default if _package(line) not in named] + extra


def write_environment(
    directory: Path, requirements: list[str], conda_env: Mapping[str, Any] | str | None = None
) -> None:
    """Write the three files; of a conda environment of the user's own the pip part becomes the requirements."""
    if conda_env is not None:
        conda = conda_env if isinstance(conda_env, Mapping) else _read_yaml(Path(conda_env))
        requirements = _pip_part(conda)
    else:
        pip: list[Any] = [f"python={platform.python_version()}", "pip", {"pip": requirements}]
        conda = {"name": "windlass-env", "channels": ["conda-forge"], "dependencies": pip}
    python_env = {
        "python": platform.python_version(),
        "build_dependencies": ["pip", "setuptools", "wheel"],
        "dependencies": [f"-r {REQUIREMENTS_FILE}"],
    }
    (directory / REQUIREMENTS_FILE).write_text("".join(f"{line}\n" for line in requirements), encoding="utf-8")
    _write_yaml(directory / CONDA_FILE, dict(conda))
    _write_yaml(directory / PYTHON_ENV_FILE, python_env)


def _package(requirement: str) -> str:
    match = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else requirement


def _pip_part(conda: Mapping[str, Any]) -> list[str]:
    parts = [part["pip"] for part in conda.get("dependencies", []) if isinstance(part, Mapping) and "pip" in part]
    return [str(line) for part in parts for line in part]


def _read_yaml(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise InvalidValue("conda_env", str(path), "must be a YAML file that can be read") from error
    if not isinstance(content, Mapping):
        raise InvalidValue("conda_env", str(path), "must hold a mapping")
    return content


def _write_yaml(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
