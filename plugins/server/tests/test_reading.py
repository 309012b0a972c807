from __future__ import annotations

import json
import math

import pytest

from windlass.entities import Metric, Param, RunStatus, ViewType
from windlass.errors import InvalidValue
from windlass.wire.experiment import GetExperiment, SearchExperiments
from windlass.wire.logged_model_request import FinalizeLoggedModel, SearchLoggedModels
from windlass.wire.metric import GetMetricHistoryBulk
from windlass.wire.model_version import GetModelVersion, TransitionModelVersion
from windlass.wire.run_request import GetRun, LogBatch, LogMetric, LogOutputs, LogParam, SearchRuns, UpdateRun
from windlass_server.body import parse_json, parse_query
from windlass_server.reading import read_message

METRIC = {"run_id": "r", "key": "k", "value": 1, "timestamp": 5}


def read(kind, text):
    return read_message(kind, parse_json(text.encode() if isinstance(text, str) else json.dumps(text).encode()))


def test_camel_case_is_snake_case():
    assert read(UpdateRun, {"runId": "r", "endTime": 3}) == UpdateRun(run_id="r", end_time=3)


def test_the_older_name_of_the_run_id_counts():
    for name in ("run_uuid", "runUuid", "run_id", "runId"):
        assert read(GetRun, {name: "r"}).run_id == "r"
    assert read(GetRun, {"run_id": "r", "run_uuid": "r"}).run_id == "r"
    with pytest.raises(InvalidValue, match="run_id: differs"):
        read(GetRun, {"run_id": "r", "run_uuid": "s"})


@pytest.mark.parametrize("text", [5, "5", 5.0])
def test_a_whole_number_may_come_as_text(text):
    assert read(LogMetric, {**METRIC, "timestamp": text}).timestamp == 5


def test_64_bits_come_through_exactly():
    assert read(LogMetric, {**METRIC, "step": -(2**63), "timestamp": 2**63 - 1}).step == -(2**63)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 1.5, "1.5", "", "x", True, [], {}, "9" * 30, 1e300, "٣"])
def test_what_is_no_int64_is_refused_by_name(value):
    with pytest.raises(InvalidValue, match="timestamp") as caught:
        read(LogMetric, {**METRIC, "timestamp": value})
    assert caught.value.details["field"] == "timestamp"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NaN", math.nan), ('"NaN"', math.nan), ("Infinity", math.inf), ('"Infinity"', math.inf),
        ("-Infinity", -math.inf), ('"-Infinity"', -math.inf), ("1", 1.0), ('"1.5"', 1.5), ('"-1e3"', -1000.0),
        ("1e308", 1e308), ("9007199254740993", 9007199254740992.0),
    ],
)  # fmt: skip
def test_floats_come_in_every_spelling(text, value):
    found = read(LogMetric, f'{{"run_id": "r", "key": "k", "timestamp": 1, "value": {text}}}').value
    assert type(found) is float
    assert found == value or (math.isnan(found) and math.isnan(value))


@pytest.mark.parametrize("text", ["true", '"x"', '""', "[]", "1e999", '"1e999"', "1" + "0" * 400, '"1_0"', '" 1"'])
def test_what_is_no_float_is_refused_by_name(text):
    with pytest.raises(InvalidValue, match="value"):
        read(LogMetric, f'{{"run_id": "r", "key": "k", "timestamp": 1, "value": {text}}}')


def test_an_item_of_a_list_is_named_by_its_place():
    good = {"key": "a", "value": 1, "timestamp": 1}
    with pytest.raises(InvalidValue, match=r"metrics\[1\]\.timestamp: must be a whole number, got 1\.5"):
        read(LogBatch, {"run_id": "r", "metrics": [good, {**good, "timestamp": 1.5}]})
    with pytest.raises(InvalidValue, match=r"metrics\[0\]\.key: is missing"):
        read(LogBatch, {"run_id": "r", "metrics": [{"value": 1, "timestamp": 1}]})


def test_a_batch_is_read_into_entities():
    message = read(LogBatch, {"run_id": "r", "metrics": [{"key": "m", "value": "NaN", "timestamp": "1", "step": None}],
                              "params": [{"key": "p", "value": "v"}]})  # fmt: skip
    assert message.params == (Param("p", "v"),)
    assert isinstance(message.metrics[0], Metric)
    assert message.metrics[0].step == 0


@pytest.mark.parametrize("status", ["FINISHED", 3, "3"])
def test_enums_come_by_name_or_number(status):
    assert read(UpdateRun, {"run_id": "r", "status": status}).status is RunStatus.FINISHED


def test_views_and_model_statuses_come_by_name_or_number():
    assert read(SearchExperiments, {"view_type": "ALL"}).view_type is ViewType.ALL
    assert read(SearchExperiments, {"view_type": 3}).view_type is ViewType.ALL
    assert read(FinalizeLoggedModel, {"model_id": "m", "status": 2}).status == "LOGGED_MODEL_READY"


