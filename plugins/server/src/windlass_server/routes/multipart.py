"""Files of the artifact proxy in parts, and by requests that the storage itself answers.

The parts of an upload go straight to a storage that can sign requests; for others they come to this server, where the
id of the upload, which nobody can guess, is what lets a part in: clients send it with nothing else.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post, put
from litestar.params import FromPath, FromQuery

from windlass.errors import InvalidValue, Unsupported
from windlass.interfaces import ArtifactRepository, PresignsParts, PresignsUrls, StreamsParts, UploadsParts
from windlass.services.artifacts import PROXIED, check_path
from windlass.services.workspace import Workspace
from windlass.wire.message import PREFIXES, PROXY
from windlass.wire.upload import AbortUpload, CompleteUpload, CreateUpload, PartJson, SignedDownload, UploadAnswer
from windlass_server.body import parse_json
from windlass_server.endpoint import Endpoints
from windlass_server.incoming import incoming, large_bodies, small_body
from windlass_server.operation import ERRORS, PlainOperation, UploadOperation, operation
from windlass_server.proxies import Proxies
from windlass_server.reading import read_message
from windlass_server.received_file import pour
from windlass_server.threads import in_thread

ROOT = f"{PROXIED}:/"
"""Where the proxy keeps its files."""
_PREFIX = PREFIXES[PROXY][0]
_MOST_PART = 128 << 20
_SIGNED_FOR = 3600
Asked = Request[Any, Any, Any]
multipart = Endpoints("artifact proxy")


@multipart.add
def complete_upload(workspace: Workspace, request: CompleteUpload) -> None:
    """The parts are one file now."""
    marks = {one.part_number: one.etag.strip('"') for one in request.parts}
    uploads = _uploads(workspace.artifacts.repository(ROOT))
    uploads.complete_upload(_target(request.directory, request.path), request.upload_id, marks)


@multipart.add
def abort_upload(workspace: Workspace, request: AbortUpload) -> None:
    """Nothing of the upload is left."""
    uploads = _uploads(workspace.artifacts.repository(ROOT))
    uploads.abort_upload(_target(request.directory, request.path), request.upload_id)


def multipart_handlers(repository: ArtifactRepository, proxies: Proxies, prefix: str = "") -> list[Any]:
    """The handlers over the repository of the proxy, which is shown below `prefix`."""

    @post(
        f"{_PREFIX}/mpu/create/{{path:path}}",
        status_code=200,
        summary="Begin to store a file in parts",
        tags=["artifact proxy"],
        operation_class=operation(CreateUpload, "POST"),
        responses=ERRORS,
        opt={"access": "write proxied file"},
    )
    async def create_upload(request: Asked, path: FromPath[str]) -> UploadAnswer:
        asked = read_message(CreateUpload, parse_json(await small_body(request)))
        uploads, target = _uploads(repository), _target(path, asked.path)
        if not 1 <= asked.num_parts <= uploads.most_parts:
            raise InvalidValue("num_parts", asked.num_parts, "is out of range", limit=f"1 … {uploads.most_parts}")
        upload_id = await in_thread(uploads.begin_upload, target, asked.num_parts)
        here = proxies.base_url(request.scope) + prefix
        parts = await in_thread(_parts, repository, target, upload_id, asked.num_parts, here)
        return {"upload_id": upload_id, "credentials": parts}

    @put(
        f"{_PREFIX}/mpu/part/{{path:path}}",
        status_code=200,
        summary="Store a part",
        tags=["artifact proxy"],
        operation_class=UploadOperation,
        responses=ERRORS,
        request_max_body_size=_MOST_PART,
        opt={"access": "public"},
    )
    async def put_part(
        request: Asked, path: FromPath[str], upload_id: FromQuery[str], part_number: FromQuery[int]
    ) -> Response[bytes]:
        uploads, target = _uploads(repository), check_path(path.removeprefix("/"), empty=False)
        if isinstance(repository, StreamsParts) and (size := request.content_length) is not None:
            mark = await pour(incoming(request), lambda: repository.write_part(target, upload_id, part_number, size))
        else:
            async with large_bodies().receive(request) as body:
                mark = await in_thread(uploads.put_part, target, upload_id, part_number, body)
        return Response(b"", media_type="text/plain", headers={"etag": f'"{mark}"'})

    @get(
        f"{_PREFIX}/presigned/{{path:path}}",
        summary="Ask for a URL from which a file can be fetched for a while",
        tags=["artifact proxy"],
        operation_class=PlainOperation,
        responses=ERRORS,
        opt={"access": "read proxied file"},
    )
    async def presign_download(path: FromPath[str]) -> SignedDownload:
        return await in_thread(_presigned, repository, check_path(path.removeprefix("/"), empty=False))

    return [create_upload, put_part, presign_download]


def _uploads(repository: ArtifactRepository) -> UploadsParts:
    if not isinstance(repository, UploadsParts):
        raise Unsupported("the storage of this server takes no files in parts", hint="store the file in one piece")
    return repository


def _target(directory: str, name: str) -> str:
    return check_path(f"{directory.strip('/')}/{check_path(name, empty=False)}", empty=False)


def _parts(repository: ArtifactRepository, path: str, upload_id: str, count: int, here: str) -> list[PartJson]:
    """Where each part goes: to the storage, or to this server."""
    numbers = range(1, count + 1)
    if isinstance(repository, PresignsParts):
        signed = [repository.presign_part(path, upload_id, number, seconds=_SIGNED_FOR) for number in numbers]
        return [
            {"part_number": number, "url": one.url, "headers": one.headers}
            for number, one in zip(numbers, signed, strict=True)
        ]
    url = f"{here}{_PREFIX}/mpu/part/{quote(path)}?upload_id={quote(upload_id)}"
    return [{"part_number": number, "url": f"{url}&part_number={number}", "headers": {}} for number in numbers]


def _presigned(repository: ArtifactRepository, path: str) -> SignedDownload:
    if not isinstance(repository, PresignsUrls):
        raise Unsupported("the storage of this server signs no requests", hint="fetch the file from the server")
    info = repository.stat(path)
    if info.is_dir:
        raise InvalidValue("path", path, "is a directory", hint="list it, and fetch its files one by one")
    signed = repository.presign_get(path, seconds=_SIGNED_FOR)
    answer: SignedDownload = {"url": signed.url, "headers": signed.headers}
    return answer if info.file_size is None else {**answer, "file_size": info.file_size}
