"""Files of runs and models over HTTP."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from windlass.errors import InvalidValue
from windlass.services.artifacts import check_path
from windlass.services.workspace import Workspace
from windlass.wire.file_info import ArtifactsAnswer, ListArtifacts, encode_file_info
from windlass.wire.message import MLFLOW, PREFIXES
from windlass_server.endpoint import Endpoints
from windlass_server.files import receive_file, send_file
from windlass_server.operation import ERRORS, DownloadOperation, UploadOperation
from windlass_server.threads import in_thread

artifacts = Endpoints("artifacts")

_Argument = FromQuery[str]
_PREFIX = PREFIXES[MLFLOW][0]
_MAX_UPLOAD = 10 * 1024 * 1024


@artifacts.add
def list_artifacts(workspace: Workspace, request: ListArtifacts) -> ArtifactsAnswer:
    """What is in a directory of a run's files."""
    root = workspace.runs.get(request.run_id).info.artifact_uri
    files = workspace.artifacts.repository(root).list(check_path(request.path or ""))
    return {"root_uri": root, "files": [encode_file_info(one) for one in files]} if files else {"root_uri": root}


def file_handlers(workspace: Workspace) -> list[Any]:
    """The handlers that send and receive files by run, model version or logged model."""

    async def send(root_or_uri: str, path: str | None) -> Stream:
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
    async def get_run_artifact(path: _Argument = "", run_id: _Argument = "", run_uuid: _Argument = "") -> Stream:
        return await send(await in_thread(_run_root, workspace, run_id or run_uuid), path)

    @get(
        "/model-versions/get-artifact",
        summary="Fetch a file of a model version",
        tags=["artifacts"],
        operation_class=DownloadOperation,
        responses=ERRORS,
        opt={"access": "read model version files"},
    )
    async def get_version_artifact(name: _Argument = "", version: _Argument = "", path: _Argument = "") -> Stream:
        return await send(await in_thread(workspace.model_versions.download_uri, name, version), path)

    @get(
        f"{_PREFIX}/logged-models/{{model_id:str}}/artifacts/files",
        summary="Fetch a file of a logged model",
        tags=["artifacts"],
        operation_class=DownloadOperation,
        responses=ERRORS,
        opt={"access": "read logged model files"},
    )
    async def get_logged_model_artifact(model_id: FromPath[str], artifact_file_path: _Argument = "") -> Stream:
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
