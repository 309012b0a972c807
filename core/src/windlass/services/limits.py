"""What values are accepted: every check that a service makes on what comes in.

A value that breaks a limit is refused with its field, itself and the limit; none is ever cut or bent to fit.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from windlass.entities import DatasetInput, Metric, ModelOutput
from windlass.errors import InvalidValue

MAX_KEY = 250
MAX_PARAM_VALUE = 16_000
MAX_TAG_VALUE = 100_000
MAX_EXPERIMENT_NAME = 500
MAX_RUN_NAME = 250
MAX_MODEL_NAME = 250
MAX_ALIAS = 255
MAX_DESCRIPTION = 100_000
MAX_LOCATION = 2_048
MAX_RESULTS = 50_000
MAX_VERSION_RESULTS = 200_000
INT64 = (-(2**63), 2**63 - 1)

_DATASET_LIMITS = {
    "name": 500,
    "digest": 36,
    "source_type": 36,
    "source": 65_535,
    "schema": 1_048_575,
    "profile": 16_777_215,
}
_KEY = re.compile(r"[\w./\- :]+")
_ALIAS = re.compile(r"[\w\-]+")
_LIKE_VERSION = re.compile(r"v\d+", re.IGNORECASE)


def check_text(field: str, value: object, limit: int, *, empty: bool = True) -> str:
    """A text of at most `limit` characters that every database can hold: no NUL, no half surrogate pair."""
    if not isinstance(value, str):
        raise InvalidValue(field, value, f"must be a text, not {type(value).__name__}")
    if len(value) > limit:
        raise InvalidValue(field, value, f"is {len(value)} characters long", limit=f"{limit} characters")
    if not value and not empty:
        raise InvalidValue(field, value, "must not be empty")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidValue(field, value, "holds half of a surrogate pair, which is no character") from None
    if "\x00" in value:
        raise InvalidValue(field, value, "holds a NUL character")
    return value


@lru_cache(maxsize=10_000)
def check_key(field: str, key: str) -> str:
    """The key of a metric, param or tag: letters, digits, `_ - . / :` and spaces, and a plain relative path."""
    check_text(field, key, MAX_KEY, empty=False)
    if not _KEY.fullmatch(key):
        raise InvalidValue(field, key, "has characters outside of letters, digits, '_', '-', '.', '/', ':' and ' '")
    if posixpath.normpath(key) != key or key.startswith(("/", "..")) or key == ".":
        raise InvalidValue(field, key, "must be a plain relative path, without '..', '//' or a leading '/'")
    return key


def check_keyed(field: str, values: Mapping[str, str] | None, limit: int) -> dict[str, str]:
    """Params or tags: keys and texts."""
    checked: dict[str, str] = {}
    for key, value in (values or {}).items():
        if not isinstance(key, str):
            raise InvalidValue(f"{field} key", key, f"must be a text, not {type(key).__name__}")
        checked[check_key(f"{field} key", key)] = check_text(f"{field} {key!r}", value, limit)
    return checked


def check_tags(values: Mapping[str, str] | None) -> dict[str, str]:
    """Tags of any entity."""
    return check_keyed("tag", values, MAX_TAG_VALUE)


def check_params(values: Mapping[str, str] | None) -> dict[str, str]:
    """Params of a run or a logged model."""
    return check_keyed("param", values, MAX_PARAM_VALUE)


def check_int64(field: str, value: object) -> int:
    """A whole number that 64 bits hold."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidValue(field, value, "must be a whole number")
    if not INT64[0] <= value <= INT64[1]:
        raise InvalidValue(field, value, "does not fit into 64 bits", limit="-2^63 … 2^63-1")
    return value


def check_time(field: str, value: object) -> int:
    """Epoch milliseconds, not before 1970."""
    number = check_int64(field, value)
    if number < 0:
        raise InvalidValue(field, value, "must be epoch milliseconds of 0 or more")
    return number


def check_metrics(metrics: Iterable[Metric]) -> list[Metric]:
    """Points of metrics; any float is good, NaN and the infinities included."""
    checked = list(metrics)
    low, high = INT64
    for metric in checked:
        if not isinstance(metric.key, str):
            raise InvalidValue("metric key", metric.key, "must be a text")
        check_key("metric key", metric.key)
        if type(metric.value) is not float:
            raise InvalidValue(f"metric {metric.key!r} value", metric.value, "must be a float")
        timestamp, step = metric.timestamp, metric.step
        if not (type(timestamp) is int and 0 <= timestamp <= high):
            check_time(f"metric {metric.key!r} timestamp", timestamp)
        if not (type(step) is int and low <= step <= high):
            check_int64(f"metric {metric.key!r} step", step)
    return checked


def check_datasets(datasets: Iterable[DatasetInput]) -> list[DatasetInput]:
    """Data sets that a run read."""
    checked = list(datasets)
    for one in checked:
        for field, limit in _DATASET_LIMITS.items():
            value = getattr(one.dataset, field)
            if value is not None or field not in {"schema", "profile"}:
                check_text(f"dataset {field}", value, limit, empty=field != "name")
        check_tags(one.tags)
    return checked


def check_outputs(outputs: Iterable[ModelOutput]) -> list[ModelOutput]:
    """Models that a run wrote, each at a step."""
    checked = list(outputs)
    for one in checked:
        check_text("model_id", one.model_id, MAX_KEY, empty=False)
        check_int64(f"model {one.model_id!r} step", one.step)
    return checked


def check_model_name(name: object) -> str:
    """The name of a registered model: anything but `/` and `:`, which its URIs need."""
    text = check_text("name", name, MAX_MODEL_NAME, empty=False)
    if "/" in text or ":" in text or text != text.strip():
        raise InvalidValue("name", name, "must not hold '/' or ':', nor begin or end with a space")
    return text


def check_logged_model_name(name: object) -> str:
    """The name of a logged model, which appears in paths and filters."""
    text = check_text("name", name, MAX_MODEL_NAME, empty=False)
    if found := sorted(set("/:.%\"'") & set(text)):
        raise InvalidValue("name", name, f"must not hold {' '.join(found)}")
    return text


def check_alias(alias: object) -> str:
    """An alias: letters, digits, `_` and `-`; neither `latest` nor like a version."""
    text = check_text("alias", alias, MAX_ALIAS, empty=False)
    if not _ALIAS.fullmatch(text):
        raise InvalidValue("alias", alias, "has characters outside of letters, digits, '_' and '-'")
    if text.lower() == "latest" or _LIKE_VERSION.fullmatch(text):
        raise InvalidValue("alias", alias, "is reserved: 'latest' and 'v' with a number mean versions")
    return text


def check_version(version: object) -> int:
    """A version number; a text of digits is taken as well."""
    if isinstance(version, str) and version.isascii() and version.isdigit():
        version = int(version)
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version < 2**31:
        raise InvalidValue("version", version, "must be a whole number of 1 or more")
    return version


def check_max_results(value: int, limit: int = MAX_RESULTS) -> int:
    """How many results a page may have."""
    if check_int64("max_results", value) < 1 or value > limit:
        raise InvalidValue("max_results", value, "is out of range", limit=f"1 … {limit}")
    return value
