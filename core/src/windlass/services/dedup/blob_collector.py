"""BlobCollector: removes contents that no file leads to any more."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from windlass.entities import FileInfo
from windlass.interfaces import ArtifactRepository
from windlass.services.dedup.blobs import Blobs, is_inside
from windlass.services.dedup.file_pointer import LENGTH
from windlass.services.dedup.repository import read_pointer
from windlass.services.file_count import FileCount
from windlass.services.identity import now_ms
from windlass.services.transfers import walk

_HOUR = 3_600_000
_INTENT_LASTS, _MARK_LASTS = 7 * 24 * _HOUR, 24 * _HOUR
_PATIENCE = 6 * 3600
"""Seconds after which a collector no longer trusts that its marks are respected."""
_AT_ONCE = 8


class BlobCollector:
    """Collects the unused blobs of one repository; several may do so at once, and beside any number of writers."""

    def __init__(self, store: ArtifactRepository) -> None:
        self._store = store
        self._blobs = Blobs(store)

    def unused(self) -> list[FileInfo]:
        """The blobs to which no pointer leads now."""
        blobs = list(self._blobs.all())
        used = self._used() if blobs else set()
        return [info for info in blobs if _digest(info) not in used]

    def collect(self, unused: Sequence[FileInfo]) -> FileCount:
        """Remove those that are still unused; returns what that freed."""
        self._blobs.drop_stale(intents_before=now_ms() - _INTENT_LASTS, marks_before=now_ms() - _MARK_LASTS)
        if not unused:
            return FileCount()
        deadline = time.monotonic() + _PATIENCE
        with self._blobs.mark([_digest(info) for info in unused]):
            # The order counts: whoever has written a pointer since has either an intent still, or a pointer already.
            kept = self._blobs.intended()
            kept |= self._used()
            gone = [info for info in unused if _digest(info) not in kept]
            removed = [info for info in gone if self._remove(info, deadline)]
        return FileCount(len(removed), sum(info.file_size or 0 for info in removed))

    def _remove(self, info: FileInfo, deadline: float) -> bool:
        if time.monotonic() > deadline:
            return False
        self._store.delete(info.path)
        return True

    def _used(self) -> set[str]:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            pointers = pool.map(lambda info: read_pointer(self._store, info.path), self._candidates())
            return {pointer.sha256 for pointer in pointers if pointer is not None}

    def _candidates(self) -> Iterator[FileInfo]:
        for info in self._store.list():
            if info.is_dir and not is_inside(info.path):
                yield from (one for one in walk(self._store, info.path) if one.file_size == LENGTH)
            elif info.file_size == LENGTH:
                yield info


def _digest(info: FileInfo) -> str:
    return info.path.rpartition("/")[2]
