"""Proxies: whose word on the client's address and name counts."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from windlass.errors import InvalidValue


class Proxies:
    """The proxies that are trusted, by address or network; none without."""

    def __init__(self, trusted: Iterable[str] = (), user_header: str | None = None) -> None:
        self._networks = tuple(_network(one) for one in trusted)
        self.user_header = user_header.lower().encode() if user_header else None
        if self.user_header and not self._networks:
            raise InvalidValue(
                "auth_proxy_header", user_header, "needs --trusted-proxies", hint="anybody could send that header"
            )
        self.trusts = lru_cache(maxsize=1024)(self._trusts)

    def client(self, scope: Any) -> str:
        """The address of a request's client: what trusted proxies say, read from the nearest one outwards."""
        address = peer(scope)
        if not self._networks or not self.trusts(address):
            return address
        hops = (value for name, value in scope["headers"] if name == b"x-forwarded-for")
        forwarded = b",".join(hops).decode("latin-1")
        for hop in reversed([one.strip() for one in forwarded.split(",") if one.strip()]):
            address = hop
            if not self.trusts(hop):
                break
        return address

    def base_url(self, scope: Any) -> str:
        """The URL of the server as the client of a request knows it, without a path."""
        headers = dict(scope["headers"])
        scheme = "https" if self.is_secure(scope) else "http"
        return f"{scheme}://{headers.get(b'host', b'').decode('latin-1')}"

    def is_secure(self, scope: Any) -> bool:
        """Whether the client's own connection is encrypted: to this server, or to a trusted proxy that says so."""
        if scope["scheme"] == "https":
            return True
        said = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
        return said == [b"https"] and self.trusts(peer(scope))

    def user(self, scope: Any) -> str | None:
        """The user that a trusted proxy let in; None if there is none, or if somebody else says so."""
        if self.user_header is None or not self.trusts(peer(scope)):
            return None
        found = [value for name, value in scope["headers"] if name == self.user_header]
        return found[0].decode("utf-8", "replace").strip() or None if len(found) == 1 else None

    def _trusts(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)


def peer(scope: Any) -> str:
    """The address that the connection of a request comes from; empty on a socket that has none."""
    client = scope.get("client")
    return client[0] if client else ""


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise InvalidValue("trusted_proxies", text, "is neither an address nor a network") from None
