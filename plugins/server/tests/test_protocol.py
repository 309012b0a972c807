from __future__ import annotations

import json
import socket
import threading
import time

import pytest

from windlass_server import protocol


@pytest.fixture
def impatient(monkeypatch):
    """A server that waits for tenths of seconds instead of half minutes."""
    monkeypatch.setattr(protocol, "SILENCE", 0.3)
    monkeypatch.setattr(protocol, "DEAFNESS", 0.3)
    monkeypatch.setattr(protocol, "_LOOK", 0.05)


def connected(port):
    client = socket.create_connection(("127.0.0.1", port), timeout=5)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    return client


def until(holds):
    """Wait for a condition, ten seconds at most."""
    give_up = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.02)


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"GET /health HTTP/1.1\r\nHost: local",
        b"POST /api/2.0/mlflow/runs/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /he",
    ],
)
def test_who_does_not_go_on_with_a_request_is_hung_up_on(impatient, running, beginning):
    with connected(running.port) as client:
        client.sendall(beginning)
        while client.recv(4096):
            pass


def test_who_goes_on_slowly_is_waited_for(impatient, running):
    body = b'{"experiment_ids": ["0"]}'
    head = b"POST /api/2.0/mlflow/runs/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    request = head + f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
    with connected(running.port) as client:
        for start in range(0, len(request), 20):
            client.sendall(request[start : start + 20])
            time.sleep(0.1)
        assert client.recv(4096).startswith(b"HTTP/1.1 200")


def test_an_open_connection_may_rest_between_requests(impatient, api):
    assert api.send("GET", "/health").status == 200
    time.sleep(0.6)
    sock = api.connection.sock
    assert api.send("GET", "/health").status == 200
    assert api.connection.sock is sock


def test_who_takes_nothing_of_a_large_answer_is_hung_up_on(impatient, running, api, experiment):
    run_id = api.run(experiment)
    for number in range(4):
        tags = [{"key": f"t{number}{key}", "value": "x" * 90_000} for key in range(50)]
        api.do("POST", "/runs/log-batch", {"run_id": run_id, "tags": tags})
    with connected(running.port) as client:
        client.sendall(f"GET /api/2.0/mlflow/runs/get?run_id={run_id} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        name, connections = client.getsockname(), running.server.server_state.connections
        # The server's thread changes the set while we look, so each look takes a copy.
        until(lambda: any(one.client == name for one in tuple(connections)))
        until(lambda: all(one.client != name for one in tuple(connections)))


def test_a_head_without_end_is_refused(running):
    with connected(running.port) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n")

        def feed():
            try:
                for number in range(2000):
                    client.sendall(f"X-Filler-{number}: {'x' * 100}\r\n".encode())
            except OSError:
                pass

        thread = threading.Thread(target=feed)
        thread.start()
        answer = client.recv(65536)
        thread.join()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert "too large" in json.loads(body)["message"]


def test_what_is_no_http_gets_an_error_like_all_others(running):
    with connected(running.port) as client:
        client.sendall(b"\x16\x03\x01 is no HTTP\r\n\r\n")
        head, _, body = client.recv(65536).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert json.loads(body)["error_code"] == "BAD_REQUEST"
