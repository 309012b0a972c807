"""The application: every endpoint over one workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Litestar
from litestar.types import ASGIApp

from windlass.config import Settings
from windlass.interfaces import GroupsWrites
from windlass.services.workspace import Workspace
from windlass_server.description import description
from windlass_server.endpoint import OPEN, Endpoints, Gate
from windlass_server.errors import HANDLERS
from windlass_server.guard import Guard
from windlass_server.headers import SafeHeaders
from windlass_server.lane import Lane
from windlass_server.observe.metrics import RequestMetrics
from windlass_server.observe.observer import Observer
from windlass_server.observe.request_log import request_log
from windlass_server.observe.tracing import traced
from windlass_server.options import ServerOptions
from windlass_server.prefix import FirstPrefixes, Prefixed
from windlass_server.proxies import Proxies
from windlass_server.rate import RateLimit
from windlass_server.retention import RetentionKeeper
from windlass_server.routes.artifact_proxy import artifact_proxy, no_proxy_handlers, proxy_handlers, serves_artifacts
from windlass_server.routes.artifacts import artifacts, file_handlers
from windlass_server.routes.datasets import datasets
from windlass_server.routes.deployments import deployments
from windlass_server.routes.experiments import experiments
from windlass_server.routes.exports import exports
from windlass_server.routes.health import health, server_info, version, watch_handlers
from windlass_server.routes.logged_models import logged_models
from windlass_server.routes.metrics import metrics
from windlass_server.routes.model_versions import model_versions
from windlass_server.routes.multipart import multipart
from windlass_server.routes.registered_models import registered_models
from windlass_server.routes.retention import retention
from windlass_server.routes.runs import runs
from windlass_server.routes.webhooks import webhooks
from windlass_server.webhooks.announcer import Announcer, AnnouncingGate

if TYPE_CHECKING:
    from windlass_server.access.access import Access

MAX_BODY = 64 * 1024 * 1024
_NOUNS: tuple[Endpoints, ...] = (
    experiments,
    runs,
    metrics,
    exports,
    datasets,
    logged_models,
    registered_models,
    model_versions,
    artifacts,
    retention,
    deployments,
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
    proxies = Proxies(settings.trusted_proxies)
    access = _access(opened, settings)
    if access is None:
        # With accounts it is decided when somebody chooses a location.
        opened.artifacts.confine()
    announcer = Announcer(opened.records, settings)
    keeper = RetentionKeeper(opened)
    shown = opened if access is None else access.workspace
    gate = AnnouncingGate(OPEN if access is None else access.gate, announcer)

    def guard(app: ASGIApp) -> ASGIApp:
        return Guard(app, hosts=chosen.allowed_hosts, origins=chosen.allowed_origins)

    app = Litestar(
        route_handlers=[
            *_handlers(shown, gate, _lane(opened), proxies),
            *webhooks.handlers(announcer, gate),
            *watch_handlers(opened, metrics),
            *opened.plugins.routes(shown),
            *_access_handlers(access),
        ],
        middleware=[guard, *([access.middleware] if access else ())],
        exception_handlers=HANDLERS,
        request_max_body_size=MAX_BODY,
        openapi_config=description(),
        on_shutdown=[
            keeper.close,
            announcer.close,
            *([access.close] if access else ()),
            *([opened.close] if workspace is None else ()),
        ],
        logging_config=None,
    )
    app.asgi_handler = FirstPrefixes(app.asgi_handler)
    # Around all of it, what the framework answers itself included.
    if chosen.rate_limit is not None:
        app.asgi_handler = RateLimit(app.asgi_handler, chosen.rate_limit, proxies.client)
    if settings.static_prefix:
        app.asgi_handler = Prefixed(app.asgi_handler, settings.static_prefix)
    watchers = (metrics, request_log(everything=chosen.access_log))
    app.asgi_handler = Observer(SafeHeaders(traced(app.asgi_handler)), watchers, proxies.client)
    return app


def _access(workspace: Workspace, settings: Settings) -> Access | None:
    if not settings.auth:
        return None
    # Accounts take libraries that a server without them does not need in memory.
    from windlass_server.access.access import Access  # noqa: PLC0415

    return Access.open(workspace, settings)


def _access_handlers(access: Access | None) -> list[Any]:
    if access is None:
        return []
    from windlass_server.routes.access import access_handlers  # noqa: PLC0415  see `_access`

    return access_handlers(access)


def _lane(workspace: Workspace) -> Lane | None:
    """A lane for what is logged, where one writes at a time and nothing else is written with it."""
    store = workspace.tracking
    if isinstance(store, GroupsWrites) and store.writes_alone and workspace.settings.audit != "all":
        return Lane(store)
    return None


def _handlers(workspace: Workspace, gate: Gate, lane: Lane | None, proxies: Proxies) -> list[Any]:
    handlers: list[Any] = [health, version, server_info(workspace), *file_handlers(workspace)]
    for noun in _NOUNS:
        handlers += noun.handlers(workspace, gate, lane=lane)
    if serves_artifacts(workspace.settings):
        return [
            *handlers,
            *artifact_proxy.handlers(workspace, gate),
            *multipart.handlers(workspace, gate),
            *proxy_handlers(workspace, proxies),
        ]
    return [*handlers, *no_proxy_handlers()]
