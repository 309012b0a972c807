"""What Google Cloud Storage itself does, as far as its emulator goes, and how it fails."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.oauth2 import service_account

from windlass.config import Settings
from windlass.errors import InvalidValue, NotFound, Unauthenticated, Unavailable, Unsupported
from windlass.testing.artifact_abilities import send
from windlass.testing.broken_servers import breaking_server, dead_server
from windlass.uri import Uri
from windlass_gcs.client import make_client
from windlass_gcs.conformance import gcs_bucket, gcs_settings
from windlass_gcs.filesystem import GcsFileSystem
from windlass_gcs.repository import GcsArtifactRepository

__all__ = ["breaking_server", "dead_server", "gcs_bucket", "gcs_settings"]

LARGE = 40 << 20
EMAIL = "models@windlass.iam.gserviceaccount.com"


@pytest.fixture
def source(tmp_path):
    file = tmp_path / "source"
    file.write_bytes(b"content")
    return file


@pytest.fixture
def repository(gcs_bucket, gcs_settings):
    with GcsArtifactRepository.open(Uri.parse(f"gs://{gcs_bucket}/prefix"), gcs_settings) as repository:
        yield repository


@pytest.fixture(scope="module")
def account():
    """What the key file of a service account holds."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {
        "type": "service_account",
        "client_email": EMAIL,
        "private_key": pem.decode(),
        "private_key_id": "1",
        "token_uri": "http://127.0.0.1:9/token",
    }


def test_a_large_file_goes_in_pieces_and_comes_back(repository, tmp_path):
    file = tmp_path / "large"
    file.write_bytes(bytes(range(256)) * (LARGE // 256))
    repository.put_file(file, "large")
    repository.get_file("large", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == file.read_bytes()
    with repository.read("large") as stream:
        assert stream.read() == file.read_bytes()


def test_contents_that_look_like_the_protocol_are_kept(repository, tmp_path):
    file = tmp_path / "file"
    content = b'\n--==0==\nContent-Type: text/plain\r\n\r\n--==0==--\r\n{"name": "other"}'
    file.write_bytes(content)
    repository.put_file(file, "file")
    assert repository.read("file").read() == content


def test_an_upload_that_is_killed_shows_nothing(repository, gcs_bucket, gcs_settings, tmp_path):
    file = tmp_path / "large"
    file.write_bytes(bytes(LARGE))
    program = f"""
import os, signal
from pathlib import Path
from google.cloud.storage.blob import ResumableUpload
from windlass.config import Settings
from windlass.uri import Uri
from windlass_gcs.repository import GcsArtifactRepository

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

send = ResumableUpload.transmit_next_chunk
def send_once(*arguments, **more):
    ResumableUpload.transmit_next_chunk = die
    return send(*arguments, **more)
ResumableUpload.transmit_next_chunk = send_once
settings = Settings(gcs_emulator={gcs_settings.gcs_emulator!r})
GcsArtifactRepository.open(Uri.parse("gs://{gcs_bucket}/prefix"), settings).put_file(Path({str(file)!r}), "model")
"""
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == -9
    assert repository.list() == []
    with pytest.raises(NotFound):
        repository.read("model")


def test_a_service_account_signs_requests_for_others(repository, gcs_settings, account):
    credentials = service_account.Credentials.from_service_account_info(account)
    fs = GcsFileSystem(make_client(credentials, endpoint=gcs_settings.gcs_emulator))
    with GcsArtifactRepository(fs, repository._root, name="signing") as signing:
        send(signing.presign_put("dir/größe 100%", seconds=60), b"by somebody else")
        signed = signing.presign_get("dir/größe 100%", seconds=60)
        with pytest.raises(InvalidValue, match="604800"):
            signing.presign_get("file", seconds=604_801)
    assert repository.read("dir/größe 100%").read() == b"by somebody else"
    assert send(signed) == b"by somebody else"
    query = parse_qs(urlsplit(signed.url).query)
    assert query["X-Goog-Expires"] == ["60"]
    assert query["X-Goog-Credential"][0].startswith(EMAIL)


def test_a_key_file_is_found_by_its_variable(account, tmp_path, monkeypatch):
    file = tmp_path / "key.json"
    file.write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    with GcsArtifactRepository.open(Uri.parse("gs://models/a"), Settings()) as repository:
        url = urlsplit(repository.presign_get("file", seconds=60).url)
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://storage.googleapis.com/models/a/file"


def test_a_bad_key_file_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "missing.json"))
    with pytest.raises(Unauthenticated, match="no credentials") as raised:
        GcsArtifactRepository.open(Uri.parse("gs://models/a"), Settings())
    assert "GOOGLE_APPLICATION_CREDENTIALS" in raised.value.hint


def test_an_account_whose_tokens_cannot_be_had_is_told_soon(account, source):
    credentials = service_account.Credentials.from_service_account_info(account, scopes=["x"])
    fs = GcsFileSystem(make_client(credentials, endpoint="http://127.0.0.1:9"))
    start = time.monotonic()
    with GcsArtifactRepository(fs, "models", name="gs://models") as repository, pytest.raises(Unavailable):
        repository.put_file(source, "file")
    assert time.monotonic() - start < 10


def test_credentials_that_cannot_sign_are_told(repository):
    with pytest.raises(Unsupported, match="cannot sign") as raised:
        repository.presign_get("file", seconds=60)
    assert "service account" in raised.value.hint


@pytest.mark.parametrize("uri", ["gs:///path", "gs://bucket/path#1"])
def test_a_uri_without_a_bucket_or_with_a_query_is_refused(gcs_settings, uri):
    with pytest.raises(InvalidValue, match="uri"):
        GcsArtifactRepository.open(Uri.parse(uri), gcs_settings)


def test_an_emulator_is_named_by_a_url():
    with pytest.raises(InvalidValue, match="STORAGE_EMULATOR_HOST"):
        GcsArtifactRepository.open(Uri.parse("gs://models/a"), Settings(gcs_emulator="localhost:9023"))


def test_a_missing_bucket_is_named(gcs_settings, source):
    with GcsArtifactRepository.open(Uri.parse("gs://no-such-bucket/prefix"), gcs_settings) as repository:
        for action in (repository.list, repository.tree, lambda: repository.stat("file")):
            with pytest.raises(NotFound, match="no such bucket at gs://no-such-bucket"):
                action()
        with pytest.raises(NotFound):
            repository.put_file(source, "file")


def test_a_dead_server_is_told_soon(dead_server, source):
    with GcsArtifactRepository.open(Uri.parse("gs://models/a"), Settings(gcs_emulator=dead_server)) as repository:
        start = time.monotonic()
        with pytest.raises(Unavailable, match="cannot be reached") as raised:
            repository.put_file(source, "file")
        assert time.monotonic() - start < 10
        told = raised.value.message.replace(f" {raised.value.details['place']}", "")
        assert told == "Google Cloud Storage cannot be reached"


def test_a_connection_that_breaks_while_reading_is_unavailable(breaking_server):
    settings = Settings(gcs_emulator=breaking_server)
    with GcsArtifactRepository.open(Uri.parse("gs://models/a"), settings) as repository, pytest.raises(Unavailable):
        repository.read_range("file", 0, 100)
