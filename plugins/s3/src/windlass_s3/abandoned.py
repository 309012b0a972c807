"""Uploads to S3 that broke off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from windlass_fsspec.bucket import split_place
from windlass_s3.filesystem import S3FileSystem


def uploads(fs: S3FileSystem, place: str, *, seconds: int) -> Iterator[tuple[str, str, int]]:
    """Where, by which id and with how many bytes uploads below a place wait that got nothing for so many seconds."""
    bucket, prefix = split_place(f"{place}/")
    before = datetime.now(UTC) - timedelta(seconds=seconds)
    for one in _pages(fs, "list_multipart_uploads", bucket, part="Uploads", Prefix=prefix):
        if one["Initiated"] > before:
            continue
        found = f"{bucket}/{one['Key']}"
        try:
            parts = [*_pages(fs, "list_parts", found, part="Parts", UploadId=one["UploadId"])]
        except FileNotFoundError:
            # Somebody has just completed or aborted it.
            continue
        if all(part["LastModified"] <= before for part in parts):
            yield found, one["UploadId"], sum(int(part["Size"]) for part in parts)


def _pages(fs: S3FileSystem, method: str, place: str, *, part: str, **asked: Any) -> Iterator[dict[str, Any]]:
    """What a listing has in all of its pages."""
    while True:
        page = fs.call(method, place, **asked)
        yield from page.get(part, ())
        if not page.get("IsTruncated"):
            return
        for name in ("KeyMarker", "UploadIdMarker", "PartNumberMarker"):
            if page.get(f"Next{name}"):
                asked[name] = page[f"Next{name}"]
