"""Where a container is reached."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass, replace

import docker

from windlass.errors import InvalidValue, Unavailable
from windlass_docker.connection import host_of, is_here
from windlass_docker.serve.options import ServeOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address and a port of the daemon's machine, and what that machine is called from here."""

    host: str
    port: int
    machine: str

    @classmethod
    def choose(cls, client: docker.DockerClient, options: ServeOptions, *, port: int = 0) -> Address:
        """The address that options ask for; without a port there `port`, or one that is free."""
        listening = ipaddress.ip_address(options.host)
        if not is_here(client):
            if listening.is_loopback:
                hint = "-C host=0.0.0.0 lets it be reached from here"
                raise InvalidValue(
                    "config host", options.host, "is not this machine, as Docker is elsewhere", hint=hint
                )
            if not (options.port or port):
                raise InvalidValue("config port", 0, "must be named, as Docker is on another machine")
        machine = host_of(client) if listening.is_unspecified else options.host
        return cls(host=options.host, port=options.port or port or _free_port(options.host), machine=machine)

    @classmethod
    def free(cls, like: Address) -> Address:
        """The same with another port of this machine, which is free."""
        return replace(like, port=_free_port(like.host))

    @property
    def url(self) -> str:
        """Where it answers."""
        machine = f"[{self.machine}]" if ":" in self.machine else self.machine
        return f"http://{machine}:{self.port}"


def _free_port(host: str) -> int:
    """A port that is kept when the container is started again, which one of Docker's choice would not be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.bind((host, 0))
            return int(sock.getsockname()[1])
    except OSError as error:
        raise Unavailable(f"there is no free port at {host}: {error.strerror or error}") from error
