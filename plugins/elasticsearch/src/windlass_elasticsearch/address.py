"""Address: what an `elasticsearch:` URI says, which is where the cluster is and what our indices are called."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from windlass.errors import InvalidValue
from windlass.uri import Uri

DEFAULT_PREFIX = "windlass"
DEFAULT_PORT = 9200
_PREFIX = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]\s]+)(?::(\d{1,5}))?")
_FORM = "elasticsearch[+https]://[user:password@]host[:9200][,host…][/prefix]"


@dataclass(frozen=True, slots=True)
class Address:
    """The URLs of the hosts, how the indices begin, and who signs in, if the URI says it.

    `place` is the URI without its password, for messages.
    """

    hosts: tuple[str, ...]
    prefix: str
    place: str
    credentials: tuple[str, str] | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, uri: Uri) -> Address:
        """Read a URI; InvalidValue if it is none of this form or the prefix is not one that an index may have."""
        if uri.driver not in {None, "http", "https"}:
            raise InvalidValue("uri", str(uri), "has an unknown driver", hint=f"the form is {_FORM}")
        login, at, hosts = uri.netloc.rpartition("@")
        if not hosts:
            raise InvalidValue("uri", str(uri), "names no host", hint=f"the form is {_FORM}")
        user, _, password = login.partition(":")
        return cls(
            tuple(_url(uri, host) for host in hosts.split(",")),
            _prefix(uri),
            str(uri),
            (unquote(user), unquote(password)) if at else None,
        )


def _url(uri: Uri, host: str) -> str:
    match = _HOST.fullmatch(host)
    if match is None:
        raise InvalidValue("uri", str(uri), f"has a host that cannot be read: {host!r}", hint=f"the form is {_FORM}")
    scheme = "https" if uri.driver == "https" else "http"
    return f"{scheme}://{match[1]}:{match[2] or DEFAULT_PORT}"


def _prefix(uri: Uri) -> str:
    prefix = uri.path.strip("/") or DEFAULT_PREFIX
    if not _PREFIX.fullmatch(prefix):
        raise InvalidValue(
            "uri",
            str(uri),
            f"has the prefix {prefix!r}, which indices cannot have",
            limit="a-z, 0-9, '_' and '-', at most 100 characters, beginning with a letter or a digit",
        )
    return prefix
