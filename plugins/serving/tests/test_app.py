"""The scoring server's HTTP interface."""

from __future__ import annotations

import json
import time

import numpy as np
import pandas as pd
import pytest

import windlass
from windlass_serving.app import ServingOptions


def double(model_input):
    return np.asarray(model_input) * 2


FRAME = pd.DataFrame({"a": [1.5], "b": ["x"]})


def columns(model_input):
    return model_input.assign(c=model_input["a"] * 2)


def test_it_tells_that_it_lives_and_which_release_it_is(client_for):
    client = client_for(double, options=ServingOptions(token="abc"))
    for path in ("/ping", "/health"):
        answer = client.get(path)
        assert (answer.status_code, answer.text, answer.headers["x-windlass-process"]) == (200, "\n", "abc")
    assert client.get("/version").text == windlass.__version__


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"inputs": [1, 2]}, [2, 4]),
        ({"instances": [[1.5], [2]]}, [[3.0], [4.0]]),
        ({"dataframe_split": {"columns": ["a"], "data": [[1], [2]]}}, [[2], [4]]),
        ({"dataframe_records": [{"a": 1}]}, [[2]]),
        ({"inputs": [1], "params": {"unknown": 1}}, [2]),
    ],
)
def test_it_predicts(body, expected, client_for):
    answer = client_for(double).post("/invocations", json_=body)
    assert (answer.status_code, answer.json()) == (200, {"predictions": expected})
    assert answer.headers["content-type"] == "application/json"


def test_tables_go_in_and_come_out_as_rows(client_for):
    client = client_for(columns, input_example=FRAME)
    expected = {"predictions": [{"a": 1.0, "b": "x", "c": 2.0}]}
    assert client.post("/invocations", json_={"dataframe_records": [{"z": 0, "b": "x", "a": 1}]}).json() == expected
    csv = client.post("/invocations", content="b,a\nx,1\n", headers={"content-type": "text/csv"})
    assert csv.json() == expected


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
        'application/json; charset="utf-8"',
    ],
)
def test_json_is_understood_by_any_name(content_type, client_for):
    headers = {} if content_type is None else {"content-type": content_type}
    answer = client_for(double).post("/invocations", content=b'{"inputs": [1]}', headers=headers)
    assert answer.json() == {"predictions": [2]}


def test_clients_of_mlflow_1_are_answered_as_they_expect(client_for):
    headers = {"content-type": "application/json; format=pandas-split"}
    answer = client_for(double).post("/invocations", content='{"columns": ["a"], "data": [[1], [2]]}', headers=headers)
    assert answer.json() == [[2], [4]]


def test_infinite_and_missing_numbers_survive(client_for):
    answer = client_for(lambda model_input: [float("inf"), float("nan"), 0.1]).post(
        "/invocations", json_={"inputs": [1]}
    )
    assert answer.text == '{"predictions": [1e999, null, 0.1]}'


@pytest.mark.parametrize(
    "content_type", ["text/html", "application/x-parquet", "application/json; charset=latin-1", "text/csv; header=no"]
)
def test_other_media_types_are_415(content_type, client_for):
    answer = client_for(double).post("/invocations", content="{}", headers={"content-type": content_type})
    assert (answer.status_code, answer.json()["error_code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("body", ["", "{", "[1]", "{}", '{"inputs": [1], "instances": [1]}', '{"inputs": []}', "\x00"])
def test_malformed_requests_are_400(body, client_for):
    answer = client_for(double).post("/invocations", content=body)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_what_the_signature_refuses_is_400_and_says_why(client_for):
    client = client_for(columns, input_example=FRAME)
    answer = client.post("/invocations", json_={"dataframe_records": [{"a": 1}]})
    assert answer.status_code == 400
    assert "lacks the columns 'b'" in answer.json()["message"]
    answer = client.post("/invocations", json_={"dataframe_records": [{"a": "much", "b": "x"}]})
    assert (answer.status_code, "column 'a'" in answer.json()["message"]) == (400, True)


@pytest.mark.parametrize(("error", "status"), [(ValueError("odd"), 400), (RuntimeError("odd"), 500)])
def test_errors_of_the_model_come_without_a_traceback(error, status, client_for):
    def fail(model_input):
        raise error

    answer = client_for(fail).post("/invocations", json_={"inputs": [1]})
    assert answer.status_code == status
    assert "odd" in answer.json()["message"]
    assert "Traceback" not in answer.text
    assert ".py" not in answer.text


def test_an_answer_that_has_no_json_form_is_500(client_for):
    answer = client_for(lambda model_input: object()).post("/invocations", json_={"inputs": [1]})
    assert (answer.status_code, set(answer.json())) == (500, {"error_code", "message", "hint"})


def test_a_prediction_that_takes_too_long_is_504(client_for):
    client = client_for(lambda model_input: time.sleep(0.5), options=ServingOptions(timeout=0.05))
    answer = client.post("/invocations", json_={"inputs": [1]})
    assert (answer.status_code, answer.json()["error_code"]) == (504, "DEADLINE_EXCEEDED")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_beyond_the_limit_is_413(chunked, client_for):
    client = client_for(double, options=ServingOptions(max_body=100))
    body = json.dumps({"inputs": [1] * 200}).encode()
    answer = client.post("/invocations", content=iter([body]) if chunked else body)
    assert (answer.status_code, answer.json()["error_code"]) == (413, "REQUEST_LIMIT_EXCEEDED")


def test_unknown_paths_and_methods_are_json(client_for):
    client = client_for(double)
    assert (client.get("/nowhere").status_code, client.get("/nowhere").json()["error_code"]) == (
        404,
        "RESOURCE_DOES_NOT_EXIST",
    )
    assert (client.get("/invocations").status_code, client.get("/invocations").json()["error_code"]) == (
        405,
        "METHOD_NOT_ALLOWED",
    )
