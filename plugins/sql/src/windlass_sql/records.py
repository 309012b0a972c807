"""SqlRecordStore: what the platform itself remembers, in a SQL database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

import sqlalchemy as sa

from windlass.config import Settings
from windlass.entities import Record
from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import RecordStore
from windlass.uri import Uri
from windlass_sql.database import Database
from windlass_sql.retrying import retried
from windlass_sql.schema import open_database
from windlass_sql.searchable import Condition
from windlass_sql.tables import records

_TRIES = 10
_LAST_BEFORE_SURROGATES, _FIRST_BEHIND_SURROGATES, _LAST = 0xD7FF, 0xE000, 0x10FFFF

_FIRST_BEHIND = sa.select(sa.func.min(records.c.collection)).where(records.c.collection > sa.bindparam("last"))


@retried
class SqlRecordStore(RecordStore):
    """Keeps records in the database of the runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """Connect to the database that `uri` names, creating the tables in an empty one."""
        return cls(open_database(uri, settings))

    @classmethod
    def upgrade(cls, uri: Uri, settings: Settings) -> tuple[str, str]:
        """Bring the database to this release's schema."""
        from windlass_sql.upgrade import upgrade  # noqa: PLC0415  alembic is only needed here

        return upgrade(uri, settings)

    def get(self, collection: str, key: str) -> Record:
        """The record."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(records).where(_this(collection, key))).one_or_none()
        if row is None:
            raise NotFound(f"there is no {key!r} in {collection}")
        return _record(row)

    def put(self, collection: str, key: str, value: Mapping[str, Any], *, expected: int | None = None) -> Record:
        """Keep a value under the key."""
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        for attempt in range(_TRIES):
            try:
                with self._database.write() as connection:
                    revision = _write(connection, _this(collection, key), text, expected)
                    if revision == 1:
                        row = {"collection": collection, "key": key, "revision": 1, "value": text}
                        connection.execute(records.insert().values(row))
                return Record(collection, key, json.loads(text), revision)
            except Conflict:
                # Someone else inserted the key meanwhile, or has another revision in mind.
                if expected == 0:
                    raise AlreadyExists(f"{key!r} exists already") from None
                if expected is not None or attempt == _TRIES - 1:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def delete(self, collection: str, key: str, *, expected: int | None = None) -> None:
        """Remove the record."""
        this = _this(collection, key)
        if expected is not None:
            this = sa.and_(this, records.c.revision == expected)
        with self._database.write() as connection:
            if connection.execute(records.delete().where(this)).rowcount == 0 and expected is not None:
                raise _changed()

    def list(
        self, collection: str, *, prefix: str = "", after: str = "", max_results: int = 1000, descending: bool = False
    ) -> list[Record]:
        """The records whose keys begin with the prefix."""
        key = records.c.key
        statement = sa.select(records).where(records.c.collection == collection)
        if prefix:
            statement = statement.where(key >= prefix)
            if (end := _behind(prefix)) is not None:
                statement = statement.where(key < end)
        if after:
            statement = statement.where(key < after if descending else key > after)
        statement = statement.order_by(key.desc() if descending else key.asc()).limit(max_results)
        with self._database.read() as connection:
            return [_record(row) for row in connection.execute(statement)]

    def collections(self) -> Sequence[str]:
        """The collections that hold a record."""
        found: list[str] = []
        with self._database.read() as connection:
            # One after the other through the index, which is much shorter than all their records.
            while (
                name := connection.execute(_FIRST_BEHIND, {"last": found[-1] if found else ""}).scalar()
            ) is not None:
                found.append(name)
        return found

    def close(self) -> None:
        """Close all connections."""
        self._database.close()


def _write(connection: sa.Connection, this: Condition, text: str, expected: int | None) -> int:
    """Change the record and return its new revision: 1 if it is missing and has to be inserted."""
    if expected == 0:
        return 1
    statement = sa.select(records.c.revision).where(this).with_for_update()
    found = connection.execute(statement).scalar()
    if expected not in {None, found}:
        raise _changed()
    if found is None:
        return 1
    connection.execute(records.update().where(this).values(revision=found + 1, value=text))
    return int(found) + 1


def _this(collection: str, key: str) -> Condition:
    return sa.and_(records.c.collection == collection, records.c.key == key)


def _record(row: sa.Row[Any]) -> Record:
    return Record(row.collection, row.key, json.loads(row.value), row.revision)


def _changed() -> Conflict:
    return Conflict("the record was changed by someone else", hint="read it again")


def _behind(prefix: str) -> str | None:
    """The first text behind all that begin with the prefix, by code point; None if there is none."""
    for place in range(len(prefix) - 1, -1, -1):
        code = ord(prefix[place])
        if code < _LAST:
            following = _FIRST_BEHIND_SURROGATES if code == _LAST_BEFORE_SURROGATES else code + 1
            return prefix[:place] + chr(following)
    return None
