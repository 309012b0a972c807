"""Archives: small files packed together, because a request for each takes longer than what is in it."""

from __future__ import annotations

import io
import secrets
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from windlass.errors import Corrupted

_MOST_FILES = 500
_MOST_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Archive:
    """Local files with the paths that they shall have, and the same as a tar archive."""

    files: Sequence[tuple[Path, str]]
    content: bytes


def archives(files: Sequence[tuple[Path, str]]) -> Iterator[Archive]:
    """The files in archives of at most 500 files and about 8 MiB each."""
    group: list[tuple[Path, str]] = []
    size = 0
    for source, path in files:
        group.append((source, path))
        size += source.stat().st_size
        if len(group) >= _MOST_FILES or size >= _MOST_BYTES:
            yield _pack(group)
            group, size = [], 0
    if group:
        yield _pack(group)


def unpack(content: bytes, files: Sequence[tuple[str, Path]]) -> None:
    """Put what is in an archive where it shall be; Corrupted if something is missing or was not asked for."""
    wanted = dict(files)
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for member in archive:
            stream = archive.extractfile(member)
            if stream is None or (destination := wanted.pop(member.name, None)) is None:
                raise Corrupted(f"the server sent {member.name!r}, which nobody asked for")
            part = destination.with_name(f".windlass-{secrets.token_hex(8)}.part")
            try:
                part.write_bytes(stream.read())
                part.replace(destination)
            finally:
                part.unlink(missing_ok=True)
    if wanted:
        raise Corrupted(f"the server left out {next(iter(wanted))!r}")


def _pack(files: Sequence[tuple[Path, str]]) -> Archive:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for source, path in files:
            data = source.read_bytes()
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return Archive(list(files), content.getvalue())
