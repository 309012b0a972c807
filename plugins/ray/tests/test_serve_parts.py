"""What the applications on the cluster are made of, as far as that needs no cluster."""

from __future__ import annotations

import asyncio
import json

from windlass_ray.serve.asgi import Call, ask
from windlass_ray.serve.shares import Shares


def test_an_application_gets_the_request_and_its_answer_comes_back_whole():
    async def app(scope, receive, send):
        message = await receive()
        assert (await receive())["type"] == "http.disconnect"
        told = {"path": scope["path"], "method": scope["method"], "body": message["body"].decode()}
        await send({"type": "http.response.start", "status": 207, "headers": [(b"a", b"b")]})
        await send({"type": "http.response.body", "body": json.dumps(told).encode()[:5], "more_body": True})
        await send({"type": "http.response.body", "body": json.dumps(told).encode()[5:]})

    answer = asyncio.run(ask(app, Call("POST", "/invocations", [(b"content-type", b"text/csv")], b"a,b")))
    assert (answer.status, answer.headers) == (207, [(b"a", b"b")])
    assert json.loads(answer.body) == {"path": "/invocations", "method": "POST", "body": "a,b"}


def test_one_share_gets_everything():
    assert {Shares({"only": 100}).choose() for _ in range(20)} == {"only"}


def test_shares_are_kept_on_average():
    chosen = [Shares({"old": 80, "new": 20}).choose() for _ in range(5000)]
    assert 0.15 < chosen.count("new") / 5000 < 0.25
