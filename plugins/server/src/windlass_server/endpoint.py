"""Endpoints: typed functions from a message to an answer, turned into route handlers of the framework."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar, get_type_hints

from litestar import HttpMethod, Request
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.serialization import encode_json
from litestar.types import ASGIApp

from windlass.entities import Page
from windlass.services.workspace import Workspace
from windlass.wire.error import ErrorJson
from windlass.wire.message import PREFIXES, Message
from windlass_server.answer import JsonAnswer
from windlass_server.body import parse_json, parse_query
from windlass_server.operation import operation
from windlass_server.reading import read_message
from windlass_server.threads import in_thread

M = TypeVar("M", bound=Message)
T = TypeVar("T")
Function = Callable[[Workspace, M], Any]
_EMPTY = b"{}"


class Endpoints:
    """The endpoints of one noun; `add` collects the functions, `handlers` binds them to a workspace."""

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self._functions: list[Callable[[Workspace, Any], Any]] = []

    def add(self, function: Callable[[Workspace, M], T]) -> Callable[[Workspace, M], T]:
        """Serve the message that the function's `request` is annotated with."""
        self._functions.append(function)
        return function

    def handlers(self, workspace: Workspace) -> list[HTTPRouteHandler]:
        """The route handlers, below every prefix of their family."""
        return [made for one in self._functions for made in _handlers(one, workspace, self._tag)]


def answer_page(key: str, page: Page[T], encode: Callable[[T], Any]) -> Any:
    """A page of answers with the token of the next one; what is empty is left out."""
    answer: dict[str, Any] = {key: [encode(one) for one in page]} if page else {}
    if page.token:
        answer["next_page_token"] = page.token
    return answer


def _handlers(function: Callable[[Workspace, Any], Any], workspace: Workspace, tag: str) -> list[HTTPRouteHandler]:
    hints = get_type_hints(function)
    kind: type[Message] = hints["request"]
    first, *others = (prefix + kind.endpoint.path for prefix in PREFIXES[kind.endpoint.family])
    made = [_handler(function, workspace, kind, (method, [first]), tag) for method in kind.endpoint.methods]
    if others:
        # The same under other names: served, but the document describes it once.
        made += [_handler(function, workspace, kind, (method, others), None) for method in kind.endpoint.methods]
    return made


def _handler(
    function: Callable[[Workspace, Any], Any],
    workspace: Workspace,
    kind: type[Message],
    place: tuple[str, Sequence[str]],
    tag: str | None,
) -> HTTPRouteHandler:
    method, paths = place
    from_query = method == "GET"

    def work(query: bytes, body: bytes, path: Mapping[str, str]) -> bytes:
        raw = parse_query(query, kind) if from_query and (query or not body) else parse_json(body)
        if path and isinstance(raw, dict):
            raw = {**raw, **path}
        answer = function(workspace, read_message(kind, raw))
        return _EMPTY if answer is None else encode_json(answer)

    async def handle(request: Request[Any, Any, Any]) -> ASGIApp:
        scope = request.scope
        path = {name: str(value).lstrip("/") for name, value in scope["path_params"].items()}
        content = await in_thread(work, scope["query_string"], await request.body(), path)
        return JsonAnswer(content)

    summary = (kind.__doc__ or "").strip().rstrip(".")
    return HTTPRouteHandler(
        [_path(path) for path in paths],
        http_method=HttpMethod(method),
        status_code=200,
        name=None if tag is None else f"{method} {paths[0]}",
        include_in_schema=tag is not None,
        tags=None if tag is None else [tag],
        summary=summary,
        operation_id=function.__name__ if method == kind.endpoint.methods[0] else f"{function.__name__}_{method}",
        operation_class=operation(kind, method),
        responses=_responses(get_type_hints(function).get("return")),
    )(handle)


def _path(path: str) -> str:
    """The path as the framework writes it; the last parameter may hold slashes."""
    return path.replace("{tag_key}", "{tag_key:path}").replace("{model_id}", "{model_id:str}")


def _responses(answer: Any) -> dict[int, ResponseSpec]:
    specs = {400: ResponseSpec(ErrorJson, generate_examples=False, description="What was wrong")}
    if isinstance(answer, type) and answer is not type(None):
        specs[200] = ResponseSpec(answer, generate_examples=False, description="The answer")
    return specs


def tags(pairs: Iterable[Any]) -> dict[str, str]:
    """Tags or params of a request by key; of equal keys the last one wins."""
    return {one.key: one.value for one in pairs}
