"""Transform jobs, from the command line."""

from __future__ import annotations

import json

import pytest
import windlass.pyfunc
from click.testing import CliRunner

import windlass
from windlass.errors import AlreadyExists, InvalidValue, NotFound, Unavailable
from windlass_sagemaker.cli import sagemaker
from windlass_sagemaker.conformance import account

__all__ = ["account"]
# Containers start slowly on a busy machine.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def job(account, tmp_path, monkeypatch):
    """Runs a command as the account, with a registered model that doubles and one file of data."""
    monkeypatch.setenv("WINDLASS_TRACKING_URI", f"sqlite:///{tmp_path}/runs.db")
    monkeypatch.setenv("WINDLASS_ARTIFACT_ROOT", (tmp_path / "artifacts").as_uri())
    credentials = account.clients.sts._request_signer._credentials.get_frozen_credentials()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", credentials.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", credentials.secret_key)
    monkeypatch.setenv("AWS_SESSION_TOKEN", credentials.token)
    with windlass.start_run():
        windlass.pyfunc.log_model(
            name="model", python_model=lambda model_input: [2 * one for one in model_input], registered_model_name="m"
        )
    account.clients.s3.put_object(Bucket=account.bucket, Key="in/a.json", Body=b'{"inputs": [1, 2]}')

    def run(command, *more, **given):
        options = {"job-name": "nightly", "region-name": "eu-west-1", "timeout": "400"}
        if command == "deploy-transform-job":
            options |= {
                "model-uri": "models:/m/1", "input-data-type": "S3Prefix", "input-uri": f"s3://{account.bucket}/in/",
                "content-type": "application/json", "output-path": f"s3://{account.bucket}/out",
                "execution-role-arn": account.role, "bucket": account.bucket, "image-url": "scoring:1",
            }  # fmt: skip
        options |= {key.replace("_", "-"): value for key, value in given.items()}
        arguments = [part for key, value in options.items() for part in (f"--{key}", value)]
        done = CliRunner().invoke(sagemaker, [command, *arguments, *more])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    return run


def test_a_job_writes_predictions_and_takes_its_model_away(account, job):
    assert job("deploy-transform-job") == "nightly Completed\n"
    answer = account.clients.s3.get_object(Bucket=account.bucket, Key="out/a.json.out")["Body"].read()
    assert json.loads(answer) == {"predictions": [2, 4]}
    assert account.left() == ["in/a.json", "out/a.json.out"]
    with pytest.raises(AlreadyExists, match="nightly"):
        job("deploy-transform-job")


def test_a_job_is_stopped(account, job):
    assert job("deploy-transform-job", "--async") == "nightly InProgress\n"
    assert len(account.left()) >= 3
    assert job("terminate-transform-job") == "nightly terminated\n"
    status = account.clients.sagemaker.describe_transform_job(TransformJobName="nightly")["TransformJobStatus"]
    assert status in {"Stopped", "Completed"}
    assert not [one for one in account.left() if "nightly" in one]
    job("terminate-transform-job")
    with pytest.raises(NotFound, match="other"):
        job("terminate-transform-job", job_name="other")


def test_a_job_that_fails_leaves_nothing(account, job):
    account.clients.s3.put_object(Bucket=account.bucket, Key="in/a.json", Body=b"no JSON")
    with pytest.raises(Unavailable, match="has failed: ClientError"):
        job("deploy-transform-job")
    with pytest.raises(Unavailable, match="No S3 objects found"):
        job("deploy-transform-job", job_name="empty", input_uri=f"s3://{account.bucket}/nothing/")
    assert account.left() == ["in/a.json"]


def test_what_is_wrong_with_a_job_is_found_before_anything_is_made(account, job, tmp_path):
    (tmp_path / "vpc.json").write_text('{"Subnets": "a"}')
    for given in ({"job_name": "a_b"}, {"vpc_config": str(tmp_path / "vpc.json")}, {"bucket": "windlass-none"}):
        with pytest.raises(InvalidValue):
            job("deploy-transform-job", **given)
    assert account.left() == ["in/a.json"]
