"""FileCount: how many files there are somewhere, and how many bytes."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from windlass.services.artifacts import ArtifactService
from windlass.services.transfers import persistently, walk

_AT_ONCE = 8
_STEP = 1000
_UNITS = ("kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class FileCount:
    """A number of files with the bytes in them."""

    files: int = 0
    size: int = 0

    def __add__(self, other: FileCount) -> FileCount:
        return FileCount(self.files + other.files, self.size + other.size)

    def __str__(self) -> str:
        return f"{self.files:,} files with {size_text(self.size)}"


NO_FILES = FileCount()


def count_files(artifacts: ArtifactService, roots: Iterable[str]) -> FileCount:
    """What is below these URIs, which are looked at side by side."""
    return sum(count_each(artifacts, roots), NO_FILES)


def count_each(artifacts: ArtifactService, roots: Iterable[str]) -> list[FileCount]:
    """What is below each of these URIs."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda root: count_below(artifacts, root), roots))


def count_below(artifacts: ArtifactService, root: str) -> FileCount:
    """What is below one URI; nothing where it is not for us to touch."""
    if not artifacts.may_touch(root):
        return NO_FILES
    repository = artifacts.repository(root)
    sizes = persistently(lambda: [info.file_size or 0 for info in walk(repository, "")])
    return FileCount(len(sizes), sum(sizes))


def size_text(size: int) -> str:
    """Bytes as people read them, such as `1.5 GB`; the units are powers of 1000."""
    if size < _STEP:
        return f"{size} bytes"
    amount, unit = size / _STEP, 0
    while amount >= _STEP and unit < len(_UNITS) - 1:
        amount, unit = amount / _STEP, unit + 1
    return f"{amount:,.1f} {_UNITS[unit]}"
