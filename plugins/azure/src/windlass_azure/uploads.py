"""Uploads: blobs that arrive in blocks.

Azure does not know uploads, only blocks by name that wait below the name of a blob for a week. So the id of an upload
is part of the names of its blocks, and several uploads of one blob do not mix. The first that is completed wins: with
it Azure forgets the blocks of the others.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from azure.storage.blob import BlobBlock

from windlass.errors import InvalidValue, NotFound
from windlass_azure.filesystem import AzureFileSystem, described

LEAST_PART = 1
MOST_PARTS = 50_000
_ID_DIGITS = 24


def begin(place: str, count: int) -> str:
    """The id of a new upload of so many parts."""
    if count > MOST_PARTS:
        raise InvalidValue("parts", count, f"are too many for {place!r}", limit=MOST_PARTS)
    return secrets.token_hex(_ID_DIGITS // 2)


def block_name(upload_id: str, number: int) -> str:
    """The name of a part's block: 32 bytes, as others use, because Azure wants those of a blob to be of one length."""
    if len(upload_id) != _ID_DIGITS or not upload_id.isalnum() or not 0 < number <= MOST_PARTS:
        raise NotFound(f"there is no upload {upload_id!r} with a part {number}", hint="begin it again")
    return f"{upload_id}-{number:07}"


def put_part(fs: AzureFileSystem, place: str, upload_id: str, *, number: int, data: bytes) -> str:
    """Store a part; returns its block's name."""
    name = block_name(upload_id, number)
    with fs.blob(place) as blob:
        blob.stage_block(name, data, length=len(data))
    return name


def complete(fs: AzureFileSystem, place: str, upload_id: str, *, marks: Mapping[int, str]) -> None:
    """Put the parts together; only now the blob is to be seen.

    The marks say which parts there are: who stored one by a presigned URL has no ETag for it.
    """
    blocks = [BlobBlock(block_name(upload_id, number)) for number in sorted(marks)]
    with fs.blob(place) as blob:
        _check(blob.get_block_list("uncommitted")[1], blocks, place, upload_id)
        blob.commit_block_list(blocks, content_settings=described(place))


def _check(waiting: list[BlobBlock], blocks: list[BlobBlock], place: str, upload_id: str) -> None:
    known = {one.id for one in waiting}
    for block in blocks:
        if block.id not in known:
            raise NotFound(f"there is no upload {upload_id!r} of {place!r} with all these parts", hint="begin it again")
