"""Clients that hold connections, send slowly or take nothing: others are served, and what they held is given back."""

from __future__ import annotations

import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest

IDLE, SLOW, DEAF = 200, 50, 20
MB = 1 << 20
PROXY = "/api/2.0/mlflow-artifacts/artifacts"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def open_files(server):
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


def memory(server):
    """What the process has in memory, in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


class Crowd:
    """The clients; leaving the block they all hang up."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.sockets: list[socket.socket] = []
        self.dripping = threading.Thread(target=self.drip, daemon=True)
        self.stopping = threading.Event()
        self.slow: list[socket.socket] = []

    def connect(self) -> socket.socket:
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.connect(("127.0.0.1", self.port))
        self.sockets.append(made)
        return made

    def drip(self) -> None:
        """One more byte of every slow request each second."""
        while not self.stopping.wait(1.0):
            for one in self.slow:
                # The server may have lost its patience with one.
                with suppress(OSError):
                    one.send(b" ")

    def __enter__(self) -> Self:
        for _ in range(IDLE):
            self.connect()
        head = b"POST /api/2.0/mlflow/runs/log-batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n"
        for number in range(SLOW):
            self.slow.append(self.connect())
            self.slow[-1].sendall(head if number % 2 else head[: len(head) // 2])
        for _ in range(DEAF):
            self.connect().sendall(f"GET {PROXY}/large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        self.dripping.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stopping.set()
        self.dripping.join(10)
        for one in self.sockets:
            one.close()


def test_a_crowd_of_slow_and_greedy_clients_holds_nobody_up(server, client):
    assert client.send("PUT", f"{PROXY}/large.bin", b"x" * (64 * MB))[0] == 200
    run_id = client.run()
    files, before = open_files(server), memory(server)
    with Crowd(client.port):
        give_up = time.monotonic() + 20
        while open_files(server) < files + IDLE + SLOW + DEAF:
            assert time.monotonic() < give_up, "the server does not take them all in"
            time.sleep(0.05)
        for step in range(100):
            point = {"run_id": run_id, "key": "m", "value": 1, "timestamp": 1, "step": step}
            client.do("POST", "/runs/log-metric", point)
            client.do("POST", "/runs/search", {"experiment_ids": ["0"]})
        assert client.send("PUT", f"{PROXY}/small.txt", b"small")[0] == 200
        assert client.send("GET", f"{PROXY}/small.txt") == (200, b"small")
        assert memory(server) - before < 150 * MB
    while open_files(server) > files + 2:
        assert time.monotonic() < give_up + 20, "connections of clients that have gone are still open"
        time.sleep(0.05)
    assert memory(server) - before < 100 * MB
    log = Path(server.log.name).read_text()
    assert "Traceback" not in log
    assert " ERROR " not in log
