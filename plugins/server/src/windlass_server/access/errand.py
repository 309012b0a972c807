"""Errand: a browser that is away at the identity provider."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Errand:
    """What the server must remember while somebody is away at the provider."""

    state: str
    nonce: str
    verifier: str
    target: str
