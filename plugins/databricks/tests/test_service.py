"""What the service does with options, who signs in, and what is said when it refuses."""

from __future__ import annotations

import json

import pytest

from windlass.config import Settings
from windlass.errors import (
    AlreadyExists,
    Conflict,
    InvalidValue,
    NotFound,
    PermissionDenied,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from windlass_databricks.conformance import case, double
from windlass_databricks.target import DatabricksTarget
from windlass_databricks.testing.double import CLIENT, TOKEN
from windlass_rest.testing.double import Fault

__all__ = ["case", "double"]


def change(asked):
    return asked.method != "GET"


def to(method, end):
    return lambda asked: asked.method == method and asked.path.endswith(end)


def test_options_reach_databricks(case, double):
    config = {
        "workload_size": "Medium",
        "workload_type": "GPU_SMALL",
        "scale_to_zero_enabled": "true",
        "instance_profile_arn": "arn:aws:iam::1:instance-profile/x",
        "environment_vars": '{"KEY": "{{secrets/a/b}}"}',
        "tags": '{"team": "fraud"}',
        "rate_limits": '[{"calls": 5, "renewal_period": "minute"}]',
        "ai_gateway": '{"usage_tracking_config": {"enabled": true}}',
        "auto_capture_config": '{"catalog_name": "main", "schema_name": "ml"}',
        "route_optimized": "true",
        "budget_policy_id": "b-1",
    }
    made = case.target.create(case.request("one", **config))
    assert case.target.get("one").config == {**case.config, **config}
    endpoint = double.endpoints["one"]
    (entity,) = endpoint.config["served_entities"]
    assert (entity["workload_size"], entity["workload_type"], entity["scale_to_zero_enabled"]) == (
        "Medium",
        "GPU_SMALL",
        True,
    )
    assert entity["environment_vars"] == {"KEY": "{{secrets/a/b}}"}
    assert endpoint.config["auto_capture_config"]["schema_name"] == "ml"
    assert {"key": "team", "value": "fraud"} in endpoint.content["tags"]
    assert endpoint.content["rate_limits"] == [{"calls": 5, "renewal_period": "minute"}]
    assert (endpoint.content["route_optimized"], endpoint.content["budget_policy_id"]) == (True, "b-1")
    assert made.url == f"{double.url}/serving-endpoints/one/invocations"
    case.target.update(case.request("one", case.second, rate_limits='[{"calls": 9, "renewal_period": "minute"}]'))
    assert endpoint.content["rate_limits"][0]["calls"] == 9
    assert {"key": "team", "value": "fraud"} in endpoint.content["tags"]


def test_limits_are_as_before_when_an_update_fails(case, double):
    case.target.create(case.request("one", rate_limits='[{"calls": 5, "renewal_period": "minute"}]'))
    with pytest.raises(Unavailable, match="did not start"):
        case.target.update(case.request("one", case.broken, rate_limits='[{"calls": 9, "renewal_period": "minute"}]'))
    assert double.endpoints["one"].content["rate_limits"][0]["calls"] == 5


def test_a_version_that_is_there_is_served_and_stays(case, double):
    case.target.create(case.request("one"))
    case.target.create(case.request("two", model_version="1"))
    assert case.target.predict("two", case.payload) == case.first_answer
    case.target.delete("two")
    assert ("main.ml.m", "1") in double.versions
    with pytest.raises(InvalidValue, match=r"is no version of main\.ml\.m"):
        case.target.create(case.request("two", model_version="7"))


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("model_name", "plain", "not in Unity Catalog"),
        ("model_name", "a/b", "a name without spaces"),
        ("environment_vars", '{"A": 1}', "must hold texts"),
        ("tags", "[]", "must be a JSON object"),
        ("rate_limits", "{}", "must be a JSON list"),
        ("timeout", "0", "out of range"),
    ],
)
def test_what_is_wrong_is_found_before_anything_is_made(case, double, option, value, told):
    with pytest.raises(InvalidValue, match=told):
        case.target.create(case.request("one", **{option: value}))
    assert double.changes() == []


def test_a_schema_that_is_missing_and_a_refused_option_leave_nothing(case, double):
    with pytest.raises(NotFound, match=r"Schema 'main\.other' does not exist"):
        case.target.create(case.request("one", model_name="main.other.m"))
    with pytest.raises(InvalidValue, match="workload_size must be one of"):
        case.target.create(case.request("one", workload_size="Huge"))
    assert case.left() == []


def test_a_record_that_does_not_fit_into_tags_is_refused(case, double):
    import secrets

    with pytest.raises(InvalidValue, match="too long to be kept in tags"):
        case.target.create(case.request("one", environment_vars=json.dumps({"A": secrets.token_hex(4000)})))
    assert double.changes() == []


def test_what_takes_too_long_is_taken_back(case, double):
    double.slow = 10_000
    with pytest.raises(Unavailable, match=r"still being brought up after 0\.1 seconds") as caught:
        case.target.create(case.request("one", timeout="0.1"))
    assert "-C timeout" in caught.value.hint
    assert case.left() == []


