"""Directories for tests on the SFTP server that `windlass.testing.services` finds."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

from windlass.config import Settings
from windlass.testing.services import service_url
from windlass.uri import Uri
from windlass_sftp.repository import SftpArtifactRepository


def server() -> tuple[str, Settings]:
    """The URL of a server for tests and the settings to use it with; skips the test where there is none.

    The query of the URL may name `key_file` and `known_hosts`.
    """
    parts = urlsplit(service_url("sftp"))
    named = {name: values[0] for name, values in parse_qs(parts.query).items()}
    settings = Settings(
        sftp_key_file=named.get("key_file"), sftp_known_hosts=named.get("known_hosts"), sftp_config="/dev/null"
    )
    return parts._replace(query="").geturl(), settings


@contextmanager
def new_directory() -> Iterator[SftpArtifactRepository]:
    """A repository on a directory that is made for it and removed afterwards."""
    url, settings = server()
    name = f"windlass test {secrets.token_hex(6)}"
    with SftpArtifactRepository.open(Uri.parse(url), settings) as parent:
        try:
            with SftpArtifactRepository.open(Uri.parse(url).join(name, "files"), settings) as repository:
                yield repository
        finally:
            parent.delete(name)
