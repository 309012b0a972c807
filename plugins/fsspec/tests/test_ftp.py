"""What happens to files on an FTP server: odd names, old servers, accidents."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from urllib.parse import quote

import pytest

from windlass.config import Settings
from windlass.entities import FileInfo
from windlass.errors import InvalidValue, NotFound, PermissionDenied, Unavailable
from windlass.testing.killed_upload import kill_while_writing
from windlass.uri import Uri
from windlass_fsspec import ftp_session
from windlass_fsspec.ftp import FtpArtifactRepository
from windlass_fsspec.testing.directories import check_left_by_killed
from windlass_fsspec.testing.servers import PASSWORD, USER, ftp_server


def uri(port: int, password: str = PASSWORD, path: str = "/root") -> Uri:
    return Uri.parse(f"ftp://{USER}:{quote(password, safe='')}@127.0.0.1:{port}{path}")


@pytest.fixture
def served(tmp_path) -> Path:
    (tmp_path / "served").mkdir()
    return tmp_path / "served"


@pytest.fixture
def repository(served):
    with ftp_server(served) as port, FtpArtifactRepository.open(uri(port), Settings()) as found:
        yield found


@pytest.fixture
def source(tmp_path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"content")
    return path


def test_a_line_break_in_a_name_is_refused(repository, source):
    with pytest.raises(InvalidValue, match="line breaks"):
        repository.put_file(source, "two\nlines")
    assert repository.list() == []


def test_parts_of_a_file_are_read_on_one_connection(repository, tmp_path):
    content = os.urandom(3 << 20)
    (tmp_path / "large").write_bytes(content)
    repository.put_file(tmp_path / "large", "large")
    for start in range(0, 4 << 20, 1 << 19):
        assert repository.read_range("large", start, start + 1000) == content[start : start + 1000]
    with repository.read("large") as stream:
        assert stream.read() == content
    with pytest.raises(NotFound):
        repository.read_range("missing", 0, 1)


def test_a_server_without_the_newer_words_is_understood(served, source):
    from pyftpdlib.handlers import FTPHandler

    words = {name: word for name, word in FTPHandler.proto_cmds.items() if name not in {"MLST", "MLSD", "OPTS"}}
    with (
        ftp_server(served, proto_cmds=words) as port,
        FtpArtifactRepository.open(uri(port), Settings()) as repository,
    ):
        for name in ("with space.txt", "directory/größe"):
            repository.put_file(source, name)
        assert repository.tree() == [
            FileInfo("directory/größe", file_size=7),
            FileInfo("with space.txt", file_size=7),
        ]
        assert repository.stat("directory").is_dir
        with pytest.raises(NotFound):
            repository.stat("missing")
        repository.delete("directory")
        assert [info.path for info in repository.list()] == ["with space.txt"]


def test_a_server_that_does_not_rename_over_files_is_humoured(served, source, tmp_path):
    from pyftpdlib.handlers import FTPHandler

    def refuse_to_replace(self, path):
        if Path(path).exists():
            self.respond("550 File exists.")
            return None
        return FTPHandler.ftp_RNTO(self, path)

    with (
        ftp_server(served, ftp_RNTO=refuse_to_replace) as port,
        FtpArtifactRepository.open(uri(port), Settings()) as repository,
    ):
        repository.put_file(source, "file")
        (tmp_path / "second").write_bytes(b"2")
        repository.put_file(tmp_path / "second", "file")
        assert repository.tree() == [FileInfo("file", file_size=1)]


def test_a_wrong_password_is_refused_and_not_told(served):
    with (
        ftp_server(served) as port,
        FtpArtifactRepository.open(uri(port, "secret-word"), Settings()) as repository,
        pytest.raises(PermissionDenied, match="does not let us in") as caught,
    ):
        repository.list()
    assert "secret-word" not in str(caught.value)


def test_the_password_may_be_in_the_settings(served):
    with ftp_server(served) as port:
        place = Uri.parse(f"ftp://{USER}@127.0.0.1:{port}/root")
        with FtpArtifactRepository.open(place, Settings(ftp_password=PASSWORD)) as repository:
            assert repository.list() == []


def test_what_the_server_forbids_is_permission_denied(served, source):
    (served / "root").mkdir()
    (served / "root" / "theirs").write_bytes(b"x")
    from pyftpdlib.authorizers import DummyAuthorizer

    readers = DummyAuthorizer()
    readers.add_user(USER, PASSWORD, str(served), perm="elr")
    with (
        ftp_server(served, authorizer=readers) as port,
        FtpArtifactRepository.open(uri(port), Settings()) as repository,
    ):
        assert repository.list() == [FileInfo("theirs", file_size=1)]
        for act in (lambda: repository.put_file(source, "mine"), lambda: repository.delete("theirs")):
            with pytest.raises(PermissionDenied, match="we may not touch"):
                act()


def test_a_dead_server_and_one_that_says_nothing_are_unavailable(monkeypatch):
    monkeypatch.setattr(ftp_session, "_CONNECT_TIMEOUT", 0.5)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        repository = FtpArtifactRepository.open(uri(taken.getsockname()[1]), Settings())
        with pytest.raises(Unavailable, match="does not answer"):
            repository.list()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        repository = FtpArtifactRepository.open(uri(silent.getsockname()[1]), Settings())
        with pytest.raises(Unavailable, match="does not answer"):
            repository.list()


def test_after_a_restart_of_the_server_it_goes_on(served, source):
    with ftp_server(served) as port:
        repository = FtpArtifactRepository.open(uri(port), Settings())
        repository.put_file(source, "before")
    with pytest.raises(Unavailable):
        repository.list()
    with ftp_server(served, port=port):
        repository.put_file(source, "after")
        assert [info.path for info in repository.list()] == ["after", "before"]
    repository.close()


def test_an_upload_that_is_killed_leaves_nothing_to_see(repository):
    with repository.fs._pool.session() as session:
        place = uri(session.ftp.port).text
    kill_while_writing(FtpArtifactRepository, place, path="model/weights")
    check_left_by_killed(repository)
