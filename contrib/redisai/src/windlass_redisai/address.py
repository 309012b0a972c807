"""Address: the Redis that a target names."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from windlass.config import Settings
from windlass.errors import InvalidValue
from windlass.uri import redact

_HINT = "write redisai:/HOST:PORT/DATABASE, such as redisai:/127.0.0.1:6379/0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A server, a database of it, and who asks."""

    host: str
    port: int
    database: int
    username: str | None
    password: str | None = field(repr=False)
    tls: bool = False

    @classmethod
    def parse(cls, target: str, settings: Settings) -> Address:
        """Read `redisai:/[USER:PASSWORD@]HOST:PORT[/DATABASE]`; the settings have what is left out."""
        text = target.partition(":")[2].lstrip("/")
        parts = urlsplit(f"//{text}")
        query, path = dict(parse_qsl(parts.query)), parts.path.strip("/")
        try:
            port = parts.port
        except ValueError:
            port = -1
        bad = (path and not path.isdigit()) or set(query) - {"tls"} or port == -1
        if bad or query.get("tls", "true") not in {"true", "false"}:
            raise InvalidValue("target", redact(f"redisai://{text}"), "names no Redis", hint=_HINT)
        return cls(
            host=parts.hostname or settings.redis_host,
            port=settings.redis_port if port is None else port,
            database=int(path) if path else settings.redis_db,
            username=unquote(parts.username) if parts.username else settings.redis_username,
            password=unquote(parts.password) if parts.password else settings.redis_password,
            tls=query.get("tls") == "true",
        )

    def __str__(self) -> str:
        return f"redisai:/{self.host}:{self.port}/{self.database}"
