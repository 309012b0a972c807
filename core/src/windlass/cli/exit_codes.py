"""How the program ends: what each exit code means."""

from __future__ import annotations

from windlass.errors import (
    AlreadyExists,
    Conflict,
    InvalidValue,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
    WindlassError,
)

EXIT_OK = 0
EXIT_FAILURE = 1
EXIT_USAGE = 2
EXIT_NOT_FOUND = 3
EXIT_CONFLICT = 4
EXIT_UNAVAILABLE = 5
EXIT_FORBIDDEN = 6
EXIT_INTERRUPTED = 130

_BY_ERROR: tuple[tuple[type[WindlassError], int], ...] = (
    (InvalidValue, EXIT_USAGE),
    (NotFound, EXIT_NOT_FOUND),
    (AlreadyExists, EXIT_CONFLICT),
    (Conflict, EXIT_CONFLICT),
    (Unavailable, EXIT_UNAVAILABLE),
    (Unauthenticated, EXIT_FORBIDDEN),
    (PermissionDenied, EXIT_FORBIDDEN),
)


def exit_code(error: WindlassError) -> int:
    """The exit code for an error."""
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), EXIT_FAILURE)
