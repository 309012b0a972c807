"""ArtifactRepositorySuite: the definition of an artifact repository, as tests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from windlass.entities import FileInfo
from windlass.errors import NotFound
from windlass.interfaces import ArtifactRepository

_MANY = 1_200


class ArtifactRepositorySuite:
    """Subclass it, name the subclass `Test…` and override the fixture `repository`."""

    @pytest.fixture
    def repository(self) -> ArtifactRepository:
        """An empty repository to work on."""
        raise NotImplementedError

    @pytest.fixture
    def put(self, repository: ArtifactRepository, tmp_path: Path) -> _Put:
        """Stores bytes as a path."""
        return _Put(repository, tmp_path)

    def test_a_file_comes_back_as_it_was_stored(
        self, repository: ArtifactRepository, put: _Put, tmp_path: Path
    ) -> None:
        content = bytes(range(256)) * 4_000
        put("data.bin", content)
        repository.get_file("data.bin", tmp_path / "back.bin")
        assert (tmp_path / "back.bin").read_bytes() == content
        assert _read(repository, "data.bin") == content

    def test_an_empty_file_is_a_file(self, repository: ArtifactRepository, put: _Put, tmp_path: Path) -> None:
        put("empty", b"")
        repository.get_file("empty", tmp_path / "back")
        assert (tmp_path / "back").read_bytes() == b""
        assert repository.stat("empty") == FileInfo("empty", is_dir=False, file_size=0)

    @pytest.mark.parametrize(
        "path", ["with space.txt", "größe/Ünïcode 文件.txt", "a+b&c=d.txt", "100%.txt", "#hash?query.txt", ".hidden"]
    )
    def test_names_are_kept_as_they_are(self, repository: ArtifactRepository, put: _Put, path: str) -> None:
        put(path, b"named")
        assert _read(repository, path) == b"named"
        parent = path.rpartition("/")[0]
        assert repository.list(parent) == [FileInfo(path, is_dir=False, file_size=5)]

    def test_writing_over_a_file_replaces_it(self, repository: ArtifactRepository, put: _Put) -> None:
        put("model/weights", b"long first content")
        put("model/weights", b"second")
        assert _read(repository, "model/weights") == b"second"
        assert repository.list("model") == [FileInfo("model/weights", is_dir=False, file_size=6)]

    def test_a_listing_is_sorted_and_one_level_deep(self, repository: ArtifactRepository, put: _Put) -> None:
        for path in ("b.txt", "a.txt", "dir/inner.txt", "dir/deeper/still.txt"):
            put(path, b"12345")
        assert repository.list() == [
            FileInfo("a.txt", is_dir=False, file_size=5),
            FileInfo("b.txt", is_dir=False, file_size=5),
            FileInfo("dir", is_dir=True),
        ]
        assert repository.list("dir") == [
            FileInfo("dir/deeper", is_dir=True),
            FileInfo("dir/inner.txt", is_dir=False, file_size=5),
        ]

    def test_what_is_missing_lists_as_nothing(self, repository: ArtifactRepository, put: _Put) -> None:
        assert repository.list() == []
        put("there.txt", b"x")
        assert repository.list("nowhere") == []
        assert repository.list("there.txt") == []
        assert repository.list("ther") == []

    def test_stat_tells_files_from_directories(self, repository: ArtifactRepository, put: _Put) -> None:
        put("dir/file.txt", b"123")
        assert repository.stat("dir/file.txt") == FileInfo("dir/file.txt", is_dir=False, file_size=3)
        assert repository.stat("dir") == FileInfo("dir", is_dir=True)

    @pytest.mark.parametrize("path", ["missing", "missing/deeper", "dir/fil", "di"])
    def test_a_missing_path_is_not_found(
        self, repository: ArtifactRepository, put: _Put, path: str, tmp_path: Path
    ) -> None:
        put("dir/file", b"x")
        with pytest.raises(NotFound):
            repository.stat(path)
        with pytest.raises(NotFound):
            _read(repository, path)
        with pytest.raises(NotFound):
            repository.get_file(path, tmp_path / "back")
        assert not (tmp_path / "back").exists()

    def test_a_directory_cannot_be_read(self, repository: ArtifactRepository, put: _Put, tmp_path: Path) -> None:
        put("dir/file", b"x")
        with pytest.raises(NotFound):
            _read(repository, "dir")
        with pytest.raises(NotFound):
            repository.get_file("dir", tmp_path / "back")

    def test_a_missing_source_is_not_found(self, repository: ArtifactRepository, tmp_path: Path) -> None:
        with pytest.raises(NotFound):
            repository.put_file(tmp_path / "nothing", "target")
        assert repository.list() == []

    def test_deleting_a_file_spares_the_others(self, repository: ArtifactRepository, put: _Put) -> None:
        put("dir/one", b"1")
        put("dir/one-more", b"2")
        repository.delete("dir/one")
        assert repository.list("dir") == [FileInfo("dir/one-more", is_dir=False, file_size=1)]

    def test_deleting_a_directory_removes_all_below_it(self, repository: ArtifactRepository, put: _Put) -> None:
        for path in ("keep", "dir/a", "dir/sub/b", "dir-like/c"):
            put(path, b"x")
        repository.delete("dir")
        assert [info.path for info in repository.list()] == ["dir-like", "keep"]
        assert repository.list("dir") == []

    def test_an_empty_directory_does_not_exist(self, repository: ArtifactRepository, put: _Put) -> None:
        put("dir/sub/only", b"x")
        repository.delete("dir/sub/only")
        assert repository.list() == []

    def test_deleting_what_is_missing_does_nothing(self, repository: ArtifactRepository, put: _Put) -> None:
        put("keep", b"x")
        repository.delete("missing")
        repository.delete("missing/deeper")
        repository.delete("keep")
        repository.delete("keep")
        assert repository.list() == []

    def test_a_long_listing_is_complete(self, repository: ArtifactRepository, tmp_path: Path) -> None:
        source = tmp_path / "source"
        source.write_bytes(b"x")
        names = [f"many/file-{number:04}" for number in range(_MANY)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda name: repository.put_file(source, name), names))
        assert [info.path for info in repository.list("many")] == names

    def test_writers_of_one_path_leave_one_whole_file(self, repository: ArtifactRepository, tmp_path: Path) -> None:
        contents = [bytes([65 + number]) * 300_000 for number in range(6)]
        for number, content in enumerate(contents):
            (tmp_path / str(number)).write_bytes(content)
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda number: repository.put_file(tmp_path / str(number), "shared/file"), range(6)))
        assert _read(repository, "shared/file") in contents
        assert repository.list("shared") == [FileInfo("shared/file", is_dir=False, file_size=300_000)]

    def test_closing_twice_is_fine(self, repository: ArtifactRepository) -> None:
        repository.close()
        repository.close()


class _Put:
    """Stores bytes as a path, by way of a local file."""

    def __init__(self, repository: ArtifactRepository, directory: Path) -> None:
        self._repository = repository
        self._source = directory / "put-source"

    def __call__(self, path: str, content: bytes) -> None:
        self._source.write_bytes(content)
        self._repository.put_file(self._source, path)


def _read(repository: ArtifactRepository, path: str) -> bytes:
    with repository.read(path) as stream:
        return stream.read()
