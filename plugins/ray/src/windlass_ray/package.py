"""Package: files in a zip, which a cluster keeps and unpacks where they are needed."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from windlass.errors import InvalidValue
from windlass_ray.dashboard import Dashboard

MAX_BYTES = 100 * 1024 * 1024
"""What a cluster takes; it keeps packages in the memory of its head."""
_IGNORED = frozenset({".git", ".venv", ".windlass", "__pycache__", "node_modules", ".mypy_cache", ".pytest_cache"})
_OLDEST = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Package:
    """A zip of `size` bytes; equal contents have the same `name`."""

    stream: BinaryIO
    name: str
    size: int

    @property
    def uri(self) -> str:
        """How a runtime environment names it."""
        return f"gcs://{self.name}"

    def upload(self, dashboard: Dashboard) -> None:
        """Bring it to the cluster, unless it is there; asking for it makes the cluster keep it for ten minutes."""
        path = f"/api/packages/gcs/{self.name}"
        if dashboard.exists(path):
            return
        self.stream.seek(0)
        dashboard.put_file(path, self.stream, self.size)
        dashboard.exists(path)


@contextmanager
def packed(
    directories: Mapping[str, Path], *, texts: Mapping[str, str] | None = None, hint: str, what: str
) -> Iterator[Package]:
    """For the time of the block, a package of directories below their names in it, and of texts.

    InvalidValue with `hint` if `what` is too large for a cluster.
    """
    with tempfile.TemporaryFile() as stream:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for prefix, directory in sorted(directories.items()):
                _add(archive, prefix, directory)
            for name, text in sorted((texts or {}).items()):
                archive.writestr(zipfile.ZipInfo(name, _OLDEST), text)
        size = stream.tell()
        if size >= MAX_BYTES:
            limit = f"less than {MAX_BYTES // 1024 // 1024} MiB, packed"
            raise InvalidValue(
                what, f"{size / 1024 / 1024:.0f} MiB", "is too large for a cluster", limit=limit, hint=hint
            )
        stream.seek(0)
        name = f"_ray_pkg_{hashlib.file_digest(stream, 'sha256').hexdigest()[:32]}.zip"
        yield Package(stream, name, size)


def _add(archive: zipfile.ZipFile, prefix: str, directory: Path) -> None:
    for path in _files(directory):
        name = path.relative_to(directory).as_posix()
        info = zipfile.ZipInfo(f"{prefix}/{name}" if prefix else name, _OLDEST)
        info.external_attr = (path.stat().st_mode & 0o777) << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
            while piece := source.read(1 << 20):
                target.write(piece)


def _files(directory: Path) -> Iterable[Path]:
    """The files to pack, in an order that does not change; what tools leave beside sources is none of them."""
    for place, names, files in os.walk(directory):
        names[:] = sorted(name for name in names if name not in _IGNORED)
        yield from (path for name in sorted(files) if (path := Path(place, name)).is_file())
