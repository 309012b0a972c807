"""DataFiles: what lies in a project's directory and is none of its code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from windlass.config import Settings
from windlass.uri import Uri
from windlass_projects.digests import is_nobodys
from windlass_projects.entry_point import EntryPoint


@dataclass(frozen=True, slots=True)
class DataFiles:
    """Files that steps write or that parameters name, by their paths below the project, and the SQLite store."""

    paths: frozenset[str]

    @classmethod
    def of(cls, entry: EntryPoint, directory: Path, settings: Settings, *, named: Iterable[str] = ()) -> DataFiles:
        """What the outputs of an entry point's steps are, what is `named` besides, and the store."""
        outputs = {path for step in entry.steps.values() for path in step.outputs}
        return cls(frozenset({*outputs, *named, *_database(directory, settings)}))

    def has(self, path: str) -> bool:
        """Whether a path is data; caches are."""
        return is_nobodys(path) or any(is_below(path, one) for one in self.paths if one)


def is_below(path: str, directory: str) -> bool:
    """Whether a path is another one, or inside of it."""
    return PurePosixPath(path).is_relative_to(directory)


def _database(directory: Path, settings: Settings) -> set[str]:
    """The files of a SQLite store that lies in the project's directory."""
    text = settings.tracking_uri or settings.default_tracking_uri
    if Uri.parse(text).scheme != "sqlite":
        return set()
    file, root = Path(text.partition(":///")[2]).resolve(), directory.resolve()
    if not file.is_relative_to(root):
        return set()
    name = file.relative_to(root).as_posix()
    return {name, *(f"{name}{more}" for more in ("-wal", "-shm", "-journal"))}
