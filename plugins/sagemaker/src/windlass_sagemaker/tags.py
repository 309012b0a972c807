"""Tags as AWS has them, and as mappings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def to_aws(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """As requests carry them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def from_aws(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """From an answer."""
    return {one["Key"]: one["Value"] for one in tags}
