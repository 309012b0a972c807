"""What a receiver may do to the one who sends: nothing."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

import pytest

from windlass_server.webhooks import sender as module
from windlass_server.webhooks.addresses import Addresses
from windlass_server.webhooks.event import Event, EventKind
from windlass_server.webhooks.sender import Sender


@pytest.fixture
def sender():
    made = Sender(Addresses(["127.0.0.1"]))
    yield made
    made.close()


@pytest.fixture
def served():
    """Answers every connection with the parts that a function makes, and counts what went out and who came."""
    opened = []

    def serve(parts):
        listening = socket.create_server(("127.0.0.1", 0))
        opened.append(listening)
        seen = {"sent": 0, "connections": 0}

        def answer(connection):
            with connection, suppress(OSError):
                while connection.recv(65536):
                    for part in parts():
                        connection.sendall(part)
                        seen["sent"] += len(part)

        def accept():
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    seen["connections"] += 1
                    threading.Thread(target=answer, args=[connection], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}/", seen

    yield serve
    for listening in opened:
        # Wakes the thread that waits in it.
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def deliver(sender, url):
    event = Event(EventKind("run", "created"), {"run_id": "1"})
    return sender.send(url, event, delivery_id="1", timestamp=0, secret=None)


def test_of_an_endless_answer_the_beginning_is_read(sender, served):
    def endless():
        yield b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        while True:
            yield b"10000\r\n" + "é".encode() * 0x8000 + b"\r\n"

    url, seen = served(endless)
    outcome = deliver(sender, url)
    assert (outcome.ok, outcome.body) == (True, "é" * 1000)
    time.sleep(0.2)
    assert seen["sent"] < 20_000_000


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\nx: "])
def test_an_answer_that_drips_holds_nobody_up(sender, served, monkeypatch, head):
    def drip():
        yield head
        while True:
            time.sleep(0.05)
            yield b"x"

    monkeypatch.setattr(module, "_PATIENCE", 0.5)
    url, _ = served(drip)
    begun = time.monotonic()
    outcome = deliver(sender, url)
    assert time.monotonic() - begun < 5
    if b"content-length" in head:
        assert outcome.ok
        assert set(outcome.body) == {"x"}
    else:
        assert "timed out" in outcome.error
        assert outcome.may_help_to_retry


def test_a_connection_is_used_again_after_a_short_answer(sender, served):
    url, seen = served(lambda: [b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\ntaken"])
    assert [deliver(sender, url).body for _ in range(3)] == ["taken"] * 3
    assert seen["connections"] == 1
