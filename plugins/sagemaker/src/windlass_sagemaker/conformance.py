"""The conformance suite of the target, for `windlass plugins check` and our own tests.

It needs moto's server as `tests/services/sagemaker.sh` starts it: WINDLASS_TEST_SAGEMAKER is its URL. Each test has an
account of its own there, which it works in by the role that its target names.
"""

from __future__ import annotations

import importlib
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from windlass.config import Settings
from windlass.interfaces import DeploymentRequest
from windlass.testing.deployment_target import DeploymentTargetSuite, TargetCase
from windlass.testing.services import service_url
from windlass_sagemaker.address import Address
from windlass_sagemaker.clients import Clients
from windlass_sagemaker.target import SageMakerTarget

_REGION = "eu-west-1"
_IMAGE = "windlass/scoring:1"


@dataclass(frozen=True, slots=True)
class Account:
    """A new account with a role and a bucket; `target` names it and `config` has what every deployment needs."""

    target: str
    bucket: str
    role: str
    config: dict[str, str]
    clients: Clients

    def open(self) -> SageMakerTarget:
        """The target as another program sees it."""
        return SageMakerTarget.open(self.target, Settings())

    def left(self) -> list[str]:
        """Whatever is there."""
        client, s3 = self.clients.sagemaker, self.clients.s3
        return [
            *(one["EndpointName"] for one in client.list_endpoints()["Endpoints"]),
            *(one["EndpointConfigName"] for one in client.list_endpoint_configs()["EndpointConfigs"]),
            *(one["ModelName"] for one in client.list_models()["Models"]),
            *(one["Key"] for one in s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SageMakerCase(TargetCase):
    """A case whose requests name the bucket, the role and the image of its account."""

    account: Account

    def request(self, name: str, model: Path | None = None, **config: str) -> DeploymentRequest:
        """A request to deploy a model, the first one without."""
        return TargetCase.request(self, name, model, **{**self.account.config, **config})


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """A new account of moto's server."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", service_url("sagemaker"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "windlass")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "windlass")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    number = str(secrets.randbelow(9 * 10**11) + 10**11)
    role = f"arn:aws:iam::{number}:role/deployer"
    clients = Clients(Address(_REGION, role))
    trust = {"Version": "2012-10-17", "Statement": []}
    made = clients.iam.create_role(RoleName="sagemaker", AssumeRolePolicyDocument=json.dumps(trust))
    bucket = f"windlass-{number}"
    clients.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": _REGION})
    execution = str(made["Role"]["Arn"])
    config = {"bucket": bucket, "execution_role_arn": execution, "image_url": _IMAGE, "timeout_seconds": "400"}
    return Account(f"sagemaker:/{_REGION}/{role}", bucket, execution, config, clients)


def times(factor: int) -> Any:
    """A model that is pickled by its code, since its server cannot import this module."""
    return lambda model_input: [factor * value for value in model_input]


class TestSageMakerTarget(DeploymentTargetSuite):
    """moto's server, with a scoring server behind each endpoint."""

    @pytest.fixture
    def case(self, account: Account, tmp_path: Path) -> Any:
        """The target with its models; nothing of what it made is left."""
        pyfunc = importlib.import_module("windlass.pyfunc")
        pyfunc.save_model(tmp_path / "first", python_model=times(2))
        pyfunc.save_model(tmp_path / "second", python_model=times(3))
        (tmp_path / "broken").mkdir()
        (tmp_path / "broken" / "MLmodel").write_text("flavors: {}\n", encoding="utf-8")
        yield SageMakerCase(
            target=account.open(),
            reopen=account.open,
            first=tmp_path / "first",
            second=tmp_path / "second",
            broken=tmp_path / "broken",
            payload={"inputs": [1.5, 2.25]},
            first_answer={"predictions": [3.0, 4.5]},
            second_answer={"predictions": [4.5, 6.75]},
            account=account,
            asked=10,
        )
        assert account.left() == []  # noqa: S101  a conformance suite is made of asserts
