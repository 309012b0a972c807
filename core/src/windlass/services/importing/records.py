"""Moving records: accounts, grants, webhooks, the audit log, retention policies and whatever else there is."""

from __future__ import annotations

from collections.abc import Sequence

from windlass.entities import Record
from windlass.errors import NotFound, Unsupported
from windlass.interfaces import RecordStore
from windlass.services.importing.differences import check_alike
from windlass.services.importing.sides import Side


def twin(record: Record, target: Side) -> Record | None:
    """The record that the target has under the same key."""
    try:
        return records(target).get(record.collection, record.key)
    except NotFound:
        return None


def move_records(page: Sequence[Record], target: Side) -> None:
    """Put those that are missing; their revisions count from 1 again."""
    for record in page:
        if (found := twin(record, target)) is None:
            records(target).put(record.collection, record.key, record.value, expected=0)
        else:
            what = f"record {record.key!r} in {record.collection}"
            check_alike(what, {"value": record.value}, {"value": found.value})


def records(side: Side) -> RecordStore:
    """The side's records; Unsupported if it keeps none."""
    if side.records is None:
        raise Unsupported(f"{side.name} keeps no records beside its runs", hint="import into another store")
    return side.records
