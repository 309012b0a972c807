"""Code: a project's files, packed for a container."""

from __future__ import annotations

import hashlib
import io
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from docker.utils import exclude_paths

WORKDIR = "/mlflow/projects/code/"
_NOT_CODE = (".windlass", ".venv", "**/__pycache__", "**/.mypy_cache", "**/.pytest_cache")
_IN_MEMORY = 16 * 1024 * 1024


@contextmanager
def packed(directory: Path, prefix: str, extra: Iterable[tuple[str, bytes]] = ()) -> Iterator[IO[bytes]]:
    """The project as a tar archive below `prefix`, without what its .dockerignore names, and more files beside it."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as stream:
        with tarfile.open(fileobj=stream, mode="w") as archive:
            for name, content in extra:
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
            _add_directories(archive, prefix)
            for path in _files(directory):
                archive.add(directory / path, arcname=f"{prefix}{path}", recursive=False, filter=_of_root)
        stream.seek(0)
        yield stream


def digest(directory: Path) -> str:
    """What tells one state of a project from another, 12 hex digits."""
    total = hashlib.sha256()
    for path in _files(directory):
        file = directory / path
        total.update(f"{path}\0{file.lstat().st_mode:o}\0".encode("utf-8", "surrogateescape"))
        if file.is_file():
            with file.open("rb") as stream:
                total.update(hashlib.file_digest(stream, "sha256").digest())
    return total.hexdigest()[:12]


def _files(directory: Path) -> list[str]:
    ignore = directory / ".dockerignore"
    lines = ignore.read_text(encoding="utf-8").splitlines() if ignore.is_file() else []
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return sorted(exclude_paths(str(directory), [*_NOT_CODE, *patterns]))


def _add_directories(archive: tarfile.TarFile, prefix: str) -> None:
    parts = prefix.strip("/").split("/")
    for count in range(1, len(parts) + 1):
        member = tarfile.TarInfo("/".join(parts[:count]))
        member.type, member.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(member)


def _of_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """In an image files belong to root, whoever they belong to here; everybody may read them."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mode |= 0o555 if member.isdir() or member.mode & 0o100 else 0o444
    return member
