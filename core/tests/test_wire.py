from __future__ import annotations

import json
import math
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windlass import errors
from windlass.entities import (
    Dataset,
    DatasetInput,
    Experiment,
    FileInfo,
    LifecycleStage,
    LoggedModel,
    LoggedModelStatus,
    Metric,
    ModelInput,
    ModelOutput,
    ModelStage,
    ModelVersion,
    ModelVersionStatus,
    RegisteredModel,
    Run,
    RunData,
    RunInfo,
    RunInputs,
    RunOutputs,
    RunStatus,
    Tag,
    ViewType,
)
from windlass.wire.dataset import decode_dataset_input, encode_dataset_input
from windlass.wire.error import decode_error, encode_error
from windlass.wire.experiment import SearchExperiments, decode_experiment, encode_experiment
from windlass.wire.file_info import decode_file_info, encode_file_info
from windlass.wire.logged_model import decode_logged_model, encode_logged_model
from windlass.wire.message import encode_message
from windlass.wire.metric import decode_metric, encode_metric
from windlass.wire.model_version import decode_model_version, encode_model_version
from windlass.wire.registered_model import decode_registered_model, encode_registered_model
from windlass.wire.run import decode_run, encode_run
from windlass.wire.run_request import LogBatch, LogMetric

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
name = text.filter(bool)
maybe = st.none() | name
int64 = st.integers(-(2**63), 2**63 - 1)
time = st.integers(0, 2**63 - 1)
pairs = st.dictionaries(name, text, max_size=3)
stage = st.sampled_from([str(one) for one in LifecycleStage])

metrics = st.builds(Metric, name, st.floats(), time, int64, maybe, maybe, maybe)
datasets = st.builds(DatasetInput, st.builds(Dataset, name, text, text, text, maybe, maybe), pairs)
experiments = st.builds(Experiment, name, name, text, stage, time, time, pairs)
infos = st.builds(
    RunInfo,
    name,
    name,
    text,
    text,
    st.sampled_from([str(one) for one in RunStatus]),
    time,
    st.none() | time,
    text,
    stage,
)
runs = st.builds(
    Run,
    infos,
    st.builds(RunData, st.lists(metrics, max_size=3).map(tuple), pairs, pairs),
    st.builds(
        RunInputs,
        st.lists(datasets, max_size=2).map(tuple),
        st.lists(st.builds(ModelInput, name), max_size=2).map(tuple),
    ),
    st.builds(RunOutputs, st.lists(st.builds(ModelOutput, name, int64), max_size=2).map(tuple)),
)
logged_models = st.builds(
    LoggedModel, name, name, name, text, time, time, maybe, maybe,
    st.sampled_from([str(one) for one in LoggedModelStatus]), maybe, stage, pairs, pairs,
    st.lists(metrics, max_size=2).map(tuple),
)  # fmt: skip
versions = st.builds(
    ModelVersion, name, st.integers(1, 2**31), text, maybe, maybe, text, time, time, text, text,
    st.sampled_from([str(one) for one in ModelStage]), st.sampled_from([str(one) for one in ModelVersionStatus]),
    text, pairs, st.lists(name, max_size=2).map(tuple),
)  # fmt: skip
models = st.builds(
    RegisteredModel, name, time, time, text, pairs, st.dictionaries(name, st.integers(1, 2**31), max_size=2),
    st.lists(versions, max_size=2).map(tuple),
)  # fmt: skip
files = st.builds(FileInfo, name, st.just(value=True)) | st.builds(FileInfo, name, st.just(value=False), time)


def through_json(value):
    """The value after it went over the wire; NaN and the infinities may not be there as such."""
    return json.loads(json.dumps(value, allow_nan=False))


def shown(value):
    """As text, in which NaN equals NaN."""
    return repr(value)


