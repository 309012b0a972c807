"""FileInfo: an entry of an artifact directory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class FileInfo:
    """A file or directory; `path` is relative to the artifact root, `file_size` is bytes, None for a directory."""

    path: str
    is_dir: bool = False
    file_size: int | None = None
