"""LocalOptions: what `-C` may say about a local deployment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from windlass.interfaces import OptionType, TargetOption, parse_options

_DAY = 86_400.0
_SOON = 0.001

OPTIONS = (
    TargetOption(
        name="host",
        meaning="The address to listen on; by default only this machine reaches it.",
        default="127.0.0.1",
        pattern=r"[^\s/]+",
        form="a host name or address",
    ),
    TargetOption(
        name="port",
        meaning="The port; 0 takes a free one, which it keeps.",
        type=OptionType.INTEGER,
        default=0,
        least=0,
        most=65_535,
    ),
    TargetOption(
        name="workers",
        meaning="How many processes serve.",
        type=OptionType.INTEGER,
        default=1,
        least=1,
        most=256,
    ),
    TargetOption(
        name="timeout",
        meaning="Seconds to wait until the deployment answers.",
        type=OptionType.NUMBER,
        default=60.0,
        least=_SOON,
        most=_DAY,
    ),
    TargetOption(
        name="request_timeout",
        meaning="Seconds that one prediction may take.",
        type=OptionType.NUMBER,
        default=60.0,
        least=_SOON,
        most=_DAY,
    ),
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
