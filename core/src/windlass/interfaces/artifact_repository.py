"""Where files are kept."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import BinaryIO, ClassVar, Self

from windlass.config import Settings
from windlass.entities import FileInfo
from windlass.interfaces.resource import Resource
from windlass.uri import Uri


class ArtifactRepository(Resource):
    """A tree of files below one URI.

    Paths are relative, separated by `/`, and arrive checked by `windlass.services.artifacts.check_path`: no `..`, no
    leading `/`, no NUL. A file appears whole or not at all: an upload that breaks off leaves nothing to see. Writing
    over a file replaces it. Directories exist as long as something is in them. Safe for use by several threads at once.
    """

    is_local: ClassVar[bool] = False
    """Whether the files are on this machine, so that nothing is won by moving them in pieces."""

    @classmethod
    @abstractmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """The repository below `uri`, which need not exist before the first write."""

    @abstractmethod
    def put_file(self, source: Path, path: str) -> None:
        """Store the local file `source` as `path`."""

    @abstractmethod
    def get_file(self, path: str, destination: Path) -> None:
        """Fetch `path` into the local file `destination`, whose directory exists; NotFound if there is none."""

    @abstractmethod
    def read(self, path: str) -> BinaryIO:
        """A stream of the file's bytes for the caller to close; NotFound if there is none."""

    @abstractmethod
    def list(self, path: str = "") -> list[FileInfo]:
        """What is directly inside the directory, sorted by path; empty if it is missing or a file.

        The paths are relative to the repository's root.
        """

    @abstractmethod
    def stat(self, path: str) -> FileInfo:
        """The file or directory at `path`; NotFound if there is none."""

    @abstractmethod
    def delete(self, path: str) -> None:
        """Remove a file, or a directory with all below it; nothing happens if it is missing."""
