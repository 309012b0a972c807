"""The scoring server's application, as others put it into a server of their own."""

from __future__ import annotations

import asyncio
import json

import windlass.serving


def test_an_application_answers_without_a_server_of_ours(saved):
    app = windlass.serving.scoring_app(saved(lambda model_input: [2 * value for value in model_input]))
    sent = []

    async def receive():
        return {"type": "http.request", "body": b'{"inputs": [1.5]}'}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/invocations", "headers": [(b"content-type", b"application/json")],
        "query_string": b"", "root_path": "",
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 200
    assert json.loads(b"".join(one.get("body", b"") for one in sent[1:])) == {"predictions": [3.0]}
