"""Transfers: moving files between this machine and a repository, side by side, and again where something breaks.

Memory stays bounded however large the files: a large one moves in pieces of 8 MiB, of which eight are under way. What
broke is tried again with growing pauses; of a large file only the piece that broke. A file appears when it is whole.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TypeVar

from windlass.entities import FileInfo
from windlass.errors import Corrupted, NotFound, Unavailable, Unsupported, WindlassError
from windlass.interfaces import (
    ArtifactRepository,
    FetchesMany,
    KnowsDigests,
    ListsTrees,
    MovesWhole,
    ReadsRanges,
    StoresMany,
    UploadsParts,
)
from windlass.part_file import arriving

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Called with the bytes that have been moved and those that will be, from any thread, one at a time."""
LARGE = 64 << 20
"""From so many bytes on a file moves in pieces, where the repository can."""
SMALL = 1 << 20
"""Up to so many bytes a file moves together with others, where the repository can."""
PIECE = 8 << 20
_AT_ONCE = 8
_MANY = 500
_ATTEMPTS = 5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0


def upload(
    repository: ArtifactRepository, files: Sequence[tuple[Path, str]], *, progress: Progress | None = None
) -> None:
    """Store local files as paths; the first error that does not go away ends it, and what has arrived stays."""
    sized = [(source, path, _size(source)) for source, path in files]
    tally = _Tally(sum(size for _, _, size in sized), progress)
    if isinstance(repository, UploadsParts) and not repository.is_local:
        for one in sized:
            if one[2] > LARGE:
                _put_large(repository, tally, one)
        sized = [one for one in sized if one[2] <= LARGE]
    if isinstance(repository, StoresMany) and len(sized) > 1:
        small = [one for one in sized if one[2] <= SMALL]
        _side_by_side(partial(_put_many, repository, tally), _groups(small, lambda one: one[2]))
        sized = [one for one in sized if one[2] > SMALL]
    _side_by_side(partial(_put, repository, tally), sized)


def download(
    repository: ArtifactRepository, files: Sequence[tuple[FileInfo, Path]], *, progress: Progress | None = None
) -> None:
    """Fetch files into local ones, whose directories exist; Corrupted if one is not what was stored."""
    tally = _Tally(sum(info.file_size or 0 for info, _ in files), progress)
    if isinstance(repository, ReadsRanges) and not repository.is_local:
        for info, destination in files:
            if (info.file_size or 0) > LARGE:
                _get_in_pieces(repository, tally, info, destination)
        files = [one for one in files if (one[0].file_size or 0) <= LARGE]
    if isinstance(repository, FetchesMany) and len(files) > 1:
        small = [one for one in files if one[0].file_size is not None and one[0].file_size <= SMALL]
        _side_by_side(partial(_get_many, repository, tally), _groups(small, lambda one: one[0].file_size or 0))
        files = [one for one in files if one[0].file_size is None or one[0].file_size > SMALL]
    _side_by_side(partial(_get, repository, tally), files)


def walk(repository: ArtifactRepository, path: str) -> Iterable[FileInfo]:
    """Every file below a directory."""
    if isinstance(repository, ListsTrees):
        yield from repository.tree(path)
        return
    for info in repository.list(path):
        if info.is_dir:
            yield from walk(repository, info.path)
        else:
            yield info


def persistently(function: Callable[[], T]) -> T:
    """What the function gives; while it is Unavailable it is called again, five times in all."""
    for attempt in range(1, _ATTEMPTS):
        try:
            return function()
        except Unavailable as error:
            pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311  no secret
            wish = error.details.get("retry_after")
            time.sleep(min(_LONGEST_PAUSE, float(wish)) if isinstance(wish, int | float) else pause)
    return function()


def _size(source: Path) -> int:
    try:
        return source.stat().st_size
    except FileNotFoundError:
        raise NotFound(f"there is no file {str(source)!r}") from None


