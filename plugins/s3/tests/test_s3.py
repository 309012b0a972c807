"""What S3 itself does: signatures, arguments of uploads, and how it fails."""

from __future__ import annotations

import time
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest

from windlass.config import Settings
from windlass.errors import InvalidValue, NotFound, PermissionDenied, Unauthenticated, Unavailable
from windlass.testing.artifact_abilities import send
from windlass.testing.broken_servers import breaking_server, dead_server
from windlass.testing.killed_upload import kill_while_writing
from windlass.uri import Uri
from windlass_s3.conformance import s3_bucket, s3_settings
from windlass_s3.repository import S3ArtifactRepository

__all__ = ["breaking_server", "dead_server", "s3_bucket", "s3_settings"]

LARGE = 20 << 20


@pytest.fixture
def source(tmp_path):
    file = tmp_path / "source"
    file.write_bytes(b"content")
    return file


@pytest.fixture
def repository(s3_bucket, s3_settings):
    with S3ArtifactRepository.open(Uri.parse(f"s3://{s3_bucket}/prefix"), s3_settings) as repository:
        yield repository


def opened(uri, settings, **changes):
    values = {name: getattr(settings, name) for name in ("s3_endpoint_url",)}
    return S3ArtifactRepository.open(Uri.parse(uri), Settings(**{**values, **changes}))


