"""The artifact proxy: clients keep their files with the server, without credentials for where it keeps them."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, delete, get, put, route
from litestar.params import FromPath

from windlass.config import Settings
from windlass.entities import FileInfo
from windlass.errors import Unsupported
from windlass.services.artifacts import PROXIED, check_path
from windlass.services.workspace import Workspace
from windlass.wire.file_info import FilesAnswer, ListProxiedArtifacts, encode_file_info
from windlass.wire.message import PREFIXES, PROXY
from windlass_server.endpoint import Endpoints
from windlass_server.operation import ERRORS, NOTHING, DownloadOperation, PlainOperation, UploadOperation
from windlass_server.proxies import Proxies
from windlass_server.received_file import receive_file
from windlass_server.routes.file_archives import archive_handlers
from windlass_server.routes.multipart import ROOT, multipart_handlers
from windlass_server.sent_file import SentFile, repr_digest, send_file
from windlass_server.threads import in_thread

artifact_proxy = Endpoints("artifact proxy")

_PREFIX = PREFIXES[PROXY][0]
_FILE = f"{_PREFIX}/artifacts/{{path:path}}"
_EVERY = [f"{_PREFIX}/artifacts", f"{_PREFIX}/{{path:path}}"]


@artifact_proxy.add
def list_proxied_artifacts(workspace: Workspace, request: ListProxiedArtifacts) -> FilesAnswer:
    """What is in a directory, with paths relative to it."""
    path = check_path(request.path or "")
    files = workspace.artifacts.repository(ROOT).list(path)
    return {"files": [encode_file_info(_relative(one, path)) for one in files]} if files else {}


def proxy_handlers(workspace: Workspace, proxies: Proxies) -> list[Any]:
    """The handlers that send, receive and remove files."""
    repository = workspace.artifacts.repository(ROOT)
    prefix = workspace.settings.static_prefix.rstrip("/")

    @get(
        _FILE,
        summary="Fetch a file",
        tags=["artifact proxy"],
        operation_class=DownloadOperation,
        responses=ERRORS,
        opt={"access": "read proxied file"},
    )
    async def download(path: FromPath[str]) -> SentFile:
        return await send_file(repository, path.removeprefix("/"))

    @put(
        _FILE,
        status_code=200,
        summary="Store a file",
        tags=["artifact proxy"],
        operation_class=UploadOperation,
        responses=NOTHING,
        request_max_body_size=None,
        opt={"access": "write proxied file"},
    )
    async def upload(request: Request[Any, Any, Any], path: FromPath[str]) -> Response[bytes]:
        digest = await receive_file(request, repository, path.removeprefix("/"))
        return Response(b"{}", media_type="application/json", headers={"repr-digest": repr_digest(digest)})

    @delete(
        _FILE,
        status_code=200,
        summary="Remove a file or directory",
        tags=["artifact proxy"],
        operation_class=PlainOperation,
        responses=NOTHING,
        opt={"access": "delete proxied file"},
    )
    async def remove(path: FromPath[str]) -> Response[bytes]:
        await in_thread(repository.delete, check_path(path.removeprefix("/"), empty=False))
        return Response(b"{}", media_type="application/json")

    return [download, upload, remove, *archive_handlers(repository), *multipart_handlers(repository, proxies, prefix)]


def serves_artifacts(settings: Settings) -> bool:
    """Whether new experiments keep their files with this server."""
    return settings.default_artifact_root.startswith(f"{PROXIED}:")


def no_proxy_handlers() -> list[Any]:
    """What answers where the server keeps no artifacts for its clients."""

    @route(_EVERY, http_method=["GET", "PUT", "POST", "DELETE"], include_in_schema=False, opt={"access": "signed in"})
    async def refuse() -> None:
        raise Unsupported("this server does not serve artifacts", hint="start it with --serve-artifacts")

    return [refuse]


def _relative(info: FileInfo, directory: str) -> FileInfo:
    return FileInfo(info.path[len(directory) :].lstrip("/"), info.is_dir, info.file_size)
