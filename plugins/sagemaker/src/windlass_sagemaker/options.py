"""SageMakerOptions: what `-C` may say about a deployment on SageMaker. The names are those that MLflow gave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from windlass.errors import InvalidValue
from windlass.interfaces import OptionType, TargetOption, count, parse_options, seconds
from windlass_sagemaker.address import ROLE_ARN

_DAY = 86_400.0
_SOON = 0.001
_NAME = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,54}"

OPTIONS = (
    TargetOption(
        name="assume_role_arn",
        meaning="The role to work in; it must be the one that the target names.",
        pattern=ROLE_ARN,
        form="the ARN of a role",
    ),
    TargetOption(name="region_name", meaning="The region; it must be the one that the target names."),
    TargetOption(
        name="execution_role_arn",
        meaning="The role that SageMaker gives to the model; the one of the caller without.",
        pattern=ROLE_ARN,
        form="the ARN of a role",
    ),
    TargetOption(
        name="bucket",
        meaning="The bucket for the model's archive; mlflow-sagemaker-REGION-ACCOUNT without.",
        pattern=r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        form="the name of a bucket",
    ),
    TargetOption(
        name="image_url",
        meaning="The image of the scoring server; WINDLASS_SAGEMAKER_IMAGE_URL without.",
        pattern=r"[^\s]{1,255}",
        form="the address of an image",
    ),
    TargetOption(
        name="archive",
        meaning="Keep the former models, configurations and archives of this deployment when they are replaced.",
        type=OptionType.BOOLEAN,
        default=False,
    ),
    TargetOption(
        name="instance_type",
        meaning="The kind of machine; ml.m4.xlarge without.",
        pattern=r"ml\.[a-z0-9-]+\.[a-z0-9]+",
        form="such as ml.m5.large",
    ),
    count("instance_count", "How many machines; 1 without.", most=1_000),
    TargetOption(
        name="serverless_config",
        meaning='No machines: {"MemorySizeInMB": 2048, "MaxConcurrency": 5}.',
        type=OptionType.JSON,
    ),
    TargetOption(
        name="async_inference_config",
        meaning='Requests are queued: {"OutputConfig": {"S3OutputPath": "s3://…"}}.',
        type=OptionType.JSON,
    ),
    TargetOption(
        name="vpc_config",
        meaning='The private network: {"SecurityGroupIds": […], "Subnets": […]}.',
        type=OptionType.JSON,
    ),
    TargetOption(
        name="data_capture_config",
        meaning="What SageMaker writes down of requests and answers, as its API has it.",
        type=OptionType.JSON,
    ),
    TargetOption(
        name="variant_name",
        meaning="The name of the production variant.",
        default="AllTraffic",
        pattern=_NAME,
        form="up to 55 letters, digits and '-'",
    ),
    TargetOption(
        name="env", meaning='Variables of the container: {"NAME": "value"}.', type=OptionType.JSON, secret=True
    ),
    TargetOption(name="tags", meaning='Tags for all that is made: {"team": "fraud"}.', type=OptionType.JSON),
    TargetOption(
        name="synchronous",
        meaning="Wait until it answers; if false, nothing is checked.",
        type=OptionType.BOOLEAN,
        default=True,
    ),
    seconds("timeout_seconds", "Seconds to wait until it answers.", default=1200.0),
    seconds("request_timeout", "Seconds to wait for the answer of an asynchronous deployment.", default=900.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SageMakerOptions:
    """How a model is deployed on SageMaker; None is what was not said."""

    archive: bool
    variant_name: str
    synchronous: bool
    timeout_seconds: float
    request_timeout: float
    assume_role_arn: str | None = None
    region_name: str | None = None
    execution_role_arn: str | None = None
    bucket: str | None = None
    image_url: str | None = None
    instance_type: str | None = None
    instance_count: int | None = None
    serverless_config: Mapping[str, Any] | None = None
    async_inference_config: Mapping[str, Any] | None = None
    vpc_config: Mapping[str, Any] | None = None
    data_capture_config: Mapping[str, Any] | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, config: Mapping[str, str]) -> SageMakerOptions:
        """Read the options; InvalidValue for one that is unknown, of the wrong type, or that excludes another."""
        values = parse_options(OPTIONS, config)
        for option in OPTIONS:
            if option.type is OptionType.JSON and option.name in values:
                _require_object(option.name, values[option.name], texts=option.name in {"env", "tags"})
        parsed = cls(**values)
        parsed._check_serverless()
        return parsed

    def _check_serverless(self) -> None:
        if self.serverless_config is None:
            return
        for other in ("instance_type", "instance_count", "async_inference_config", "vpc_config"):
            if getattr(self, other) is not None:
                raise InvalidValue(f"config {other}", getattr(self, other), "cannot be had with serverless_config")


def _require_object(name: str, value: Any, *, texts: bool) -> None:
    if not isinstance(value, Mapping):
        raise InvalidValue(f"config {name}", type(value).__name__, "must be a JSON object")
    if texts and not all(isinstance(one, str) for one in value.values()):
        # Only the names: a value may be a password.
        raise InvalidValue(f"config {name}", sorted(value), "must hold texts")
