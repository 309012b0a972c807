"""Address: which HDFS a URI names, and as whom."""

from __future__ import annotations

from dataclasses import dataclass
from getpass import getuser
from urllib.parse import unquote, urlsplit

from windlass.config import Settings
from windlass.errors import InvalidValue
from windlass.uri import Uri


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a URI; `host` is empty and `port` None where Hadoop's configuration says them."""

    host: str
    port: int | None
    user: str
    password: str | None

    @classmethod
    def find(cls, uri: Uri, settings: Settings) -> Address:
        """What a URI says, and settings where it is silent."""
        parts = urlsplit(uri.text)
        try:
            port = parts.port
        except ValueError:
            raise InvalidValue("uri", str(uri), "has a port that is no number from 1 to 65535") from None
        user = unquote(parts.username or "") or settings.hdfs_user or getuser()
        return cls(parts.hostname or "", port, user, unquote(parts.password) if parts.password else None)
