"""Files of runs and models over HTTP."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from windlass.errors import InvalidValue
from windlass.interfaces import PresignsUrls
from windlass.services.artifacts import PROXIED, check_path
from windlass.services.workspace import Workspace
from windlass.wire.file_info import ArtifactsAnswer, ListArtifacts, encode_file_info
from windlass.wire.message import MLFLOW, PREFIXES
from windlass.wire.upload import PresignDownload, PresignUpload, SignedAnswer
from windlass_server.endpoint import Endpoints
from windlass_server.operation import ERRORS, DownloadOperation, UploadOperation
from windlass_server.received_file import receive_file
from windlass_server.sent_file import SentFile, send_file
from windlass_server.threads import in_thread

artifacts = Endpoints("artifacts")

_Argument = FromQuery[str]
_PREFIX = PREFIXES[MLFLOW][0]
_MAX_UPLOAD = 10 * 1024 * 1024
_FETCH_FOR, _STORE_FOR, _WEEK = 300, 900, 604_800


@artifacts.add
def list_artifacts(workspace: Workspace, request: ListArtifacts) -> ArtifactsAnswer:
    """What is in a directory of a run's files."""
    root = workspace.runs.get(request.run_id).info.artifact_uri
    files = workspace.artifacts.repository(root).list(check_path(request.path or ""))
    return {"root_uri": root, "files": [encode_file_info(one) for one in files]} if files else {"root_uri": root}


@artifacts.add
def presign_upload(workspace: Workspace, request: PresignUpload) -> SignedAnswer:
    """A URL to which a file of a run or logged model can be stored, where the storage itself can sign one."""
    if (request.run_id is None) == (request.model_id is None):
        raise InvalidValue("run_id", request.run_id, "give either this or model_id")
    if request.run_id is not None:
        root = workspace.runs.get(request.run_id).info.artifact_uri
    else:
        root = workspace.logged_models.get(request.model_id or "").artifact_location
    path, seconds = check_path(request.path, empty=False), _seconds(request.expiration, _STORE_FOR)
    signed = _signing(workspace, root).presign_put(path, seconds=seconds)
    return {"presigned_url": signed.url, "headers": signed.headers}


@artifacts.add
def presign_download(workspace: Workspace, request: PresignDownload) -> SignedAnswer:
    """A URL from which a file of a run can be fetched, where the storage itself can sign one."""
    root = workspace.runs.get(request.run_id).info.artifact_uri
    path, seconds = check_path(request.path, empty=False), _seconds(request.expiration, _FETCH_FOR)
    repository = _signing(workspace, root)
    size = workspace.artifacts.repository(root).stat(path).file_size
    signed = repository.presign_get(path, seconds=seconds)
    answer: SignedAnswer = {"presigned_url": signed.url, "headers": signed.headers}
    return answer if size is None else {**answer, "file_size": size}


def _signing(workspace: Workspace, root: str) -> PresignsUrls:
    repository = workspace.artifacts.repository(root)
    if root.startswith(f"{PROXIED}:") or not isinstance(repository, PresignsUrls):
        raise InvalidValue("run_id", root.partition(":")[0], "keeps its files where no URL can be signed for clients")
    return repository


def _seconds(asked: int | None, otherwise: int) -> int:
    seconds = otherwise if asked is None else asked
    if not 1 <= seconds <= _WEEK:
        raise InvalidValue("expiration", seconds, "is out of range", limit=f"1 … {_WEEK} seconds")
    return seconds


def file_handlers(workspace: Workspace) -> list[Any]:
    """The handlers that send and receive files by run, model version or logged model."""

    async def send(root_or_uri: str, path: str | None) -> SentFile:
        location = await in_thread(workspace.artifacts.location, root_or_uri)
        return await send_file(await in_thread(workspace.artifacts.repository, location), path or "")

    @get(
        "/get-artifact",
        summary="Fetch a file of a run",
        tags=["artifacts"],
        operation_class=DownloadOperation,
        responses=ERRORS,
        opt={"access": "read run files"},
    )
    async def get_run_artifact(path: _Argument = "", run_id: _Argument = "", run_uuid: _Argument = "") -> SentFile:
        return await send(await in_thread(_run_root, workspace, run_id or run_uuid), path)

    @get(
        "/model-versions/get-artifact",
        summary="Fetch a file of a model version",
        tags=["artifacts"],
        operation_class=DownloadOperation,
        responses=ERRORS,
        opt={"access": "read model version files"},
    )
    async def get_version_artifact(name: _Argument = "", version: _Argument = "", path: _Argument = "") -> SentFile:
        return await send(await in_thread(workspace.model_versions.download_uri, name, version), path)

    @get(
        f"{_PREFIX}/logged-models/{{model_id:str}}/artifacts/files",
        summary="Fetch a file of a logged model",
        tags=["artifacts"],
        operation_class=DownloadOperation,
        responses=ERRORS,
        opt={"access": "read logged model files"},
    )
    async def get_logged_model_artifact(model_id: FromPath[str], artifact_file_path: _Argument = "") -> SentFile:
        model = await in_thread(workspace.logged_models.get, model_id)
        return await send(model.artifact_location, artifact_file_path)

    @post(
        f"{_PREFIX}/upload-artifact",
        status_code=200,
        summary="Store a file of a run",
        tags=["artifacts"],
        operation_class=UploadOperation,
        responses=ERRORS,
        media_type="text/plain",
        request_max_body_size=None,
        opt={"access": "write run files"},
    )
    async def upload_artifact(
        request: Request[Any, Any, Any], path: _Argument = "", run_id: _Argument = "", run_uuid: _Argument = ""
    ) -> Response[bytes]:
        root = await in_thread(_run_root, workspace, run_id or run_uuid)
        repository = await in_thread(workspace.artifacts.repository, root)
        await receive_file(request, repository, path, limit=_MAX_UPLOAD)
        return Response(b"", media_type="text/plain")

    return [get_run_artifact, get_version_artifact, get_logged_model_artifact, upload_artifact]


def _run_root(workspace: Workspace, run_id: str) -> str:
    if not run_id:
        raise InvalidValue("run_id", run_id, "is missing")
    return workspace.runs.get(run_id).info.artifact_uri
