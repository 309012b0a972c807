"""Turning what the cluster and its client raise into our errors, without a driver's exception in them."""

from __future__ import annotations

import logging
from typing import Any

import elastic_transport
import elasticsearch

from windlass.errors import (
    InvalidQuery,
    InvalidValue,
    PermissionDenied,
    SchemaOutdated,
    Unauthenticated,
    Unavailable,
    Unsupported,
    WindlassError,
)

_log = logging.getLogger(__name__)
_LATER = 5
_OLDEST = 8
_BUSY = {408, 429, 500, 502, 503, 504}
_MISSING = {"index_not_found_exception", "alias_not_found_exception"}
_UNKNOWN_USER, _TOO_LARGE = 401, 413
_DENIED = {401, 403}
_UNFIT = {"document_parsing_exception", "mapper_parsing_exception"}
_STARTING = {"illegal_index_shard_state_exception", "no_shard_available_action_exception", "shard_not_found_exception"}
_TOO_MUCH = {"too_many_clauses", "too_many_nested_clauses", "too_complex_to_determinize_exception"}
_LIMITS = ("max_bytes_length", "nested_objects", "immense term")
_BLOCKED = "cluster_block_exception"
_PRIVILEGES = "`read`, `write`, `maintenance` and `view_index_metadata` (`all` to make or upgrade them)"
_CREDENTIALS = "WINDLASS_ELASTICSEARCH_API_KEY, or user:password@ in the URI"


class NotReady(Unavailable):
    """An index has just been made or is being recovered."""


def translate(error: Exception, place: str) -> WindlassError:
    """Our error for one of the client's; `place` is the URI without its password."""
    match error:
        case elasticsearch.UnsupportedProductError():
            problem = f"{place} is no Elasticsearch server of version {_OLDEST} or later"
            return Unsupported(problem, hint="name a server of Elastic's own distribution", place=place)
        case elasticsearch.ApiError():
            return translate_status(error.status_code, error.body, place)
        case elastic_transport.TlsError():
            return Unavailable(
                f"no secure connection to {place}: its certificate is not trusted",
                hint="set WINDLASS_ELASTICSEARCH_CA_FILE to the authority that signed it",
                place=place,
            )
        case elastic_transport.ConnectionTimeout():
            return unavailable(place, "has not answered in time", hint="raise WINDLASS_ELASTICSEARCH_TIMEOUT")
        case elastic_transport.SerializationError() | UnicodeError():
            return InvalidValue("value", "…", "cannot be written as JSON")
    return unavailable(place, "is out of reach", hint="check that it is running, and the host and port of the URI")


def translate_status(status: int, body: Any, place: str) -> WindlassError:
    """Our error for an answer with a status that is no success, of a request or of one item of a bulk."""
    kind, reason = cause_of(body)
    if kind == _BLOCKED:
        return unavailable(
            place,
            "takes no writes at the moment: its indices or the cluster are blocked",
            hint="an upgrade may be running, or a disk is nearly full (flood stage); writing goes on once it is over",
        )
    if status in _DENIED:
        return _denied(status, place)
    if kind in _MISSING:
        return SchemaOutdated(
            f"an index of {place} is missing", hint=f"windlass db upgrade '{place}', or restore a snapshot", place=place
        )
    if kind in _STARTING:
        return NotReady(f"an index of {place} is not ready yet", hint="try again", retry_after=_LATER, place=place)
    if status in _BUSY:
        return unavailable(place, f"is busy or not ready ({kind or status})", hint="try again")
    return _refused(status, kind, reason, place)


def _denied(status: int, place: str) -> WindlassError:
    if status == _UNKNOWN_USER:
        return Unauthenticated(f"{place} does not know these credentials", hint=f"set {_CREDENTIALS}", place=place)
    return PermissionDenied(
        f"{place} does not allow this",
        hint=f"on the indices of the prefix it takes {_PRIVILEGES}; sign in by {_CREDENTIALS}",
        place=place,
    )


def _refused(status: int, kind: str, reason: str, place: str) -> WindlassError:
    _log.debug("%s refuses a request: %s %s: %s", place, status, kind, reason)
    if kind == "media_type_header_exception":
        newer = elasticsearch.__version__[0] > _OLDEST
        hint = f"pip install 'elasticsearch<{_OLDEST + 1}'" if newer else f"use Elasticsearch {_OLDEST} or later"
        return Unsupported(f"{place} is older than the client that is installed", hint=hint, place=place)
    if kind == "strict_dynamic_mapping_exception":
        return SchemaOutdated(
            f"the indices of {place} are of another release", hint=f"windlass db upgrade '{place}'", place=place
        )
    if status == _TOO_LARGE or kind in _UNFIT or any(part in reason for part in _LIMITS):
        return InvalidValue("value", "…", "is more than the index can hold", hint="shorten it, or log less at once")
    if kind in _TOO_MUCH:
        return InvalidQuery("filter", "…", "is too much for the cluster", hint="use fewer terms or simpler patterns")
    return Unavailable(
        f"{place} refuses the request ({kind or status})", hint="see the log of the cluster", place=place
    )


def unavailable(place: str, problem: str, *, hint: str) -> Unavailable:
    """The cluster cannot do it now, and may later."""
    return Unavailable(f"the cluster {place} {problem}", hint=hint, retry_after=_LATER, place=place)


def cause_of(body: Any) -> tuple[str, str]:
    """The kind and the reason of an error, as the server names them; empty where it does not."""
    error = body.get("error", body) if isinstance(body, dict) else {}
    if not isinstance(error, dict):
        return "", str(error)
    first = next(iter(error.get("root_cause") or [error]), error)
    return str(first.get("type") or error.get("type") or ""), str(first.get("reason") or error.get("reason") or "")
