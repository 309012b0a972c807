"""The scoring server's application: one model behind HTTP."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import windlass
from windlass.errors import WindlassError
from windlass.services.model_image.contract import PROCESS_HEADER
from windlass_serving.media_type import MediaType
from windlass_serving.problem import of_bug, of_http_exception, of_windlass_error, problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingOptions:
    """How a model is served; `timeout` is seconds for one prediction, `max_body` bytes.

    `token` comes back in the header of every answer, so that who started a process can tell that it is this one.
    """

    timeout: float = 60.0
    max_body: int = 100 * 1024 * 1024
    token: str = ""


class ScoringApp:
    """Answers requests with the predictions of a model."""

    def __init__(self, model: Any, options: ServingOptions) -> None:
        self._model = model
        self._options = options
        # The format of models is another plugin's affair: it is reached by the name that users know.
        self._models = importlib.import_module("windlass.models")
        self.draining = False

    def starlette(self) -> Starlette:
        """The ASGI application."""
        app = Starlette(
            routes=[
                Route("/ping", self.health, methods=["GET"]),
                Route("/health", self.health, methods=["GET"]),
                Route("/version", self.version, methods=["GET"]),
                Route("/invocations", self.invocations, methods=["POST"]),
            ],
            exception_handlers={HTTPException: of_http_exception, Exception: of_bug},
        )
        app.add_middleware(_Headers, scoring=self)
        return app

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers that every answer gets."""
        found = [(PROCESS_HEADER.encode(), self._options.token.encode())] if self._options.token else []
        # A server that is about to end asks its clients to come back on a new connection, which another one takes.
        return [*found, (b"connection", b"close")] if self.draining else found

    async def health(self, request: Request) -> Response:
        """Say that the model is loaded."""
        del request
        return PlainTextResponse("\n")

    async def version(self, request: Request) -> Response:
        """Say which release this is."""
        del request
        return PlainTextResponse(windlass.__version__)

    async def invocations(self, request: Request) -> Response:
        """Predict."""
        try:
            media_type = MediaType.parse(request.headers.get("content-type"))
            body = await self._body(request)
            if body is None:
                limit = self._options.max_body
                return problem(413, "REQUEST_LIMIT_EXCEEDED", f"the body is larger than {limit} bytes")
            async with asyncio.timeout(self._options.timeout):
                answer = await asyncio.to_thread(self._answer, body, media_type)
        except TimeoutError:
            message = f"the prediction took longer than {self._options.timeout:g} seconds"
            return problem(504, "DEADLINE_EXCEEDED", message, "send fewer rows, or serve with a longer timeout")
        except WindlassError as error:
            return of_windlass_error(error)
        return Response(answer, media_type="application/json")

    async def _body(self, request: Request) -> bytes | None:
        """The body; None if it is too large."""
        limit = self._options.max_body
        declared = request.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > limit:
            return None
        parts, size = [], 0
        async for part in request.stream():
            size += len(part)
            if size > limit:
                return None
            parts.append(part)
        return b"".join(parts)

    def _answer(self, body: bytes, media_type: MediaType) -> str:
        if media_type.wrapped_as:
            body = b'{"%s": %s}' % (media_type.wrapped_as.encode(), body)
        text: str = self._models.answer_request(self._model, body, media_type.name)
        return json.dumps(json.loads(text)["predictions"]) if media_type.wrapped_as else text


class _Headers:
    """Adds the application's headers to every answer."""

    def __init__(self, app: Any, scoring: ScoringApp) -> None:
        self._app = app
        self._scoring = scoring

    async def __call__(self, scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._scoring.headers()]
            await send(message)

        await self._app(scope, receive, with_headers)
