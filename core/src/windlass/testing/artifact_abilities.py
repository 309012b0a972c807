"""ArtifactAbilitiesSuite: what an artifact repository may be able to do beyond the rest, as tests."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from windlass.errors import InvalidValue, NotFound, Unsupported, WindlassError
from windlass.interfaces import (
    ArtifactRepository,
    FileWriter,
    ListsTrees,
    PresignsParts,
    PresignsUrls,
    ReadsRanges,
    SignedRequest,
    StreamsParts,
    UploadsParts,
    WritesStreams,
)

_ODD_NAMES = [
    "*.txt",
    "a*b",
    "a[0-9]b",
    "a?b",
    "a#b",
    "50%",
    "%41",
    "a+b c",
    " leading and trailing ",
    "x?versionId=3",
    "x#1",
    "user@host",
    "{0}{}",
    "~",
    "it's",
    'say "so"',
    "&lt;",
    "a=b;c,d",
    "größe 文件 🚢",
    "-rf",
    "a..b",
    "..hidden",
]
_MINUTE = 60


class ArtifactAbilitiesSuite:
    """A subclass overrides the fixture `repository`; tests of what it cannot do skip."""

    @pytest.fixture
    def repository(self) -> ArtifactRepository:
        """An empty repository to work on."""
        raise NotImplementedError

    def test_odd_names_stand_for_themselves_in_every_method(
        self, repository: ArtifactRepository, tmp_path: Path
    ) -> None:
        """All lie side by side, so that one that is taken for a pattern, a query or an escape hits another one."""
        source = tmp_path / "source"
        for name in [*_ODD_NAMES, "a1b", "A"]:
            source.write_text(name)
            repository.put_file(source, f"odd/{name}")
        assert {info.path for info in repository.list("odd")} == {f"odd/{name}" for name in [*_ODD_NAMES, "a1b", "A"]}
        for name in _ODD_NAMES:
            path = f"odd/{name}"
            repository.get_file(path, tmp_path / "back")
            assert (tmp_path / "back").read_text() == name
            with repository.read(path) as stream:
                assert stream.read().decode() == name
            assert repository.stat(path).file_size == len(name.encode())
        for gone, name in enumerate(_ODD_NAMES, 1):
            repository.delete(f"odd/{name}")
            assert len(repository.list("odd")) == len(_ODD_NAMES) + 2 - gone

    def test_directories_with_odd_names_stand_for_themselves(
        self, repository: ArtifactRepository, tmp_path: Path
    ) -> None:
        source = tmp_path / "source"
        source.write_bytes(b"x")
        for directory in ("d*", "d[1]", "d?", "d#", "d1", "dd"):
            repository.put_file(source, f"{directory}/file")
            repository.put_file(source, f"{directory}/deeper/file")
        for directory in ("d*", "d[1]", "d?", "d#"):
            assert [info.path for info in repository.list(directory)] == [f"{directory}/deeper", f"{directory}/file"]
            repository.delete(directory)
            assert repository.list(directory) == []
        assert [info.path for info in repository.list()] == ["d1", "dd"]

    def test_ranges_are_cut_at_the_end_of_the_file(self, repository: ArtifactRepository, tmp_path: Path) -> None:
        if not isinstance(repository, ReadsRanges):
            pytest.skip("does not read ranges")
        source = tmp_path / "source"
        source.write_bytes(b"0123456789")
        repository.put_file(source, "ten")
        ranges = [(0, 10), (0, 1), (3, 6), (8, 20), (10, 20), (5, 5)]
        assert [repository.read_range("ten", start, end) for start, end in ranges] == [
            b"0123456789",
            b"0",
            b"345",
            b"89",
            b"",
            b"",
        ]
        with pytest.raises(NotFound):
            repository.read_range("missing", 0, 1)

    def test_a_tree_has_every_file_sorted(self, repository: ArtifactRepository, tmp_path: Path) -> None:
        if not isinstance(repository, ListsTrees):
            pytest.skip("does not list trees")
        source = tmp_path / "source"
        source.write_bytes(b"x")
        for path in ("b", "a/two", "a/one/deep", "ab"):
            repository.put_file(source, path)
        assert [info.path for info in repository.tree()] == ["a/one/deep", "a/two", "ab", "b"]
        assert [info.path for info in repository.tree("a")] == ["a/one/deep", "a/two"]
        assert list(repository.tree("b")) == []
        assert list(repository.tree("missing")) == []

    def test_parts_come_in_any_order_and_again(self, repository: ArtifactRepository) -> None:
        uploads = _uploads(repository)
        first, last = b"a" * uploads.least_part, b"the end"
        upload_id = uploads.begin_upload("dir/large", 2)
        marks = {2: uploads.put_part("dir/large", upload_id, 2, last)}
        uploads.put_part("dir/large", upload_id, 1, b"b" * uploads.least_part)
        marks[1] = uploads.put_part("dir/large", upload_id, 1, first)
        assert repository.list() == []
        with pytest.raises(NotFound):
            repository.stat("dir/large")
        uploads.complete_upload("dir/large", upload_id, marks)
        assert _read(repository, "dir/large") == first + last

    @pytest.mark.parametrize("size", [0, 10, 20_000_003])
    def test_a_file_that_is_written_piece_by_piece_appears_at_the_end(
        self, repository: ArtifactRepository, size: int
    ) -> None:
        if not isinstance(repository, WritesStreams):
            pytest.skip("does not write streams")
        content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
        with repository.write("dir/stream") as stream:
            for start in range(0, size, 1_000_000):
                stream.write(content[start : start + 1_000_000])
            assert repository.list() == []
        assert stream.sha256 == hashlib.sha256(content).hexdigest()
        assert _read(repository, "dir/stream") == content

    @pytest.mark.parametrize("size", [10, 20_000_000])
    def test_a_stream_that_breaks_off_leaves_what_was_there(
        self, repository: ArtifactRepository, tmp_path: Path, size: int
    ) -> None:
        if not isinstance(repository, WritesStreams):
            pytest.skip("does not write streams")
        source = tmp_path / "source"
        source.write_bytes(b"old")
        repository.put_file(source, "file")
        for path in ("file", "new"):
            with pytest.raises(ZeroDivisionError):
                _break_off(repository.write(path), bytes(size))
        assert _read(repository, "file") == b"old"
        assert [info.path for info in repository.list()] == ["file"]

    def test_an_aborted_upload_leaves_what_was_there(self, repository: ArtifactRepository, tmp_path: Path) -> None:
        uploads = _uploads(repository)
        source = tmp_path / "source"
        source.write_bytes(b"old")
        repository.put_file(source, "file")
        upload_id = uploads.begin_upload("file", 1)
        uploads.put_part("file", upload_id, 1, b"new")
        uploads.abort_upload("file", upload_id)
        uploads.abort_upload("file", upload_id)
        assert _read(repository, "file") == b"old"

    def test_an_upload_that_nobody_began_is_not_found(self, repository: ArtifactRepository) -> None:
        uploads = _uploads(repository)
        known = uploads.begin_upload("file", 1)
        mark = uploads.put_part("file", known, 1, b"x")
        for strange in (known[:-4] + "0000", "made-up"):
            with pytest.raises(WindlassError):
                uploads.complete_upload("file", strange, {1: mark})
            uploads.abort_upload("file", strange)
        assert repository.list() == []
        uploads.complete_upload("file", known, {1: mark})
        assert _read(repository, "file") == b"x"

    def test_others_fetch_and_store_with_presigned_requests(self, repository: ArtifactRepository) -> None:
        if not isinstance(repository, PresignsUrls):
            pytest.skip("does not presign URLs")
        try:
            repository.presign_get("plain", seconds=_MINUTE)
        except Unsupported as error:
            pytest.skip(f"does not presign URLs with these credentials: {error.message}")
        for path in ("plain", "dir/größe 100% a+b #1?.txt"):
            send(repository.presign_put(path, seconds=_MINUTE), b"by somebody else")
            assert _read(repository, path) == b"by somebody else"
            assert send(repository.presign_get(path, seconds=_MINUTE)) == b"by somebody else"

    def test_parts_are_written_piece_by_piece(self, repository: ArtifactRepository) -> None:
        uploads = _uploads(repository)
        if not isinstance(repository, StreamsParts):
            pytest.skip("does not stream parts")
        first, last = b"a" * max(uploads.least_part, 100), b"the end"
        upload_id = uploads.begin_upload("large", 2)
        marks: dict[int, str] = {}
        for number, data in ((2, last), (1, first)):
            # What did not come whole does not count, nor does it touch another part.
            for wrong in (data[:-1], data + b"x"):
                with (
                    pytest.raises(InvalidValue),
                    repository.write_part("large", upload_id, number, len(data)) as stream,
                ):
                    stream.write(wrong)
            with pytest.raises(InvalidValue):
                uploads.complete_upload("large", upload_id, {**marks, number: "0" * 64})
            with repository.write_part("large", upload_id, number, len(data)) as stream:
                stream.write(data[:3])
                stream.write(data[3:])
            marks[number] = stream.sha256
        uploads.complete_upload("large", upload_id, marks)
        assert _read(repository, "large") == first + last

    def test_others_store_parts_with_presigned_requests(self, repository: ArtifactRepository) -> None:
        if not isinstance(repository, PresignsParts):
            pytest.skip("does not presign parts")
        uploads = _uploads(repository)
        first, last = b"a" * uploads.least_part, b"the end"
        upload_id = uploads.begin_upload("large", 2)
        marks = {}
        for number, data in enumerate((first, last), 1):
            signed = repository.presign_part("large", upload_id, number, seconds=_MINUTE)
            with urlopen(_request(signed, data), timeout=_MINUTE) as answer:  # noqa: S310  the repository gave it
                marks[number] = answer.headers.get("ETag") or ""
        assert repository.list() == []
        uploads.complete_upload("large", upload_id, marks)
        assert _read(repository, "large") == first + last


def send(signed: SignedRequest, data: bytes | None = None) -> bytes:
    """Make a presigned request, a PUT if there is something to store; HTTPError if it is refused."""
    with urlopen(_request(signed, data), timeout=_MINUTE) as answer:  # noqa: S310  the repository gave it
        found: bytes = answer.read()
        return found


def _request(signed: SignedRequest, data: bytes | None) -> Request:
    return Request(signed.url, data, dict(signed.headers), method="GET" if data is None else "PUT")  # noqa: S310  the same


def _break_off(writing: AbstractContextManager[FileWriter], content: bytes) -> None:
    with writing as stream:
        stream.write(content)
        raise ZeroDivisionError


def _uploads(repository: ArtifactRepository) -> UploadsParts:
    if not isinstance(repository, UploadsParts):
        pytest.skip("does not upload parts")
    return repository


def _read(repository: ArtifactRepository, path: str) -> bytes:
    with repository.read(path) as stream:
        return stream.read()
