"""EndpointRecord: what a deployment remembers of itself, in the tags of its endpoint's configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

from windlass.interfaces import ModelRecord, of_tags, to_tags

OWNER = "windlass.deployment"
"""The tag that says whose deployment something is."""
KEPT = "windlass.kept"
"""The tag of what was to be kept when it was replaced."""
_PART = "windlass.record."
_TAG_LENGTH = 256
_MOST_PARTS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRecord:
    """The model of a deployment, and that of its canary.

    It is with the configuration rather than with the endpoint, since an endpoint changes from one configuration to the
    next in one step: what is said of the models is true at any time.
    """

    name: str
    main: ModelRecord
    canary: ModelRecord | None = None

    def tags(self) -> dict[str, str]:
        """As tags; InvalidValue if it is too long for them. AWS takes letters, digits and few signs, so no JSON."""
        return {OWNER: self.name} | to_tags(asdict(self), _PART, length=_TAG_LENGTH, most=_MOST_PARTS)

    @classmethod
    def of_tags(cls, tags: Mapping[str, str]) -> Self | None:
        """The record in tags; None where there is none that we can read."""
        found = of_tags(tags, _PART)
        try:
            main, canary = ModelRecord.of_content(found["main"]), found["canary"]
            name = str(found["name"])
        except (KeyError, TypeError):
            return None
        return None if main is None else cls(name=name, main=main, canary=canary and ModelRecord.of_content(canary))
