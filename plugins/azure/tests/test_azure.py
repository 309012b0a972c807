"""What Azure itself does: accounts, signatures, blocks, and how it fails."""

from __future__ import annotations

import time
from urllib.error import HTTPError

import pytest

from windlass.config import Settings
from windlass.errors import InvalidValue, NotFound, Unauthenticated, Unavailable
from windlass.testing.artifact_abilities import send
from windlass.testing.broken_servers import breaking_server, dead_server
from windlass.testing.killed_upload import kill_while_writing
from windlass.uri import Uri
from windlass_azure.account import BlobPlace, blob_place, open_service
from windlass_azure.conformance import azure_container, azure_settings
from windlass_azure.repository import AzureArtifactRepository

__all__ = ["azure_container", "azure_settings", "breaking_server", "dead_server"]

LARGE = 20 << 20
WRONG_KEY = "d3Jvbmc="


@pytest.fixture
def source(tmp_path):
    file = tmp_path / "source"
    file.write_bytes(b"content")
    return file


@pytest.fixture
def repository(azure_container, azure_settings):
    with AzureArtifactRepository.open(Uri.parse(f"az://{azure_container}/path"), azure_settings) as repository:
        yield repository


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        (
            "abfss://models@acct.dfs.core.windows.net/a/b",
            BlobPlace("https://acct.blob.core.windows.net", "models", "a/b"),
        ),
        (
            "wasbs://models@acct.blob.core.windows.net/a%20b/",
            BlobPlace("https://acct.blob.core.windows.net", "models", "a%20b"),
        ),
        (
            "abfss://models@acct.dfs.core.chinacloudapi.cn",
            BlobPlace("https://acct.blob.core.chinacloudapi.cn", "models", ""),
        ),
        ("az://models/a", BlobPlace(None, "models", "a")),
        ("abfs://models/a", BlobPlace(None, "models", "a")),
    ],
)
def test_a_uri_names_an_account_and_a_container(uri, place):
    assert blob_place(Uri.parse(uri)) == place


@pytest.mark.parametrize(
    "uri",
    [
        "abfss://models/a",
        "wasbs://models@acct/a",
        "abfss://@acct.dfs.core.windows.net/a",
        "az:///a",
        # It would be sent a token for the storage.
        "abfss://models@acct.dfs.evil.example/a",
        "abfss://models@acct.dfs.core.windows.net.evil.example/a",
    ],
)
def test_a_uri_without_them_is_refused(uri):
    with pytest.raises(InvalidValue, match="uri"):
        blob_place(Uri.parse(uri))


def test_an_account_must_be_known_from_somewhere():
    with pytest.raises(InvalidValue, match="storage account") as raised:
        AzureArtifactRepository.open(Uri.parse("az://models/a"), Settings())
    assert "AZURE_STORAGE_CONNECTION_STRING" in raised.value.hint


def test_a_key_signs_for_the_account_of_the_uri():
    place = blob_place(Uri.parse("wasbs://models@acct.blob.core.windows.net/a"))
    with open_service(place, Settings(azure_access_key=WRONG_KEY)) as service:
        assert service.account_name == "acct"
        assert service.credential.account_key == WRONG_KEY
        assert service.url == "https://acct.blob.core.windows.net/"


def test_a_bad_connection_string_is_not_shown():
    with pytest.raises(InvalidValue) as raised:
        AzureArtifactRepository.open(Uri.parse("az://models/a"), Settings(azure_connection_string="secret"))
    assert "secret" not in str(raised.value)


