"""What happens to files on a real SFTP server: odd names, links, accidents."""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from windlass.entities import FileInfo
from windlass.errors import InvalidValue, NotFound, PermissionDenied, Unavailable
from windlass.testing.killed_upload import kill_while_writing
from windlass.uri import Uri
from windlass_fsspec.testing.directories import check_left_by_killed
from windlass_sftp.repository import SftpArtifactRepository
from windlass_sftp.testing import new_directory, server


@pytest.fixture
def repository():
    with new_directory() as found:
        yield found


@pytest.fixture
def source(tmp_path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"content")
    return path


def on_disk(repository) -> Path:
    """The directory of the server, which is on this machine."""
    path = Path(repository.fs._root)
    if not path.is_dir():
        pytest.skip("the SFTP server is on another machine")
    return path


def test_a_large_file_comes_back_whole_and_in_parts(repository, tmp_path):
    content = os.urandom(5 << 20)
    (tmp_path / "large").write_bytes(content)
    repository.put_file(tmp_path / "large", "large")
    with repository.read("large") as stream:
        assert stream.read(10) == content[:10]
        assert stream.read() == content[10:]
    with ThreadPoolExecutor(4) as pool:
        parts = pool.map(
            lambda start: repository.read_range("large", start, start + (1 << 20)), range(0, 6 << 20, 1 << 20)
        )
    assert b"".join(parts) == content


def test_links_that_lead_out_are_neither_shown_nor_followed_nor_emptied(repository, source, tmp_path):
    repository.put_file(source, "real/file")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    root = on_disk(repository)
    (root / "out").symlink_to(outside)
    (root / "real" / "leak").symlink_to(outside / "secret")
    (root / "real" / "alias").symlink_to(root / "real" / "file")
    (root / "real" / "broken").symlink_to(root / "nothing")
    assert [info.path for info in repository.list()] == ["real"]
    assert repository.list("real") == [FileInfo("real/alias", file_size=7), FileInfo("real/file", file_size=7)]
    for path in ("out/secret", "real/leak"):
        with pytest.raises(InvalidValue, match="leads out"):
            repository.read(path)
        with pytest.raises(InvalidValue, match="leads out"):
            repository.read_range(path, 0, 3)
        with pytest.raises(InvalidValue, match="leads out"):
            repository.get_file(path, tmp_path / "back")
    with pytest.raises(InvalidValue, match="leads out"):
        repository.put_file(source, "out/planted")
    repository.delete("real")
    assert [one.name for one in outside.iterdir()] == ["secret"]
    assert not (root / "real").exists()


def test_what_the_server_forbids_is_permission_denied(source):
    url, settings = server()
    # Not even root may make files there.
    uri = Uri.parse(urlsplit(url)._replace(path="/sys/windlass").geturl())
    with SftpArtifactRepository.open(uri, settings) as repository:
        with pytest.raises(PermissionDenied, match="we may not touch"):
            repository.put_file(source, "forbidden")
        assert repository.list() == []


def test_an_upload_that_is_killed_leaves_nothing_to_see(repository):
    url, settings = server()
    place = urlsplit(url)._replace(path=repository.fs._root).geturl()
    kill_while_writing(SftpArtifactRepository, place, settings, path="model/weights")
    check_left_by_killed(repository)


def test_after_a_restart_of_the_server_it_goes_on(tmp_path, source):
    url, settings = server()
    home = Path(settings.sftp_key_file or "").parent
    if not (home / "sshd_config").is_file():
        pytest.skip("the SFTP server was not started by tests/services/sftp.sh")
    port = free_port()
    known = tmp_path / "known"
    known.write_text(f"[127.0.0.1]:{port} {(home / 'host_key.pub').read_text()}")
    (tmp_path / "files").mkdir()
    settings = dataclasses.replace(settings, sftp_known_hosts=str(known))
    uri = Uri.parse(f"sftp://{urlsplit(url).username}@127.0.0.1:{port}{tmp_path}/files")
    with SftpArtifactRepository.open(uri, settings) as repository:
        first = sshd(home, port)
        try:
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda number: repository.put_file(source, f"before/{number}"), range(8)))
        finally:
            end(first)
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            repository.list()
        assert time.monotonic() - begun < 10
        second = sshd(home, port)
        try:
            repository.put_file(source, "after")
            assert len(repository.tree()) == 9
        finally:
            end(second)


def sshd(home: Path, port: int) -> subprocess.Popen[bytes]:
    command = ["/usr/sbin/sshd", "-D", "-e", "-f", str(home / "sshd_config"), "-p", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return process
    end(process)
    pytest.fail("sshd does not start")


def end(process: subprocess.Popen[bytes]) -> None:
    """With the processes of its connections, each of which is in a session of its own."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.terminate()
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    process.wait(10)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_what_is_gone_is_not_found(repository, source, tmp_path):
    repository.put_file(source, "there")
    with pytest.raises(NotFound):
        repository.read_range("missing", 0, 1)
    with pytest.raises(NotFound):
        repository.get_file("missing", tmp_path / "back")
    assert not list(tmp_path.glob(".windlass-*"))
