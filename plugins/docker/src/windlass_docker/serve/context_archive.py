"""The files that a model's image is built from, as the archive that Docker takes."""

from __future__ import annotations

import io
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from windlass.errors import Unavailable
from windlass.services.model_image.context import ImageContext

_IN_MEMORY = 16 * 1024 * 1024


@contextmanager
def archived(context: ImageContext) -> Iterator[IO[bytes]]:
    """The archive, for the time of the block; Unavailable if there is no room for it."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as stream:
        try:
            _write(context, stream)
        except OSError as error:
            hint = "is there space in TMPDIR, and can the model be read?"
            raise Unavailable(f"the model cannot be packed: {error.strerror or error}", hint=hint) from error
        stream.seek(0)
        yield stream


def _write(context: ImageContext, stream: IO[bytes]) -> None:
    with tarfile.open(fileobj=stream, mode="w") as archive:
        _add_directories(archive, [*context.texts, *context.files])
        for name, text in sorted(context.texts.items()):
            _add(archive, name, io.BytesIO(text.encode()), size=len(text.encode()), mode=0o644)
        for name, path in sorted(context.files.items()):
            with path.open("rb") as file:
                state = path.stat()
                # In the container it is read by somebody else.
                _add(archive, name, file, size=state.st_size, mode=0o644 | (state.st_mode & 0o111))


def _add_directories(archive: tarfile.TarFile, names: Iterable[str]) -> None:
    for directory in sorted({str(parent) for name in names for parent in list(Path(name).parents)[:-1]}):
        member = tarfile.TarInfo(directory)
        member.type, member.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(member)


def _add(archive: tarfile.TarFile, name: str, content: IO[bytes], *, size: int, mode: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, mode
    archive.addfile(member, content)
