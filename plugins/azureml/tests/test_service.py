"""What the service does with options, who signs in, and what is said when it refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from windlass.config import Settings
from windlass.entities import DeploymentStatus
from windlass.errors import AlreadyExists, InvalidValue, NotFound, PermissionDenied, Unauthenticated, Unavailable
from windlass_azureml.address import Address
from windlass_azureml.conformance import TARGET, case, double, settings
from windlass_azureml.scoring import from_azure, to_azure
from windlass_azureml.storage import sign
from windlass_azureml.target import AzureMLTarget
from windlass_azureml.testing.shapes import GROUP, SUBSCRIPTION, TOP, WORKSPACE
from windlass_rest.testing.double import Fault

__all__ = ["case", "double"]


def change(asked):
    return asked.method == "PUT"


def variant_of(double, name):
    (found,) = [one for (owner, _), one in double.deployments.items() if owner == name]
    return found.content


@pytest.mark.parametrize(
    "target",
    [
        TARGET,
        TARGET + "/",
        f"azureml://westeurope.api.azureml.ms/mlflow/v1.0{TOP}",
        f"azureml://westeurope.api.azureml.ms/mlflow/v2.0{TOP}?",
    ],
)
def test_a_target_names_a_workspace(target):
    assert Address.parse(target) == Address(SUBSCRIPTION, GROUP, WORKSPACE)
    assert Address.parse(target).path == TOP
    assert AzureMLTarget.open(target, Settings()).address(target) == TARGET


@pytest.mark.parametrize("target", ["azureml", "azureml:/a/b", "azureml://host/x", "azureml:/a/b/c/d"])
def test_a_target_that_cannot_be_meant_is_refused(target):
    with pytest.raises(InvalidValue, match="names no workspace") as caught:
        Address.parse(target)
    assert "azureml:/SUBSCRIPTION" in caught.value.hint


def test_options_reach_azure(case, double):
    config = {
        "instance_type": "Standard_F4s_v2",
        "instance_count": "3",
        "port": "9000",
        "environment_variables": '{"KEY": "v"}',
        "public_network_access": "Disabled",
        "tags": '{"team": "fraud"}',
        "max_concurrent_requests": "4",
        "app_insights": "true",
    }
    case.target.create(case.request("one", **config))
    assert case.target.get("one").config == {**case.config, **config}
    asked = variant_of(double, "one")
    about = asked["properties"]
    assert (asked["sku"]["capacity"], about["instanceType"], about["appInsightsEnabled"]) == (
        3,
        "Standard_F4s_v2",
        True,
    )
    assert about["requestSettings"] == {"maxConcurrentRequestsPerInstance": 4, "requestTimeout": "PT10S"}
    assert (about["environmentVariables"]["KEY"], about["environmentVariables"]["WINDLASS_ALLOW_PICKLE"]) == (
        "v",
        "true",
    )
    (environment,) = [one for key, one in double.versions.items() if key[0] == "environments"]
    assert environment["properties"]["inferenceConfig"]["scoringRoute"] == {"path": "/invocations", "port": 9000}
    endpoint = double.endpoints["one"].content
    assert (endpoint["tags"]["team"], endpoint["properties"]["publicNetworkAccess"]) == ("fraud", "Disabled")
    case.target.update(case.request("one", case.second))
    endpoint = double.endpoints["one"].content
    assert (endpoint["tags"]["team"], endpoint["properties"]["publicNetworkAccess"]) == ("fraud", "Disabled")


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("instance_count", "0", "out of range"),
        ("environment_variables", '{"A": 1}', "must hold texts"),
        ("tags", "[]", "must be a JSON object"),
        ("auth_mode", "None", "none of the choices"),
        ("request_timeout", "200", "out of range"),
    ],
)
def test_what_is_wrong_is_found_before_anything_is_made(case, double, option, value, told):
    with pytest.raises(InvalidValue, match=told):
        case.target.create(case.request("one", **{option: value}))
    assert double.changes() == []


@pytest.mark.parametrize("name", ["ab", "1st", "x" * 33, "end-", "a_b"])
def test_a_name_that_azure_gives_to_no_endpoint_is_refused(case, name):
    with pytest.raises(InvalidValue, match="3 to 32 letters"):
        case.target.create(case.request(name))


def test_a_quota_that_does_not_suffice_leaves_nothing(case, double):
    double.quota = 2
    with pytest.raises(InvalidValue, match="Not enough quota"):
        case.target.create(case.request("one", instance_count="3"))
    assert case.left() == []
    assert case.target.create(case.request("one", instance_count="2")).status == DeploymentStatus.READY


def test_a_model_that_does_not_start_says_why(case):
    with pytest.raises(Unavailable, match=r"could not bring up the deployment.*did not start"):
        case.target.create(case.request("one", case.broken))
    assert case.left() == []


def test_what_takes_too_long_is_taken_back(case, double):
    double.slow = 8
    with pytest.raises(Unavailable, match=r"still being brought up after 0\.1 seconds") as caught:
        case.target.create(case.request("one", timeout="0.1"))
    assert "-C timeout" in caught.value.hint
    assert case.left() == []


@pytest.mark.parametrize("auth", ["Key", "AMLToken", "AADToken"])
def test_who_asks_is_known_by_key_or_token_and_one_that_was_changed_is_fetched_anew(case, double, auth):
    case.target.create(case.request("one", auth_mode=auth))
    if auth == "AADToken":
        double.keys["one"] = ""
        double.keys["one"] = next(
            iter(case.target.endpoints._sign_in.headers("https://ml.azure.com/.default")().values())
        )[7:]
    assert case.target.predict("one", case.payload) == case.first_answer
    if auth != "AADToken":
        double.keys["one"] = "renewed"
        assert case.target.predict("one", case.payload) == case.first_answer


@pytest.mark.parametrize("kind", ["Sas", "None", "AccountKey"])
def test_files_are_uploaded_however_the_container_is_entered(case, double, kind):
    from datetime import UTC, datetime

    from windlass_azureml.testing.storage_double import ACCOUNT, KEY

    if kind == "Sas":
        sas = sign(ACCOUNT, KEY, until=datetime(2099, 1, 1, tzinfo=UTC))
        double.secrets_of_store = {"secretsType": "Sas", "sasToken": f"?{sas}"}
    if kind == "None":
        double.secrets_of_store = {}
    case.target.create(case.request("one"))
    assert any(one.endswith("/model/MLmodel") for one in double.storage.blobs())
    case.target.delete("one")
    assert case.left() == []


def test_a_wrong_key_of_the_container_is_told_without_the_signature(case, double):
    double.secrets_of_store = {"secretsType": "Sas", "sasToken": "sv=1&sig=hush"}
    with pytest.raises(PermissionDenied, match="AuthenticationFailed") as caught:
        case.target.create(case.request("one"))
    assert "hush" not in str(caught.value)
    assert case.left() == []


def test_a_large_file_goes_in_blocks(case, double, monkeypatch):
    monkeypatch.setattr("windlass_azureml.storage._BLOCK", 100)
    case.target.create(case.request("one"))
    assert case.target.predict("one", case.payload) == case.first_answer
    assert any(one.query.get("comp") == "blocklist" for one in double.asked)


def test_azure_serves_a_model_with_mlflow_where_no_image_is_named(case, double):
    plain = {name: value for name, value in case.config.items() if name != "image"}
    case.target.create(replace(case.request("one"), config=plain))
    assert "environmentId" not in variant_of(double, "one")["properties"]
    assert case.target.predict("one", case.payload) == case.first_answer
    with pytest.raises(InvalidValue):
        case.target.predict("one", {"nonsense": 1})
    case.target.delete("one")
    assert case.left() == []


def test_requests_and_answers_are_brought_into_azures_form():
    split = {"columns": ["a"], "index": [0], "data": [[1]]}
    assert to_azure({"dataframe_split": split}) == {"input_data": split}
    records = [{"a": 1, "b": 2}, {"a": 3}]
    wanted = {"columns": ["a", "b"], "index": [0, 1], "data": [[1, 2], [3, None]]}
    assert to_azure({"dataframe_records": records, "params": {"t": 1}}) == {"input_data": wanted, "params": {"t": 1}}
    assert from_azure([1]) == from_azure({"predictions": [1]}) == {"predictions": [1]}
    for bad in ({}, {"inputs": 1, "instances": 1}, {"inputs": 1, "x": 2}, {"dataframe_records": {}}):
        with pytest.raises(InvalidValue):
            to_azure(bad)


def test_an_endpoint_of_others_is_left_alone(case, double):
    case.target.create(case.request("one"))
    theirs = double.endpoints["one"]
    double.endpoints["theirs"] = type(theirs)({**theirs.content, "name": "theirs", "tags": {}})
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
    assert case.target.create(case.request("one")).status == DeploymentStatus.READY
    assert wait.times == 0


def test_a_token_that_has_expired_is_renewed_and_wrong_secrets_say_so(case, double):
    case.target.create(case.request("one"))
    double.tokens.clear()
    assert case.target.get("one").name == "one"
    wrong = replace(settings(double), azure_client_secret="no-such")
    with pytest.raises(Unauthenticated, match="Invalid client secret") as caught:
        AzureMLTarget.open(TARGET, wrong).list()
    assert "no-such" not in str(caught.value)
    double.faults.append(Fault(when=change, status=403))
    with pytest.raises(PermissionDenied):
        case.target.update(case.request("one"))
    part = replace(settings(double), azure_tenant_id=None)
    with pytest.raises(Unauthenticated, match="in part only"):
        AzureMLTarget.open(TARGET, part).list()


def test_logs_are_those_of_the_model(case):
    case.target.create(case.request("one"))
    assert list(case.target.logs("one")) == ["the model is loaded"]
