"""Whether the server is up, and what it can do."""

from __future__ import annotations

from typing import Any, TypedDict

from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler

from windlass import __version__
from windlass.entities import DEFAULT_EXPERIMENT_ID
from windlass.errors import NotFound
from windlass.interfaces import PresignsUrls, UploadsParts
from windlass.services.workspace import Workspace
from windlass.wire.message import MLFLOW3, PREFIXES
from windlass_server.observe.metrics import CONTENT_TYPE, RequestMetrics
from windlass_server.routes.artifact_proxy import serves_artifacts
from windlass_server.routes.multipart import ROOT
from windlass_server.threads import in_thread


class ServerInfo(TypedDict):
    """What clients ask before they choose how to move files."""

    store_type: str
    workspaces_enabled: bool
    trace_archival_enabled: bool
    multipart_uploads_enabled: bool
    multipart_downloads_enabled: bool
    presigned_upload_run_id_supported: bool
    presigned_upload_model_id_supported: bool
    features_enabled: dict[str, bool]
    windlass_version: str


@get(
    "/health",
    media_type=MediaType.TEXT,
    summary="Whether the server answers",
    tags=["server"],
    sync_to_thread=False,
    opt={"access": "public"},
)
def health() -> str:
    """OK as long as the server answers."""
    return "OK"


@get(
    "/version",
    media_type=MediaType.TEXT,
    summary="The server's version",
    tags=["server"],
    sync_to_thread=False,
    opt={"access": "signed in"},
)
def version() -> str:
    """The bare version."""
    return __version__


def server_info(workspace: Workspace) -> HTTPRouteHandler:
    """The handler that says what the server can do; it does what MLflow's clients know of a `SqlStore`."""
    served = workspace.artifacts.repository(ROOT) if serves_artifacts(workspace.settings) else None
    info = ServerInfo(
        store_type="SqlStore",
        workspaces_enabled=False,
        trace_archival_enabled=False,
        multipart_uploads_enabled=isinstance(served, UploadsParts),
        multipart_downloads_enabled=isinstance(served, PresignsUrls),
        presigned_upload_run_id_supported=True,
        presigned_upload_model_id_supported=True,
        features_enabled={"gateway": False},
        windlass_version=__version__,
    )

    @get(
        f"{PREFIXES[MLFLOW3][0]}/server-info",
        summary="What the server can do",
        tags=["server"],
        sync_to_thread=False,
        opt={"access": "public"},
    )
    def server_info() -> ServerInfo:
        return info

    return server_info


def watch_handlers(workspace: Workspace, metrics: RequestMetrics) -> list[Any]:
    """The handlers for those that watch the server: whether it can work, and how it does."""

    @get(
        "/ready",
        media_type=MediaType.TEXT,
        summary="Whether the server can work",
        tags=["server"],
        opt={"access": "public"},
    )
    async def ready() -> str:
        """OK if the database answers; otherwise 503, as everything else would get."""
        await in_thread(_ask, workspace)
        return "OK"

    @get(
        "/metrics",
        media_type=CONTENT_TYPE,
        summary="Metrics for Prometheus",
        tags=["server"],
        opt={"access": "signed in"},
    )
    async def show_metrics() -> Response[bytes]:
        """Requests by route and status, how long they took, and what the process needs."""
        return Response(await in_thread(metrics.text), headers={"content-type": CONTENT_TYPE})

    return [ready, show_metrics]


def _ask(workspace: Workspace) -> None:
    try:
        workspace.tracking.experiments.get(DEFAULT_EXPERIMENT_ID)
    except NotFound:
        # Someone has removed it for good, which is an answer.
        return
