"""Archives of small files, as clients send them."""

from __future__ import annotations

import io
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from windlass.errors import InvalidValue, NotFound
from windlass.interfaces import ArtifactRepository
from windlass.services import transfers
from windlass.services.artifacts import check_path

_MOST = 10_000
_MOST_BYTES = 64 << 20
_AT_ONCE = 8


def unpack(repository: ArtifactRepository, directory: str, content: bytes) -> None:
    """Store what is in a tar archive below a directory; InvalidValue, before anything is stored, if it has no good."""
    with tempfile.TemporaryDirectory(prefix="windlass-upload-") as place:
        try:
            files = _extract(content, Path(place), directory)
        except tarfile.TarError as error:
            raise InvalidValue("body", f"{len(content)} bytes", f"is no tar archive: {error}") from error
        transfers.upload(repository, files)


def pack(repository: ArtifactRepository, directory: str, paths: Sequence[str]) -> bytes:
    """A tar archive of files below a directory, under the paths by which they were asked for."""
    if len(paths) > _MOST:
        raise InvalidValue("paths", len(paths), "are too many", limit=_MOST)
    targets = [check_path(f"{directory}/{check_path(one, empty=False)}", empty=False) for one in paths]
    sizes = 0
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, data in zip(paths, _read_all(repository, targets), strict=True):
            sizes += len(data)
            if sizes > _MOST_BYTES:
                raise InvalidValue("paths", path, "is too much at once", limit=f"{_MOST_BYTES} bytes")
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return content.getvalue()


def _read_all(repository: ArtifactRepository, paths: Sequence[str]) -> Iterator[bytes]:
    def read(path: str) -> bytes:
        try:
            with repository.read(path) as stream:
                return stream.read(_MOST_BYTES + 1)
        except NotFound:
            # The repository names the place where it looked, which is not for clients.
            raise NotFound(f"there is no file {path!r}") from None

    if repository.is_local:
        yield from map(read, paths)
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(read, paths)


def _extract(content: bytes, place: Path, directory: str) -> list[tuple[Path, str]]:
    files = []
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for number, member in enumerate(archive):
            stream = archive.extractfile(member) if member.isreg() else None
            if stream is None or number >= _MOST:
                raise InvalidValue("body", member.name, "is no file, or one too many", limit=f"{_MOST} files")
            # Under a name of our own: theirs are for the repository, not for this machine's disk.
            local = place / str(number)
            local.write_bytes(stream.read())
            files.append((local, check_path(f"{directory}/{check_path(member.name, empty=False)}", empty=False)))
    return files
