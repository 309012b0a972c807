"""StorageDouble: a storage account with one container."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path
from typing import ClassVar
from xml.sax.saxutils import escape

from windlass_rest.testing.double import Answer, Asked, Double, Refusal, Route

ACCOUNT, CONTAINER = "anaccount", "a-container"
KEY = base64.b64encode(b"a key of the account").decode()
_SIGNED = ("sp", "ss", "srt", "st", "se", "sip", "spr", "sv")
_SIGNATURE = (*_SIGNED, "sig")
_PAGE = 2


class StorageDouble(Double):
    """Blobs are files below `directory`; `tokens` let one in as signatures do."""

    _query: ClassVar[tuple[str, ...]] = ("restype", "comp", "prefix", "marker", "blockid", *_SIGNATURE)
    routes = (
        Route(method="GET", path=f"/{CONTAINER}", answer="list_blobs", query=_query),
        Route(method="PUT", path=f"/{CONTAINER}/{{blob+}}", answer="put", body=bytes, query=_query),
        Route(method="DELETE", path=f"/{CONTAINER}/{{blob+}}", answer="delete", query=_query),
    )

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.directory = directory
        self.tokens: set[str] = set()
        self._blocks: dict[str, bytes] = {}

    def allow(self, asked: Asked) -> None:
        if not asked.headers.get("x-ms-version"):
            raise Refusal(400, "MissingRequiredHeader", "x-ms-version is missing")
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if token in self.tokens or ("sig" in asked.query and asked.query["sig"] == _signature(asked)):
            return
        raise Refusal(403, "AuthenticationFailed", "Server failed to authenticate the request.")

    def refused(self, error: Refusal) -> Answer:
        text = f"<Error><Code>{error.code}</Code><Message>{escape(error.message)}</Message></Error>"
        return Answer(text.encode(), error.status)

    def blobs(self) -> list[str]:
        """The names of all blobs."""
        files = (one for one in self.directory.rglob("*") if one.is_file())
        return sorted(one.relative_to(self.directory).as_posix() for one in files)

    def list_blobs(self, asked: Asked) -> Answer:
        if (asked.query.get("restype"), asked.query.get("comp")) != ("container", "list"):
            raise Refusal(400, "InvalidQueryParameterValue", "only lists of the container")
        found = [one for one in self.blobs() if one.startswith(asked.query.get("prefix", ""))]
        at = int(asked.query.get("marker") or 0)
        names = "".join(f"<Blob><Name>{escape(one)}</Name></Blob>" for one in found[at : at + _PAGE])
        marker = str(at + _PAGE) if at + _PAGE < len(found) else ""
        text = f"<EnumerationResults><Blobs>{names}</Blobs><NextMarker>{marker}</NextMarker></EnumerationResults>"
        return Answer(text.encode())

    def put(self, asked: Asked) -> Answer:
        blob, what = asked.parts["blob"], asked.query.get("comp")
        if what == "block":
            self._blocks[asked.query["blockid"]] = asked.body
        elif what == "blocklist":
            listed = asked.body.decode().split("<Latest>")[1:]
            self._write(blob, b"".join(self._blocks.pop(one.partition("<")[0]) for one in listed))
        elif asked.headers.get("x-ms-blob-type") == "BlockBlob":
            self._write(blob, asked.body)
        else:
            raise Refusal(400, "MissingRequiredHeader", "x-ms-blob-type is missing")
        return Answer(None, 201)

    def delete(self, asked: Asked) -> Answer:
        file = self.directory / asked.parts["blob"]
        if not file.is_file():
            raise Refusal(404, "BlobNotFound", "The specified blob does not exist.")
        file.unlink()
        return Answer(None, 202)

    def _write(self, blob: str, content: bytes) -> None:
        file = self.directory / blob
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _signature(asked: Asked) -> str:
    """What Azure computes of a shared access signature of an account, from version 2020-12-06 on."""
    text = "\n".join([ACCOUNT, *(asked.query.get(name, "") for name in _SIGNED), "", ""])
    digest = hmac.new(base64.b64decode(KEY), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
