"""What is checked before anything is made: the caller, the role, the bucket, the image and the form of requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from botocore.validate import ParamValidator

from windlass.errors import InvalidValue, NotFound, PermissionDenied
from windlass_sagemaker.clients import Clients
from windlass_sagemaker.faults import explained
from windlass_sagemaker.options import SageMakerOptions
from windlass_sagemaker.plan import Surroundings

_ECR = re.compile(
    r"(?P<account>[0-9]{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/"
    r"(?P<repository>[^:@]+)((:(?P<tag>[^@]+))|@(?P<digest>sha256:[0-9a-f]+))?"
)


def look_around(clients: Clients, options: SageMakerOptions, *, role: str | None, image: str | None) -> Surroundings:
    """What a model will need; InvalidValue for what is missing. `role` is assumed, `image` is that of the settings."""
    _check_same("region_name", options.region_name, clients.region)
    _check_same("assume_role_arn", options.assume_role_arn, role)
    account = clients.account
    return Surroundings(
        account=account,
        region=clients.region,
        role=_role(clients, options.execution_role_arn),
        bucket=_bucket(clients, options.bucket or f"mlflow-sagemaker-{clients.region}-{account}"),
        image=_image(clients, options.image_url or image),
    )


def check_form(clients: Clients, operation: str, asked: Mapping[str, Any]) -> None:
    """Whether a request has the form that AWS wants; InvalidValue with all that is wrong."""
    shape = clients.sagemaker.meta.service_model.operation_model(operation).input_shape
    report = ParamValidator().validate(asked, shape)
    if report.has_errors():
        told = " ".join(report.generate_report().split())
        raise InvalidValue("config", operation, f"is not what SageMaker accepts: {told}")


def _check_same(name: str, given: str | None, ours: str | None) -> None:
    if given is not None and given != ours:
        hint = "write it into the target, -t sagemaker:/REGION/ROLE_ARN, so that later commands find the deployment too"
        raise InvalidValue(f"config {name}", given, "is not what the target names", limit=ours or "none", hint=hint)


def _role(clients: Clients, arn: str | None) -> str:
    if arn is not None:
        name, account = arn.rpartition("/")[2], arn.split(":")[4]
        if account == clients.account:
            _required("execution_role_arn", arn, lambda: clients.iam.get_role(RoleName=name))
        return arn
    with explained("who is asking"):
        caller = str(clients.sts.get_caller_identity()["Arn"])
    if ":assumed-role/" not in caller:
        hint = "name a role that SageMaker may assume with -C execution_role_arn=…"
        raise InvalidValue("config execution_role_arn", None, f"is missing, and {caller} is no role", hint=hint)
    name = caller.split("/")[1]
    found = _required("execution_role_arn", caller, lambda: clients.iam.get_role(RoleName=name))
    return str(found["Role"]["Arn"]) if found else f"arn:aws:iam::{clients.account}:role/{name}"


def _bucket(clients: Clients, bucket: str) -> str:
    _required("bucket", bucket, lambda: clients.s3.head_bucket(Bucket=bucket), denied=False)
    return bucket


def _image(clients: Clients, image: str | None) -> str:
    if not image:
        hint = "name it with -C image_url=… or WINDLASS_SAGEMAKER_IMAGE_URL; the docs say how to make one"
        raise InvalidValue("config image_url", image, "is missing", hint=hint)
    found = _ECR.fullmatch(image)
    if found is not None:
        if found["region"] != clients.region:
            raise InvalidValue("config image_url", image, "is in another region", limit=clients.region)
        which = {"imageDigest": found["digest"]} if found["digest"] else {"imageTag": found["tag"] or "latest"}
        asked = {"registryId": found["account"], "repositoryName": found["repository"], "imageIds": [which]}
        _required("image_url", image, lambda: clients.ecr.describe_images(**asked))
    return image


def _required(option: str, value: str, look: Callable[[], Any], *, denied: bool = True) -> Any:
    """What `look` finds. Whoever may not look may still be allowed to use it: then SageMaker decides, if `denied`."""
    try:
        with explained(f"the {option} {value!r}"):
            return look()
    except PermissionDenied:
        if denied:
            return None
        raise
    except NotFound as error:
        raise InvalidValue(f"config {option}", value, "does not exist", hint=error.hint) from error
