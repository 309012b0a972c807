"""RangedFile: a file that is read in large pieces, each in a request of its own."""

from __future__ import annotations

from typing import Any

from fsspec.spec import AbstractBufferedFile

_OPTIONS = ("cache_type", "cache_options", "size")


class RangedFile(AbstractBufferedFile):  # type: ignore[misc]  # fsspec has no type information
    """A file of a file system whose `cat_file` reads parts; closing it closes nothing."""

    def __init__(self, fs: Any, path: str, *, block_size: int | None, **options: Any) -> None:
        known = {name: options[name] for name in _OPTIONS if name in options}
        super().__init__(fs, path, "rb", block_size or self.DEFAULT_BLOCK_SIZE, **known)

    def _fetch_range(self, start: int, end: int) -> bytes:
        found: bytes = self.fs.cat_file(self.path, start, end)
        return found