def test_an_update_that_nobody_waits_for_any_more_is_finished_by_databricks(case, double):
    case.target.create(case.request("one"))
    double.slow = 10_000
    with pytest.raises(Unavailable, match="still being brought up") as caught:
        case.target.update(case.request("one", case.second, timeout="0.1"))
    assert "this is left" in caught.value.hint
    with pytest.raises(Conflict, match="is being updated"):
        case.target.update(case.request("one", case.second))
    assert case.target.predict("one", case.payload) == case.first_answer
    double.endpoints["one"].steps = 0
    case.target.get("one")
    assert case.target.predict("one", case.payload) == case.second_answer
    assert case.target.get("one").resolved_uri == "models:/m/2"
    double.slow = 1
    case.target.update(case.request("one"))
    assert len(case.left()) == 3  # an endpoint, a model and a version
    case.target.delete("one")
    assert case.left() == []


def test_an_endpoint_of_others_is_left_alone(case, double):
    case.target.create(case.request("one"))
    double.endpoints["theirs"] = double.endpoints["one"]
    theirs = {**double.endpoints["one"].content, "name": "theirs", "tags": []}
    double.endpoints["theirs"] = type(double.endpoints["one"])(theirs, double.endpoints["one"].config)
    assert [one.name for one in case.target.list()] == ["one"]
    for refused in (case.target.get, lambda name: case.target.update(case.request(name))):
        with pytest.raises(NotFound):
            refused("theirs")
    with pytest.raises(AlreadyExists):
        case.target.create(case.request("theirs"))
    case.target.delete("theirs")
    assert "theirs" in double.endpoints


def test_who_asks_too_often_comes_back_when_told(case, double):
    wait = Fault(when=change, status=429, headers={"retry-after": "0"}, times=3)
    double.faults.append(wait)
    assert case.target.create(case.request("one")).status == "READY"
    assert wait.times == 0
    double.faults[:] = [Fault(when=change, status=429, headers={"retry-after": "3600"})]
    with pytest.raises(TooManyRequests):
        case.target.update(case.request("one"))
    assert case.target.predict("one", case.payload) == case.first_answer


def test_a_prediction_that_never_comes_is_given_up(case, double):
    case.target.create(case.request("one", request_timeout="0.2"))
    double.faults.append(Fault(when=to("POST", "/invocations"), hang=True))
    with pytest.raises(Unavailable, match=r"did not answer within 0\.2 seconds"):
        case.target.predict("one", case.payload)


def test_logs_are_those_of_the_environment_and_of_the_model(case):
    case.target.create(case.request("one"))
    assert list(case.target.logs("one")) == ["the environment is built", "the model is loaded"]


def test_a_service_principal_signs_in_and_renews_its_token(case, double):
    case.target.create(case.request("one"))
    settings = Settings(databricks_host=double.url, databricks_client_id=CLIENT[0], databricks_client_secret=CLIENT[1])
    target = DatabricksTarget.open("databricks", settings)
    assert target.get("one").name == "one"
    double.tokens.clear()
    assert target.get("one").name == "one"
    assert sum(asked.path == "/oidc/v1/token" for asked in double.asked) == 2


def test_wrong_secrets_and_missing_rights_say_so(double, case):
    wrong = Settings(databricks_host=double.url, databricks_client_id="a-client", databricks_client_secret="no-such")
    with pytest.raises(Unauthenticated, match="Client authentication failed") as caught:
        DatabricksTarget.open("databricks", wrong).list()
    assert "no-such" not in str(caught.value)
    expired = Settings(databricks_host=double.url, databricks_token="dapi-old")
    with pytest.raises(Unauthenticated) as caught:
        DatabricksTarget.open("databricks", expired).list()
    assert "DATABRICKS_TOKEN" in caught.value.hint
    assert "dapi-old" not in str(caught.value)
    double.faults.append(Fault(when=change, status=403))
    with pytest.raises(PermissionDenied) as caught:
        case.target.create(case.request("one"))
    assert "catalog" in caught.value.hint


def test_a_profile_names_the_workspace(double, tmp_path):
    file = tmp_path / "databrickscfg"
    file.write_text(f"[DEFAULT]\nhost = {double.url}\ntoken = {TOKEN}\n\n[other]\nhost = 127.0.0.1:9\ntoken = t\n")
    settings = Settings(databricks_config_file=str(file))
    for target in ("databricks", "databricks://DEFAULT"):
        assert DatabricksTarget.open(target, settings).list() == []
    other = DatabricksTarget.open("databricks://other", settings)
    assert other.address("databricks://other") == "databricks:/https://127.0.0.1:9"
    with pytest.raises(InvalidValue, match="is no profile") as caught:
        DatabricksTarget.open("databricks://missing", settings)
    assert TOKEN not in str(caught.value)
    with pytest.raises(InvalidValue, match="there is no"):
        DatabricksTarget.open("databricks", Settings(databricks_config_file=str(tmp_path / "none")))
    named = DatabricksTarget.open(f"databricks:/{double.url}", Settings(databricks_token=TOKEN))
    assert named.list() == []
    with pytest.raises(Unauthenticated, match="nobody is named"):
        DatabricksTarget.open("databricks", Settings(databricks_host=double.url))
