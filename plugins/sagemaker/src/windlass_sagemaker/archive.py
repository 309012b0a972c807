"""The archive of a model, as SageMaker unpacks it into a container."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from windlass.errors import Unavailable

_LEVEL = 3
"""Weights hardly shrink, and the time is the user's."""


@contextmanager
def packed(model: Path) -> Iterator[str]:
    """The path of an archive with a model's files at its top, which is gone after the block."""
    with tempfile.TemporaryDirectory(prefix="windlass-sagemaker-") as scratch:
        path = Path(scratch) / "model.tar.gz"
        try:
            with tarfile.open(path, "w:gz", compresslevel=_LEVEL) as archive:
                for one in sorted(model.iterdir()):
                    archive.add(one, one.name, filter=_anonymous)
        except OSError as error:
            raise Unavailable(f"the model cannot be packed: {error}", hint="is there space in TMPDIR?") from error
        yield str(path)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Who owns the files here is nobody's business there."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
