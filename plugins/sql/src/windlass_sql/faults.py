"""Turning the errors of databases and drivers into ours, without their SQL; those worth another try can be told."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import exc

from windlass.errors import Conflict, Corrupted, InvalidValue, Unavailable, WindlassError

_PRIMARY = 0xFF
_SQLITE: dict[int, tuple[type[WindlassError], str, str]] = {
    sqlite3.SQLITE_BUSY: (
        Unavailable,
        "is busy: another process has been writing for too long",
        "try again, or raise WINDLASS_SQLITE_BUSY_TIMEOUT",
    ),
    sqlite3.SQLITE_FULL: (Unavailable, "has no room: the disk is full", "free some space; nothing was written"),
    sqlite3.SQLITE_READONLY: (Unavailable, "cannot be written", "check who owns the file and its directory"),
    sqlite3.SQLITE_CANTOPEN: (Unavailable, "cannot be opened", "check that the path is right and may be read"),
    sqlite3.SQLITE_PERM: (Unavailable, "cannot be opened", "check who owns the file"),
    sqlite3.SQLITE_IOERR: (Unavailable, "cannot be read or written: the disk reports an error", "check the disk"),
    sqlite3.SQLITE_NOTADB: (Unavailable, "is no SQLite database", "check the path"),
    sqlite3.SQLITE_CORRUPT: (Corrupted, "is damaged", "restore it from a backup"),
}
# What servers say when they end a transaction because of another one: SQLSTATE of PostgreSQL, numbers of the others.
# 1412: a table was changed, or made, after the transaction began.
_COLLISIONS = {"40001", "40P01", 1213, 1020, 1412, 3960}
_FULL = {"53100", "53200", 1021, 1114, 9002}
_LATER = 5


class Repeatable(WindlassError):
    """The transaction was undone as a whole, for a reason that may be gone when it runs again."""


class Collided(Repeatable, Conflict):
    """Another transaction wrote the same."""


class Deadlocked(Repeatable, Unavailable):
    """Transactions waited for each other, and this one had to give way."""


class Interrupted(Repeatable, Unavailable):
    """The connection was lost before the transaction was to be committed, so it never was."""


class Unsure(Unavailable):
    """The connection was lost during the commit: nobody knows whether the database did it."""


def translate(error: Exception, place: str) -> WindlassError:
    """Our error for one of SQLAlchemy's or of a driver; `place` is the database's URI without its password."""
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _translate_sqlite(cause, place)
    found = _repeatable(error, place)
    match error:
        case _ if found is not None:
            return found
        case exc.DBAPIError() if _code(cause) in _FULL:
            return Unavailable(
                f"the database {place} has no room", hint="free some space; nothing was written", place=place
            )
        case exc.DataError() | UnicodeError():
            return InvalidValue("value", "…", "does not fit into the database")
        case exc.TimeoutError():
            return Unavailable(
                f"the database {place} has no free connection", hint="try again", retry_after=1, place=place
            )
    return Unavailable(
        f"the database {place} does not answer as it should ({type(cause).__name__})",
        hint="check that it is running, and the URI with its user and password",
        retry_after=_LATER,
        place=place,
    )


def _repeatable(error: Exception, place: str) -> Repeatable | None:
    match error:
        case exc.DBAPIError(connection_invalidated=True):
            return Interrupted(
                f"the database {place} closed the connection", hint="try again", retry_after=_LATER, place=place
            )
        case exc.DBAPIError() if _code(error.orig) in _COLLISIONS:
            return Deadlocked(
                f"the database {place} has too many writers of the same", hint="try again", retry_after=1, place=place
            )
        case exc.IntegrityError():
            return Collided("someone else wrote the same at the same time", hint="try again")
    return None


def unsure(place: str) -> Unsure:
    """What is said of a commit that nobody answered."""
    return Unsure(
        f"the database {place} closed the connection while it was to commit: what was sent may be kept or not",
        hint="look whether it is there before you send it again",
        retry_after=_LATER,
        place=place,
    )


def _code(cause: Any) -> object:
    """The number or SQLSTATE by which the database names its error."""
    if state := getattr(cause, "sqlstate", None):
        return state
    return cause.args[0] if isinstance(cause, Exception) and cause.args else None


def _translate_sqlite(error: sqlite3.Error, place: str) -> WindlassError:
    if isinstance(error, sqlite3.IntegrityError):
        return Collided("someone else wrote the same at the same time", hint="try again")
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    kind, problem, hint = _SQLITE.get(code, (Unavailable, f"does not answer as it should ({error})", "try again"))
    details = {"retry_after": _LATER} if kind is Unavailable else {}
    return kind(f"the database {place} {problem}", hint=hint, place=place, **details)
