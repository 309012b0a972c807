"""Many small files of the artifact proxy at once, as archives: a request for each takes longer than what is in it."""

from __future__ import annotations

import hashlib
from typing import Any

from litestar import Request, Response, post
from litestar.params import FromQuery

from windlass.errors import Unavailable
from windlass.interfaces import ArtifactRepository
from windlass.services.artifacts import check_path
from windlass.wire.file_info import FetchFiles
from windlass.wire.message import PREFIXES, WINDLASS
from windlass_server.archive import pack, unpack
from windlass_server.body import parse_json
from windlass_server.incoming import large_bodies, small_body
from windlass_server.operation import ERRORS, NOTHING, DownloadOperation, UploadOperation
from windlass_server.reading import read_message
from windlass_server.sent_file import repr_digest
from windlass_server.threads import in_thread

_FILES = f"{PREFIXES[WINDLASS][0]}/artifacts/files"


def archive_handlers(repository: ArtifactRepository) -> list[Any]:
    """The handlers that unpack archives into the repository of the proxy and make them of its files."""

    @post(
        _FILES,
        status_code=200,
        summary="Store many small files, which come as a tar archive",
        tags=["artifact proxy"],
        operation_class=UploadOperation,
        responses=NOTHING,
        opt={"access": "write proxied file"},
    )
    async def upload_many(request: Request[Any, Any, Any], path: FromQuery[str] = "") -> dict[str, str]:
        async with large_bodies().receive(request) as archive:
            await in_thread(_check, archive, request.headers.get("content-digest"))
            await in_thread(unpack, repository, check_path(path), archive)
        return {}

    @post(
        f"{_FILES}/fetch",
        status_code=200,
        summary="Fetch many small files as a tar archive",
        tags=["artifact proxy"],
        operation_class=DownloadOperation,
        responses=ERRORS,
        opt={"access": "read proxied file"},
    )
    async def download_many(request: Request[Any, Any, Any], path: FromQuery[str] = "") -> Response[bytes]:
        asked = read_message(FetchFiles, parse_json(await small_body(request)))
        archive = await in_thread(pack, repository, check_path(path), asked.paths)
        digest = await in_thread(hashlib.sha256, archive)
        headers = {"repr-digest": repr_digest(digest.hexdigest())}
        return Response(archive, media_type="application/x-tar", headers=headers)

    return [upload_many, download_many]


def _check(archive: bytes, said: str | None) -> None:
    """Unavailable, so that it is sent again, if the archive is not what its header (RFC 9530) says."""
    found = repr_digest(hashlib.sha256(archive).hexdigest())
    if said is not None and said.startswith("sha-256=") and said != found:
        raise Unavailable("the archive did not arrive as it was sent", hint="send it again", retry_after=0)
