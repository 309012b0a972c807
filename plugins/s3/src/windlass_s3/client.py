"""The client of an S3 server, from the settings."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.loaders import Loader, create_loader
from botocore.session import Session

from windlass.config import Settings

_CONNECT_SECONDS = 3
_READ_SECONDS = 60
_ATTEMPTS = 3
_CONNECTIONS = 32


def open_client(settings: Settings) -> Any:
    """A client with botocore's own chain of credentials, and time-outs; it may be used by several threads at once."""
    session = Session()
    session.register_component("data_loader", _loader())
    return session.create_client(
        "s3",
        endpoint_url=settings.s3_endpoint_url,
        verify=False if settings.s3_ignore_tls else None,
        config=Config(
            signature_version="s3v4",
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
            max_pool_connections=_CONNECTIONS,
            s3={"addressing_style": settings.s3_addressing_style} if settings.s3_addressing_style else None,
        ),
    )


@cache
def _loader() -> Loader:
    # Reading what S3 can do takes ten times as long as all the rest, and there is a client for each run.
    return create_loader()
