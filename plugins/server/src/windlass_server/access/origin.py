"""Where a request comes from."""

from __future__ import annotations

from contextvars import ContextVar

_address: ContextVar[str] = ContextVar("windlass_address", default="")


def current_address() -> str:
    """The address that the request in hand comes from; empty outside of a request."""
    return _address.get()


def set_address(address: str) -> None:
    """Say where the request comes from, for the rest of it."""
    _address.set(address)
