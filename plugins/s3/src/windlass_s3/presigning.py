"""Requests to S3 that others may make."""

from __future__ import annotations

from typing import Any

from windlass.errors import InvalidValue
from windlass.interfaces import SignedRequest
from windlass_fsspec.bucket import split_place
from windlass_s3.faults import explained
from windlass_s3.filesystem import S3FileSystem

_LONGEST = 7 * 24 * 3600


def presign(fs: S3FileSystem, method: str, place: str, *, seconds: int, **arguments: Any) -> SignedRequest:
    """A request that calls a method of the client, good for some seconds."""
    if not 0 < seconds <= _LONGEST:
        raise InvalidValue("seconds", seconds, "is not how long S3 lets a URL be good", limit=f"1 to {_LONGEST}")
    asked = fs.arguments(method, place, **arguments)
    with explained(*split_place(place)):
        url = fs.client.generate_presigned_url(method, Params=asked, ExpiresIn=seconds)
    return SignedRequest(url, _headers(fs.shape(method), asked))


def _headers(shape: Any, asked: dict[str, Any]) -> dict[str, str]:
    """What of a request travels in headers: the signature holds only for who sends them, too."""
    found = {}
    for name, value in asked.items():
        place = shape.members[name].serialization
        if place.get("location") == "header":
            found[place["name"]] = str(value)
        elif place.get("location") == "headers":
            found.update({f"{place['name']}{key}": str(one) for key, one in value.items()})
    return found
