"""Every error that Windlass raises on purpose.

WindlassError
├── InvalidValue            a value that cannot be accepted: names the field, the value and the limit
│   └── InvalidQuery        a filter, an ordering or a page token that cannot be understood
├── NotFound                no such experiment, run, model, file, deployment, …
├── AlreadyExists           the name is taken
├── Conflict                the state forbids it: writing to a deleted run, changing a parameter, a veto
├── Unauthenticated         who are you?
├── PermissionDenied        you may not
├── Unsupported             this store, target or flavor lacks the ability
├── Unavailable             out of reach or busy right now; trying again later may help
│   └── TooManyRequests     more than one is allowed in this time
├── SchemaOutdated          a database that wants `windlass db upgrade`
├── PluginError             a plugin is missing, broken or claims a name twice
├── MissingDependency       an optional package is not installed
├── BuildFailed             an environment or an image that could not be built
├── UnsafeModel             loading the model would execute code that nobody allowed
└── Corrupted               stored bytes differ from what was written

A message says what happened, with the values; `hint` says what to do about it. `code` is stable: programs may rely on
it. `error_code` is the family name that MLflow's clients know. A message that names a place only the owner of the data
should know (a path, a host) has it as `details["place"]`, too: a server tells its clients the rest.
"""

from __future__ import annotations

from typing import Any, ClassVar

_SHOWN = 80


def shorten(value: object) -> str:
    """`repr(value)` cut to a length that fits into a message; of a text it tells the whole length."""
    text = repr(value)
    if len(text) <= _SHOWN:
        return text
    return f"{text[:_SHOWN]}… ({len(value if isinstance(value, str) else text)} characters)"


class WindlassError(Exception):
    """The root: catch this to catch everything that Windlass raises on purpose."""

    code: ClassVar[str] = "internal_error"
    error_code: str = "INTERNAL_ERROR"

    def __init__(self, message: str, *, hint: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\nhint: {self.hint}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.hint, self.details)


def _rebuild(kind: type[WindlassError], message: str, hint: str | None, details: dict[str, Any]) -> WindlassError:
    """Unpickle an error without running the subclass's own constructor, whose arguments differ."""
    error = kind.__new__(kind)
    WindlassError.__init__(error, message, hint=hint, **details)
    return error


class InvalidValue(WindlassError):
    """A value that cannot be accepted."""

    code = "invalid_value"
    error_code = "INVALID_PARAMETER_VALUE"

    def __init__(
        self, field: str, value: object, problem: str, *, limit: object = None, hint: str | None = None
    ) -> None:
        details: dict[str, Any] = {"field": field, "value": shorten(value)}
        text = f"{field}: {problem}, got {shorten(value)}"
        if limit is not None:
            details["limit"] = limit
            text += f" (limit: {limit})"
        super().__init__(text, hint=hint, **details)


class InvalidQuery(InvalidValue):
    """A filter, an ordering or a page token that cannot be understood."""

    code = "invalid_query"


class NotFound(WindlassError):
    """There is no such thing."""

    code = "not_found"
    error_code = "RESOURCE_DOES_NOT_EXIST"


class AlreadyExists(WindlassError):
    """The name is taken."""

    code = "already_exists"
    error_code = "RESOURCE_ALREADY_EXISTS"


class Conflict(WindlassError):
    """The present state forbids it."""

    code = "conflict"
    error_code = "INVALID_PARAMETER_VALUE"


class Unauthenticated(WindlassError):
    """Credentials are missing or wrong."""

    code = "unauthenticated"
    error_code = "UNAUTHENTICATED"


class PermissionDenied(WindlassError):
    """The credentials are good, but do not allow this."""

    code = "permission_denied"
    error_code = "PERMISSION_DENIED"


class Unsupported(WindlassError):
    """The chosen implementation lacks this ability."""

    code = "unsupported"
    error_code = "NOT_IMPLEMENTED"


class Unavailable(WindlassError):
    """Out of reach or busy at the moment; `details["retry_after"]` is in seconds when known."""

    code = "unavailable"
    error_code = "TEMPORARILY_UNAVAILABLE"


class TooManyRequests(Unavailable):
    """More than one is allowed in this time."""

    code = "too_many_requests"
    error_code = "REQUEST_LIMIT_EXCEEDED"


class SchemaOutdated(WindlassError):
    """The database was made by another release and wants a migration."""

    code = "schema_outdated"
    error_code = "INVALID_STATE"


class PluginError(WindlassError):
    """A plugin is missing, broken, or claims a name that is taken."""

    code = "plugin_error"
    error_code = "INVALID_PARAMETER_VALUE"


class MissingDependency(WindlassError):
    """An optional package is not installed."""

    code = "missing_dependency"
    error_code = "INVALID_STATE"


class BuildFailed(WindlassError):
    """An environment or an image that could not be built; what its installer said is in the log."""

    code = "build_failed"
    error_code = "INVALID_STATE"


class UnsafeModel(WindlassError):
    """Loading this model executes code that its files bring along, and nobody allowed that."""

    code = "unsafe_model"
    error_code = "PERMISSION_DENIED"


class Corrupted(WindlassError):
    """Stored bytes differ from what was written."""

    code = "corrupted"
    error_code = "DATA_LOSS"
