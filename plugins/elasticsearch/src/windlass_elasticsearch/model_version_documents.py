"""Model versions as documents, and what a filter and an ordering see of them."""

from __future__ import annotations

from windlass.entities import ModelVersion
from windlass.search import FieldKind
from windlass_elasticsearch.documents import Source
from windlass_elasticsearch.indices import MODEL_VERSIONS
from windlass_elasticsearch.searchable import Searchable
from windlass_elasticsearch.texts import as_keyed, from_keyed, get_text, put_text

_TEXTS = ("name", "run_id", "source", "model_id", "current_stage", "status", "description", "user_id")
_PLAIN = ("version", "creation_timestamp", "last_updated_timestamp", "run_link", "status_message")

VERSION_ENTITY = Searchable(
    index=MODEL_VERSIONS.name,
    texts=frozenset(_TEXTS),
    numbers=frozenset({"version", "creation_timestamp", "last_updated_timestamp"}),
    keyed={FieldKind.TAG: "tags"},
)


def version_id(uid: str, version: int) -> str:
    """The id of a version's document; `uid` is that of its model."""
    return f"{uid}.{version}"


def as_source(version: ModelVersion, uid: str) -> Source:
    """The document of a version."""
    source: Source = {name: getattr(version, name) for name in _PLAIN}
    for name in _TEXTS:
        value = getattr(version, name)
        put_text(source, name, None if value is None else str(value))
    return {**source, "home": uid, "tags": as_keyed(version.tags), "gone": False}


def buried(uid: str, version: int) -> Source:
    """The document of a deleted version."""
    return {"home": uid, "version": version, "gone": True}


def as_version(source: Source, model: Source) -> ModelVersion:
    """The version of a document, with the aliases that the document of its model has for it."""
    number = source["version"]
    return ModelVersion(
        name=get_text(source, "name") or "",
        version=number,
        source=get_text(source, "source") or "",
        run_id=get_text(source, "run_id"),
        model_id=get_text(source, "model_id"),
        run_link=source["run_link"],
        creation_timestamp=source["creation_timestamp"],
        last_updated_timestamp=source["last_updated_timestamp"],
        description=get_text(source, "description") or "",
        user_id=get_text(source, "user_id") or "",
        current_stage=get_text(source, "current_stage") or "",
        status=get_text(source, "status") or "",
        status_message=source["status_message"],
        tags=from_keyed(source["tags"]),
        aliases=tuple(sorted(alias for alias, one in model["aliases"].items() if one == number)),
    )
