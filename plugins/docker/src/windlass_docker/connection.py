"""The connection to Docker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import docker

from windlass_docker.faults import translated

_TIMEOUT = 60
_LOOPBACK = "127.0.0.1"
_LOCAL_HOSTS = {"localhost", _LOOPBACK, "::1"}


@contextmanager
def connected(timeout: int = _TIMEOUT) -> Iterator[docker.DockerClient]:
    """Docker, as DOCKER_HOST and its kin name it; Unavailable if it does not answer within `timeout` seconds."""
    with translated("be reached"):
        client = docker.from_env(timeout=timeout)
        client.ping()
    try:
        yield client
    finally:
        client.close()


def is_here(client: docker.DockerClient) -> bool:
    """Whether containers are on this machine, so that they can see its files and its network."""
    return host_of(client) in _LOCAL_HOSTS


def host_of(client: docker.DockerClient) -> str:
    """The machine that containers are on."""
    address = str(client.api.base_url)
    if address.startswith("http+docker://ssh"):
        address = os.environ.get("DOCKER_HOST", "")
    elif address.startswith(("http+docker:", "npipe:")):
        return _LOOPBACK
    return urlsplit(address).hostname or _LOOPBACK
