from __future__ import annotations

import os
from pathlib import Path

import pytest

from windlass.builtin.local_artifacts import LocalArtifactRepository
from windlass.config import Settings
from windlass.errors import InvalidValue, NotFound
from windlass.uri import Uri


@pytest.fixture
def root(tmp_path):
    return tmp_path / "root with space"


@pytest.fixture
def repository(root):
    return LocalArtifactRepository(root)


def test_a_plain_path_names_the_same_place_as_its_uri(repository, root, tmp_path):
    source = tmp_path / "source"
    source.write_text("x")
    repository.put_file(source, "a")
    assert [one.path for one in LocalArtifactRepository.open(Uri.parse(str(root)), Settings()).list()] == ["a"]


def test_an_upload_that_breaks_off_leaves_nothing(repository, root, tmp_path, monkeypatch):
    source = tmp_path / "source"
    source.write_text("new")
    repository.put_file(source, "file")
    source.write_text("newer")

    def broken(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(Exception, match="No space left"):
        repository.put_file(source, "file")
    assert (root / "file").read_text() == "new"
    assert [one.name for one in root.iterdir()] == ["file"]


def test_a_file_under_way_is_not_listed(repository, root):
    root.mkdir()
    (root / ".windlass-0123456789abcdef.part").write_text("half")
    assert repository.list() == []


def test_a_link_out_of_the_tree_is_neither_listed_nor_followed(repository, root, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    root.mkdir()
    (root / "link").symlink_to(outside)
    (root / "file-link").symlink_to(outside / "secret")
    source = tmp_path / "source"
    source.write_text("x")
    assert repository.list() == []
    for path in ("link/secret", "file-link"):
        with pytest.raises((InvalidValue, NotFound)):
            repository.read(path)
        with pytest.raises((InvalidValue, NotFound)):
            repository.stat(path)
    with pytest.raises(InvalidValue):
        repository.put_file(source, "link/planted")
    with pytest.raises(InvalidValue):
        repository.delete("link/secret")
    repository.delete("link")
    assert (outside / "secret").exists()
    assert [one.name for one in outside.iterdir()] == ["secret"]


def test_a_file_where_a_directory_is_needed_is_refused(repository, tmp_path):
    source = tmp_path / "source"
    source.write_text("x")
    repository.put_file(source, "a")
    with pytest.raises(InvalidValue, match="directory"):
        repository.put_file(source, "a/b")
    repository.put_file(source, "dir/file")
    with pytest.raises(InvalidValue, match="directory"):
        repository.put_file(source, "dir")


def test_a_name_that_is_too_long_is_refused(repository, tmp_path):
    source = tmp_path / "source"
    source.write_text("x")
    with pytest.raises(InvalidValue, match="name"):
        repository.put_file(source, "x" * 300)


def test_a_file_is_whole_though_the_system_takes_it_in_bits(repository, tmp_path, monkeypatch):
    content = os.urandom(10_000)
    (tmp_path / "source").write_bytes(content)
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, memoryview(data)[:999]))
    repository.put_file(tmp_path / "source", "one")
    repository.put_files([(tmp_path / "source", "two"), (tmp_path / "source", "three")])
    for path in ("one", "two", "three"):
        with repository.read(path) as stream:
            assert stream.read() == content


def test_the_root_need_not_exist(tmp_path: Path):
    repository = LocalArtifactRepository(tmp_path / "not yet")
    assert repository.list() == []
    assert not (tmp_path / "not yet").exists()
