"""Resources: the endpoints, configurations, models and archives of one account in one region."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from windlass.errors import NotFound, Unavailable
from windlass.interfaces import wait_until
from windlass_sagemaker.clients import Clients
from windlass_sagemaker.faults import explained
from windlass_sagemaker.tags import from_aws, to_aws

IN_SERVICE = "InService"
BUSY = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointState:
    """An endpoint as it is now; `weights` is the part of each variant by its name."""

    name: str
    arn: str
    status: str
    config: str
    reason: str
    weights: Mapping[str, float]


class Resources:
    """What is deleted may be missing; what is asked for raises NotFound."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def endpoint(self, name: str) -> EndpointState:
        """The endpoint of this name, whosever it is."""
        with explained(f"the endpoint {name!r}"):
            found = self._clients.sagemaker.describe_endpoint(EndpointName=name)
        variants = found.get("ProductionVariants", [])
        return EndpointState(
            name=name,
            arn=found["EndpointArn"],
            status=found["EndpointStatus"],
            config=found.get("EndpointConfigName", ""),
            reason=found.get("FailureReason", ""),
            weights={one["VariantName"]: float(one.get("CurrentWeight", 1.0)) for one in variants},
        )

    def config(self, name: str) -> dict[str, Any]:
        """A configuration."""
        with explained(f"the endpoint configuration {name!r}"):
            return dict(self._clients.sagemaker.describe_endpoint_config(EndpointConfigName=name))

    def model(self, name: str) -> dict[str, Any]:
        """A model."""
        with explained(f"the model {name!r}"):
            return dict(self._clients.sagemaker.describe_model(ModelName=name))

    def tags(self, arn: str) -> dict[str, str]:
        """The tags of anything."""
        with explained(f"the tags of {arn}"):
            pages = self._clients.sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
            return from_aws(tag for page in pages for tag in page["Tags"])

    def add_tags(self, arn: str, tags: Mapping[str, str]) -> None:
        """Give it more tags."""
        with explained(f"the tags of {arn}"):
            self._clients.sagemaker.add_tags(ResourceArn=arn, Tags=to_aws(tags))

    def each(self, operation: str, part: str, **asked: Any) -> Iterator[dict[str, Any]]:
        """What a listing operation answers below the key `part`, page after page."""
        with explained(f"the list of {part}"):
            for page in self._clients.sagemaker.get_paginator(operation).paginate(**asked):
                yield from page[part]

    def ask(self, operation: str, asked: Mapping[str, Any], *, what: str) -> Any:
        """Call an operation of SageMaker."""
        with explained(what):
            return getattr(self._clients.sagemaker, operation)(**asked)

    def delete_config(self, name: str) -> None:
        """Remove a configuration."""
        with contextlib.suppress(NotFound):
            self.ask(
                "delete_endpoint_config", {"EndpointConfigName": name}, what=f"the endpoint configuration {name!r}"
            )

    def delete_model(self, name: str) -> None:
        """Remove a model, but not its archive."""
        with contextlib.suppress(NotFound):
            self.ask("delete_model", {"ModelName": name}, what=f"the model {name!r}")

    def delete_endpoint(self, name: str, *, timeout: float) -> None:
        """Remove an endpoint, and return when its name is free; Unavailable if that takes longer."""
        with contextlib.suppress(NotFound):
            self.ask("delete_endpoint", {"EndpointName": name}, what=f"the endpoint {name!r}")
            wait_until(
                lambda: self.endpoint(name),
                lambda _: False,
                within=timeout,
                late=lambda _: f"the endpoint {name!r} is still being deleted",
            )

    def wait(self, name: str, *, config: str, timeout: float) -> EndpointState:
        """The endpoint when it answers with this configuration; Unavailable with the reason if it does not."""
        state = wait_until(
            lambda: self.endpoint(name),
            lambda found: found.status not in BUSY,
            within=timeout,
            late=lambda found: f"the endpoint {name!r} is still {found.status}",
            hint="give it longer with -C timeout_seconds=…",
        )
        if state.status != IN_SERVICE or state.config != config:
            hint = f"the log group /aws/sagemaker/Endpoints/{name} of CloudWatch has what the container printed"
            reason = state.reason or f"it is {state.status}"
            raise Unavailable(f"SageMaker could not bring up the endpoint {name!r}: {reason}", hint=hint)
        return state

    def upload(self, path: str, *, bucket: str, key: str) -> None:
        """Put a file into S3."""
        with explained(f"s3://{bucket}/{key}"):
            self._clients.s3.upload_file(path, bucket, key)

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """The keys below a prefix; none if there is no such bucket."""
        with contextlib.suppress(NotFound), explained(f"s3://{bucket}/{prefix}"):
            pages = self._clients.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            return [one["Key"] for page in pages for one in page.get("Contents", [])]
        return []

    def delete_keys(self, bucket: str, keys: Sequence[str]) -> None:
        """Remove files from S3."""
        for key in keys:
            with contextlib.suppress(NotFound), explained(f"s3://{bucket}/{key}"):
                self._clients.s3.delete_object(Bucket=bucket, Key=key)
