"""Package: the script that runs a project, with its files."""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_IGNORED = frozenset({".git", ".venv", ".windlass", "__pycache__", "node_modules", ".mypy_cache", ".pytest_cache"})


@dataclass(frozen=True, slots=True)
class Package:
    """A stream of `size` bytes."""

    stream: BinaryIO
    size: int


@contextmanager
def packed(head: bytes, directories: Mapping[str, Path], texts: Mapping[str, str]) -> Iterator[Package]:
    """For the time of the block, a script with an archive of directories, below their names in it, and of texts."""
    with tempfile.TemporaryFile() as stream:
        stream.write(head)
        with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=1) as archive:
            for prefix, directory in sorted(directories.items()):
                _add(archive, prefix, directory)
            for name, text in sorted(texts.items()):
                _add_text(archive, name, text)
        size = stream.tell()
        stream.seek(0)
        yield Package(stream, size)


def _add(archive: tarfile.TarFile, prefix: str, directory: Path) -> None:
    """The directory with its files; what tools leave beside sources is none of them."""
    if directory.is_file():
        archive.add(directory.resolve(), arcname=prefix, filter=_of_anybody)
        return
    for place, names, files in os.walk(directory):
        names[:] = sorted(name for name in names if name not in _IGNORED)
        inside = Path(prefix, Path(place).relative_to(directory))
        archive.add(place, arcname=str(inside), recursive=False, filter=_of_anybody)
        links = [name for name in names if Path(place, name).is_symlink()]
        for name in sorted(files) + links:
            archive.add(Path(place, name), arcname=str(inside / name), recursive=False, filter=_of_anybody)


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode("utf-8", "surrogateescape")
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def _of_anybody(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Files belong to whoever unpacks them; pipes and sockets are no files."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode |= 0o700 if member.isdir() else 0o400
    return member if member.isreg() or member.isdir() or member.issym() or member.islnk() else None
