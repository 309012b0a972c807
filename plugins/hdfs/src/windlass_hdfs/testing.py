"""Directories for tests in the HDFS that `windlass.testing.services` finds."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from windlass.config import Settings
from windlass.testing.services import service_url
from windlass.uri import Uri
from windlass_hdfs.webhdfs import WebHdfsArtifactRepository


def server() -> tuple[str, dict[str, str]]:
    """The URL of a WebHDFS for tests, and what its query says about libhdfs; skips the test where there is none."""
    parts = urlsplit(service_url("hdfs"))
    return parts._replace(query="").geturl(), {name: values[0] for name, values in parse_qs(parts.query).items()}


@contextmanager
def new_directory() -> Iterator[str]:
    """The path of a directory that is removed afterwards."""
    url, _ = server()
    name = f"windlass test {secrets.token_hex(6)}"
    with WebHdfsArtifactRepository.open(Uri.parse(url), Settings()) as parent:
        try:
            yield f"{Uri.parse(url).path.rstrip('/')}/{name}"
        finally:
            parent.delete(name)


@contextmanager
def new_repository() -> Iterator[WebHdfsArtifactRepository]:
    """A repository on a new directory, over HTTP."""
    url, _ = server()
    with new_directory() as path:
        uri = Uri.parse(urlsplit(url)._replace(path=f"{path}/files").geturl())
        with WebHdfsArtifactRepository.open(uri, Settings()) as repository:
            yield repository


def java_environment() -> dict[str, str]:
    """The variables with which libhdfs finds Java and Hadoop; skips the test where the library is missing."""
    _, named = server()
    if "libhdfs" not in named:
        pytest.skip("tests/services/hdfs.sh could not build libhdfs")
    classpath = Path(named["classpath"]).read_text().strip()
    return {"ARROW_LIBHDFS_DIR": named["libhdfs"], "CLASSPATH": classpath, "JAVA_HOME": named["java_home"]}


@contextmanager
def new_java_uri() -> Iterator[Uri]:
    """The `hdfs://` URI of a new directory; from then on this process finds Java and Hadoop."""
    # The library is loaded once, so the variables stay.
    os.environ.update(java_environment())
    _, named = server()
    with new_directory() as path:
        yield Uri.parse(f"hdfs://127.0.0.1:{named['rpc']}{path}/files")
