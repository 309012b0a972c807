"""WebHdfsFileSystem: HDFS over HTTP, for several threads at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from fsspec.implementations.webhdfs import WebHDFS
from fsspec.spec import AbstractBufferedFile
from requests.adapters import HTTPAdapter

from windlass_fsspec.ranged_file import RangedFile
from windlass_hdfs.refusal import refusal

_CONNECT_TIMEOUT = 8.0
_PIECE = 1 << 20
_APPENDED = 16 << 20
_BEYOND = "out of the range"
_BYTES = {"content-type": "application/octet-stream"}


class WebHdfsFileSystem(WebHDFS):  # type: ignore[misc]  # fsspec has no type information
    """fsspec's, with time limits, files that are sent and fetched in one request, and errors of data nodes noticed."""

    cachable = False

    def __init__(self, *args: Any, timeout: float, **kwargs: Any) -> None:
        self._timeout = timeout
        super().__init__(*args, use_listings_cache=False, **kwargs)

    def rmdir(self, path: str) -> None:
        """Remove an empty directory."""
        self.rm(path)

    def replace(self, source: str, target: str) -> None:
        """Move a file into the place of another one, in one step."""
        self._call("RENAME", "put", source, destination=target, renameoptions="OVERWRITE")

    def put_file(self, lpath: str, rpath: str, **_: Any) -> None:
        """Send a file to a data node; Hadoop has it when this returns."""
        place = self._call("CREATE", "put", rpath, redirect=False, overwrite="true")
        with Path(lpath).open("rb") as stream:
            # An empty stream would be sent in chunks that have no end.
            self.ask("put", self._location(place), rpath, data=stream if Path(lpath).stat().st_size else b"")

    def get_file(self, rpath: str, lpath: str, **_: Any) -> None:
        """Fetch a file in one request."""
        place = self._call("OPEN", path=rpath, redirect=False)
        answer = self.ask("get", self._location(place), rpath, stream=True)
        with answer, Path(lpath).open("wb") as target, _plainly(answer.url):
            # It is an error if less arrives than was announced.
            target.writelines(answer.iter_content(_PIECE))

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        """A part of a file, or all of it."""
        first = start or 0
        if end is not None and end <= first:
            return b""
        part: dict[str, Any] = {"offset": first} | ({} if end is None else {"length": end - first})
        try:
            return self.ask("get", self._location(self._call("OPEN", path=path, redirect=False, **part)), path).content
        except OSError as error:
            if _BEYOND in str(error):
                return b""
            raise

    def ask(self, method: str, url: str, path: str, **options: Any) -> requests.Response:
        """The answer to a request; OSError or InvalidValue if it is an error."""
        timeout = (_CONNECT_TIMEOUT, self._timeout)
        with _plainly(url):
            answer: requests.Response = self.session.request(method.upper(), url, timeout=timeout, **options)
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            with answer:
                raise refusal(answer, path)
        return answer

    def append(self, path: str, data: bytes) -> None:
        """Write to the end of a file."""
        place = self._call("APPEND", "post", path, redirect=False)
        self.ask("post", self._location(place), path, data=data)

    def create(self, path: str) -> None:
        """Make an empty file."""
        place = self._call("CREATE", "put", path, redirect=False, overwrite="true")
        self.ask("put", self._location(place), path)

    def _connect(self) -> None:
        super()._connect()
        self.session.headers.update(_BYTES)
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(pool_maxsize=32))

    def _call(self, op: str, method: str = "get", path: str = "", *, redirect: bool = True, **options: Any) -> Any:
        url = self._apply_proxy(self.url + quote(path, safe="/="))
        return self.ask(method, url, path, params={**options, **self.pars, "op": op}, allow_redirects=redirect)

    def _location(self, answer: requests.Response) -> str:
        """Where a data node waits for the rest of the request."""
        location = answer.headers.get("Location", "")
        if urlsplit(location).scheme not in {"http", "https"}:
            raise OSError("the answer names no data node")
        return str(self._apply_proxy(location))

    def _open(self, path: str, mode: str = "rb", block_size: int | None = None, **options: Any) -> Any:
        if mode == "wb":
            return _Writer(self, path, mode, block_size or _APPENDED)
        return RangedFile(self, path, block_size=block_size, **options)


class _Writer(AbstractBufferedFile):  # type: ignore[misc]  # fsspec has no type information
    """A new file that grows by large pieces."""

    def _initiate_upload(self) -> None:
        self.fs.create(self.path)

    def _upload_chunk(self, final: bool = False) -> bool:  # noqa: FBT001, FBT002  fsspec's signature
        del final
        if data := self.buffer.getvalue():
            self.fs.append(self.path, data)
        return True


@contextmanager
def _plainly(url: str) -> Iterator[None]:
    """Errors of the connection without the URL, which may have a token in it."""
    place = urlsplit(url).netloc.rpartition("@")[2]
    try:
        yield
    except requests.Timeout as error:
        raise TimeoutError(f"{place} does not answer in time") from error
    except requests.exceptions.SSLError as error:
        text = f"the certificate of {place} is not trusted, or it speaks no TLS; see WINDLASS_CA_FILE"
        raise OSError(text) from error
    except requests.ConnectionError as error:
        raise ConnectionError(f"no connection to {place}") from error
    except requests.RequestException as error:
        raise OSError(f"the connection to {place} broke: {type(error).__name__}") from error
