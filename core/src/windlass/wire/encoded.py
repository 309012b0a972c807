"""Encoded: the JSON of runs and metrics as text, put together from columns.

Making entities of a thousand rows and then JSON of the entities takes several times as long. What comes out is what
`encode_run` and `encode_metric` give; the conformance kit holds one against the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from json.encoder import encode_basestring
from math import isfinite

from windlass.wire.scalars import encode_float

quote: Callable[[str], str] = encode_basestring
"""A text as JSON."""


def encoded_array(parts: Iterable[str]) -> str:
    """What is JSON already as an array."""
    return f"[{','.join(parts)}]"


def encoded_pair(key: str, value: str) -> str:
    """A tag or a param."""
    return f'{{"key":{quote(key)},"value":{quote(value)}}}'


def encoded_point(key: str, value: float, timestamp: int, step: int, rest: str = "") -> str:
    """A point of a metric; `key` is its JSON already, and `rest` what `encoded_origin` gave."""
    number = repr(value) if isfinite(value) else f'"{encode_float(value)}"'
    return f'{{"key":{key},"value":{number},"timestamp":{timestamp},"step":{step}{rest}}}'


def encoded_origin(model_id: str | None, dataset_name: str | None, dataset_digest: str | None) -> str:
    """What a metric was measured of, as far as it is known, to stand behind its other fields."""
    parts = (("model_id", model_id), ("dataset_name", dataset_name), ("dataset_digest", dataset_digest))
    return "".join(f',"{name}":{quote(value)}' for name, value in parts if value is not None)


def encoded_run(info: str, *, metrics: str, params: str, tags: str, inputs: str = "{}", outputs: str = "{}") -> str:
    """A run; the parts are JSON, and arrays that are empty are left out."""
    parts = (("metrics", metrics), ("params", params), ("tags", tags))
    data = ",".join(f'"{name}":{part}' for name, part in parts if part != "[]")
    return f'{{"info":{info},"data":{{{data}}},"inputs":{inputs},"outputs":{outputs}}}'


def encoded_info(
    *,
    run_id: str,
    run_name: str,
    experiment_id: str,
    user_id: str,
    status: str,
    start_time: int,
    end_time: int | None,
    artifact_uri: str,
    lifecycle_stage: str,
) -> str:
    """Who, when and where."""
    ended = "" if end_time is None else f'"end_time":{end_time},'
    identity = quote(run_id)
    return (
        f'{{"run_id":{identity},"run_uuid":{identity},"run_name":{quote(run_name)},'
        f'"experiment_id":{quote(experiment_id)},"user_id":{quote(user_id)},"status":"{status}",'
        f'"start_time":{start_time},{ended}"artifact_uri":{quote(artifact_uri)},"lifecycle_stage":"{lifecycle_stage}"}}'
    )