class _Tally:
    """Counts what has been moved."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._done = total, 0
        self._progress = progress
        self._lock = Lock()

    def add(self, size: int) -> None:
        if self._progress is not None:
            with self._lock:
                self._done += size
                self._progress(self._done, self._total)


def _put(repository: ArtifactRepository, tally: _Tally, file: tuple[Path, str, int]) -> None:
    source, path, size = file
    persistently(lambda: repository.put_file(source, path))
    tally.add(size)


def _put_many(repository: StoresMany, tally: _Tally, files: Sequence[tuple[Path, str, int]]) -> None:
    persistently(lambda: repository.put_files([(source, path) for source, path, _ in files]))
    tally.add(sum(size for _, _, size in files))


def _put_large(repository: ArtifactRepository, tally: _Tally, file: tuple[Path, str, int]) -> None:
    """Store a large file whole where that is better, in parts otherwise and after the first break."""
    source, path, size = file
    if isinstance(repository, MovesWhole):
        with suppress(Unavailable):
            if repository.put_whole(source, path, tally.add):
                return
    if isinstance(repository, UploadsParts):
        # Whether it takes parts may depend on the other side, which says so only when it is asked.
        with suppress(Unsupported):
            _put_in_parts(repository, tally, source, path, size)
            return
    _put(repository, tally, file)


def _put_in_parts(repository: UploadsParts, tally: _Tally, source: Path, path: str, size: int) -> None:
    length = max(PIECE, repository.least_part, -(-size // repository.most_parts))
    count = -(-size // length)
    upload_id = persistently(lambda: repository.begin_upload(path, count))
    marks: dict[int, str] = {}

    def put(number: int) -> None:
        with source.open("rb") as stream:
            stream.seek((number - 1) * length)
            data = stream.read(length)
        marks[number] = persistently(lambda: repository.put_part(path, upload_id, number, data))
        tally.add(len(data))

    try:
        _side_by_side(put, range(1, count + 1))
        persistently(lambda: repository.complete_upload(path, upload_id, marks))
    except BaseException:
        with suppress(WindlassError):
            repository.abort_upload(path, upload_id)
        raise


def _get(repository: ArtifactRepository, tally: _Tally, file: tuple[FileInfo, Path]) -> None:
    info, destination = file
    if isinstance(repository, MovesWhole):
        persistently(lambda: repository.get_whole(info.path, destination, tally.add))
        return
    persistently(lambda: repository.get_file(info.path, destination))
    tally.add(info.file_size or 0)


def _get_many(repository: FetchesMany, tally: _Tally, files: Sequence[tuple[FileInfo, Path]]) -> None:
    persistently(lambda: repository.get_files([(info.path, destination) for info, destination in files]))
    tally.add(sum(info.file_size or 0 for info, _ in files))


def _groups(files: Iterable[T], size_of: Callable[[T], int]) -> list[list[T]]:
    """The files in groups that are worth a request and fit into memory."""
    groups: list[list[T]] = []
    count, size = _MANY, 0
    for one in files:
        if count >= _MANY or size >= PIECE:
            groups.append([])
            count, size = 0, 0
        groups[-1].append(one)
        count, size = count + 1, size + size_of(one)
    return groups


def _get_in_pieces(repository: ReadsRanges, tally: _Tally, info: FileInfo, destination: Path) -> None:
    size, path = info.file_size or 0, info.path
    with arriving(destination) as part:
        with part.open("xb") as stream:
            stream.truncate(size)
        _side_by_side(partial(_get_piece, repository, tally, path, size, part), range(0, size, PIECE))
        if isinstance(repository, KnowsDigests):
            check_digest(part, persistently(lambda: repository.sha256(path)), path)


def _get_piece(repository: ReadsRanges, tally: _Tally, path: str, size: int, part: Path, start: int) -> None:
    end = min(size, start + PIECE)
    data = persistently(lambda: repository.read_range(path, start, end))
    if len(data) != end - start:
        raise Corrupted(f"{path!r} has become shorter while it was fetched", hint="fetch it again")
    with part.open("rb+") as stream:
        stream.seek(start)
        stream.write(data)
    tally.add(len(data))


def check_digest(local: Path, expected: str | None, path: str) -> None:
    """Corrupted if a local file has another SHA-256 than the one that is known of `path`, if one is."""
    if expected is None:
        return
    with local.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != expected:
        raise Corrupted(f"{path!r} is not what was stored: its SHA-256 is {found}, and was {expected}")


def _side_by_side(move: Callable[[T], None], jobs: Sequence[T]) -> None:
    """Do all jobs, some at a time; the first error stops what has not begun."""
    if len(jobs) <= 1:
        for job in jobs:
            move(job)
        return
    with ThreadPoolExecutor(min(_AT_ONCE, len(jobs))) as pool:
        futures = [pool.submit(move, job) for job in jobs]
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        failed = next((one for one in futures if one in done and one.exception() is not None), None)
        if failed is not None:
            pool.shutdown(wait=True, cancel_futures=True)
            failed.result()
