"""Turning the errors of databases and drivers into ours, without their SQL."""

from __future__ import annotations

import sqlite3

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


def translate(error: Exception, place: str) -> WindlassError:
    """Our error for one of SQLAlchemy's or of a driver; `place` is the database's URI without its password."""
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _translate_sqlite(cause, place)
    match error:
        case exc.IntegrityError():
            return Conflict("someone else wrote the same at the same time", hint="try again")
        case exc.DataError():
            return InvalidValue("value", "…", "does not fit into the database")
        case exc.TimeoutError():
            return Unavailable(f"the database {place} has no free connection", hint="try again")
        case _:
            return Unavailable(
                f"the database {place} does not answer as it should ({type(cause).__name__})",
                hint="check that it is running, and the URI with its user and password",
            )


def _translate_sqlite(error: sqlite3.Error, place: str) -> WindlassError:
    if isinstance(error, sqlite3.IntegrityError):
        return Conflict("someone else wrote the same at the same time", hint="try again")
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    kind, problem, hint = _SQLITE.get(code, (Unavailable, f"does not answer as it should ({error})", "try again"))
    return kind(f"the database {place} {problem}", hint=hint)
