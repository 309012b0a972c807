"""What an endpoint remembers of its deployment, in its tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from windlass.interfaces import ModelRecord, of_tags, to_tags
from windlass_rest.endpoints.naming import is_variant
from windlass_rest.endpoints.state import Plan

OWNER, BORN = "windlass_deployment", "windlass_born"
_START = "windlass_"
_LENGTH, _MOST = 255, 8


def from_databricks(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Tags from an answer."""
    return {one["key"]: one.get("value", "") for one in tags}


def to_databricks(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags for a request."""
    return [{"key": key, "value": value} for key, value in tags.items()]


def record_tags(plan: Plan) -> dict[str, str]:
    """The tags that tell of one variant; InvalidValue if it is too much for them."""
    return to_tags(plan.record.content(), _prefix(plan.variant), length=_LENGTH, most=_MOST)


def records(tags: Mapping[str, str]) -> Iterator[tuple[str, ModelRecord]]:
    """The variants that tags tell of."""
    for variant in sorted({name for key in tags if (name := _variant(key))}):
        record = ModelRecord.of_content(of_tags(tags, _prefix(variant)))
        if record is not None:
            yield variant, record


def keys_of(tags: Mapping[str, str], variant: str) -> list[str]:
    """The tags that tell of a variant."""
    return [key for key in tags if _variant(key) == variant]


def _prefix(variant: str) -> str:
    return f"{_START}{variant}_"


def _variant(key: str) -> str:
    name: Any = key.removeprefix(_START).partition("_")[0]
    return name if key.startswith(_START) and is_variant(name) else ""
