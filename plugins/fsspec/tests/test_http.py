"""Files of web servers: with and without parts, passwords, signatures, and pages that lie."""

from __future__ import annotations

import base64
import os
import re
import socket
import time
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.entities import FileInfo
from windlass.errors import NotFound, PermissionDenied, Unavailable, Unsupported
from windlass.uri import Uri
from windlass_fsspec.http import HttpSourceRepository
from windlass_fsspec.index_page import entries
from windlass_fsspec.testing.servers import http_server


class Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass


class WithParts(Handler):
    """Answers to requests for parts as RFC 9110 has it."""

    def do_GET(self):
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked is None or not Path(self.translate_path(self.path)).is_file():
            return super().do_GET()
        content = Path(self.translate_path(self.path)).read_bytes()
        part = content[int(asked[1]) : int(asked[2]) + 1 if asked[2] else None]
        self.send_response(206 if part else 416)
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)
        return None


class Guarded(Handler):
    """Wants a password for everything."""

    expected = "Basic " + base64.b64encode(b"us@er:p:w").decode()

    def send_head(self):
        if self.headers.get("Authorization") != self.expected:
            self.send_error(401)
            return None
        return super().send_head()


class Slow(Handler):
    """Sends its index pages in two halves."""

    def copyfile(self, source, outputfile):
        content = source.read()
        for half in (content[: len(content) // 2], content[len(content) // 2 :]):
            outputfile.write(half)
            outputfile.flush()
            time.sleep(0.1)


class Signed(Handler):
    """Wants a signature for everything."""

    def send_head(self):
        if not self.path.endswith("?sig=a%2Bb"):
            self.send_error(403)
            return None
        return super().send_head()


class WithoutHead(Handler):
    """Some applications answer to GET alone."""

    def do_HEAD(self):
        self.send_error(405)


class Broken(Handler):
    """Announces more than it sends."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"only this")
        self.close_connection = True


class Failing(Handler):
    def send_head(self):
        self.send_error(500)


@pytest.fixture
def served(tmp_path) -> Path:
    (tmp_path / "served").mkdir()
    return tmp_path / "served"


def opened(port: int, rest: str = "", user: str = "", settings: Settings | None = None) -> HttpSourceRepository:
    return HttpSourceRepository.open(Uri.parse(f"http://{user}127.0.0.1:{port}{rest}"), settings or Settings())


@pytest.mark.parametrize("handler", [Handler, WithParts])
def test_parts_of_a_file_are_read_whatever_the_server_sends(served, handler):
    content = os.urandom(2_500_000)
    (served / "large").write_bytes(content)
    with http_server(served, handler) as port, opened(port) as repository:
        for start, end in ((0, 10), (1_000_000, 2_000_000), (2_499_999, 3_000_000), (3_000_000, 3_000_010), (5, 5)):
            assert repository.read_range("large", start, end) == content[start:end]
        with repository.read("large") as stream:
            assert stream.read(10) == content[:10]
            assert stream.read() == content[10:]
        with pytest.raises(NotFound):
            repository.read_range("missing", 0, 10)


def test_a_user_and_a_password_are_sent_and_not_told(served):
    (served / "file").write_bytes(b"content")
    with http_server(served, Guarded) as port:
        with opened(port, user="us%40er:p%3Aw@") as repository:
            assert repository.list() == [FileInfo("file", file_size=7)]
            assert repository.read_range("file", 0, 3) == b"con"
        with (
            opened(port, user="us%40er:secret-word@") as repository,
            pytest.raises(PermissionDenied, match="we may not touch") as caught,
        ):
            repository.stat("file")
    assert "secret-word" not in str(caught.value)


def test_a_signature_goes_with_every_request_and_is_not_told(served, tmp_path):
    (served / "data").mkdir()
    (served / "data" / "file").write_bytes(b"content")
    with http_server(served, Signed) as port:
        with opened(port, "/data?sig=a%2Bb") as repository:
            repository.get_file("file", tmp_path / "back")
            assert (tmp_path / "back").read_bytes() == b"content"
        with opened(port, "/data?sig=secret") as repository, pytest.raises(PermissionDenied) as caught:
            repository.stat("file")
    assert "sig=" not in str(caught.value)


def test_a_server_that_answers_to_get_alone_is_asked_so(served):
    (served / "file").write_bytes(b"content")
    with http_server(served, WithoutHead) as port, opened(port) as repository:
        assert repository.stat("file") == FileInfo("file", file_size=7)


def test_less_than_was_announced_is_no_file(served, tmp_path):
    (served / "file").write_bytes(b"x")
    with http_server(served, Broken) as port, opened(port) as repository:
        with pytest.raises(Unavailable):
            repository.get_file("file", tmp_path / "back")
        with pytest.raises(Unavailable), repository.read("file") as stream:
            stream.read()
    assert not (tmp_path / "back").exists()


def test_an_error_of_the_server_is_not_a_missing_file(served):
    with http_server(served, Failing) as port, opened(port) as repository:
        for act in (lambda: repository.stat("file"), repository.list, lambda: repository.read("file")):
            with pytest.raises(Unavailable, match="status 500"):
                act()


def test_a_dead_server_and_one_that_says_nothing_are_unavailable():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with opened(taken.getsockname()[1]) as repository, pytest.raises(Unavailable):
            repository.list()
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        opened(silent.getsockname()[1], settings=Settings(storage_timeout=0.3)) as repository,
        pytest.raises(Unavailable),
    ):
        repository.stat("file")


def test_it_cannot_be_written_to(served, tmp_path):
    (tmp_path / "source").write_bytes(b"x")
    with http_server(served) as port, opened(port) as repository:
        for act in (lambda: repository.put_file(tmp_path / "source", "a"), lambda: repository.delete("a")):
            with pytest.raises(Unsupported, match="can only be read") as caught:
                act()
            assert caught.value.hint


def test_directories_are_walked_through(served):
    for name in ("a/one", "a/b/two", "größe/[x]*?#%+ y"):
        (served / name).parent.mkdir(parents=True, exist_ok=True)
        (served / name).write_bytes(b"12")
    with http_server(served) as port, opened(port) as repository:
        assert [info.path for info in repository.tree()] == ["a/b/two", "a/one", "größe/[x]*?#%+ y"]
        assert {info.file_size for info in repository.tree()} == {2}


def test_a_page_lists_what_is_directly_below_it_and_nothing_else():
    page = """<a href="../">up</a> <a href="?C=N;O=D">sort</a> <a href="/elsewhere/x">x</a> <a href="//other/d/x">x</a>
    <a href="http://other/d/x">x</a> <a href="../../etc/passwd">x</a> <a href="sub/deeper">x</a> <a href="">here</a>
    <a href="%2e%2e">x</a> <a href="..%2fup">x</a> <a href="#top">top</a> <a name="x">no link</a>
    <a href="file%20one.txt">f</a> <A HREF='/d/two'>f</A> <a href="./sub/">d</a>"""
    assert entries(page, "http://host/d/") == {"file one.txt": False, "two": False, "sub": True}


def test_a_listing_that_comes_in_pieces_is_read_whole(tmp_path):
    for number in range(20):
        (tmp_path / f"file-{number:02}").write_bytes(b"x")
    with http_server(tmp_path, Slow) as port, opened(port) as repository:
        assert [info.path for info in repository.list()] == [f"file-{number:02}" for number in range(20)]