@pytest.mark.parametrize("status", ["finished", "DONE", 9, 0, 1.0, True, []])
def test_an_unknown_status_is_refused_with_the_known_ones(status):
    with pytest.raises(InvalidValue, match=r"status: is not known.*RUNNING"):
        read(UpdateRun, {"run_id": "r", "status": status})


def test_ids_may_be_numbers_but_other_texts_may_not():
    assert read(GetExperiment, {"experiment_id": 7}).experiment_id == "7"
    assert read(SearchRuns, {"experiment_ids": [2, "3"]}).experiment_ids == ("2", "3")
    assert read(GetModelVersion, {"name": "n", "version": 2}).version == "2"
    with pytest.raises(InvalidValue, match="value: must be a text, got 5"):
        read(LogParam, {"run_id": "r", "key": "k", "value": 5})
    with pytest.raises(InvalidValue, match="experiment_id"):
        read(GetExperiment, {"experiment_id": True})


def test_null_is_absent_and_the_unknown_is_ignored():
    message = read(SearchRuns, {"experiment_ids": None, "filter": None, "max_results": None, "no_such_field": {"a": 1}})
    assert message == SearchRuns()


def test_a_missing_field_is_named_with_the_endpoint_that_needs_it():
    with pytest.raises(InvalidValue, match="key: is missing") as caught:
        read(LogMetric, {"run_id": "r", "value": 1, "timestamp": 1})
    assert "/runs/log-metric" in caught.value.hint


@pytest.mark.parametrize("body", ["[]", "3", "true", '"3"', '"[]"', "nonsense", "{", '{"a":}', '{"a": 1}x'])
def test_a_body_that_is_no_object_is_refused(body):
    with pytest.raises(InvalidValue):
        read(LogMetric, body)


def test_a_text_inside_of_a_text_is_read():
    assert read(GetExperiment, json.dumps(json.dumps({"experiment_id": "4"}))).experiment_id == "4"


@pytest.mark.parametrize("body", [b"\xff\xfe", b'{"a": "\xc3\x28"}', b"[" * 100_000, b'{"a":' * 100_000, b"9" * 10_000])
def test_hostile_bodies_are_refused(body):
    with pytest.raises(InvalidValue, match="body"):
        read_message(LogMetric, parse_json(body))


@pytest.mark.parametrize("escape", ["\\u0000", "\\ud800", "a\\udfffb"])
def test_texts_that_no_database_can_hold_are_refused(escape):
    with pytest.raises(InvalidValue, match="value"):
        read(LogParam, f'{{"run_id": "r", "key": "k", "value": "{escape}"}}')


def test_a_query_string_repeats_the_keys_of_lists():
    raw = parse_query(b"run_id=a&run_id=b&metric_key=m&max_results=3", GetMetricHistoryBulk)
    assert read_message(GetMetricHistoryBulk, raw) == GetMetricHistoryBulk(
        run_id=("a", "b"), metric_key="m", max_results=3
    )
    raw = parse_query(b"orderBy=name+ASC&view_type=2&filter=name%20%3D%20'%C3%A4'", SearchExperiments)
    message = read_message(SearchExperiments, raw)
    assert message == SearchExperiments(order_by=("name ASC",), view_type=ViewType.DELETED_ONLY, filter="name = 'ä'")


@pytest.mark.parametrize("query", [b"filter=a&filter=b", b"filter=%FF", b"&".join([b"order_by=a"] * 20_000)])
def test_a_query_string_that_cannot_be_read_is_refused(query):
    with pytest.raises(InvalidValue):
        parse_query(query, SearchExperiments)


def test_booleans_come_as_such_or_as_their_names():
    base = {"name": "n", "version": "1", "stage": "Staging"}
    for value in (True, "true"):
        message = read(TransitionModelVersion, {**base, "archive_existing_versions": value})
        assert message.archive_existing_versions is True
    with pytest.raises(InvalidValue, match="archive_existing_versions"):
        read(TransitionModelVersion, {**base, "archive_existing_versions": "yes"})


def test_nested_objects_are_read():
    message = read(SearchLoggedModels, {"experiment_ids": ["1"], "datasets": [{"datasetName": "d"}],
                                        "order_by": [{"field_name": "metrics.a", "ascending": False}]})  # fmt: skip
    assert message.datasets[0].dataset_name == "d"
    assert message.order_by[0].ascending is False
    assert read(LogOutputs, {"run_id": "r", "models": [{"model_id": "m"}]}).models[0].step == 0
    with pytest.raises(InvalidValue, match=r"datasets\[0\]: must be a JSON object"):
        read(SearchLoggedModels, {"datasets": ["d"]})