@pytest.mark.parametrize(
    ("values", "encode", "decode"),
    [
        (metrics, encode_metric, decode_metric),
        (datasets, encode_dataset_input, decode_dataset_input),
        (experiments, encode_experiment, decode_experiment),
        (runs, encode_run, decode_run),
        (logged_models, encode_logged_model, decode_logged_model),
        (versions, encode_model_version, decode_model_version),
        (models, encode_registered_model, decode_registered_model),
        (files, encode_file_info, decode_file_info),
    ],
    ids=["metric", "dataset", "experiment", "run", "logged model", "version", "registered model", "file"],
)
def test_an_entity_comes_back_as_it_was(values, encode, decode):
    @settings(max_examples=60, deadline=None)
    @given(values)
    def check(entity):
        assert shown(decode(through_json(encode(entity)))) == shown(entity)

    check()


def test_numbers_that_json_lacks_are_texts():
    values = [encode_metric(Metric("m", value, 1))["value"] for value in (math.nan, math.inf, -math.inf, 1.0)]
    assert values == ["NaN", "Infinity", "-Infinity", 1.0]


def test_a_whole_float_is_written_with_its_point():
    assert json.dumps(encode_metric(Metric("m", 1.0, 1))["value"]) == "1.0"


def test_64_bits_are_numbers_and_versions_are_texts():
    assert encode_metric(Metric("m", 0.5, 9007199254740993, -(2**63)))["timestamp"] == 9007199254740993
    assert encode_model_version(ModelVersion("n", 3, "s"))["version"] == "3"


def test_absent_values_are_left_out():
    json_ = encode_run(Run(RunInfo("r", "0", "n", "u")))
    assert "end_time" not in json_["info"]
    assert json_["data"] == {}
    assert json_["inputs"] == {}
    assert json_["outputs"] == {}
    assert json_["info"]["run_id"] == json_["info"]["run_uuid"] == "r"
    assert encode_model_version(ModelVersion("n", 1, "s"))["run_id"] == ""


def test_a_request_leaves_out_what_it_does_not_say():
    message = LogMetric(run_id="r", key="k", value=math.nan, timestamp=1)
    assert encode_message(message) == {"run_id": "r", "key": "k", "value": "NaN", "timestamp": 1, "step": 0}
    assert encode_message(LogBatch(run_id="r", tags=(Tag("a", ""),))) == {
        "run_id": "r",
        "tags": [{"key": "a", "value": ""}],
    }
    assert encode_message(SearchExperiments(view_type=ViewType.ALL))["view_type"] == "ALL"


ERRORS = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.WindlassError)]


@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_comes_back_as_its_own_class(kind):
    made = kind.__new__(kind)
    errors.WindlassError.__init__(made, "what happened", hint="what to do", field="name", limit=3)
    back = decode_error(through_json(encode_error(made)))
    assert type(back) is kind
    assert (back.message, back.hint, back.details) == ("what happened", "what to do", {"field": "name", "limit": 3})
    assert str(pickle.loads(pickle.dumps(back))) == str(made)


@pytest.mark.parametrize(
    ("error_code", "kind"),
    [
        ("RESOURCE_DOES_NOT_EXIST", errors.NotFound),
        ("RESOURCE_ALREADY_EXISTS", errors.AlreadyExists),
        ("INVALID_PARAMETER_VALUE", errors.InvalidValue),
        ("ENDPOINT_NOT_FOUND", errors.Unsupported),
        ("TEMPORARILY_UNAVAILABLE", errors.Unavailable),
        ("SOMETHING_NEW", errors.WindlassError),
    ],
)
def test_an_error_of_mlflow_is_understood_by_its_code(error_code, kind):
    back = decode_error({"error_code": error_code, "message": "because"})
    assert type(back) is kind
    assert back.message == "because"


def test_details_that_json_lacks_are_shown_as_text():
    made = errors.WindlassError("m", values={"b"}, other=object)
    json_ = through_json(encode_error(made))
    assert json_["details"]["values"] == ["b"]
    assert isinstance(json_["details"]["other"], str)
