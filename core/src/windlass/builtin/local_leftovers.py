"""What uploads to a local directory left that broke off: hidden files, and hidden directories of uploads in parts."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR

from windlass.entities import FileInfo
from windlass.part_file import is_part


def leftovers(root: Path, seconds: int) -> Iterator[FileInfo]:
    """The hidden files and directories that nobody has written to for so many seconds; links are not followed."""
    before = time.time() - seconds
    for directory, names, files in os.walk(root):
        hidden = [name for name in (*names, *files) if is_part(name)]
        names[:] = [name for name in names if not is_part(name)]
        for name in hidden:
            place = Path(directory, name)
            size, written = _measure(place)
            if written < before:
                yield FileInfo(place.relative_to(root).as_posix(), file_size=size)


def drop(root: Path, path: str) -> None:
    """Remove one of them, and the directories that it alone kept."""
    place = root / path
    if not is_part(place.name):
        return
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)
    directory = place.parent
    with suppress(OSError):
        while directory != root and root in directory.parents:
            directory.rmdir()
            directory = directory.parent


def _measure(place: Path) -> tuple[int, float]:
    """Bytes, and when something was written last; infinitely late for what is gone."""
    found = [place]
    with suppress(OSError):
        found += place.iterdir()
    size, written = 0, float("inf")
    for one in found:
        with suppress(OSError):
            status = one.lstat()
            size += 0 if S_ISDIR(status.st_mode) else status.st_size
            written = status.st_mtime if written == float("inf") else max(written, status.st_mtime)
    return size, written
