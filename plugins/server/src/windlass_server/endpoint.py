"""Endpoints: typed functions from a message to an answer, turned into route handlers of the framework."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import fields
from functools import partial
from typing import Any, Protocol, TypeVar, cast, get_type_hints

from litestar import HttpMethod, Request
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.serialization import encode_json
from litestar.types import ASGIApp
from msgspec import Raw

from windlass.entities import EncodedPage, Page
from windlass.wire import run_request as requests
from windlass.wire.message import PREFIXES, Message
from windlass_server.answer import JsonAnswer
from windlass_server.body import parse_json, parse_query
from windlass_server.bulk import BULK, read_bulk
from windlass_server.incoming import is_large, large_bodies, small_body
from windlass_server.lane import Lane
from windlass_server.operation import ERRORS, operation
from windlass_server.reading import read_message
from windlass_server.streams import StreamAnswer
from windlass_server.threads import in_thread

M = TypeVar("M", bound=Message)
T = TypeVar("T")
W = TypeVar("W")
MESSAGE = "message"
"""The key in a handler's `opt` of the message that it takes."""
LOGGING: frozenset[type[Message]] = frozenset(
    {
        requests.LogMetric,
        requests.LogParam,
        requests.SetRunTag,
        requests.DeleteRunTag,
        requests.LogBatch,
        requests.LogRun,
        requests.LogInputs,
        requests.LogOutputs,
    }
)
"""What only writes to a run and makes nothing else happen, so that it may wait for others to become durable with it."""
_SMALL = 4096
_EMPTY = b"{}"


class Gate(Protocol):
    """Decides whether the caller of a request may send a message, and answers it then."""

    def answer(self, function: Callable[[Any, Any], Any], target: Any, message: Message) -> Any:
        """What the function answers to the message; PermissionDenied if it may not be asked."""
        ...


class OpenGate:
    """Lets everybody do everything."""

    def answer(self, function: Callable[[Any, Any], Any], target: Any, message: Message) -> Any:
        """What the function answers."""
        return function(target, message)


OPEN = OpenGate()


class Endpoints:
    """The endpoints of one noun; `add` collects the functions, `handlers` binds them to what they work on."""

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self._functions: list[Callable[[Any, Any], Any]] = []

    def add(self, function: Callable[[W, M], T]) -> Callable[[W, M], T]:
        """Serve the message that the function's `request` is annotated with."""
        self._functions.append(function)
        return function

    @property
    def functions(self) -> dict[type[Message], Callable[[Any, Any], Any]]:
        """The function of each message."""
        return {get_type_hints(one)["request"]: one for one in self._functions}

    def handlers(self, target: Any, gate: Gate = OPEN, *, lane: Lane | None = None) -> list[HTTPRouteHandler]:
        """The route handlers, below every prefix of their family; `target` is mostly a workspace.

        What only logs to a run goes through the lane, if there is one.
        """
        return [made for one in self._functions for made in _handlers(one, target, gate, self._tag, lane)]


def answer_page(key: str, page: Page[T], encode: Callable[[T], Any]) -> Any:
    """A page of answers with the token of the next one; what is empty is left out."""
    answer: dict[str, Any] = {key: [encode(one) for one in page]} if page else {}
    if page.token:
        answer["next_page_token"] = page.token
    return answer


def answer_encoded_page(key: str, page: EncodedPage) -> Any:
    """The same of a page that is JSON already."""
    answer: dict[str, Any] = {} if page.json == "[]" else {key: Raw(page.json.encode())}
    if page.token:
        answer["next_page_token"] = page.token
    return answer


async def _in_lane(
    lane: Lane,
    work: Callable[[bytes, bytes, Mapping[str, str]], T],
    query: bytes,
    body: bytes,
    given: Mapping[str, str],
) -> T:
    return await lane.call(partial(work, query, body, given), small=len(body) <= _SMALL)


def _handlers(
    function: Callable[[Any, Any], Any], target: Any, gate: Gate, tag: str, lane: Lane | None
) -> list[HTTPRouteHandler]:
    hints = get_type_hints(function)
    kind: type[Message] = hints["request"]
    path = PREFIXES[kind.endpoint.family][0] + kind.endpoint.path
    bound = partial(gate.answer, function, target)
    call = in_thread if lane is None or kind not in LOGGING else partial(_in_lane, lane)
    return [_handler(function, bound, call, kind, (method, path), tag) for method in kind.endpoint.methods]


def _handler(
    function: Callable[[Any, Any], Any],
    bound: Callable[[Message], Any],
    call: Callable[..., Awaitable[bytes | StreamAnswer]],
    kind: type[Message],
    place: tuple[str, str],
    tag: str,
) -> HTTPRouteHandler:
    method, path = place
    from_query = method == "GET"

    in_headers = _in_headers(kind)

    def work(query: bytes, body: bytes, given: Mapping[str, str]) -> bytes | StreamAnswer:
        message = read_bulk(kind, body) if kind in BULK else None
        if message is None:
            raw = parse_query(query, kind) if from_query and (query or not body) else parse_json(body)
            if given and isinstance(raw, dict):
                raw = {**raw, **given}
            message = read_message(kind, raw)
        answer = bound(message)
        if isinstance(answer, StreamAnswer):
            return answer
        return _EMPTY if answer is None else encode_json(answer)

    async def handle(request: Request[Any, Any, Any]) -> ASGIApp:
        scope = request.scope
        given = {name: str(value).lstrip("/") for name, value in scope["path_params"].items()}
        for name, header in in_headers:
            if header in request.headers:
                given[name] = request.headers[header]
        query = scope["query_string"]
        if is_large(request):
            async with large_bodies().receive(request) as body:
                content = await call(work, query, body, given)
        else:
            content = await call(work, query, await small_body(request), given)
        return JsonAnswer(content) if isinstance(content, bytes) else content

    answer = get_type_hints(function).get("return")
    summary = (kind.__doc__ or "").strip().rstrip(".")
    return HTTPRouteHandler(
        _path(path),
        http_method=HttpMethod(method),
        status_code=200,
        name=f"{method} {path}",
        opt={MESSAGE: kind},
        tags=[tag],
        summary=summary,
        operation_id=function.__name__ if method == kind.endpoint.methods[0] else f"{function.__name__}_{method}",
        operation_class=operation(kind, method, _media_types(answer)),
        responses=_responses(answer),
    )(handle)


def _path(path: str) -> str:
    """The path as the framework writes it; a tag's key and a directory may hold slashes."""
    return re.sub(r"\{(\w+)\}", r"{\1:str}", re.sub(r"\{(tag_key|directory)\}", r"{\1:path}", path))


def _in_headers(kind: type[Message]) -> list[tuple[str, str]]:
    """The fields of a message that may come as headers, with the names of these."""
    return [(one.name, one.metadata["header"]) for one in fields(cast(Any, kind)) if "header" in one.metadata]


def _media_types(answer: Any) -> tuple[str, ...]:
    """What an answer that is no JSON can be."""
    return answer.media_types if isinstance(answer, type) and issubclass(answer, StreamAnswer) else ()


def _responses(answer: Any) -> dict[int, ResponseSpec]:
    specs = dict(ERRORS)
    if _media_types(answer):
        specs[200] = ResponseSpec(bytes, generate_examples=False, description="The answer, piece by piece")
    elif isinstance(answer, type) and answer is not type(None):
        specs[200] = ResponseSpec(answer, generate_examples=False, description="The answer")
    return specs


def tags(pairs: Iterable[Any]) -> dict[str, str]:
    """Tags or params of a request by key; of equal keys the last one wins."""
    return {one.key: one.value for one in pairs}