def test_a_large_file_goes_in_blocks_and_comes_back(repository, tmp_path):
    file = tmp_path / "large"
    file.write_bytes(bytes(range(256)) * (LARGE // 256))
    repository.put_file(file, "large")
    repository.get_file("large", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == file.read_bytes()
    with repository.fs.blob(repository._full("large")) as blob:
        assert len(blob.get_block_list("committed")[0]) == 3


def test_an_upload_that_is_killed_shows_nothing_and_is_in_nobodys_way(repository, azure_settings, source):
    kill_while_writing(AzureArtifactRepository, repository._name, azure_settings, path="model/weights")
    assert repository.list() == []
    assert list(repository.tree()) == []
    with pytest.raises(NotFound):
        repository.read("model/weights")
    upload = repository.begin_upload("model/weights", 1)
    repository.complete_upload(
        "model/weights", upload, {1: repository.put_part("model/weights", upload, 1, b"parts again")}
    )
    assert repository.read("model/weights").read() == b"parts again"
    repository.put_file(source, "model/weights")
    assert repository.read("model/weights").read() == b"content"


def test_of_two_uploads_of_a_file_the_first_wins_and_the_other_is_told(repository):
    uploads = [repository.begin_upload("file", 1) for _ in range(2)]
    marks = [{1: repository.put_part("file", upload, 1, upload.encode())} for upload in uploads]
    repository.complete_upload("file", uploads[1], marks[1])
    with pytest.raises(NotFound, match="upload"):
        repository.complete_upload("file", uploads[0], marks[0])
    assert repository.read("file").read() == uploads[1].encode()


def test_a_presigned_url_ends_and_holds_for_nothing_else(repository, source):
    repository.put_file(source, "file")
    repository.put_file(source, "other")
    signed = repository.presign_get("file", seconds=1)
    with pytest.raises(HTTPError, match="403"):
        send(type(signed)(signed.url.replace("/file?", "/other?")))
    with pytest.raises(HTTPError, match="403"):
        send(type(signed)(signed.url, repository.presign_put("file", seconds=60).headers), b"replaced")
    time.sleep(2.1)
    with pytest.raises(HTTPError, match="403"):
        send(signed)


@pytest.mark.parametrize("seconds", [0, -1, 604_801])
def test_a_url_cannot_be_good_for_longer_than_a_week(repository, seconds):
    with pytest.raises(InvalidValue, match="604800"):
        repository.presign_get("file", seconds=seconds)


def test_blobs_that_stand_for_directories_are_no_files(repository, azure_container, source):
    """A Data Lake makes an empty blob for each directory."""
    with repository.fs.blob(f"{azure_container}/path/dir") as blob:
        blob.upload_blob(b"", metadata={"hdi_isfolder": "true"})
    repository.put_file(source, "dir/file")
    assert [(info.path, info.is_dir) for info in repository.list()] == [("dir", True)]
    assert [info.path for info in repository.tree()] == ["dir/file"]
    assert repository.stat("dir").is_dir
    repository.delete("dir")
    assert repository.list() == []


def test_a_missing_container_is_named(azure_settings, source, tmp_path):
    with AzureArtifactRepository.open(Uri.parse("az://no-such-container/path"), azure_settings) as repository:
        for action in (
            lambda: repository.put_file(source, "file"),
            lambda: repository.get_file("file", tmp_path / "back"),
            lambda: repository.read("file"),
            repository.list,
            repository.tree,
            lambda: repository.stat("file"),
        ):
            with pytest.raises(NotFound, match="no such container at no-such-container"):
                action()


def test_a_wrong_key_is_refused_at_once(azure_container, azure_settings, source):
    text = azure_settings.azure_connection_string
    key = text.partition("AccountKey=")[2].partition(";")[0]
    settings = Settings(azure_connection_string=text.replace(key, WRONG_KEY))
    start = time.monotonic()
    with AzureArtifactRepository.open(Uri.parse(f"az://{azure_container}"), settings) as repository:
        for action in (lambda: repository.put_file(source, "file"), repository.list, lambda: repository.stat("x")):
            with pytest.raises(Unauthenticated, match="does not accept the credentials") as raised:
                action()
            assert "AZURE_STORAGE_ACCESS_KEY" in raised.value.hint
            assert key not in str(raised.value)
    assert time.monotonic() - start < 10


def test_a_dead_server_is_told_soon(dead_server, source):
    text = f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey={WRONG_KEY};BlobEndpoint={dead_server}/a;"
    settings = Settings(azure_connection_string=text)
    with AzureArtifactRepository.open(Uri.parse("az://models"), settings) as repository:
        start = time.monotonic()
        with pytest.raises(Unavailable, match="cannot be reached") as raised:
            repository.put_file(source, "file")
        assert time.monotonic() - start < 10
        assert raised.value.message.replace(f" {raised.value.details['place']}", "") == "Azure cannot be reached"


def test_a_connection_that_breaks_while_reading_is_unavailable(breaking_server):
    text = f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey={WRONG_KEY};BlobEndpoint={breaking_server}/a;"
    with (
        AzureArtifactRepository.open(Uri.parse("az://models"), Settings(azure_connection_string=text)) as repository,
        pytest.raises(Unavailable),
    ):
        repository.read_range("file", 0, 100)
