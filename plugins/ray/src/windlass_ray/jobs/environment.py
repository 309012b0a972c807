"""What Ray has to install for a project, as its own runtime environment."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uv

from windlass.entities import ProjectEnvironment
from windlass.errors import MissingDependency, NotFound, Unsupported, WindlassError

_INSTALLERS = {"uv": "uv", "virtualenv": "pip"}
"""What Ray calls the managers of ours that it has, too."""
_HERE = "${RAY_RUNTIME_ENV_CREATE_WORKING_DIR}"
_OPTION = re.compile(r"(-r|--requirement|-c|--constraint|-e|--editable)(?:\s+|=)(\S.*)")
_TIMEOUT = 120


class NotLocked(WindlassError):
    """A uv.lock that cannot be read."""


def check(environment: ProjectEnvironment) -> None:
    """Refuse what no runtime environment can be."""
    if environment.image is not None:
        raise Unsupported(
            f"the project runs in a container ({environment.image}), which the backend ray does not",
            hint="--env-manager local runs it with what the cluster has",
        )
    known = ("local", *_INSTALLERS)
    if environment.manager not in known:
        hint = f"choose one of: {', '.join(known)}"
        raise Unsupported(f"the backend ray has no environments of {environment.manager}", hint=hint)


def runtime_environment(environment: ProjectEnvironment, directory: Path) -> dict[str, Any]:
    """What a job's runtime environment says of packages; empty for a project that takes those of the cluster."""
    if environment.manager == "local":
        return {}
    packages = [*environment.build_requirements, *_declared(environment, directory)]
    for line in environment.requirements:
        packages += _lines(line, directory, directory, seen=set())
    return {_INSTALLERS[environment.manager]: {"packages": packages}} if packages else {}


def _declared(environment: ProjectEnvironment, directory: Path) -> Iterator[str]:
    """What the project's pyproject.toml asks for, or its lock."""
    if not environment.pyproject:
        return
    content = tomllib.loads((directory / "pyproject.toml").read_text(encoding="utf-8"))
    table = content.get("project", {})
    if environment.lock:
        for line in _exported(directory).splitlines():
            yield from _lines(line, directory, directory, seen=set())
    elif "dependencies" in table.get("dynamic", ()):
        hint = "add a uv.lock, which says what they are"
        raise Unsupported("the dependencies of the project's pyproject.toml are dynamic", hint=hint)
    else:
        yield from table.get("dependencies", ())
    if "build-system" in content or content.get("tool", {}).get("uv", {}).get("package") is True:
        yield _on_cluster(directory, directory)


def _exported(directory: Path) -> str:
    try:
        program = str(uv.find_uv_bin())
    except FileNotFoundError:
        raise MissingDependency("a uv.lock needs the program uv", hint="pip install uv") from None
    command = [
        program,
        "export",
        "--quiet",
        "--frozen",
        "--no-hashes",
        "--no-dev",
        "--no-emit-project",
        "--no-header",
        "--no-annotate",
    ]
    try:
        done = subprocess.run(  # noqa: S603  a fixed command
            command, cwd=directory, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotLocked(f"uv did not read the lock within {_TIMEOUT} seconds") from None
    if done.returncode != 0:
        raise NotLocked(f"the project's uv.lock cannot be read: {' '.join(done.stderr.split())[:500]}")
    return done.stdout


def _lines(line: str, directory: Path, root: Path, *, seen: set[Path]) -> Iterator[str]:
    """A line of a requirements file in a directory of the project, with the files that it names in its place."""
    text = re.sub(r"(^|\s)#.*$", "", line).strip()
    if not text:
        return
    option = _OPTION.fullmatch(text)
    if option is None:
        yield _on_cluster(directory / text, root) if text.startswith(".") else text
    elif option[1] in {"-e", "--editable"}:
        yield _on_cluster(directory / option[2], root)
    elif option[1] in {"-c", "--constraint"}:
        raise Unsupported(
            f"the line {text!r} of the project's requirements has no counterpart on Ray", hint="add a uv.lock"
        )
    else:
        yield from _file(directory / option[2], root, seen)


def _file(file: Path, root: Path, seen: set[Path]) -> Iterator[str]:
    if file.resolve() in seen:
        return
    seen.add(file.resolve())
    if not file.is_file():
        raise NotFound(f"the project's requirements name {file.name!r}, which is no file")
    for line in file.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        yield from _lines(line, file.parent, root, seen=seen)


def _on_cluster(path: Path, root: Path) -> str:
    """A package of the project's directory, as it is named where that has been unpacked."""
    if not path.resolve().is_relative_to(root.resolve()):
        raise Unsupported(f"the project asks for {str(path)!r}, which is outside of it and not on the cluster")
    inside = path.resolve().relative_to(root.resolve()).as_posix()
    return f"file://{_HERE}/" + quote(f"{root.name}/{inside}".removesuffix("/."))
