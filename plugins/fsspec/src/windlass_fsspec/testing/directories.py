"""DirectorySuite: what a repository must do whose storage has real directories."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from windlass.errors import InvalidValue
from windlass_fsspec.directories import DirectoryArtifactRepository


class DirectorySuite:
    """A subclass overrides the fixture `repository`, like those of the suites that it stands beside."""

    @pytest.fixture
    def repository(self) -> DirectoryArtifactRepository:
        """An empty repository to work on."""
        raise NotImplementedError

    def test_a_stream_that_breaks_off_leaves_no_hidden_file(self, repository: DirectoryArtifactRepository) -> None:
        with repository.write("new/file") as stream:
            stream.write(b"1234")
            assert repository.list() == []
        for broken in (b"", b"x" * 3_000_000):
            with pytest.raises(ZeroDivisionError):
                _break_off(repository, broken)
        assert entries(repository) == [f"{place_of(repository)}/new"]

    def test_a_file_where_a_directory_is_needed_is_refused(
        self, repository: DirectoryArtifactRepository, tmp_path: Path
    ) -> None:
        source = tmp_path / "source"
        source.write_bytes(b"content")
        repository.put_file(source, "name")
        repository.put_file(source, "directory/inside")
        with pytest.raises(InvalidValue):
            repository.put_file(source, "name/below")
        with pytest.raises(InvalidValue):
            repository.put_file(source, "directory")
        assert [info.path for info in repository.tree()] == ["directory/inside", "name"]
        assert len(entries(repository)) == 2


def entries(repository: DirectoryArtifactRepository) -> list[str]:
    """What the storage has at the root, hidden files as well."""
    try:
        found: list[dict[str, Any]] = repository.fs.ls(place_of(repository), detail=True)
    except FileNotFoundError:
        return []
    return [str(one["name"]).rstrip("/") for one in found]


def place_of(repository: DirectoryArtifactRepository) -> str:
    """The root of a repository as its file system writes it."""
    return repository._full("")  # noqa: SLF001  the tests of the library look inside


def check_left_by_killed(repository: DirectoryArtifactRepository) -> None:
    """Assert that an upload which was killed shows nothing and left one file, which can be cleared away."""
    assert repository.list() == []
    assert repository.tree() == []
    assert len(entries(repository)) == 1
    # The storage's clock may be ahead of ours.
    (left,) = repository.leftovers(-60)
    repository.drop_leftover(left.path)
    assert entries(repository) == []


def _break_off(repository: DirectoryArtifactRepository, content: bytes) -> None:
    with repository.write("other") as stream:
        stream.write(content)
        raise ZeroDivisionError
