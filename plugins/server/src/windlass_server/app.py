"""The application: every endpoint over one workspace."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from litestar import Litestar
from litestar.datastructures import ResponseHeader
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ASGIApp

from windlass import __version__
from windlass.config import Settings
from windlass.services.artifacts import PROXIED
from windlass.services.workspace import Workspace
from windlass_server.answer import NO_SNIFFING
from windlass_server.endpoint import Endpoints
from windlass_server.errors import HANDLERS
from windlass_server.guard import Guard
from windlass_server.routes.artifact_proxy import artifact_proxy, no_proxy_handlers, proxy_handlers
from windlass_server.routes.artifacts import artifacts, file_handlers
from windlass_server.routes.datasets import datasets
from windlass_server.routes.experiments import experiments
from windlass_server.routes.health import health, server_info, version
from windlass_server.routes.logged_models import logged_models
from windlass_server.routes.metrics import metrics
from windlass_server.routes.model_versions import model_versions
from windlass_server.routes.registered_models import registered_models
from windlass_server.routes.runs import runs

MAX_BODY = 64 * 1024 * 1024
_NOUNS: tuple[Endpoints, ...] = (
    experiments,
    runs,
    metrics,
    datasets,
    logged_models,
    registered_models,
    model_versions,
    artifacts,
)


def create_app(
    settings: Settings,
    workspace: Workspace | None = None,
    *,
    allowed_hosts: Iterable[str] = (),
    allowed_origins: Iterable[str] = (),
) -> Litestar:
    """The server's application; it closes the workspace when it stops if it was not given one."""
    opened = Workspace.open(settings) if workspace is None else workspace
    hosts, origins = tuple(allowed_hosts), tuple(allowed_origins)

    def guard(app: ASGIApp) -> ASGIApp:
        return Guard(app, hosts=hosts, origins=origins)

    return Litestar(
        route_handlers=[*_handlers(opened), *opened.plugins.routes(opened)],
        middleware=[guard],
        exception_handlers=HANDLERS,
        request_max_body_size=MAX_BODY,
        response_headers=[ResponseHeader(name=NO_SNIFFING[0], value=NO_SNIFFING[1])],
        openapi_config=OpenAPIConfig(
            title="Windlass",
            version=__version__,
            path="/schema",
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        ),
        on_shutdown=[opened.close] if workspace is None else [],
        logging_config=None,
    )


def _handlers(workspace: Workspace) -> list[Any]:
    handlers: list[Any] = [health, version, server_info, *file_handlers(workspace)]
    for noun in _NOUNS:
        handlers += noun.handlers(workspace)
    if serves_artifacts(workspace.settings):
        return [*handlers, *artifact_proxy.handlers(workspace), *proxy_handlers(workspace)]
    return [*handlers, *no_proxy_handlers()]


def serves_artifacts(settings: Settings) -> bool:
    """Whether new experiments keep their files with this server."""
    return settings.default_artifact_root.startswith(f"{PROXIED}:")
