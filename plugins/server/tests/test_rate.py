from __future__ import annotations

import json
from dataclasses import replace

import pytest

from windlass_server.app import create_app
from windlass_server.background import BackgroundServer
from windlass_server.options import ServerOptions
from windlass_server.rate import RateLimit


def test_an_address_may_come_in_bursts_but_not_on_and_on():
    limit = RateLimit(None, 2.0)
    assert [limit.take("a", 0.0) for _ in range(20)] == [0.0] * 20
    assert limit.take("a", 0.0) == pytest.approx(0.5)
    assert limit.take("b", 0.0) == 0.0
    assert limit.take("a", 0.5) == 0.0
    assert limit.take("a", 0.5) > 0
    assert [limit.take("a", 100.0) for _ in range(20)] == [0.0] * 20


def test_addresses_that_do_not_come_again_are_forgotten():
    limit = RateLimit(None, 1.0)
    for number in range(10_050):
        limit.take(str(number), 0.0)
    assert len(limit._left) == 10_000
    assert "0" not in limit._left


def test_too_many_requests_are_told_when_to_come_again(settings, workspace, connect):
    with BackgroundServer(create_app(settings, workspace, options=ServerOptions(rate_limit=0.5))) as server:
        client = connect(server.port)
        answers = [client.ask("GET", "/experiments/get", {"experiment_id": "0"}) for _ in range(7)]
        assert [one.status for one in answers] == [200] * 5 + [429] * 2
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert json.loads(answers[-1].body)["error_code"] == "REQUEST_LIMIT_EXCEEDED"
        assert client.send("GET", "/health").status == 200


def test_behind_a_proxy_each_client_counts_for_itself(settings, workspace, connect):
    behind = replace(settings, trusted_proxies=("127.0.0.1",), static_prefix="/ml")
    with BackgroundServer(create_app(behind, workspace, options=ServerOptions(rate_limit=0.2))) as server:
        client = connect(server.port)

        def ask(address):
            return client.send("GET", "/ml/version", x_forwarded_for=address).status

        assert [ask("198.51.100.1") for _ in range(3)] == [200, 200, 429]
        assert ask("198.51.100.2") == 200
        assert [client.send("GET", "/ml/health").status for _ in range(5)] == [200] * 5
