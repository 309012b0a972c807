"""Digests: what files and directories contain, as one short text."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

_IGNORED = frozenset({".git", ".venv", ".windlass", "__pycache__", "node_modules", ".mypy_cache", ".pytest_cache"})
_STORES = frozenset({"mlruns", "mlartifacts"})


def digest_of(path: Path) -> str:
    """The digest of a file or a directory; nobody's caches count."""
    return digest_of_files([path] if path.is_file() else files_in(path), path)


def digest_of_files(files: Iterable[Path], root: Path) -> str:
    """One digest of several files, by their paths below `root` and their contents."""
    digest = hashlib.sha256()
    for file in sorted(files):
        with file.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        digest.update(f"{file.relative_to(root).as_posix()}\0{content}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def is_nobodys(path: str) -> bool:
    """Whether a relative path is in a cache, an environment or a store of runs, which belong to no project."""
    return not (_IGNORED | _STORES).isdisjoint(path.split("/"))


def digest_of_text(text: str) -> str:
    """The digest of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def files_in(directory: Path) -> Iterator[Path]:
    """All files below a directory but caches, environments and what version control keeps."""
    for place, names, files in os.walk(directory):
        names[:] = [name for name in names if name not in _IGNORED]
        yield from (path for name in files if (path := Path(place, name)).is_file())
