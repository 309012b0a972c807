"""Uploads: objects of S3 that arrive in parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from windlass.errors import InvalidValue, NotFound
from windlass_s3.filesystem import S3FileSystem

LEAST_PART = 5 << 20
MOST_PARTS = 10_000


def begin(fs: S3FileSystem, place: str, count: int) -> str:
    """The id of a new upload of so many parts."""
    if count > MOST_PARTS:
        raise InvalidValue("parts", count, "are too many for one file", limit=MOST_PARTS)
    return str(fs.call("create_multipart_upload", place, **fs.described(place))["UploadId"])


def put_part(fs: S3FileSystem, place: str, upload_id: str, *, number: int, data: bytes) -> str:
    """Store a part; returns its ETag."""
    with _known(place, upload_id):
        return str(fs.call("upload_part", place, UploadId=upload_id, PartNumber=number, Body=data)["ETag"])


def complete(fs: S3FileSystem, place: str, upload_id: str, *, marks: Mapping[int, str]) -> None:
    """Put the parts together; only now the object is to be seen."""
    parts = [{"PartNumber": number, "ETag": marks[number]} for number in sorted(marks)]
    with _known(place, upload_id):
        fs.call("complete_multipart_upload", place, UploadId=upload_id, MultipartUpload={"Parts": parts})


def abort(fs: S3FileSystem, place: str, upload_id: str) -> None:
    """Throw the parts away."""
    try:
        fs.call("abort_multipart_upload", place, UploadId=upload_id)
    except FileNotFoundError:
        return


@contextmanager
def _known(place: str, upload_id: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(f"there is no upload {upload_id!r} of s3://{place}", hint="begin it again") from error
