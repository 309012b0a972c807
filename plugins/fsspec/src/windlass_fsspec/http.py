"""HttpSourceRepository: files of a web server, to be read."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn, Self
from urllib.parse import quote, urlsplit, urlunsplit

import aiohttp

from windlass.config import Settings
from windlass.entities import FileInfo
from windlass.errors import InvalidValue, NotFound, PermissionDenied, Unsupported
from windlass.part_file import is_part
from windlass.uri import Uri, join
from windlass_fsspec.directories import walk
from windlass_fsspec.http_file_system import HttpFiles
from windlass_fsspec.repository import FsspecArtifactRepository

_AT_ONCE = 16
# What may stand in a path, so that one with escapes stays as it is.
_SAFE = "/%:@!$&'()*+,;=~-._"


class HttpSourceRepository(FsspecArtifactRepository):
    """Files below an `http(s)://` URL, such as data sets and models that others publish.

    A query of the URL, such as a signature, goes with every request. Directories are listed where the server has index
    pages; a single file needs none.
    """

    faults = (aiohttp.ClientError, asyncio.TimeoutError)

    def __init__(self, fs: HttpFiles, url: str, *, name: str) -> None:
        super().__init__(fs, url, name=name)
        self._url = url

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """The files below a URL, which is asked for when it is first needed."""
        parts = urlsplit(uri.text)
        if not parts.hostname:
            raise InvalidValue("uri", str(uri), "names no server")
        url = urlunsplit((parts.scheme, parts.netloc, quote(parts.path.rstrip("/"), safe=_SAFE), parts.query, ""))
        name = str(Uri.parse(urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))))
        return cls(HttpFiles(timeout=settings.storage_timeout, tls=_tls(settings)), url, name=name)

    def put_file(self, source: Path, path: str) -> None:
        """Unsupported."""
        del source
        self._refuse(path)

    def delete(self, path: str) -> None:
        """Unsupported."""
        self._refuse(path)

    def list(self, path: str = "") -> list[FileInfo]:
        """What the index page of a directory links to; the server is asked for the size of each file."""
        prefix = f"{path}/" if path else ""
        try:
            with self.translating(path):
                found = self.fs.ls(_with_slash(self._full(path)), detail=True)
        except NotFound:
            return []
        named = [(f"{prefix}{one['name']}", one["type"] == "directory") for one in found if not is_part(one["name"])]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return sorted(one for one in pool.map(lambda one: self._described(*one), named) if one is not None)

    def tree(self, path: str = "") -> Sequence[FileInfo]:
        """Every file below the directory, in as many listings as there are directories."""
        return walk(self, path)

    def close(self) -> None:
        """Close the connections."""
        self.fs.close()

    def _described(self, path: str, is_dir: bool) -> FileInfo | None:  # noqa: FBT001  one of a pair
        if is_dir:
            return FileInfo(path, is_dir=True)
        try:
            return self.stat(path)
        except NotFound:
            # A page may link to what is gone.
            return None
        except PermissionDenied:
            return FileInfo(path)

    def _full(self, path: str) -> str:
        return join(self._url, quote(path)) if path else self._url

    def _info(self, entry: dict[str, Any]) -> FileInfo:
        is_dir = entry["type"] == "directory"
        return FileInfo("", is_dir, None if is_dir else entry["size"])

    def _refuse(self, path: str) -> NoReturn:
        hint = "choose another place for the artifacts, such as s3:// or sftp://; a server's own are mlflow-artifacts:/"
        raise Unsupported(f"files at {self._name} can only be read, and {path!r} cannot be changed", hint=hint)


def _with_slash(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/"))


def _tls(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.ca_file:
        context.load_verify_locations(settings.ca_file)
    if settings.insecure_tls:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
