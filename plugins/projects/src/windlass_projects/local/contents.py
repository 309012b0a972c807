"""Contents: a digest of all that an environment is made from, so that equal contents share one."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from windlass.entities import ProjectEnvironment
from windlass_projects.declaration import read_toml
from windlass_projects.digests import digest_of

_FORMAT = "2"
_FILE_OPTIONS = ("-r", "--requirement", "-c", "--constraint")
_EDITABLE = ("-e", "--editable")


def key_of(environment: ProjectEnvironment, directory: Path, *, identity: Iterable[str] = ()) -> str:
    """A short name for the environment of a project in a directory; `identity` is what its manager adds."""
    digest = hashlib.sha256()
    made = (_FORMAT, platform.machine(), sys.platform, environment.manager, environment.python or "", *identity)
    for text in (*made, *_declared(environment, directory)):
        data = text.encode("utf-8", "surrogateescape")
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()[:24]


def split_option(line: str) -> tuple[str, str] | None:
    """The option and the file of a line such as `-r more.txt`; None for other lines."""
    option, _, file = line.partition("=" if line.startswith("--") and "=" in line else " ")
    return (option, file.strip()) if option in _FILE_OPTIONS and file.strip() else None


def is_installable(directory: Path) -> bool:
    """Whether a project is a package itself, whose code goes into its environment."""
    content = read_toml(directory / "pyproject.toml")
    return "build-system" in content or content.get("tool", {}).get("uv", {}).get("package") is True


def _declared(environment: ProjectEnvironment, directory: Path) -> Iterator[str]:
    yield from ("packages", *environment.packages, "channels", *environment.channels)
    yield from ("build", *environment.build_requirements, "requirements")
    for line in environment.requirements:
        yield from _requirement(line, directory, set())
    if environment.pyproject:
        yield (directory / "pyproject.toml").read_text(encoding="utf-8")
        if environment.lock:
            yield (directory / "uv.lock").read_text(encoding="utf-8")
        if is_installable(directory):
            yield digest_of(directory)
        elif environment.lock:
            # The lock names packages beside the project by their paths; their code is not in it.
            yield from (digest_of(path) for path in _locked_paths(directory))


def _requirement(line: str, directory: Path, seen: set[Path]) -> Iterator[str]:
    """A line, and the contents of the files and directories of this machine that it names."""
    yield line
    if (named := split_option(line)) is not None:
        file = (directory / named[1]).resolve()
        if file in seen:
            return
        seen.add(file)
        for one in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
            yield from _requirement(one.strip(), file.parent, seen)
        return
    if line.startswith(_EDITABLE):
        # It is a link to this very directory, so that another one needs an environment of its own.
        yield str(directory.resolve())
    place = line.removeprefix("-e").removeprefix("--editable").partition("@ ")
    text = (place[2] or place[0]).strip().removeprefix("file://").partition(" ")[0].partition("[")[0]
    if text and not text.startswith("#") and ("/" in text or text.startswith(".")) and "://" not in text:
        path = directory / text
        if path.exists():
            yield digest_of(path)


def _locked_paths(directory: Path) -> Iterator[Path]:
    for package in read_toml(directory / "uv.lock").get("package", ()):
        source = package.get("source", {})
        for kind in ("directory", "editable", "path"):
            if (place := source.get(kind)) not in {None, "."}:
                yield directory / str(place)
