"""Clients: the services of AWS as one account in one region."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import NoCredentialsError
from botocore.loaders import Loader, create_loader
from botocore.session import Session

from windlass.errors import InvalidValue
from windlass_sagemaker.address import Address
from windlass_sagemaker.faults import explained

_CONNECT_SECONDS = 5
_READ_SECONDS = 65
"""SageMaker itself gives up on a model after 60."""
_ATTEMPTS = 3
_SESSION_NAME = "windlass"


class Clients:
    """Clients are made when they are first asked for, and wait for no answer for ever."""

    def __init__(self, address: Address) -> None:
        self._core = Session()
        self._core.register_component("data_loader", _loader())
        with explained("the AWS configuration"):
            region = address.region or self._core.get_config_variable("region")
        if not region:
            hint = "name it in the target, as in sagemaker:/eu-west-1, or set AWS_DEFAULT_REGION"
            raise InvalidValue("target", "sagemaker", "names no region", hint=hint)
        self.region = str(region)
        self._role = address.role
        self._session: boto3.Session | None = None
        self._made: dict[str, Any] = {}
        self._account: str | None = None

    def __getattr__(self, service: str) -> Any:
        """The client of a service by its name, with _ for -."""
        if service.startswith("_"):
            raise AttributeError(service)
        name = service.replace("_", "-")
        if name not in self._made:
            with explained(f"the client of {name}"):
                self._made[name] = self._opened().client(name, region_name=self.region, config=_config(name))
        return self._made[name]

    @property
    def account(self) -> str:
        """The number of the account that all happens in."""
        if self._account is None:
            with explained("who is asking"):
                self._account = str(self.sts.get_caller_identity()["Account"])
        return self._account

    def _opened(self) -> boto3.Session:
        if self._session is None:
            if self._role is not None:
                _assume(self._core, self._role, self.region)
            self._session = boto3.Session(botocore_session=self._core, region_name=self.region)
        return self._session


def _assume(core: Session, role: str, region: str) -> None:
    """Give a session the credentials of a role, which are renewed when they expire."""
    source = core.get_credentials()
    if source is None:
        raise NoCredentialsError
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=partial(core.create_client, region_name=region, config=_config("sts")),
        source_credentials=source,
        role_arn=role,
        extra_args={"RoleSessionName": _SESSION_NAME},
    )
    core._credentials = DeferredRefreshableCredentials(  # noqa: SLF001  botocore has no other way to set them
        method="assume-role", refresh_using=fetcher.fetch_credentials
    )


@cache
def _loader() -> Loader:
    # Reading what SageMaker can do takes seconds.
    return create_loader()


def _config(name: str) -> Config:
    # A prediction is not asked for twice: it may cost a minute, and the model may count.
    attempts = 1 if name == "sagemaker-runtime" else _ATTEMPTS
    return Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"total_max_attempts": attempts, "mode": "standard"},
    )
