"""Listening sockets."""

from __future__ import annotations

import socket

import pytest

from windlass.errors import InvalidValue, Unavailable
from windlass.sockets import listen


def test_port_0_takes_a_free_one_and_answers_go_out_at_once():
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname(), timeout=5):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert listener.proto == socket.IPPROTO_TCP


def test_a_port_in_use_says_so():
    with (
        listen("127.0.0.1", 0) as first,
        pytest.raises(Unavailable, match=f"port {first.getsockname()[1]} .* is in use"),
    ):
        listen("127.0.0.1", first.getsockname()[1])


def test_a_port_can_be_shared_by_those_who_want_to():
    with listen("127.0.0.1", 0, share=True) as first, listen("127.0.0.1", first.getsockname()[1], share=True) as second:
        assert second.getsockname() == first.getsockname()


@pytest.mark.parametrize(
    ("host", "port"), [("127.0.0.1", -1), ("127.0.0.1", 65_536), ("no such host", 0), ("a" * 300, 0)]
)
def test_what_is_no_address_is_an_invalid_value(host, port):
    with pytest.raises(InvalidValue):
        listen(host, port)


def test_an_address_of_another_machine_is_unavailable():
    with pytest.raises(Unavailable, match="cannot listen"):
        listen("192.0.2.1", 0)
