"""The command `windlass server`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from windlass.config import Settings, parse_names
from windlass.errors import InvalidValue
from windlass.services.artifacts import PROXIED
from windlass_server.access.options import access_options, ask_for_password, with_access
from windlass_server.options import ServerOptions

READY = "windlass.server_ready"
"""The key in the context's `meta` of a function that is called with the URL when the server answers."""


@click.command()
@click.option(
    "--backend-store-uri",
    envvar=["WINDLASS_BACKEND_STORE_URI", "MLFLOW_BACKEND_STORE_URI"],
    metavar="URI",
    help="Where runs are kept; the project's own SQLite file without.",
)
@click.option(
    "--registry-store-uri",
    envvar=["WINDLASS_REGISTRY_STORE_URI", "MLFLOW_REGISTRY_STORE_URI"],
    metavar="URI",
    help="Where registered models are kept; with the runs without.",
)
@click.option("--default-artifact-root", metavar="URI", help="Where the files of new experiments go.")
@click.option(
    "--serve-artifacts/--no-serve-artifacts",
    default=True,
    show_default=True,
    help="Keep the files of clients, which then need no credentials for where they are kept.",
)
@click.option("--artifacts-destination", metavar="URI", help="Where the server keeps the files it serves.")
@click.option("--dedup", is_flag=True, help="Keep equal files that the server serves once.")
@click.option("-h", "--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("-p", "--port", default=5000, show_default=True, help="The port to listen on; 0 takes a free one.")
@click.option(
    "-w",
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 256),
    help="How many processes answer; more than one on a database server, one is best on SQLite.",
)
@click.option(
    "--allowed-hosts",
    envvar=["WINDLASS_SERVER_ALLOWED_HOSTS", "MLFLOW_SERVER_ALLOWED_HOSTS"],
    default="",
    help="Names that the server is reached by, besides localhost and private addresses; `*` is a wild card.",
)
@click.option(
    "--cors-allowed-origins",
    envvar=["WINDLASS_SERVER_CORS_ALLOWED_ORIGINS", "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS"],
    default="",
    help="Web sites whose pages may make changes, besides the server's own.",
)
@click.option(
    "--rate-limit",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="How many requests a second one address may make on average; any number without.",
)
@click.option("--access-log", is_flag=True, help="Log every request, not only those that fail or are slow.")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    envvar="WINDLASS_LOG_FORMAT",
    help="Lines for people, or one JSON object a line.",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    envvar="WINDLASS_LOG_LEVEL",
    help="How much is logged.",
)
@access_options
def server(
    *,
    backend_store_uri: str | None,
    registry_store_uri: str | None,
    default_artifact_root: str | None,
    serve_artifacts: bool,
    artifacts_destination: str | None,
    dedup: bool,
    host: str,
    port: int,
    workers: int,
    allowed_hosts: str,
    cors_allowed_origins: str,
    rate_limit: float | None,
    access_log: bool,
    log_format: str,
    log_level: str,
    **access: Any,
) -> None:
    """Serve the HTTP API to clients, until SIGTERM or Ctrl-C."""
    settings = server_settings(
        with_access(Settings.load(), access),
        backend_store_uri=backend_store_uri,
        registry_store_uri=registry_store_uri,
        default_artifact_root=default_artifact_root,
        serve_artifacts=serve_artifacts,
        artifacts_destination=artifacts_destination,
        dedup=dedup,
    )
    options = ServerOptions(
        allowed_hosts=(host, *parse_names("allowed_hosts", allowed_hosts)),
        allowed_origins=parse_names("cors_allowed_origins", cors_allowed_origins),
        access_log=access_log,
        log_format=log_format,
        log_level=log_level,
        rate_limit=rate_limit,
    )
    # A command that is built on this one, such as `windlass ui`, learns the address so.
    tell: Callable[[str], object] = click.get_current_context().meta.get(READY, lambda _url: None)

    def on_ready(url: str) -> None:
        click.echo(f"Windlass listens on {url}")
        tell(url)

    run_server(settings, options, host, port, workers=workers, on_ready=on_ready)


def run_server(
    settings: Settings,
    options: ServerOptions,
    host: str,
    port: int,
    *,
    workers: int,
    on_ready: Callable[[str], None],
) -> None:
    """Answer requests until the process is told to stop."""
    # Imported now, so that `windlass server --help` is quick.
    from windlass_server.observe.request_log import configure_logging  # noqa: PLC0415

    configure_logging(options.log_format, options.log_level)
    if settings.auth:
        # Asked for once, before there are several processes.
        from windlass_server.access.first_start import first_start  # noqa: PLC0415

        settings = first_start(settings, ask_for_password)
    if workers > 1:
        from windlass.services.workspace import Workspace  # noqa: PLC0415
        from windlass_server.workers import serve_with_workers  # noqa: PLC0415

        if (settings.tracking_uri or "").startswith("memory:"):
            raise InvalidValue("workers", workers, "would each have a memory of their own", limit=1)
        # What is wrong with the stores is said once, and empty ones are created once.
        Workspace.open(settings).close()
        serve_with_workers(workers, settings, options, host, port, on_ready=on_ready)
        return
    from windlass_server.app import create_app  # noqa: PLC0415
    from windlass_server.run import serve  # noqa: PLC0415

    serve(create_app(settings, options=options), host, port, on_ready=on_ready)


def server_settings(
    settings: Settings,
    *,
    backend_store_uri: str | None = None,
    registry_store_uri: str | None = None,
    default_artifact_root: str | None = None,
    serve_artifacts: bool = True,
    artifacts_destination: str | None = None,
    dedup: bool = False,
) -> Settings:
    """The settings of a server process; InvalidValue if its stores are behind another server.

    With `serve_artifacts` new experiments name their files `mlflow-artifacts:/…` and the server keeps them in
    `artifacts_destination`; an explicit artifact root is what clients use themselves.
    """
    backend = backend_store_uri or settings.tracking_uri
    if backend and backend.startswith(("http:", "https:")):
        raise InvalidValue(
            "backend_store_uri",
            backend,
            "is a server itself",
            hint="name the database; unset WINDLASS_TRACKING_URI and MLFLOW_TRACKING_URI where the server runs",
        )
    if dedup and not serve_artifacts:
        raise InvalidValue("dedup", dedup, "is for files that the server serves", hint="leave --no-serve-artifacts out")
    local = artifacts_destination or settings.artifacts_destination or (settings.home / "artifacts").as_uri()
    root = default_artifact_root or settings.artifact_root or (f"{PROXIED}:/" if serve_artifacts else local)
    return replace(
        settings,
        tracking_uri=backend,
        registry_uri=registry_store_uri or settings.registry_uri,
        artifact_root=root,
        artifacts_destination=local,
        artifacts_dedup=(dedup or settings.artifacts_dedup) and serve_artifacts,
    )
