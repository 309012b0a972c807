"""Texts: how those are kept that can be searched.

The index holds terms of at most 32,766 bytes. Of a text `value` the field `value` has the beginning, which is all of
most, `value_folded` the same in lower case where that is another text, and `value_rest` what is behind the beginning;
`value_long` says that there is more than the index has, so that what it finds must be looked at again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BEGINNING = 8000
"""As many characters are in the index; each takes four bytes at most."""


def put_text(fields: dict[str, Any], name: str, value: str | None) -> None:
    """Put the fields of a text into a document; None leaves none of them."""
    for suffix in ("", "_folded", "_rest", "_long"):
        fields.pop(f"{name}{suffix}", None)
    if value is None:
        return
    folded = value.lower()
    fields[name] = value[:BEGINNING]
    if folded != value:
        fields[f"{name}_folded"] = folded[:BEGINNING]
    if len(value) > BEGINNING:
        fields[f"{name}_rest"] = value[BEGINNING:]
    if max(len(value), len(folded)) > BEGINNING:
        fields[f"{name}_long"] = True


def get_text(fields: Mapping[str, Any], name: str) -> str | None:
    """The whole text; None if the document has none."""
    beginning: str | None = fields.get(name)
    if beginning is None:
        return None
    rest: str = fields.get(f"{name}_rest", "")
    return beginning + rest


def as_keyed(values: Mapping[str, str]) -> list[dict[str, Any]]:
    """Params or tags as a list of nested objects."""
    found = []
    for key, value in values.items():
        fields: dict[str, Any] = {"key": key}
        put_text(fields, "value", str(value))
        found.append(fields)
    return found


def from_keyed(fields: list[dict[str, Any]] | None) -> dict[str, str]:
    """Params or tags from their nested objects."""
    return {one["key"]: get_text(one, "value") or "" for one in fields or ()}
