"""What happens to files in a real HDFS, over HTTP: odd names, accidents, refusals."""

from __future__ import annotations

import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from windlass.config import Settings
from windlass.entities import FileInfo
from windlass.errors import InvalidValue, NotFound, PermissionDenied, Unavailable
from windlass.testing.killed_upload import kill_while_writing
from windlass.uri import Uri
from windlass_fsspec.testing.directories import check_left_by_killed, entries
from windlass_hdfs.address import Address
from windlass_hdfs.testing import new_repository, server
from windlass_hdfs.webhdfs import WebHdfsArtifactRepository


@pytest.fixture
def repository():
    with new_repository() as found:
        yield found


@pytest.fixture
def source(tmp_path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"content")
    return path


def opened(repository, **parts) -> WebHdfsArtifactRepository:
    """The same directory by another URI."""
    uri = urlsplit(repository._name)._replace(**parts).geturl()
    return WebHdfsArtifactRepository.open(Uri.parse(uri), Settings())


def test_a_name_that_hdfs_cannot_have_is_refused(repository, source):
    with pytest.raises(InvalidValue, match="path"):
        repository.put_file(source, "when:now")
    assert entries(repository) == []


def test_a_large_file_comes_back_whole_and_in_parts(repository, tmp_path):
    content = os.urandom(5 << 20)
    (tmp_path / "large").write_bytes(content)
    repository.put_file(tmp_path / "large", "large")
    with repository.read("large") as stream:
        assert stream.read(10) == content[:10]
        assert stream.read() == content[10:]
    starts = range(0, 7 << 20, 1 << 20)
    with ThreadPoolExecutor(4) as pool:
        parts = pool.map(lambda start: repository.read_range("large", start, start + (1 << 20)), starts)
    assert b"".join(parts) == content
    with pytest.raises(NotFound):
        repository.read_range("missing", 0, 1)


def test_whoever_may_not_is_told_so(repository, source, tmp_path):
    repository.put_file(source, "mine")
    repository.fs._call("SETPERMISSION", "put", repository._full(""), permission="700")
    host = urlsplit(repository._name).netloc.rpartition("@")[2]
    with opened(repository, netloc=f"stranger@{host}") as other:
        for act in (
            lambda: other.put_file(source, "theirs"),
            other.list,
            lambda: other.get_file("mine", tmp_path / "back"),
            lambda: other.read_range("mine", 0, 1),
            lambda: other.delete("mine"),
        ):
            with pytest.raises(PermissionDenied, match="we may not touch"):
                act()
    assert repository.list() == [FileInfo("mine", file_size=7)]


def test_an_upload_that_is_killed_leaves_nothing_to_see(repository):
    kill_while_writing(WebHdfsArtifactRepository, repository._name, path="model/weights")
    check_left_by_killed(repository)


def test_a_dead_server_is_unavailable_and_no_token_is_told():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        uri = Uri.parse(f"webhdfs://127.0.0.1:{taken.getsockname()[1]}/x")
        with WebHdfsArtifactRepository.open(uri, Settings(hdfs_token="secret-token")) as repository:
            begun = time.monotonic()
            with pytest.raises(Unavailable, match="no connection to") as caught:
                repository.list()
    assert time.monotonic() - begun < 10
    assert "secret-token" not in str(caught.value)


def test_a_server_that_says_nothing_is_unavailable():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = Uri.parse(f"webhdfs://127.0.0.1:{silent.getsockname()[1]}/x")
        with (
            WebHdfsArtifactRepository.open(uri, Settings(storage_timeout=0.5)) as repository,
            pytest.raises(Unavailable, match="does not answer in time"),
        ):
            repository.stat("x")


def test_tls_with_a_server_that_has_none_is_unavailable(repository):
    with opened(repository, scheme="swebhdfs") as other, pytest.raises(Unavailable, match="speaks no TLS"):
        other.list()


def test_a_token_is_sent_instead_of_a_user():
    with WebHdfsArtifactRepository.open(Uri.parse("webhdfs://me@host/x"), Settings(hdfs_token="abc")) as repository:
        assert repository.fs.pars == {"delegation": "abc"}


@pytest.mark.parametrize("text", ["webhdfs:///nowhere", "webhdfs://host:99999/x"])
def test_a_uri_without_a_server_or_with_an_impossible_port_is_refused(text):
    with pytest.raises(InvalidValue, match="uri"):
        WebHdfsArtifactRepository.open(Uri.parse(text), Settings())


def test_the_user_is_that_of_the_uri_or_of_the_settings():
    settings = Settings.load({"HADOOP_USER_NAME": "from-hadoop"})
    assert Address.find(Uri.parse("webhdfs://host/x"), settings).user == "from-hadoop"
    assert Address.find(Uri.parse("webhdfs://us%40er:p%3Aw@host/x"), settings) == Address("host", None, "us@er", "p:w")


def test_the_server_is_asked_for_nothing_before_it_is_needed():
    server()
    WebHdfsArtifactRepository.open(Uri.parse("webhdfs://nowhere.invalid/x"), Settings()).close()
