"""AllowedPlaces: where a server without accounts touches files that its clients point it at."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from windlass.errors import PermissionDenied
from windlass.uri import Uri

_REACHING = frozenset(
    {"file", "http", "https", "ftp", "ftps", "sftp", "hdfs", "viewfs", "webhdfs", "swebhdfs", "memory"}
)
"""Schemes whose URI alone says what is reached: this machine's disk, or any host that it can see."""


class AllowedPlaces:
    """The places below some URIs, and all in object storage, where credentials say what may be touched.

    Whoever may name a location could otherwise read the server's own files, and hosts behind its firewall.
    """

    def __init__(self, roots: Iterable[str]) -> None:
        self._roots = [Uri.parse(one) for one in roots]

    def __contains__(self, uri: str) -> bool:
        asked = Uri.parse(uri)
        if asked.scheme not in _REACHING:
            return True
        climbs = ".." in unquote(asked.path).replace("\\", "/").split("/")
        return not climbs and any(asked.path_below(root) is not None for root in self._roots)

    def check(self, uri: str) -> None:
        """PermissionDenied for a place that is not among them."""
        if uri not in self:
            raise PermissionDenied(
                f"this server does not touch files at {Uri.parse(uri)}",
                hint="it is not below its artifact root; --allowed-artifact-locations allows places",
            )
