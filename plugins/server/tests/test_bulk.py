"""Batches are read in one step where that is the same, and the ordinary way where it is not."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from windlass.errors import InvalidValue
from windlass.services.limits import check_metrics
from windlass.wire.run_request import LogBatch, LogRun
from windlass_server.body import parse_json
from windlass_server.bulk import read_bulk
from windlass_server.reading import read_message

POINT = {"key": "m", "value": 0.5, "timestamp": 1, "step": 2}
RUN = "a" * 32


def ordinary(body):
    try:
        return read_message(LogBatch, parse_json(body))
    except InvalidValue:
        return "refused"


def test_a_common_batch_is_read_in_one_step():
    batch = {"run_id": RUN, "metrics": [POINT] * 3, "params": [{"key": "p", "value": "ü"}], "more": [1]}
    body = json.dumps(batch, ensure_ascii=False).encode()
    assert read_bulk(LogBatch, body) == ordinary(body)


@pytest.mark.parametrize(
    "change",
    [
        {"run_uuid": RUN},
        {"runId": RUN},
        {"metrics": [POINT | {"modelId": "m-1"}]},
        {"metrics": [POINT | {"step": None}]},
        {"metrics": [POINT | {"step": "3"}]},
        {"metrics": [POINT | {"value": "NaN"}]},
        {"metrics": [POINT | {"value": float("nan")}]},
        {"metrics": [POINT | {"value": "0.5"}]},
        {"metrics": [POINT | {"key": "a\0"}]},
        {"metrics": [POINT | {"key": "\ud800"}]},
        {"metrics": [POINT | {"key": 3}]},
        {"metrics": [{"key": "m"}]},
        {"metrics": {}},
        {"tags": [{"key": "k", "value": None}]},
    ],
    ids=str,
)
def test_what_is_out_of_the_ordinary_is_left_to_the_ordinary_way(change):
    assert read_bulk(LogBatch, json.dumps({"run_id": RUN, **change}).encode()) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b'"x"', b"\xff", b"[" * 100_000])
def test_what_is_no_batch_at_all_is_left_too(body):
    assert read_bulk(LogRun, body) is None


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**66), 2**66), st.floats(), st.text(max_size=5), st.just("NaN")
)
POINTS = st.lists(
    st.dictionaries(st.sampled_from(["key", "value", "timestamp", "step", "model_id", "modelId", "x"]), VALUES),
    max_size=3,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(POINTS, st.sampled_from(["run_id", "run_uuid", "runId"]))
def test_both_ways_read_the_same(points, name):
    body = json.dumps({name: RUN, "metrics": points}).encode()
    found, expected = read_bulk(LogBatch, body), ordinary(body)
    if found is not None and expected != "refused":
        assert repr(found) == repr(expected)
    elif found is not None:
        with pytest.raises(InvalidValue):
            check_metrics(found.metrics)


def test_a_number_beyond_64_bits_is_refused_either_way():
    body = json.dumps({"run_id": RUN, "metrics": [POINT | {"timestamp": 2**63}]}).encode()
    assert ordinary(body) == "refused"
    with pytest.raises(InvalidValue, match="64 bits"):
        check_metrics(read_bulk(LogBatch, body).metrics)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('"metrics": [%(point)s], "metrics": [%(point)s]', "metrics"),
        ('"metrics": [%(point)s, {"key": "a", "key": "b", "value": 1, "timestamp": 1}]', "key"),
        ('"params": [{"key": "a", "value": "1"}], "params": []', "params"),
    ],
)
def test_what_is_given_twice_is_refused_and_nothing_is_dropped(text, field):
    body = f'{{"run_id": "{RUN}", {text % {"point": json.dumps(POINT)}}}}'.encode()
    assert read_bulk(LogBatch, body) is None
    with pytest.raises(InvalidValue, match=f"{field}: is given more than once"):
        parse_json(body)
