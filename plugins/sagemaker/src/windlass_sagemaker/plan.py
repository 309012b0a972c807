"""Plan: all that a change of a deployment will ask of SageMaker, written down before anything is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from windlass.interfaces import DeploymentRequest
from windlass.model_uri import is_model_uri
from windlass_sagemaker.naming import folder, new_token, part_name
from windlass_sagemaker.options import SageMakerOptions
from windlass_sagemaker.record import OWNER, EndpointRecord
from windlass_sagemaker.tags import to_aws

_INSTANCE = "ml.m4.xlarge"
MODEL_DIRECTORY = "/opt/ml/model"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPlan:
    """A model to make: its name, and the archive that it will be loaded from; `owner` is told by the tag `tag`."""

    name: str
    owner: str
    token: str
    bucket: str
    key: str
    role: str
    image: str
    options: SageMakerOptions
    environment: Mapping[str, str]
    tag: str = OWNER

    @property
    def archive(self) -> str:
        """Where the archive is."""
        return f"s3://{self.bucket}/{self.key}"

    def request(self) -> dict[str, Any]:
        """For CreateModel."""
        asked: dict[str, Any] = {
            "ModelName": self.name,
            "ExecutionRoleArn": self.role,
            "PrimaryContainer": {
                "Image": self.image,
                "ModelDataUrl": self.archive,
                "Environment": dict(self.environment),
            },
            "Tags": to_aws({**self.options.tags, self.tag: self.owner}),
        }
        return asked | ({"VpcConfig": self.options.vpc_config} if self.options.vpc_config is not None else {})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a model needs around it: account, region, bucket, role and image, all of which are there."""

    account: str
    region: str
    bucket: str
    role: str
    image: str


def plan_model(
    request: DeploymentRequest, options: SageMakerOptions, around: Surroundings, *, allow_pickle: str
) -> ModelPlan:
    """The model of a request, which nobody has made yet."""
    token = new_token()
    owned = allow_pickle == "owned" and is_model_uri(request.resolved_uri)
    return ModelPlan(
        name=part_name(request.name, token),
        owner=request.name,
        token=token,
        bucket=around.bucket,
        key=f"{folder(around.account, around.region, request.name)}models/{token}/model.tar.gz",
        role=around.role,
        image=around.image,
        options=options,
        # The container sees an archive, so it is told here that the model comes from the configured store. The second
        # name is the one that MLflow's images read.
        environment={
            "WINDLASS_ALLOW_PICKLE": "true" if owned else allow_pickle,
            "MLFLOW_DEPLOYMENT_FLAVOR_NAME": request.flavor,
            **options.env,
        },
    )


def variant(options: SageMakerOptions, model: str, *, name: str, weight: float) -> dict[str, Any]:
    """A production variant: a model, and how much of it there is."""
    asked: dict[str, Any] = {"VariantName": name, "ModelName": model, "InitialVariantWeight": weight}
    if options.serverless_config is not None:
        return asked | {"ServerlessConfig": options.serverless_config}
    return asked | {
        "InstanceType": options.instance_type or _INSTANCE,
        "InitialInstanceCount": options.instance_count or 1,
    }


def plan_config(record: EndpointRecord, options: SageMakerOptions, variants: list[dict[str, Any]]) -> dict[str, Any]:
    """For CreateEndpointConfig; `options` are those of the main model."""
    asked: dict[str, Any] = {
        "EndpointConfigName": part_name(record.name, new_token()),
        "ProductionVariants": variants,
        "Tags": to_aws({**options.tags, **record.tags()}),
    }
    if options.data_capture_config is not None:
        asked["DataCaptureConfig"] = options.data_capture_config
    if options.async_inference_config is not None:
        asked["AsyncInferenceConfig"] = _with_failures(options.async_inference_config)
    return asked


def _with_failures(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Failures go where answers go, if nobody says otherwise: without a place for them nobody would know of one."""
    output = config.get("OutputConfig")
    if not isinstance(output, Mapping) or "S3OutputPath" not in output:
        return config
    return {**config, "OutputConfig": {"S3FailurePath": output["S3OutputPath"], **output}}
