"""Listening sockets for the servers that Windlass runs."""

from __future__ import annotations

import errno
import socket

from windlass.errors import InvalidValue, PermissionDenied, Unavailable, WindlassError

_BACKLOG = 2048
_HIGHEST_PORT = 65535


def listen(host: str, port: int, *, share: bool = False) -> socket.socket:
    """Open a listening TCP socket; port 0 takes a free one, which `getsockname()[1]` tells.

    With `share` other processes may listen on the same port beside it, provided that they ask for it too. Raises
    InvalidValue for an unknown host or an impossible port, Unavailable for a port in use, PermissionDenied for one that
    this user may not open.
    """
    if not 0 <= port <= _HIGHEST_PORT:
        raise InvalidValue("port", port, "must be a TCP port", limit=f"0 to {_HIGHEST_PORT}")
    family, address = _resolve(host, port)
    # asyncio turns off Nagle's algorithm only for sockets whose protocol says TCP, and a plain socket() says 0: answers
    # of two packets would then wait 40 ms for the client's delayed acknowledgement. Accepted sockets inherit it.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if share:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _refusal(error, host, port) from error
    listener.set_inheritable(True)
    return listener


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        hint = "use 127.0.0.1, or 0.0.0.0 for every interface"
        raise InvalidValue("host", host, "is not known", hint=hint) from error
    # IPv4 first: `localhost` often names ::1 too, and clients that were told a URL expect one answer.
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    return family, (str(address[0]), port)


def _refusal(error: OSError, host: str, port: int) -> WindlassError:
    if error.errno == errno.EADDRINUSE:
        return Unavailable(
            f"port {port} on {host} is in use", hint="stop the other server, choose another port, or 0 for a free one"
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return PermissionDenied(f"this user may not open port {port} on {host}", hint="take a port from 1024 on")
    reason = error.strerror or str(error)
    return Unavailable(f"cannot listen on {host}:{port}: {reason}", hint="is the host an address of this machine?")
