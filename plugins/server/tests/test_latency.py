"""No answer waits for the client's delayed acknowledgement, shown without looking at a clock."""

from __future__ import annotations

import socket
import struct
import threading
import time

import pytest

TCP, ACK_ONLY = 6, 0x10
REQUESTS = 50


def test_every_accepted_connection_sends_at_once(running, api):
    assert api.send("GET", "/health").status == 200
    connections = list(running.server.server_state.connections)
    assert connections
    for connection in connections:
        accepted = connection.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1


def test_answers_do_not_wait_for_acknowledgements(running, connect):
    """A client acknowledges some segments at once, so a few may be seen; with Nagle's algorithm every answer waits."""
    answers, waited = _measure(running, connect(running.port), nagle=False)
    assert answers >= REQUESTS
    assert waited <= REQUESTS // 5


def test_the_measurement_sees_answers_that_wait(running, connect):
    answers, waited = _measure(running, connect(running.port), nagle=True)
    assert answers >= REQUESTS
    assert waited >= REQUESTS // 2


def _measure(running, client, *, nagle):
    """Segments of some requests on one connection: how many answers, and how many were acknowledged in the middle."""
    try:
        capture = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(0x0800))
        capture.bind(("lo", 0))
    except (AttributeError, OSError) as error:
        pytest.skip(f"packets cannot be captured here: {error}")
    run_id = client.run()
    for connection in tuple(running.server.server_state.connections):
        accepted = connection.transport.get_extra_info("socket")
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0 if nagle else 1)
    segments: list[tuple[int, int, int]] = []
    stop = threading.Event()
    reader = threading.Thread(target=_record, args=(capture, running.port, segments, stop))
    reader.start()
    for step in range(REQUESTS):
        values = {"run_id": run_id, "key": "m", "value": 1.0, "timestamp": 1, "step": step}
        client.do("POST", "/runs/log-metric", values)
    stop.set()
    reader.join(10)
    capture.close()
    if not segments:
        pytest.skip("the loopback device shows no packets here")
    return _answers(segments, running.port)


def _record(capture, port, segments, stop):
    """The TCP segments of the port, each once, as (source port, flags, bytes of data)."""
    capture.settimeout(0.2)
    give_up = None
    # Others may keep the loopback device busy for as long as they like.
    while give_up is None or time.monotonic() < give_up:
        if give_up is None and stop.is_set():
            give_up = time.monotonic() + 0.5
        try:
            frame, (_, _, kind, *_) = capture.recvfrom(65535)
        except TimeoutError:
            continue
        packet = frame[14:]
        if kind == socket.PACKET_OUTGOING or packet[9] != TCP:
            continue
        header = (packet[0] & 15) * 4
        source, target = struct.unpack("!HH", packet[header : header + 4])
        if port in {source, target}:
            length = struct.unpack("!H", packet[2:4])[0] - header - (packet[header + 12] >> 4) * 4
            segments.append((source, packet[header + 13], length))


def _answers(segments, port):
    """How many answers there are, and how many went on only after the client acknowledged their beginning."""
    answers = waited = 0
    within = acknowledged = False
    for source, flags, length in segments:
        if source == port and length:
            if not within:
                answers += 1
            elif acknowledged:
                waited += 1
            within, acknowledged = True, False
        elif source != port and length:
            within = False
        elif source != port and within and flags == ACK_ONLY:
            acknowledged = True
    return answers, waited
