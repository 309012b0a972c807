"""The environment of a project on a node: what is there, or one that the node's uv makes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import quote

from windlass.entities import ProjectEnvironment
from windlass.errors import Unsupported

_REQUIREMENTS, _BUILD_REQUIREMENTS = ".windlass-requirements.txt", ".windlass-build-requirements.txt"
_NO_UV = "windlass: this node has no uv; install it there, or use --env-manager local"


def check(environment: ProjectEnvironment) -> None:
    """Refuse what a node cannot make."""
    if environment.image is not None:
        raise Unsupported(
            f"the project runs in a container ({environment.image}), which the backend yarn does not",
            hint="--env-manager local runs it with what the nodes have",
        )
    if environment.manager not in {"local", "uv"}:
        raise Unsupported(f"the backend yarn has no environments of {environment.manager}", hint="choose local or uv")
    if environment.manager == "uv" and environment.packages:
        raise Unsupported("the project asks for packages of conda, which uv cannot install", hint="--env-manager local")


def environment_files(environment: ProjectEnvironment) -> dict[str, str]:
    """Files that the lines read, by their names in the project's directory, to which paths in them are relative."""
    if environment.manager == "local":
        return {}
    named = {_BUILD_REQUIREMENTS: environment.build_requirements, _REQUIREMENTS: environment.requirements}
    return {name: "".join(f"{line}\n" for line in lines) for name, lines in named.items() if lines}


def environment_lines(environment: ProjectEnvironment, directory: Path) -> Iterator[str]:
    """Lines for a shell in the project's directory on a node, which end it if the environment cannot be made."""
    if environment.manager == "local":
        return
    yield f"command -v uv >/dev/null || {{ echo {quote(_NO_UV)}; exit 127; }}"
    yield 'export VIRTUAL_ENV="$root/.environment" UV_PROJECT_ENVIRONMENT="$root/.environment"'
    python = f" --python {quote(environment.python)}" if environment.python else ""
    yield f'uv venv --quiet --no-project{python} "$VIRTUAL_ENV" || exit 1'
    for arguments in _installations(environment, directory):
        yield f"uv {arguments} || exit 1"
    yield 'export PATH="$VIRTUAL_ENV/bin:$PATH"'


def _installations(environment: ProjectEnvironment, directory: Path) -> Iterator[str]:
    if environment.lock:
        yield 'sync --quiet --frozen --no-editable --no-dev --python "$VIRTUAL_ENV/bin/python"'
        return
    files = environment_files(environment)
    if _BUILD_REQUIREMENTS in files:
        yield f"pip install --quiet -r {_BUILD_REQUIREMENTS}"
    if environment.pyproject:
        yield f"pip install --quiet {'.' if _is_installable(directory) else '-r pyproject.toml'}"
    if _REQUIREMENTS in files:
        yield f"pip install --quiet -r {_REQUIREMENTS}"


def _is_installable(directory: Path) -> bool:
    """Whether the project is itself a package."""
    content: Mapping[str, Mapping[str, Mapping[str, object]]]
    content = tomllib.loads((directory / "pyproject.toml").read_text(encoding="utf-8"))
    return "build-system" in content or content.get("tool", {}).get("uv", {}).get("package") is True
