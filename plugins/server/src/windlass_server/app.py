"""The application: every endpoint over one workspace."""

from __future__ import annotations

from typing import Any

from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ASGIApp

from windlass import __version__
from windlass.config import Settings
from windlass.services.artifacts import PROXIED
from windlass.services.workspace import Workspace
from windlass_server.endpoint import Endpoints
from windlass_server.errors import HANDLERS
from windlass_server.guard import Guard
from windlass_server.headers import SafeHeaders
from windlass_server.observe.metrics import RequestMetrics
from windlass_server.observe.observer import Observer
from windlass_server.observe.request_log import request_log
from windlass_server.observe.tracing import traced
from windlass_server.options import ServerOptions
from windlass_server.rate import RateLimit
from windlass_server.routes.artifact_proxy import artifact_proxy, no_proxy_handlers, proxy_handlers
from windlass_server.routes.artifacts import artifacts, file_handlers
from windlass_server.routes.datasets import datasets
from windlass_server.routes.experiments import experiments
from windlass_server.routes.health import health, server_info, version, watch_handlers
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
    options: ServerOptions | None = None,
) -> Litestar:
    """The server's application; it closes the workspace when it stops if it was not given one."""
    opened = Workspace.open(settings) if workspace is None else workspace
    chosen = options or ServerOptions()

    metrics = RequestMetrics()

    def guard(app: ASGIApp) -> ASGIApp:
        return Guard(app, hosts=chosen.allowed_hosts, origins=chosen.allowed_origins)

    app = Litestar(
        route_handlers=[*_handlers(opened), *watch_handlers(opened, metrics), *opened.plugins.routes(opened)],
        middleware=[guard],
        exception_handlers=HANDLERS,
        request_max_body_size=MAX_BODY,
        openapi_config=OpenAPIConfig(
            title="Windlass",
            version=__version__,
            path="/schema",
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        ),
        on_shutdown=[opened.close] if workspace is None else [],
        logging_config=None,
    )
    # Around all of it, what the framework answers itself included.
    if chosen.rate_limit is not None:
        app.asgi_handler = RateLimit(app.asgi_handler, chosen.rate_limit)
    app.asgi_handler = Observer(
        SafeHeaders(traced(app.asgi_handler)), [metrics, request_log(everything=chosen.access_log)]
    )
    return app


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
