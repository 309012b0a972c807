"""Archives: small files packed together, because a request for each takes longer than what is in it."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

from windlass.errors import Corrupted
from windlass.part_file import arriving


def pack(files: Sequence[tuple[Path, str]]) -> bytes:
    """Local files under the paths that they shall have, as a tar archive."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for source, path in files:
            data = source.read_bytes()
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return content.getvalue()


def unpack(content: bytes, files: Sequence[tuple[str, Path]]) -> None:
    """Put what is in an archive where it shall be; Corrupted if something is missing or was not asked for."""
    wanted = dict(files)
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for member in archive:
            stream = archive.extractfile(member)
            if stream is None or (destination := wanted.pop(member.name, None)) is None:
                raise Corrupted(f"the server sent {member.name!r}, which nobody asked for")
            with arriving(destination) as part:
                part.write_bytes(stream.read())
    if wanted:
        raise Corrupted(f"the server left out {next(iter(wanted))!r}")
