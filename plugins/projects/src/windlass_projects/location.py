"""Location: what a user names as a project, and what kind of place that is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path, PurePosixPath

from windlass.errors import InvalidValue, NotFound
from windlass.uri import Uri

_SCP = re.compile(r"[\w.\-]+@[\w.\-]+:(?!/?/)[^\s]+")
_GIT_SCHEMES = {"http", "https", "ssh", "git"}
_KNOWN = "a directory, a .zip file, file:, http(s):, ssh: and user@host:path"


class PlaceKind(Enum):
    """The kinds of places that hold projects."""

    DIRECTORY = auto()
    ZIP = auto()
    GIT = auto()


@dataclass(frozen=True, slots=True)
class Location:
    """Where a project is: an address, and the directory in it that holds the project."""

    kind: PlaceKind
    address: str
    subdirectory: str = ""

    @classmethod
    def parse(cls, uri: str, version: str | None = None) -> Location:
        """Read `ADDRESS[#DIRECTORY]`; with a version it must be a git repository."""
        address, _, subdirectory = uri.partition("#")
        _check_subdirectory(uri, subdirectory)
        if version is not None and (not version or version.startswith("-") or re.search(r"[\s\x00~^:?*\[\\]", version)):
            raise InvalidValue("version", version, "must be a branch, a tag or a commit")
        found = cls(_kind(address, version), address.removeprefix("git+"), subdirectory)
        if version is not None and found.kind is not PlaceKind.GIT:
            raise InvalidValue("version", version, "needs a project in a git repository", hint=f"{address} is none")
        return found

    @property
    def local(self) -> Path | None:
        """The directory or file on this machine; None for what is elsewhere."""
        if _SCP.fullmatch(self.address) or Uri.parse(self.address).scheme != "file":
            return None
        return Uri.parse(self.address).local_path().absolute()


def _kind(address: str, version: str | None) -> PlaceKind:
    if _SCP.fullmatch(address):
        return PlaceKind.GIT
    scheme = Uri.parse(address.removeprefix("git+")).scheme
    if scheme in _GIT_SCHEMES:
        archive = scheme in {"http", "https"} and Uri.parse(address).path.endswith(".zip")
        return PlaceKind.ZIP if archive else PlaceKind.GIT
    if scheme != "file":
        raise InvalidValue("uri", address, "is no place of a project", limit=_KNOWN)
    return _local_kind(Uri.parse(address.removeprefix("git+")).local_path(), version, forced=address.startswith("git+"))


def _local_kind(path: Path, version: str | None, *, forced: bool) -> PlaceKind:
    if path.is_file() and path.suffix == ".zip":
        return PlaceKind.ZIP
    if not path.is_dir():
        raise NotFound(f"there is no project at {str(path)!r}", hint=f"known are {_KNOWN}")
    bare = (path / "HEAD").is_file() and (path / "objects").is_dir()
    inside = any((one / ".git").exists() for one in (path.absolute(), *path.absolute().parents))
    return PlaceKind.GIT if bare or forced or (version is not None and inside) else PlaceKind.DIRECTORY


def _check_subdirectory(uri: str, subdirectory: str) -> None:
    path = PurePosixPath(subdirectory)
    if path.is_absolute() or ".." in path.parts or "\x00" in uri:
        raise InvalidValue("uri", uri, "names a directory outside of the project after '#'")
