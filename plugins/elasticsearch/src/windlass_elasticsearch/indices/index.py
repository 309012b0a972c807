"""Index: one kind of documents, and the mapping it is kept with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Mapped = Mapping[str, Any]

KEYWORD: Mapped = {"type": "keyword"}
LONG: Mapped = {"type": "long"}
BYTE: Mapped = {"type": "byte"}
DOUBLE: Mapped = {"type": "double"}
BOOLEAN: Mapped = {"type": "boolean"}
HIDDEN: Mapped = {"type": "object", "enabled": False}
"""Anything that is kept with the document and never searched."""


@dataclass(frozen=True, slots=True)
class Index:
    """An index behind the alias PREFIX-NAME; a change of its mapping gives it the next `version`.

    Every document has a `stamp`, by which a writer knows its own write again.
    """

    name: str
    version: int
    properties: Mapped
    settings: Mapped = field(default_factory=dict)

    def physical(self, prefix: str) -> str:
        """The index itself."""
        return f"{prefix}-{self.name}-v{self.version}"

    def body(self) -> dict[str, Any]:
        """Settings and mappings, as a template or a new index has them."""
        return {
            "settings": {
                "index": {
                    "number_of_shards": 1,
                    "auto_expand_replicas": "0-1",
                    "refresh_interval": "30s",
                    "translog": {"durability": "request"},
                    "mapping": {"nested_objects": {"limit": 500_000}},
                    **self.settings,
                }
            },
            "mappings": {"dynamic": "strict", "properties": {"stamp": HIDDEN_KEYWORD, **self.properties}},
        }


HIDDEN_KEYWORD: Mapped = {"type": "keyword", "index": False, "doc_values": False}


def text(name: str) -> Mapped:
    """The fields of a text that can be searched; `windlass_elasticsearch.texts` says what is in them."""
    return {name: KEYWORD, f"{name}_folded": KEYWORD, f"{name}_long": BOOLEAN, f"{name}_rest": HIDDEN_KEYWORD}


def texts(*names: str) -> Mapped:
    """The fields of several texts."""
    return {field_name: mapped for name in names for field_name, mapped in text(name).items()}


def number(prefix: str = "") -> Mapped:
    """The fields of a metric's value; `windlass_elasticsearch.numbers` says what is in them."""
    return {f"{prefix}kind": BYTE, f"{prefix}value": DOUBLE, f"{prefix}minus": {"type": "boolean", "index": False}}


def nested(properties: Mapped) -> Mapped:
    """A list of objects that are searched one by one; any number of different keys leaves the mapping as it is."""
    return {"type": "nested", "dynamic": "strict", "properties": properties}


KEYED = nested({"key": KEYWORD, **text("value")})
"""Params or tags."""
