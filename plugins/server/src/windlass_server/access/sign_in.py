"""SignIn: finds out who sends a request, and lets nobody in without a rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import parse_qsl, quote

from litestar import Request, Response
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from windlass.errors import Unauthenticated
from windlass_server.access.caller import Caller, set_caller
from windlass_server.access.gate import Gate, handler_rule, no_rule
from windlass_server.access.origin import set_address
from windlass_server.access.rule import Rule, Who
from windlass_server.access.rules import RULES
from windlass_server.access.who import WhoIs
from windlass_server.endpoint import MESSAGE
from windlass_server.threads import in_thread

_BAD = 400


class SignIn:
    """Says who the caller is, refuses those whom the rule of a handler does not let in, and keeps what others did.

    What a message asks for is judged when it has been read; everything else here, by its path and its query.
    """

    def __init__(self, app: ASGIApp, who: WhoIs, gate: Gate, prefix: str = "") -> None:
        self._app = app
        self._prefix = prefix
        self._who = who
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with its caller."""
        if scope["type"] != ScopeType.HTTP or scope["method"] == "OPTIONS":
            await self._app(scope, receive, send)
            return
        opt = scope["route_handler"].opt
        kind = opt.get(MESSAGE)
        rule = handler_rule(opt) if kind is None else RULES.get(kind)
        if rule is None:
            raise no_rule(kind.__name__ if kind else "this")
        address = self._who.address(scope)
        set_address(address)
        caller = None if rule.who is Who.ANYBODY else await self._who.caller(scope, address)
        if caller is None and rule.who is not Who.ANYBODY:
            if (answer := _to_login(scope, self._prefix)) is not None:
                await answer(scope, receive, send)
                return
            raise Unauthenticated("nobody is signed in", hint="send a user name and a password, or a token")
        set_caller(caller)
        if kind is None and rule.who is not Who.ANYBODY:
            send = await self._judge(rule, caller, scope, send)
        await self._app(scope, receive, send)

    async def _judge(self, rule: Rule, caller: Caller | None, scope: HTTPScope, send: Send) -> Send:
        asked = _values(scope).get
        recorder = self._gate.recorder
        await in_thread(self._gate.check, rule, caller, asked)
        if not recorder.keeps(rule):
            return send
        await in_thread(recorder.log.check)
        action = scope["route_handler"].handler_name
        resource = "/".join([*rule.about.split()[:1], *(str(asked(one)).strip("/") for one in rule.about.split()[1:])])

        async def record_first(message: Message) -> None:
            # Before the answer begins, so that whoever reads it can rely on the entry.
            if message["type"] == "http.response.start":
                result = "done" if message["status"] < _BAD else f"refused: {message['status']}"
                await in_thread(recorder.write, action, resource, result)
            await send(message)

        return record_first


def _values(scope: HTTPScope) -> dict[str, Any]:
    """What the path and the query say."""
    values: dict[str, Any] = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    values.setdefault("run_id", values.get("run_uuid"))
    return {**values, **cast(Mapping[str, Any], scope["path_params"])}


def _to_login(scope: HTTPScope, prefix: str) -> ASGIApp | None:
    """Sends people who look at a page to where they sign in; None for programs."""
    headers = dict(scope["headers"])
    wants_page = scope["method"] == "GET" and b"text/html" in headers.get(b"accept", b"")
    if not wants_page or b"authorization" in headers:
        return None
    query = scope["query_string"].decode("latin-1")
    here = scope["path"] + (f"?{query}" if query else "")
    target = f"{prefix}/login?next={quote(here, safe='')}"
    request: Request[Any, Any, Any] = Request(scope)
    return Response(b"", status_code=303, headers={"location": target, "cache-control": "no-store"}).to_asgi_response(
        app=None, request=request
    )


Middleware = Callable[[ASGIApp], ASGIApp]


def sign_in(who: WhoIs, gate: Gate, prefix: str = "") -> Middleware:
    """The layer of an application that knows its callers."""
    return lambda app: SignIn(app, who, gate, prefix)
