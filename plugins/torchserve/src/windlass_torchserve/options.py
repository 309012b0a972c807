"""ServingOptions: how TorchServe serves one model, as `-C` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from windlass.errors import InvalidValue
from windlass.interfaces import count, parse_options, seconds

_MANY, _DAY = 1000, 86_400


OPTIONS = (
    count("initial_workers", "How many processes answer at first.", default=1, most=_MANY),
    count("min_worker", "How many processes there are at least; as at first without.", most=_MANY),
    count("max_worker", "How many processes there are at most; as at first without.", most=_MANY),
    count("batch_size", "How many requests a process takes at once.", default=1, most=_MANY),
    count("max_batch_delay", "Milliseconds to wait for a batch to be full.", default=100, most=_DAY * 1000, least=0),
    count("response_timeout", "Seconds after which TorchServe gives a request up.", default=120, most=_DAY),
    count("startup_timeout", "Seconds that loading the model may take.", default=120, most=_DAY),
    seconds("request_timeout", "Seconds that we wait for one prediction.", default=60.0),
    seconds("drain_seconds", "Seconds that an updated model has to end what it has begun.", default=2.0, least=0.0),
)
_REGISTERED = ("initial_workers", "batch_size", "max_batch_delay", "response_timeout", "startup_timeout")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingOptions:
    """`registration` is what TorchServe is told with a new model; `workers` the least and most, if other than first."""

    registration: Mapping[str, Any]
    workers: tuple[int, int] | None
    startup_timeout: int
    request_timeout: float
    drain_seconds: float

    @classmethod
    def parse(cls, config: Mapping[str, str]) -> Self:
        """Read the options; InvalidValue for one that is unknown or bad, or if they contradict each other."""
        found = parse_options(OPTIONS, config)
        return cls(
            registration={name: found[name] for name in _REGISTERED},
            workers=_workers(found),
            startup_timeout=found["startup_timeout"],
            request_timeout=found["request_timeout"],
            drain_seconds=found["drain_seconds"],
        )


def _workers(found: Mapping[str, Any]) -> tuple[int, int] | None:
    least, most, first = found.get("min_worker"), found.get("max_worker"), found["initial_workers"]
    if least is None and most is None:
        return None
    least = min(first, most) if least is None else least
    most = max(first, least) if most is None else most
    if least > most:
        raise InvalidValue("config min_worker", least, "is more than max_worker", limit=f"up to {most}")
    return least, most
