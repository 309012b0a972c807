"""Whether a cluster reaches the store of runs."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from windlass.config import Settings
from windlass.errors import Unsupported
from windlass.uri import Uri

_LOCAL = frozenset({"sqlite", "file"})


def check_store_is_reachable(settings: Settings, cluster: str) -> None:
    """Refuse a store that is a file of this machine for a cluster elsewhere, which `cluster` is the URL of."""
    store = settings.tracking_uri or settings.default_tracking_uri
    if Uri.parse(store).scheme in _LOCAL and not is_this_machine(cluster):
        raise Unsupported(
            "the runs are in a file of this machine, which the cluster cannot reach",
            hint="start `windlass server`, and name it in WINDLASS_TRACKING_URI",
        )


def is_this_machine(url: str) -> bool:
    """Whether a URL names this machine by a loopback address."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
