"""HDFS with Hadoop's own library: a Java machine starts in this process, so these tests are among the slow ones."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.entities import FileInfo
from windlass.errors import InvalidValue
from windlass_hdfs.conformance import TestLibHdfsArtifactRepository
from windlass_hdfs.libhdfs import LibHdfsArtifactRepository
from windlass_hdfs.testing import java_environment, new_java_uri

__all__ = ["TestLibHdfsArtifactRepository"]
pytestmark = pytest.mark.slow

ODD = ["*", "?", "[a-z]", "a#b", "100%", "a+b", "%41", " in front", "behind ", "größe 文件", "**/?/[!x]", "~"]
OPEN = (
    "import sys; from windlass.config import Settings; from windlass.uri import Uri\n"
    "from windlass_hdfs.libhdfs import LibHdfsArtifactRepository as R\n"
    "R.open(Uri.parse('hdfs://127.0.0.1:1/x'), Settings()).list()\n"
)


@pytest.fixture
def repository():
    with new_java_uri() as uri, LibHdfsArtifactRepository.open(uri, Settings()) as found:
        yield found


@pytest.fixture
def source(tmp_path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"content")
    return path


def test_odd_names_are_names(repository, source, tmp_path):
    for name in ODD:
        repository.put_file(source, f"odd/{name}")
    repository.put_file(source, "odd/a")
    assert [info.path for info in repository.tree("odd")] == sorted(f"odd/{name}" for name in [*ODD, "a"])
    for name in ODD:
        repository.get_file(f"odd/{name}", tmp_path / "back")
        assert (tmp_path / "back").read_bytes() == b"content"
        repository.delete(f"odd/{name}")
    assert repository.list("odd") == [FileInfo("odd/a", file_size=7)]
    with pytest.raises(InvalidValue, match="':'"):
        repository.put_file(source, "when:now")
    with pytest.raises(InvalidValue, match="U\\+FFFF"):
        repository.put_file(source, "ship \N{SHIP}")


def test_a_file_that_arrives_while_its_directory_is_removed_stays(repository, source, monkeypatch):
    repository.put_file(source, "directory/first")
    repository.delete("directory/first")
    repository.fs.makedirs(repository._full("directory"))
    listed = repository.fs.ls

    def and_then_one_arrives(path, **options):
        monkeypatch.setattr(repository.fs, "ls", listed)
        found = listed(path, **options)
        repository.put_file(source, "directory/second")
        return found

    monkeypatch.setattr(repository.fs, "ls", and_then_one_arrives)
    repository.fs.rmdir(repository._full("directory"))
    assert repository.tree() == [FileInfo("directory/second", file_size=7)]


@pytest.mark.parametrize("missing", ["ARROW_LIBHDFS_DIR", "CLASSPATH"])
def test_what_java_lacks_is_said_with_what_to_set(missing):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HADOOP", "ARROW", "CLASSPATH"))}
    environment = {**kept, **java_environment(), missing: ""}
    done = subprocess.run(
        [sys.executable, "-c", OPEN], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    last = done.stderr.rpartition("windlass.errors.")[2]
    assert last.startswith(("MissingDependency", "Unavailable"))
    assert "export CLASSPATH=$(hadoop classpath --glob)" in last
    assert "webhdfs://" in last
