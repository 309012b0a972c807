"""Addresses: where webhooks may be sent to, which is outside.

Whoever may make a webhook could otherwise let the server talk to what only it can reach: the metadata service of a
cloud, a database, an administrator's page. Names are looked up when the connection is made, and what was found is what
is connected to, so that a name cannot mean one thing when it is checked and another when it is used.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from windlass.errors import InvalidValue, PermissionDenied

_MAX_URL = 2048
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Addresses:
    """The addresses that may be reached: public ones, and `allowed` hosts (names, addresses or networks) besides."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._names: set[str] = set()
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        for one in allowed:
            try:
                self._networks.append(ipaddress.ip_network(one, strict=False))
            except ValueError:
                self._names.add(one.lower())

    def check_url(self, url: str) -> str:
        """A URL that may be sent to as far as one can see now; InvalidValue otherwise."""
        if len(url) > _MAX_URL:
            raise InvalidValue("url", url, f"is {len(url)} characters long", limit=_MAX_URL)
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or 443
        except ValueError:
            raise InvalidValue("url", url, "is no URL") from None
        if parts.scheme not in {"http", "https"} or not host or parts.username or not url.isprintable():
            raise InvalidValue("url", url, "must be https://host/… without a user name")
        known = self._knows(host)
        if parts.scheme == "http" and not known:
            raise InvalidValue("url", url, "must be https", hint="WINDLASS_WEBHOOK_ALLOWED_HOSTS names hosts inside")
        try:
            self.resolve(host, port)
        except PermissionDenied as error:
            raise InvalidValue("url", url, error.message, hint=error.hint) from None
        except OSError:
            # Not known yet, or not from here; it is looked up again whenever something is sent.
            return url
        return url

    def resolve(self, host: str, port: int) -> Sequence[tuple[socket.AddressFamily, tuple[str, int]]]:
        """Where to connect to; PermissionDenied if an address of it may not be reached, OSError if it has none."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError as error:
            raise OSError(f"{host!r} is no name") from error
        places = [(family, (str(address[0]), port)) for family, _, _, _, address in found]
        if host.lower() not in self._names:
            for _, (address, _) in places:
                self._check(host, ipaddress.ip_address(address.partition("%")[0]))
        return places

    def _check(self, host: str, address: _Address) -> None:
        if not _is_public(address) and not any(address in network for network in self._networks):
            raise PermissionDenied(
                f"{host} is {address}, which is no public address",
                hint="WINDLASS_WEBHOOK_ALLOWED_HOSTS names hosts inside that may be told",
            )

    def _knows(self, host: str) -> bool:
        if host.lower() in self._names:
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def _is_public(address: _Address) -> bool:
    """Whether the address is one of the whole internet, also where it only wraps another."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
    return address.is_global and not address.is_multicast
