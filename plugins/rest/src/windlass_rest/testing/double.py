"""Double: an HTTP server in the place of a service, which checks every request and can be told to fail."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock, Thread
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, unquote, urlsplit

from windlass_rest.testing.shapes import problems

_BAD, _UNKNOWN = 400, 404
_HANGING = 3.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request; names of headers are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> Any:
        """The body as JSON, which has been checked."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; content that is no bytes is sent as JSON."""

    content: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """What the service says about a request that it does not carry out."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(slots=True, kw_only=True)
class Fault:
    """What happens to the requests that `when` picks, `times` times: a status, a cut connection, or no answer.

    With `after` the request is carried out before.
    """

    when: Callable[[Asked], bool]
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    hang: bool = False
    after: bool = False
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A request that the service knows: `{…}` in the path stands for a part, `{…+}` for several.

    `body` is its shape, None for none, `bytes` for anything; `query` names what the query may hold, needed with `!`.
    """

    method: str
    path: str
    answer: str
    body: Any = None
    query: tuple[str, ...] = ()
    free: bool = False

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The parts of the path; None if it is another request."""
        pattern = re.sub(r"\\{(\w+)(\\\+)?\\}", _group, re.escape(self.path))
        found = re.fullmatch(pattern, path) if method == self.method else None
        return None if found is None else {name: unquote(part) for name, part in found.groupdict().items()}


def _group(found: re.Match[str]) -> str:
    return f"(?P<{found[1]}>{'.+' if found[2] else '[^/]+?'})"


class Double:
    """A subclass has `routes`, which name its methods, and says in `allow` who may ask."""

    routes: ClassVar[tuple[Route, ...]]

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self.lock = RLock()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def allow(self, asked: Asked) -> None:
        """Refuse whoever may not ask."""

    def refused(self, error: Refusal) -> Answer:
        """A refusal in the form of the service."""
        return Answer({"error_code": error.code, "message": error.message}, error.status)

    def changes(self) -> list[Asked]:
        """The requests so far that may have changed something."""
        return [one for one in self.asked if one.method != "GET"]

    def respond(self, asked: Asked) -> Answer | None:
        """The answer, None for none."""
        with self.lock:
            self.asked.append(asked)
            fault = self._fault(asked)
        if fault is None or fault.after:
            answer = self._answered(asked)
            if fault is None:
                return answer
        if fault.hang:
            time.sleep(_HANGING)
        if fault.cut or fault.hang:
            return None
        answer = self.refused(Refusal(fault.status, "INJECTED", f"injected {fault.status}"))
        return Answer(answer.content, answer.status, fault.headers)

    def _fault(self, asked: Asked) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and fault.when(asked):
                fault.times -= 1
                return fault
        return None

    def _answered(self, asked: Asked) -> Answer:
        try:
            route, parts = self._route(asked)
            if not route.free:
                self.allow(asked)
            _check(route, asked)
            found = Asked(asked.method, asked.path, asked.query, asked.headers, asked.body, parts)
            answer: Answer = getattr(self, route.answer)(found)
            return answer
        except Refusal as error:
            return self.refused(error)

    def _route(self, asked: Asked) -> tuple[Route, dict[str, str]]:
        for route in self.routes:
            if (parts := route.match(asked.method, asked.path)) is not None:
                return route, parts
        raise Refusal(_UNKNOWN, "ENDPOINT_NOT_FOUND", f"no API for {asked.method} {asked.path}")


def _check(route: Route, asked: Asked) -> None:
    known = {name.rstrip("!") for name in route.query}
    wrong = [f"unknown query {name}" for name in asked.query if name not in known]
    wrong += [f"query needs {name[:-1]}" for name in route.query if name.endswith("!") and name[:-1] not in asked.query]
    if route.body is None and asked.body:
        wrong.append("there must be no body")
    if route.body is not None and route.body is not bytes:
        if not asked.headers.get("content-type", "").startswith("application/json"):
            wrong.append("the content type must be application/json")
        try:
            wrong += problems(route.body, asked.content)
        except ValueError:
            wrong.append("the body is no JSON")
    if wrong:
        raise Refusal(_BAD, "INVALID_PARAMETER_VALUE", f"{asked.method} {asked.path}: {'; '.join(wrong)}")


class _Server(ThreadingHTTPServer):
    def __init__(self, double: Double) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.double = double

    def handle_error(self, *_: object) -> None:
        """Cut connections are meant."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Many small answers: waiting for more to send costs 40 ms each.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length") or 0))
        double = self.server.double  # type: ignore[attr-defined]  # the server above
        answer = double.respond(Asked(self.command, parts.path, query, headers, body))
        if answer is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        content = answer.content
        sent = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
        self.send_response(answer.status)
        for name, value in {"content-length": str(len(sent)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815  the names that the library calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the library's
        """Nothing is printed."""
