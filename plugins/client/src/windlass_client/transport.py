"""Transport: sends messages to a server, and raises what it answers as errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError, ReadTimeoutError

from windlass.config import Settings
from windlass.errors import InvalidValue, PermissionDenied, Unauthenticated, Unavailable, Unsupported, WindlassError
from windlass.uri import redact
from windlass.wire.error import decode_error
from windlass.wire.message import PREFIXES, Endpoint, Message, encode_message

_POOL = 32
_PIECE = 1 << 20
_BACKOFF = 0.2
_LONGEST_PAUSE = 20
_REFUSED = frozenset({429, 503})
"""The server did nothing yet, so anything may be sent again."""
_DOUBTFUL = frozenset({502, 504})
"""Something between may have passed it on, so only what is idempotent may be sent again."""
_WITHOUT_JSON: Mapping[int, type[WindlassError]] = {
    401: Unauthenticated, 403: PermissionDenied, 404: Unsupported, 405: Unsupported, 429: Unavailable,
    502: Unavailable, 503: Unavailable, 504: Unavailable,
}  # fmt: skip
_ERROR = 400


class Transport:
    """Connections to one server, kept open and shared by threads.

    What fails for a moment is tried again with growing pauses, as far as that cannot do anything twice.
    """

    def __init__(self, url: str, settings: Settings) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InvalidValue("uri", redact(url), "must be a URL with a host, such as http://localhost:5000")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self.url = f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "") + parts.path.rstrip("/")
        self._retries = settings.http_retries
        self._headers = {"user-agent": "windlass", **_credentials(parts.username, parts.password, settings)}
        self._pool = urllib3.PoolManager(
            maxsize=_POOL,
            blocksize=_PIECE,
            timeout=urllib3.Timeout(connect=min(settings.http_timeout, 30.0), read=settings.http_timeout),
            cert_reqs="CERT_NONE" if settings.insecure_tls else "CERT_REQUIRED",
            ca_certs=settings.ca_file,
        )

    def call(self, message: Message) -> dict[str, Any]:
        """Send a message and return the JSON of the answer; the error that the server names is raised."""
        endpoint, values = message.endpoint, encode_message(message)
        path = _fill(PREFIXES[endpoint.family][0] + endpoint.path, values)
        method = endpoint.methods[0]
        if method == "GET":
            query = urlencode(_query(values), doseq=True)
            answer = self.request(method, f"{path}?{query}" if query else path)
        else:
            answer = self._post(method, path, values, endpoint)
        body: bytes = answer.data
        return _json(body) if body else {}

    def get(self, path: str) -> dict[str, Any]:
        """The JSON object at a path of the server."""
        return _json(self.request("GET", path).data)

    def send_to(
        self, method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str], stream: bool = False
    ) -> urllib3.BaseHTTPResponse:
        """Make a request that somebody else has signed, with its headers and nothing of ours; one attempt."""
        send = partial(self._pool.request, method, url, body=body, preload_content=not stream, redirect=False)
        try:
            answer = send(headers=dict(headers), retries=self._retry(0, idempotent=True))
        except HTTPError as error:
            raise self._unreachable(error, url) from error
        if answer.status >= _ERROR:
            raise self._error(answer, url)
        return answer

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        idempotent: bool = True,
        stream: bool = False,
        once: bool = False,
    ) -> urllib3.BaseHTTPResponse:
        """Send anything to a path of the server; with `stream` the answer's body is left to be read.

        With `once` there is one attempt, for those who try again by themselves.
        """
        send = partial(self._pool.request, method, self.url + path, body=body, preload_content=not stream)
        try:
            retries = self._retry(0 if once else self._retries, idempotent=idempotent)
            answer = send(headers={**self._headers, **(headers or {})}, retries=retries, redirect=False)
        except HTTPError as error:
            raise self._unreachable(error) from error
        if answer.status >= _ERROR:
            raise self._error(answer)
        return answer

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        self._pool.clear()

    def _post(self, method: str, path: str, values: Any, endpoint: Endpoint) -> urllib3.BaseHTTPResponse:
        content = json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        headers = {"content-type": "application/json"}
        return self.request(method, path, body=content, headers=headers, idempotent=endpoint.idempotent)

    def _retry(self, count: int, *, idempotent: bool) -> urllib3.Retry:
        return urllib3.Retry(
            total=count,
            connect=count,
            read=count if idempotent else 0,
            other=0,
            allowed_methods=None,
            status_forcelist=_REFUSED | _DOUBTFUL if idempotent else _REFUSED,
            backoff_factor=_BACKOFF,
            backoff_max=_LONGEST_PAUSE,
            backoff_jitter=_BACKOFF,
            respect_retry_after_header=True,
            raise_on_status=False,
        )

    def _unreachable(self, error: HTTPError, url: str | None = None) -> Unavailable:
        place = _host(url or self.url)
        cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
        if isinstance(cause, ReadTimeoutError):
            return Unavailable(f"{place} did not answer in time", hint="WINDLASS_HTTP_TIMEOUT sets the seconds")
        return Unavailable(
            f"{place} cannot be reached: {_plain(cause)}", hint="is the server running, and is the URL right?"
        )

    def _error(self, answer: urllib3.BaseHTTPResponse, url: str | None = None) -> WindlassError:
        body = answer.read(decode_content=True) if not answer.closed and not answer.data else answer.data
        answer.release_conn()
        try:
            found = json.loads(body)
        except ValueError:
            found = None
        if isinstance(found, dict) and "error_code" in found:
            return decode_error(found)
        kind = _WITHOUT_JSON.get(answer.status, WindlassError)
        details: dict[str, Any] = {"status": answer.status}
        if (wish := answer.headers.get("retry-after", "")).isdecimal():
            details["retry_after"] = int(wish)
        return kind(f"{_host(url or self.url)} answered {answer.status} {answer.reason or ''}".rstrip(), **details)


def _credentials(username: str | None, password: str | None, settings: Settings) -> dict[str, str]:
    """The header that says who we are; what the URL holds wins over the settings."""
    if username:
        return urllib3.make_headers(basic_auth=f"{unquote(username)}:{unquote(password or '')}")
    if settings.username:
        return urllib3.make_headers(basic_auth=f"{settings.username}:{settings.password or ''}")
    return {"authorization": f"Bearer {settings.token}"} if settings.token else {}


def _fill(path: str, values: Mapping[str, Any]) -> str:
    for name, value in values.items():
        # Of all that stands in paths only directories have slashes that divide.
        path = path.replace(f"{{{name}}}", quote(str(value), safe="/" if name == "directory" else ""))
    return path


def _query(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: str(value).lower() if isinstance(value, bool) else value for key, value in values.items()}


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise WindlassError("the server's answer is no JSON object", hint="does the URL name a tracking server?")
    return found


def _host(url: str) -> str:
    """A URL without its query, in which there may be a signature."""
    return url.partition("?")[0]


def _plain(error: object) -> str:
    """The reason without the object's address that urllib3 puts before it."""
    return str(error).rpartition(">: ")[2] or type(error).__name__
