"""What needs no server: targets, names, options, records in tags, archives and the errors of AWS."""

from __future__ import annotations

import re
import tarfile

import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from windlass.config import Settings
from windlass.errors import (
    AlreadyExists,
    Conflict,
    InvalidValue,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
)
from windlass.interfaces import ModelRecord
from windlass.plugins import Kind, get_plugin_manager
from windlass_sagemaker.address import Address
from windlass_sagemaker.archive import packed
from windlass_sagemaker.faults import explained
from windlass_sagemaker.naming import checked, new_token, part_name, token_of
from windlass_sagemaker.options import SageMakerOptions
from windlass_sagemaker.record import EndpointRecord
from windlass_sagemaker.target import SageMakerTarget

ROLE = "arn:aws:iam::123456789012:role/path/deployer"


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("sagemaker", Address()),
        ("sagemaker:/eu-west-1", Address("eu-west-1")),
        ("sagemaker:/us-gov-east-1/", Address("us-gov-east-1")),
        (f"sagemaker:/eu-west-1/{ROLE}", Address("eu-west-1", ROLE)),
    ],
)
def test_a_target_names_a_region_and_a_role(target, address):
    assert Address.parse(target) == address


@pytest.mark.parametrize("target", ["sagemaker:/Europe", "sagemaker:/eu-west-1/deployer", f"sagemaker:/{ROLE}"])
def test_a_target_that_cannot_be_meant_is_refused(target):
    with pytest.raises(InvalidValue, match="names no") as caught:
        Address.parse(target)
    assert "sagemaker:/eu-west-1" in caught.value.hint


def test_a_region_must_be_known(monkeypatch, tmp_path):
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(InvalidValue, match="names no region"):
        SageMakerTarget.open("sagemaker", Settings())
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    assert SageMakerTarget.open("sagemaker", Settings()).address("sagemaker") == "sagemaker:/eu-west-3"


def test_the_target_is_found_by_its_name():
    assert "sagemaker" in get_plugin_manager().names(Kind.DEPLOYMENT_TARGET)


def test_the_parts_of_a_deployment_are_told_from_those_of_others():
    name = checked("x" * 63)
    part = part_name(name, token := new_token())
    assert len(part) == 63
    assert token_of(part, name) == token
    assert token_of(part, "y") is None
    assert token_of("x-today", "x") is None
    with pytest.raises(InvalidValue, match="1 to 63"):
        checked("x" * 64)


def test_a_record_comes_back_from_tags_that_aws_accepts():
    model = ModelRecord(
        model="m-1", model_uri="models:/m@é", resolved_uri="models:/m/1", flavor="sklearn", creation_timestamp=1,
        last_updated_timestamp=2, config={"env": '{"A": "' + "ab" * 900 + '"}'},
    )  # fmt: skip
    record = EndpointRecord(name="one", main=model, canary=model)
    tags = record.tags()
    assert all(re.fullmatch(r"[\w.:/=+@-]{0,256}", value) for value in tags.values())
    assert EndpointRecord.of_tags({**tags, "team": "fraud"}) == record


@pytest.mark.parametrize("tags", [{}, {"windlass.record.0": "?"}, {"windlass.record.0": "e30="}])
def test_tags_of_others_hold_no_record(tags):
    assert EndpointRecord.of_tags(tags) is None


def test_options_that_exclude_each_other_are_refused():
    config = {"serverless_config": "{}"}
    assert SageMakerOptions.parse(config).instance_type is None
    for other, value in (("instance_type", "ml.m5.large"), ("async_inference_config", "{}"), ("vpc_config", "{}")):
        with pytest.raises(InvalidValue, match="cannot be had with serverless_config"):
            SageMakerOptions.parse({**config, other: value})


def test_an_archive_has_the_files_at_its_top_and_says_nothing_of_their_owner(tmp_path):
    (tmp_path / "model" / "data").mkdir(parents=True)
    (tmp_path / "model" / "MLmodel").write_text("flavors: {}")
    (tmp_path / "model" / "data" / "a").write_text("1")
    with packed(tmp_path / "model") as path, tarfile.open(path) as archive:
        assert sorted(archive.getnames()) == ["MLmodel", "data", "data/a"]
        assert {(one.uid, one.gid, one.uname, one.gname) for one in archive} == {(0, 0, "", "")}


def answer(code, message="no"):
    return ClientError({"Error": {"Code": code, "Message": message}}, "Do")


def failed_upload():
    error = S3UploadFailedError("Failed")
    error.__context__ = answer("AccessDenied")
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (answer("ValidationException", "Could not find endpoint"), NotFound),
        (answer("ValidationException", "Cannot create already existing endpoint"), AlreadyExists),
        (answer("ValidationException", "Cannot update in-progress endpoint"), Conflict),
        (answer("ValidationException", "Bad value"), InvalidValue),
        (answer("ResourceLimitExceeded"), Conflict),
        (answer("AccessDeniedException"), PermissionDenied),
        (answer("ExpiredToken"), Unauthenticated),
        (answer("ThrottlingException"), Unavailable),
        (failed_upload(), PermissionDenied),
        (S3UploadFailedError("Failed"), Unavailable),
        (NoCredentialsError(), Unauthenticated),
        (EndpointConnectionError(endpoint_url="https://x"), Unavailable),
    ],
)
def test_what_aws_says_is_told_as_ours(error, kind):
    with pytest.raises(kind, match="thing") as caught, explained("the thing"):
        raise error
    assert type(caught.value) is kind
