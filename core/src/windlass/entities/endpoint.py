"""Endpoint: an address that several deployments of a target share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address with the deployments behind it.

    `traffic` says for each deployment which percentage of the requests it answers; `details` holds what only this
    target knows.
    """

    name: str
    target: str
    url: str | None = None
    status: str = "READY"
    traffic: Mapping[str, int] = field(default_factory=dict)
    config: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)
