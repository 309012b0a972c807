"""Documents: reading one, and writing it only if nobody else has done so meanwhile.

Every document carries the stamp of its last write. A write whose answer was lost, and that was sent again, so finds out
that it was the faster one itself.
"""

from __future__ import annotations

import hashlib
import random
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from windlass.errors import Unavailable
from windlass_elasticsearch.cluster import Cluster, Hit

Source = dict[str, Any]
_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_HASHED_ID = re.compile(r"~[0-9a-f]{64}")
_FIRST_WAIT, _LONGEST_WAIT = 0.004, 0.5
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was read; `hit` has the sequence number by which it is replaced."""

    index: str
    document_id: str
    source: Source
    hit: Hit


def document_id(text: str) -> str:
    """The id of a document that is called so; ids have at most 512 bytes, and some characters are awkward in URLs."""
    if _PLAIN_ID.fullmatch(text) or _HASHED_ID.fullmatch(text):
        return text
    return "~" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def new_token() -> str:
    """A text that nobody else has."""
    return secrets.token_hex(12)


def read(cluster: Cluster, index: str, name: str) -> Document | None:
    """The document as it is at this moment; None if there is none."""
    found = cluster.get(index, document_id(name))
    return None if found is None else as_document(index, found)


def read_many(cluster: Cluster, places: list[tuple[str, str]], *, fields: Sequence[str] = ()) -> list[Document | None]:
    """Several documents as they are at this moment, each by its index and name; without `fields` all of each."""
    found = cluster.get_many([(index, document_id(name)) for index, name in places], fields=fields)
    return [None if hit is None else as_document(index, hit) for (index, _), hit in zip(places, found, strict=True)]


def as_document(index: str, hit: Hit) -> Document:
    """The document of a hit, which has its sequence number."""
    return Document(index, hit["_id"], hit["_source"], hit)


def create(cluster: Cluster, index: str, name: str, source: Mapping[str, Any]) -> Document | None:
    """Keep a new document; None if there is one already."""
    return _write(cluster, index, document_id(name), source, None)


def replace(cluster: Cluster, document: Document, source: Mapping[str, Any]) -> Document | None:
    """Replace a document by another; None if it is no longer as it was read."""
    return _write(cluster, document.index, document.document_id, source, document.hit)


def remove(cluster: Cluster, document: Document) -> bool:
    """Remove a document; False if it is no longer as it was read."""
    return cluster.remove(document.index, document.hit)


class Collided(Exception):
    """Somebody else wrote the same document first, so that all must be looked at again."""


def again(work: Callable[[], Any]) -> Any:
    """The result of `work`, which is done again as long as it raises Collided; Unavailable after a minute of that."""
    began, tried = time.monotonic(), 0
    while True:
        try:
            return work()
        except Collided:
            tried += 1
            if time.monotonic() - began > _PATIENCE:
                raise Unavailable("too many write the same at the same time", hint="try again", retry_after=1) from None
            # Random, so that those who collided do not meet again.
            time.sleep(random.uniform(0, min(_LONGEST_WAIT, _FIRST_WAIT * 2**tried)))  # noqa: S311  no secret


def written(document: Document | None) -> Document:
    """The document; Collided if there is none, because somebody else was faster."""
    if document is None:
        raise Collided
    return document


def _write(
    cluster: Cluster, index: str, document_id: str, source: Mapping[str, Any], replacing: Hit | None
) -> Document | None:
    stamped = {**source, "stamp": new_token()}
    answer = cluster.write(index, document_id, stamped, replacing=replacing)
    if answer is not None:
        return Document(index, document_id, stamped, answer)
    now = cluster.get(index, document_id)
    if now is not None and now["_source"].get("stamp") == stamped["stamp"]:
        return as_document(index, now)
    return None
