"""Fetching: bringing a project onto this machine."""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from windlass.entities import ProjectSource
from windlass.errors import InvalidValue
from windlass.uri import redact
from windlass_projects import archive, git
from windlass_projects.location import Location, PlaceKind


@dataclass(slots=True)
class Scratch:
    """A directory for what is fetched for one run, made when it is first needed."""

    home: Path
    path: Path | None = None

    def directory(self, name: str) -> Path:
        """A new directory below it."""
        if self.path is None:
            self.path = self.home / "projects" / "fetched" / secrets.token_hex(8)
        made = self.path / name
        made.mkdir(parents=True)
        return made

    def remove(self) -> None:
        """Remove all of it."""
        if self.path is not None:
            shutil.rmtree(self.path, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A project on this machine."""

    directory: Path
    source: ProjectSource


def fetch(uri: str, version: str | None, scratch: Scratch) -> Fetched:
    """The project of a URI: a local directory as it is, all else as a copy in the scratch directory."""
    location = Location.parse(uri, version)
    if location.kind is PlaceKind.GIT:
        return _from_git(location, version, scratch)
    if location.kind is PlaceKind.ZIP:
        return _from_zip(location, scratch)
    directory = _inside(Path(str(location.local)), location.subdirectory)
    shown = f"{location.local}#{location.subdirectory}" if location.subdirectory else str(location.local)
    return Fetched(directory, ProjectSource(uri=shown, commit=git.commit_of(directory)))


def _from_git(location: Location, version: str | None, scratch: Scratch) -> Fetched:
    address, subdirectory = location.address, location.subdirectory
    if (local := location.local) is not None:
        root = git.root_of(local)
        subdirectory = (local.resolve().relative_to(root.resolve()) / subdirectory).as_posix()
        address = root.as_uri()
    directory = scratch.directory("source")
    checkout = git.check_out(address, version, directory)
    place = redact(address)
    shown = place if subdirectory in {"", "."} else f"{place}#{subdirectory}"
    source = ProjectSource(uri=shown, repository_url=place, commit=checkout.commit, branch=checkout.branch)
    return Fetched(_inside(directory, subdirectory), source)


def _from_zip(location: Location, scratch: Scratch) -> Fetched:
    file = location.local
    if file is None:
        file = scratch.directory("download") / "project.zip"
        archive.download(location.address, file)
    directory = _inside(archive.unpack(file, scratch.directory("source")), location.subdirectory)
    shown = redact(location.address) + (f"#{location.subdirectory}" if location.subdirectory else "")
    return Fetched(directory, ProjectSource(uri=shown))


def _inside(directory: Path, subdirectory: str) -> Path:
    found = (directory / subdirectory).resolve()
    if not found.is_relative_to(directory.resolve()) or not found.is_dir():
        raise InvalidValue("uri", subdirectory, "is no directory of the project")
    return found
