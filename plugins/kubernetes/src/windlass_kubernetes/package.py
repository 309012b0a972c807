"""Package: files on their way into pods, which they reach in Secrets."""

from __future__ import annotations

import base64
import io
import os
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from windlass.errors import InvalidValue

MOUNT = "/windlass/package"
_PART = 900 * 1024
_PARTS = 8
_IGNORED = frozenset({".git", ".venv", ".windlass", "__pycache__", "node_modules", ".mypy_cache", ".pytest_cache"})
_START = Path(__file__).with_name("start.sh")


@dataclass(frozen=True, slots=True)
class Package:
    """Compressed files in parts of which each fits into a Secret."""

    parts: tuple[bytes, ...]

    @classmethod
    def of(cls, directories: Mapping[str, Path], *, what: str, hint: str) -> Self:
        """Directories, below their names in the package; InvalidValue with `hint` if `what` is too large."""
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w:gz") as archive:
            for prefix, directory in sorted(directories.items()):
                for path in _files(directory):
                    name = f"{prefix}/{path.relative_to(directory)}"
                    archive.add(path, arcname=name, recursive=False, filter=_of_nobody)
        content = stream.getvalue()
        if len(content) > _PART * _PARTS:
            size, limit = f"{len(content) / 1024 / 1024:.1f} MiB", f"{_PART * _PARTS / 1024 / 1024:.0f} MiB, packed"
            raise InvalidValue(what, size, "is too large to be sent in Secrets", limit=limit, hint=hint)
        return cls(tuple(content[at : at + _PART] for at in range(0, len(content), _PART)))

    def secrets(self, base: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Names that begin with `base`, and what a Secret of each holds; the first one has the script, too."""
        for number, part in enumerate(self.parts):
            data = {f"files.{number:02}": part}
            if number == 0:
                data["start.sh"] = _START.read_bytes()
            yield f"{base}-{number}", encoded(data)

    def volume(self, base: str) -> dict[str, Any]:
        """All parts in one directory."""
        names = [name for name, _ in self.secrets(base)]
        return {"name": "windlass-package", "projected": {"sources": [{"secret": {"name": name}} for name in names]}}


def command(place: str, directory: str, words: Iterable[str]) -> list[str]:
    """Unpack what is mounted into `place`, and run a command in a directory of that."""
    return ["sh", f"{MOUNT}/start.sh", MOUNT, place, directory, *words]


def encoded(data: Mapping[str, bytes | str]) -> dict[str, Any]:
    """What a Secret holds, as the API has it."""
    raw = {key: value.encode() if isinstance(value, str) else value for key, value in data.items()}
    return {"data": {key: base64.b64encode(value).decode() for key, value in raw.items()}}


def _files(directory: Path) -> Iterator[Path]:
    """What is to be packed; what tools leave beside sources is none of it."""
    for place, names, files in os.walk(directory):
        names[:] = sorted(name for name in names if name not in _IGNORED)
        yield from (path for name in sorted(files) if (path := Path(place, name)).is_file() or path.is_symlink())
        if not names and not files and Path(place) != directory:
            yield Path(place)


def _of_nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode |= 0o555 if member.isdir() or member.mode & 0o100 else 0o444
    return member
