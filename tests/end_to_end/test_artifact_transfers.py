"""Files between our client and a real server: many small ones, large ones, and connections that break on the way."""

from __future__ import annotations

import os
import socket
import threading
import uuid
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from windlass.config import Settings
from windlass.errors import Corrupted, Unavailable
from windlass.services import transfers
from windlass.testing.services import service_url
from windlass.uri import Uri
from windlass_client import streamed_file
from windlass_client.artifact_repository import HttpArtifactRepository
from windlass_s3.client import open_client
from windlass_s3.repository import S3ArtifactRepository


class Cutting:
    """A way to a server that breaks every connection after so many bytes of its answers; `spoil` changes one in each.

    Of the large pieces that go up it changes a byte in as many as `spoil_up` says.
    """

    def __init__(self, url, allowance):
        self.target = urlsplit(url)
        self.allowance = allowance
        self.spoil = False
        self.spoil_up = 0
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection((self.target.hostname, self.target.port))
                threading.Thread(target=self._pass_on, args=[client, server, None], daemon=True).start()
                threading.Thread(target=self._pass_on, args=[server, client, self.allowance], daemon=True).start()

    def _pass_on(self, source, sink, left):
        with suppress(OSError):
            while piece := source.recv(65536):
                if left is None and self.spoil_up and len(piece) > 40_000:
                    self.spoil_up -= 1
                    piece = piece[:-1] + bytes([piece[-1] ^ 1])
                if left is not None:
                    left -= len(piece)
                    if left <= 0:
                        self.cuts += 1
                        break
                    if self.spoil and len(piece) > 40_000:
                        piece = piece[:-1] + bytes([piece[-1] ^ 1])
                sink.sendall(piece)
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self):
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture
def server(start_server, tmp_path):
    (tmp_path / "server").mkdir()
    return start_server(tmp_path / "server")


@pytest.fixture
def cutting(server):
    made = Cutting(server.url, 3_000_000)
    yield made
    made.close()


@pytest.fixture
def connect():
    opened = []

    def to(url):
        settings = replace(Settings(http_timeout=10.0, http_retries=0), tracking_uri=url)
        opened.append(HttpArtifactRepository.open(Uri.parse("mlflow-artifacts:/0/run/artifacts"), settings))
        return opened[-1]

    yield to
    for one in opened:
        one.close()


@pytest.fixture
def s3_root(monkeypatch):
    """A place in a new bucket on the S3 server for tests, which programs find by their environment."""
    parts = urlsplit(service_url("s3"))
    endpoint = f"http://{parts.hostname}:{parts.port}"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", parts.username or "")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", parts.password or "")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("MLFLOW_S3_ENDPOINT_URL", endpoint)
    settings = Settings(s3_endpoint_url=endpoint)
    bucket = f"windlass-{uuid.uuid4().hex}"
    client = open_client(settings)
    client.create_bucket(Bucket=bucket)
    yield f"s3://{bucket}/root"
    with S3ArtifactRepository.open(Uri.parse(f"s3://{bucket}"), settings) as repository:
        repository.delete("")
    client.delete_bucket(Bucket=bucket)
    client.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(streamed_file, "_PAUSE", 0.01)
    monkeypatch.setattr(transfers, "_FIRST_PAUSE", 0.01)


def test_a_download_goes_on_where_the_connection_broke(server, cutting, connect, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(os.urandom(10_000_000))
    connect(server.url).put_file(source, "large")
    connect(cutting.url).get_file("large", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == source.read_bytes()
    assert cutting.cuts == 3


def test_a_connection_that_always_breaks_is_given_up_and_leaves_nothing(server, cutting, connect, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(os.urandom(1_000_000))
    connect(server.url).put_file(source, "large")
    cutting.allowance = 100
    with pytest.raises(Unavailable):
        connect(cutting.url).get_file("large", tmp_path / "back")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["server", "source"]


def test_a_byte_that_changes_on_the_way_is_noticed(server, cutting, connect, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(os.urandom(2_000_000))
    connect(server.url).put_file(source, "large")
    cutting.spoil = True
    with pytest.raises(Corrupted, match="not what was stored"):
        connect(cutting.url).get_file("large", tmp_path / "back")
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("large", [False, True])
def test_a_byte_that_changes_on_the_way_up_is_noticed_and_sent_again(
    server, cutting, connect, tmp_path, monkeypatch, large
):
    monkeypatch.setattr(transfers, "LARGE", 1_000_000)
    sizes = [20_000_000] if large else [10_000] * 40
    files = []
    for number, size in enumerate(sizes):
        (tmp_path / str(number)).write_bytes(os.urandom(size))
        files.append((tmp_path / str(number), f"dir/{number}"))
    cutting.spoil_up = 1
    transfers.upload(connect(cutting.url), files)
    assert cutting.spoil_up == 0
    for source, path in files:
        with connect(server.url).read(path) as stream:
            assert stream.read() == source.read_bytes()


def test_many_small_files_and_large_ones_between_them_come_back(server, connect, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    names = [f"größe {number} [*]?.txt" for number in range(1_200)]
    for name in names:
        (source / name).write_bytes(name.encode())
    (source / "large").write_bytes(os.urandom(3_000_000))
    repository = connect(server.url)
    transfers.upload(repository, [(one, f"many/{one.name}") for one in source.iterdir()])
    found = repository.list("many")
    assert sorted(one.path for one in found) == sorted(f"many/{name}" for name in [*names, "large"])
    back = tmp_path / "back"
    back.mkdir()
    transfers.download(repository, [(one, back / one.path.rpartition("/")[2]) for one in found])
    assert {one.name: one.read_bytes() for one in back.iterdir()} == {
        one.name: one.read_bytes() for one in source.iterdir()
    }


def test_a_large_file_goes_up_in_parts_whatever_breaks(server, cutting, connect, tmp_path, monkeypatch):
    monkeypatch.setattr(transfers, "LARGE", 1_000_000)
    source = tmp_path / "source"
    source.write_bytes(os.urandom(50_000_000))
    transfers.upload(connect(cutting.url), [(source, "model/weights")])
    connect(server.url).get_file("model/weights", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == source.read_bytes()
    places = [one.name for one in (tmp_path / "server" / "served-artifacts").rglob("*") if one.is_file()]
    assert places == ["weights"]


def test_the_storage_itself_is_used_where_it_signs_requests(start_server, connect, tmp_path, monkeypatch, s3_root):
    monkeypatch.setattr(transfers, "LARGE", 1_000_000)
    (tmp_path / "server").mkdir()
    server = start_server(tmp_path / "server", arguments=["--access-log", "--artifacts-destination", s3_root])
    source = tmp_path / "source"
    source.write_bytes(os.urandom(20_000_000))
    repository = connect(server.url)
    transfers.upload(repository, [(source, "model/weights")])
    transfers.download(repository, [(repository.stat("model/weights"), tmp_path / "back")])
    assert (tmp_path / "back").read_bytes() == source.read_bytes()
    log = (tmp_path / "server" / "server.log").read_text()
    assert "mpu/create" in log
    assert "GET /api/2.0/mlflow-artifacts/presigned/" in log
    assert "mpu/part" not in log
    assert "GET /api/2.0/mlflow-artifacts/artifacts/" not in log
