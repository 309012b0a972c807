"""LocalOptions: what `-C` may say about a local deployment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from windlass.interfaces import TargetOption, count, parse_options, seconds

OPTIONS = (
    TargetOption(
        name="host",
        meaning="The address to listen on; by default only this machine reaches it.",
        default="127.0.0.1",
        pattern=r"[^\s/]+",
        form="a host name or address",
    ),
    count("port", "The port; 0 takes a free one, which it keeps.", default=0, least=0, most=65_535),
    count("workers", "How many processes serve.", default=1, most=256),
    seconds("timeout", "Seconds to wait until the deployment answers.", default=60.0),
    seconds("request_timeout", "Seconds that one prediction may take.", default=60.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalOptions:
    """How a local deployment runs."""

    host: str
    port: int
    workers: int
    timeout: float
    request_timeout: float

    @classmethod
    def parse(cls, config: Mapping[str, str]) -> LocalOptions:
        """Read the options; InvalidValue for one that is unknown or of the wrong type."""
        return cls(**parse_options(OPTIONS, config))
