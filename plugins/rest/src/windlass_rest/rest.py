"""Rest: a client for JSON over HTTP, with a time-out on every call and errors of ours."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError, ReadTimeoutError

from windlass.config import Settings
from windlass.errors import (
    AlreadyExists,
    InvalidValue,
    NotFound,
    PermissionDenied,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    WindlassError,
)
from windlass.uri import redact

_CONNECT = 10.0
_SHOWN = 500
_REDIRECT, _BAD, _FAILURE = 300, 400, 500
_UNKNOWN_CALLER, _TOO_MANY = 401, 429
_SHORTEST = 0.05
_KINDS: Mapping[int, type[WindlassError]] = {
    401: Unauthenticated, 403: PermissionDenied, 404: NotFound, 409: AlreadyExists, 429: TooManyRequests,
}  # fmt: skip
_SAID = ("message", "error_description", "error", "detail", "error_message", "msg")


class Refused(WindlassError):
    """What a server says about a request that it does not carry out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """One server, which messages call `name`; `timeout` is seconds for one answer.

    `headers` are sent with every request; `authorize` may add some at the moment of sending, such as a token that is
    renewed. `hint` is what to do if the server cannot be reached, `hints` what to do about a status. `said` finds what
    the body of a refusal says; without, it looks for the names that most servers use.

    A server that wants fewer requests and says when to come back (429 with Retry-After) is asked again, as long as that
    is `patience` seconds in all. `renew` is called once when a server does not accept who asks (401), which may be a
    token that it has withdrawn.
    """

    url: str
    name: str
    timeout: float
    pool: urllib3.PoolManager
    headers: Mapping[str, str] = field(default_factory=dict)
    authorize: Callable[[], Mapping[str, str]] | None = None
    hint: str = ""
    hints: Mapping[int, str] = field(default_factory=dict)
    said: Callable[[bytes], str] | None = None
    patience: float = 0.0
    renew: Callable[[], None] | None = None

    @classmethod
    def open(cls, url: str, settings: Settings, *, name: str, timeout: float, **more: Any) -> Self:
        """A server at a URL; InvalidValue if it is none. Nothing is sent yet."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InvalidValue("url", redact(url), f"is no URL of {name}", hint="such as http://127.0.0.1:8080")
        pool = urllib3.PoolManager(
            cert_reqs="CERT_NONE" if settings.insecure_tls else "CERT_REQUIRED",
            ca_certs=settings.ca_file,
            retries=False,
        )
        return cls(url=url.rstrip("/"), name=name, timeout=timeout, pool=pool, **more)

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """The JSON at a path; NotFound if there is nothing."""
        return self._json(self.send("GET", _with(path, query)))

    def call(self, method: str, path: str, content: Any = None, *, query: Mapping[str, Any] | None = None) -> Any:
        """The JSON that a request with JSON is answered with, one attempt; None for an empty answer."""
        body = None if content is None else json.dumps(content).encode()
        answer = self.send(method, _with(path, query), body=body)
        return self._json(answer) if answer.data else None

    def exists(self, path: str) -> bool:
        """Whether there is something at a path."""
        try:
            self.send("GET", path)
        except NotFound:
            return False
        return True

    def send(
        self, method: str, path: str, *, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        """The answer to any request; the error that its status means is raised with what the server says."""
        left, renewed = self.patience, self.renew is None
        while True:
            answer = self._sent(method, path, body, headers)
            pause = _pause(answer)
            if pause is not None and pause <= left:
                time.sleep(pause)
                left -= pause
            elif answer.status == _UNKNOWN_CALLER and self.renew is not None and not renewed:
                self.renew()
                renewed = True
            else:
                return self._checked(answer)

    def _sent(self, method: str, path: str, body: Any, headers: Mapping[str, str] | None) -> urllib3.BaseHTTPResponse:
        # A connection that the other side has closed meanwhile is no reason to fail, unless something may happen twice.
        again = urllib3.Retry(total=2, redirect=False, backoff_factor=0.2, respect_retry_after_header=False)
        retries = again if method == "GET" else False
        sent = {"user-agent": "windlass", "content-type": "application/json", **self.headers}
        sent |= {**(self.authorize() if self.authorize else {}), **(headers or {})}
        if hasattr(body, "seek"):
            body.seek(0)
        try:
            return self.pool.request(
                method,
                self.url + path,
                body=body,
                headers=sent,
                retries=retries,
                redirect=False,
                timeout=urllib3.Timeout(connect=min(_CONNECT, self.timeout), read=self.timeout),
            )
        except HTTPError as error:
            raise self._unreachable(error) from error

    def _checked(self, answer: urllib3.BaseHTTPResponse) -> urllib3.BaseHTTPResponse:
        if answer.status >= _BAD:
            raise self._refusal(answer)
        if answer.status >= _REDIRECT:
            raise Unavailable(f"{self._place} answered {answer.status}", hint=f"is the URL that of {self.name}?")
        return answer

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        self.pool.clear()

    @property
    def _place(self) -> str:
        return f"{self.name} at {redact(self.url)}"

    def _unreachable(self, error: HTTPError) -> Unavailable:
        cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
        if isinstance(cause, ReadTimeoutError):
            return Unavailable(f"{self._place} did not answer within {self.timeout:g} seconds", hint=self.hint or None)
        # The library begins with the object that failed, which tells nobody anything.
        reason = re.sub(r"^\S*?Connection\w*\(.*?\): |^<.*?>: ", "", str(cause)) or type(cause).__name__
        hint = self.hint or f"is {self.name} running, and is the URL right?"
        return Unavailable(f"{self._place} cannot be reached: {reason}", hint=hint)

    def _refusal(self, answer: urllib3.BaseHTTPResponse) -> WindlassError:
        said = (self.said or said_in)(answer.data)
        text = f"{self._place} answered {answer.status}" + (f": {said}" if said else "")
        kind = _KINDS.get(answer.status, Unavailable if answer.status >= _FAILURE else Refused)
        return kind(text, hint=self.hints.get(answer.status))

    def _json(self, answer: urllib3.BaseHTTPResponse) -> Any:
        try:
            return json.loads(answer.data)
        except ValueError:
            raise Unavailable(f"{self._place} answers no JSON", hint=f"is the URL that of {self.name}?") from None


def said_in(data: bytes) -> str:
    """What the body of an answer says, in one line of bounded length."""
    text = data.decode("utf-8", "replace")
    with contextlib.suppress(ValueError):
        text = _message(json.loads(text)) or text
    line = " ".join(_cause(text).split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def _cause(text: str) -> str:
    """Of a traceback the last error, without the lines of code."""
    if "Traceback (most recent call last)" not in text:
        return text
    return next((line for line in reversed(text.splitlines()) if line.strip() and not line.startswith(" ")), text)


def _message(content: Any) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, Mapping):
        return ""
    return next((found for name in _SAID if (found := _message(content.get(name)))), "")


def _pause(answer: urllib3.BaseHTTPResponse) -> float | None:
    """How long a server wants to be left alone; None if it does not say so."""
    text = answer.headers.get("retry-after", "")
    return max(_SHORTEST, float(text)) if answer.status == _TOO_MANY and text.isdigit() else None


def _with(path: str, query: Mapping[str, Any] | None) -> str:
    return f"{path}?{urlencode(query, doseq=True)}" if query else path
