"""ServerOptions: how a server behaves, as plain values that a worker process can be given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """How a server behaves.

    `allowed_hosts` are names that it answers for besides localhost and private addresses, `allowed_origins` the web
    sites whose pages may make changes. `access_log` logs every request, not only those that fail or are slow.
    `rate_limit` is how many requests a second one address may make on average; None for any number.
    """

    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    access_log: bool = False
    log_format: str = "text"
    log_level: str = "info"
    rate_limit: float | None = None
