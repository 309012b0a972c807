"""HttpFiles: what a web server has, to be read."""

from __future__ import annotations

import ssl
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from fsspec.asyn import sync, sync_wrapper
from fsspec.implementations.http import HTTPFileSystem, HTTPStreamFile

from windlass_fsspec.index_page import entries

_CONNECT_TIMEOUT = 8.0
_NO_HEAD = {HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
_FORBIDDEN = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_MISSING = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_PIECE = 1 << 18
_MOST_LISTED = 32 << 20


class HttpFiles(HTTPFileSystem):  # type: ignore[misc]  # fsspec has no type information
    """fsspec's, which takes every error for a missing file, and every link on every page for an entry."""

    cachable = False

    _session: aiohttp.ClientSession | None

    def __init__(self, *, timeout: float, tls: ssl.SSLContext) -> None:
        limits = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_TIMEOUT, sock_read=timeout)
        # Bytes as they are stored: what is compressed on the way would have another size and digest.
        options = {"timeout": limits, "auto_decompress": False, "headers": {"Accept-Encoding": "identity"}}
        super().__init__(encoded=True, use_listings_cache=False, client_kwargs={**options, "trust_env": True}, ssl=tls)

    def close(self) -> None:
        """Close the connections; they come back when they are needed."""
        session: aiohttp.ClientSession | None = self._session
        self._session = None
        if session is not None:
            sync(self.loop, session.close)

    async def _info(self, url: str, **_: Any) -> dict[str, Any]:
        session = await self.set_session()
        async with session.head(self.encode_url(url), allow_redirects=True, **self.kwargs) as answer:
            if answer.status not in _NO_HEAD:
                return self._described(url, answer)
        async with session.get(self.encode_url(url), **self.kwargs) as answer:
            return self._described(url, answer)

    def _described(self, url: str, answer: aiohttp.ClientResponse) -> dict[str, Any]:
        self._raise_not_found_for_status(answer, url)
        # A server sends those who ask for a directory to the same with a slash.
        is_directory = answer.url.raw_path.endswith("/")
        length = answer.headers.get("Content-Length", "")
        size = int(length) if length.isdigit() else None
        return {"name": url, "type": "directory" if is_directory else "file", "size": size}

    async def _ls(self, url: str, detail: bool = True, **_: Any) -> list[Any]:  # noqa: FBT001, FBT002  fsspec's signature
        """The names on the index page, if the server shows one."""
        session = await self.set_session()
        async with session.get(self.encode_url(url), **self.kwargs) as answer:
            # Many a server lists nothing, and that is how it says so.
            if answer.status in _FORBIDDEN:
                return []
            self._raise_not_found_for_status(answer, url)
            if answer.content_type != "text/html":
                return []
            page = await _part(answer, 0, _MOST_LISTED + 1)
            if len(page) > _MOST_LISTED:
                # Half a listing would be taken for all that there is.
                raise OSError(f"the index page of {url} has more than {_MOST_LISTED} bytes")
            found = entries(page.decode(answer.charset or "utf-8", "replace"), str(answer.url))
        kinds = {True: "directory", False: "file"}
        return [{"name": name, "type": kinds[is_dir]} for name, is_dir in found.items()] if detail else [*found]

    ls = sync_wrapper(_ls)

    async def _cat_file(self, url: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        first = start or 0
        if end is not None and end <= first:
            return b""
        session = await self.set_session()
        headers = {"Range": f"bytes={first}-{'' if end is None else end - 1}"}
        async with session.get(self.encode_url(url), headers=headers, **self.kwargs) as answer:
            if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return b""
            self._raise_not_found_for_status(answer, url)
            if answer.status == HTTPStatus.PARTIAL_CONTENT:
                whole: bytes = await answer.read()
                return whole
            return await _part(answer, first, end)

    def _open(self, url: str, mode: str = "rb", **_: Any) -> Any:
        return HTTPStreamFile(
            self, url, mode=mode, loop=self.loop, session=sync(self.loop, self.set_session), **self.kwargs
        )

    def _raise_not_found_for_status(self, response: aiohttp.ClientResponse, url: str) -> None:
        status, place = response.status, urlsplit(str(response.url)).netloc.rpartition("@")[2]
        if status in _MISSING:
            raise FileNotFoundError(url)
        if status in _FORBIDDEN:
            raise PermissionError(f"{place} answers with status {status}")
        if status >= HTTPStatus.BAD_REQUEST:
            raise OSError(f"{place} answers with status {status}")


async def _part(answer: aiohttp.ClientResponse, start: int, end: int | None) -> bytes:
    """A part of a file from a server that sends all of it whatever it is asked for."""
    found, position = bytearray(), 0
    async for piece in answer.content.iter_chunked(_PIECE):
        found += piece[max(0, start - position) : None if end is None else max(0, end - position)]
        position += len(piece)
        if end is not None and position >= end:
            break
    return bytes(found)
