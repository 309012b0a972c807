from __future__ import annotations

import socket

import pytest

from windlass.errors import InvalidValue, PermissionDenied
from windlass_server.webhooks.addresses import Addresses
from windlass_server.webhooks.event import Event, EventKind
from windlass_server.webhooks.sender import Sender

INSIDE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
]
EVENT = Event(EventKind("run", "created"), {})


def resolving(monkeypatch, *answers):
    """Lets every name mean these addresses, one set after the other, the last one from then on."""
    left = list(answers)

    def getaddrinfo(host, port, **_):
        found = left.pop(0) if len(left) > 1 else left[0]
        kinds = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in found]
        return [(kind, socket.SOCK_STREAM, 6, "", (one, port)) for kind, one in zip(kinds, found, strict=True)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_is_reached_however_it_is_written(monkeypatch, address):
    resolving(monkeypatch, [address])
    with pytest.raises(PermissionDenied, match="no public address"):
        Addresses().resolve("hooks.example.org", 443)
    with pytest.raises(InvalidValue):
        Addresses().check_url("https://hooks.example.org/x")


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "2002:5db8:d822::", "64:ff9b::5db8:d822"])
def test_public_addresses_are_reached(monkeypatch, address):
    resolving(monkeypatch, [address])
    assert Addresses().resolve("hooks.example.org", 443)[0][1] == (address, 443)


def test_one_address_inside_among_public_ones_is_enough_to_refuse(monkeypatch):
    resolving(monkeypatch, ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(PermissionDenied):
        Addresses().resolve("hooks.example.org", 443)


def test_a_name_that_means_something_else_when_it_is_used_is_refused_then(monkeypatch):
    addresses = Addresses()
    resolving(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    assert addresses.check_url("https://hooks.example.org/x")
    outcome = Sender(addresses).send("https://hooks.example.org/x", EVENT, delivery_id="d", timestamp=0, secret=None)
    assert outcome.status is None
    assert "no public address" in outcome.error


def test_hosts_inside_may_be_allowed_by_name_address_or_network(monkeypatch):
    resolving(monkeypatch, ["10.0.0.7"])
    for allowed in ("hooks.internal", "10.0.0.7", "10.0.0.0/8"):
        assert Addresses([allowed]).resolve("hooks.internal", 80)
    assert Addresses(["hooks.internal"]).check_url("http://HOOKS.internal/x")
    with pytest.raises(InvalidValue, match="https"):
        Addresses(["10.0.0.0/8"]).check_url("http://hooks.internal/x")


@pytest.mark.parametrize("url", ["https://0x7f.1/", "https://2130706433/", "https://127.1/", "https://0177.0.0.1/"])
def test_odd_ways_to_write_an_address_mean_what_the_system_takes_them_for(url):
    with pytest.raises(InvalidValue):
        Addresses().check_url(url)