def test_a_large_file_goes_in_parts_and_comes_back(repository, tmp_path):
    file = tmp_path / "large"
    file.write_bytes(bytes(range(256)) * (LARGE // 256))
    repository.put_file(file, "large")
    repository.get_file("large", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == file.read_bytes()
    assert repository.fs.call("head_object", repository._full("large"))["ETag"].endswith('-3"')
    assert list(repository.leftovers(0)) == []


def test_an_upload_that_is_killed_shows_nothing_and_can_be_cleared_away(repository, s3_settings):
    kill_while_writing(S3ArtifactRepository, repository._name, s3_settings, path="model/weights")
    assert repository.list() == []
    assert repository.list("model") == []
    assert list(repository.tree()) == []
    with pytest.raises(NotFound):
        repository.read("model/weights")
    assert list(repository.leftovers(60)) == []
    [left] = repository.leftovers(0)
    assert left.path.startswith("model/weights#")
    assert left.file_size >= repository.least_part
    repository.drop_leftover(left.path)
    repository.drop_leftover(left.path)
    assert list(repository.leftovers(0)) == []


def test_a_presigned_url_ends_and_holds_for_nothing_else(repository, source):
    repository.put_file(source, "file")
    repository.put_file(source, "other")
    signed = repository.presign_get("file", seconds=1)
    with pytest.raises(HTTPError, match="403"):
        send(type(signed)(signed.url.replace("/file?", "/other?")))
    with pytest.raises(HTTPError, match="403"):
        send(signed, b"replaced")
    time.sleep(2.1)
    with pytest.raises(HTTPError, match="403"):
        send(signed)


@pytest.mark.parametrize("seconds", [0, -1, 604_801])
def test_a_url_cannot_be_good_for_longer_than_s3_allows(repository, seconds):
    with pytest.raises(InvalidValue, match="604800"):
        repository.presign_get("file", seconds=seconds)


def test_uploads_carry_the_arguments_that_were_set(s3_bucket, s3_settings, source, tmp_path):
    extra = {"Metadata": {"team": "fraud"}, "CacheControl": "no-store", "ContentType": "text/x-model"}
    large = tmp_path / "large"
    large.write_bytes(bytes(LARGE))
    with opened(f"s3://{s3_bucket}", s3_settings, s3_upload_extra_args=extra) as repository:
        repository.put_file(source, "small.txt")
        repository.put_file(large, "large.txt")
        signed = repository.presign_put("signed.txt", seconds=60)
        assert signed.headers["x-amz-meta-team"] == "fraud"
        send(signed, b"signed")
        for path in ("small.txt", "large.txt", "signed.txt"):
            found = repository.fs.call("head_object", repository._full(path))
            told = (found["Metadata"], found["CacheControl"], found["ContentType"])
            assert told == ({"team": "fraud"}, "no-store", "text/x-model")


def test_a_checksum_that_is_asked_for_does_not_break_uploads_in_parts(s3_bucket, s3_settings, tmp_path):
    large = tmp_path / "large"
    large.write_bytes(bytes(LARGE))
    with opened(f"s3://{s3_bucket}", s3_settings, s3_upload_extra_args={"ChecksumAlgorithm": "SHA256"}) as repository:
        repository.put_file(large, "large")
        assert repository.stat("large").file_size == LARGE


def test_the_owner_of_the_bucket_is_told_with_every_request(s3_bucket, s3_settings):
    with opened(f"s3://{s3_bucket}", s3_settings, s3_expected_bucket_owner="123456789012") as repository:
        signed = repository.presign_get("file", seconds=60)
        assert signed.headers == {"x-amz-expected-bucket-owner": "123456789012"}
        asked = repository.fs.arguments("list_objects_v2", s3_bucket)
        assert asked["ExpectedBucketOwner"] == "123456789012"


@pytest.mark.parametrize(
    ("style", "url"),
    [("path", "https://s3.example.com/models/a/file"), ("virtual", "https://models.s3.example.com/a/file")],
)
def test_the_bucket_stands_where_the_addressing_style_says(s3_settings, style, url):
    changes = {"s3_endpoint_url": "https://s3.example.com", "s3_addressing_style": style}
    with opened("s3://models/a", s3_settings, **changes) as repository:
        assert repository.presign_get("file", seconds=60).url.partition("?")[0] == url


def test_escapes_in_the_uri_are_part_of_the_name(s3_bucket, s3_settings, source):
    with opened(f"s3://{s3_bucket}/a%20b", s3_settings) as repository:
        repository.put_file(source, "file")
        assert [name for name, _ in repository.fs.entries(f"{s3_bucket}/", deep=True)] == [f"{s3_bucket}/a%20b/file"]


@pytest.mark.parametrize("uri", ["s3:///path", "s3://bucket/path?versionId=3", "s3://bucket/path#1"])
def test_a_uri_without_a_bucket_or_with_a_query_is_refused(s3_settings, uri):
    with pytest.raises(InvalidValue, match="uri"):
        opened(uri, s3_settings)


def test_objects_that_stand_for_directories_are_no_files(repository, s3_bucket, source):
    repository.fs.call("put_object", f"{s3_bucket}/prefix/dir/", Body=b"")
    repository.put_file(source, "dir/sub/file")
    assert [info.path for info in repository.list("dir")] == ["dir/sub"]
    assert [info.path for info in repository.tree()] == ["dir/sub/file"]
    repository.delete("dir")
    assert repository.list() == []


def test_a_reader_sees_one_version_though_the_file_is_replaced(repository, tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"a" * (4 << 20))
    repository.put_file(file, "file")
    with repository.read("file") as stream:
        start = stream.read(10)
        file.write_bytes(b"b" * (4 << 20))
        repository.put_file(file, "file")
        assert start + stream.read() == b"a" * (4 << 20)


def test_a_missing_bucket_is_named(s3_settings, source, tmp_path):
    with opened("s3://no-such-bucket-here/prefix", s3_settings) as repository:
        for action in (
            lambda: repository.put_file(source, "file"),
            lambda: repository.get_file("file", tmp_path / "back"),
            lambda: repository.read("file"),
            repository.list,
            repository.tree,
            lambda: repository.stat("file"),
            lambda: repository.begin_upload("file", 1),
        ):
            with pytest.raises(NotFound, match="no such bucket at s3://no-such-bucket-here"):
                action()


def test_wrong_credentials_are_refused_at_once(s3_bucket, s3_settings, source, monkeypatch):
    with monkeypatch.context() as environment:
        environment.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
        repository = opened(f"s3://{s3_bucket}", s3_settings)
    for action in (lambda: repository.put_file(source, "file"), repository.list):
        with pytest.raises(Unauthenticated, match="SignatureDoesNotMatch") as raised:
            action()
        assert "AWS_SECRET_ACCESS_KEY" in raised.value.hint
    # The answer to HEAD has no body to say why.
    with pytest.raises(PermissionDenied):
        repository.stat("file")
    repository.close()


def test_no_credentials_are_told_from_wrong_ones(s3_bucket, s3_settings, source, monkeypatch, tmp_path):
    with monkeypatch.context() as environment:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            environment.delenv(name)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            environment.setenv(name, str(tmp_path / "nothing"))
        repository = opened(f"s3://{s3_bucket}", s3_settings)
    with repository, pytest.raises(Unauthenticated, match="there are no credentials for s3://"):
        repository.put_file(source, "file")


def test_a_dead_server_is_told_soon(s3_settings, source, dead_server):
    with opened("s3://bucket", s3_settings, s3_endpoint_url=dead_server) as repository:
        start = time.monotonic()
        with pytest.raises(Unavailable, match="cannot be reached") as raised:
            repository.put_file(source, "file")
        assert time.monotonic() - start < 10
        assert "WINDLASS_S3_ENDPOINT_URL" in raised.value.hint


def test_a_connection_that_breaks_while_reading_is_unavailable(s3_settings, breaking_server):
    with opened("s3://bucket", s3_settings, s3_endpoint_url=breaking_server) as repository:
        with repository.read("file") as stream, pytest.raises(Unavailable):
            stream.read()
        with pytest.raises(Unavailable):
            repository.read_range("file", 0, 100)


def test_the_place_is_left_out_for_those_who_must_not_know_it(s3_settings, source, dead_server):
    with opened("s3://secret-bucket", s3_settings, s3_endpoint_url=dead_server) as repository:
        with pytest.raises(Unavailable) as raised:
            repository.put_file(source, "file")
        told = raised.value.message.replace(f" {raised.value.details['place']}", "")
        assert told == "S3 cannot be reached"
        assert "secret-bucket" in raised.value.message
        assert urlsplit(dead_server).netloc in raised.value.message
