"""TransformJobs: a model asked about all that lies in S3, once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from windlass.errors import AlreadyExists, Conflict, InvalidValue, NotFound, Unavailable
from windlass.interfaces import DeploymentRequest, Step, take_back
from windlass_sagemaker.archive import packed
from windlass_sagemaker.checks import check_form, look_around
from windlass_sagemaker.clients import Clients
from windlass_sagemaker.naming import checked, folder
from windlass_sagemaker.options import SageMakerOptions
from windlass_sagemaker.plan import ModelPlan, plan_model
from windlass_sagemaker.resources import Resources
from windlass_sagemaker.tags import to_aws

OWNER = "windlass.transform-job"
"""The tag that says whose job a model is for."""
_COMPLETED = "Completed"
_BUSY = frozenset({"InProgress", "Stopping"})
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformData:
    """What is read and written, in the words of SageMaker's API; what is None is not said."""

    input_data_type: str
    input_uri: str
    content_type: str
    output_path: str
    compression_type: str
    split_type: str
    accept: str
    instance_type: str
    instance_count: int
    assemble_with: str | None = None
    input_filter: str | None = None
    output_filter: str | None = None
    join_resource: str | None = None

    def request(self, job: str, model: str) -> dict[str, Any]:
        """For CreateTransformJob."""
        source = {"S3DataType": self.input_data_type, "S3Uri": self.input_uri}
        processing = {
            "InputFilter": self.input_filter,
            "OutputFilter": self.output_filter,
            "JoinSource": self.join_resource,
        }
        asked = {
            "TransformJobName": job,
            "ModelName": model,
            "TransformInput": {
                "DataSource": {"S3DataSource": source},
                "ContentType": self.content_type,
                "CompressionType": self.compression_type,
                "SplitType": self.split_type,
            },
            "TransformOutput": _said(
                {"S3OutputPath": self.output_path, "Accept": self.accept, "AssembleWith": self.assemble_with}
            ),
            "TransformResources": {"InstanceType": self.instance_type, "InstanceCount": self.instance_count},
            "DataProcessing": _said(processing),
            "Tags": to_aws({OWNER: job}),
        }
        return {key: value for key, value in asked.items() if value}


class TransformJobs:
    """Jobs of one account in one region."""

    def __init__(self, clients: Clients, *, image: str | None, allow_pickle: str) -> None:
        self._clients = clients
        self._resources = Resources(clients)
        self._image = image
        self._allow_pickle = allow_pickle

    def deploy(self, request: DeploymentRequest, data: TransformData) -> str:
        """Start a job, and return its status: when it has completed if `synchronous`, else at once.

        Unavailable if it fails, and then nothing is left but what it has written; also if it takes too long, and then
        it goes on. When it has completed, its model is removed unless `archive` is set.
        """
        name, options = checked(request.name), SageMakerOptions.parse(request.config)
        with suppress(NotFound):
            raise AlreadyExists(f"there is a transform job {name!r} ({self._describe(name)['TransformJobStatus']})")
        model = self._plan(request, options)
        asked = data.request(name, model.name)
        check_form(self._clients, "CreateTransformJob", asked)
        check_form(self._clients, "CreateModel", model.request())
        try:
            self._make(model, request.model_path)
            self._resources.ask("create_transform_job", asked, what=f"the transform job {name!r}")
        except BaseException as error:
            take_back(error, self._parts(model.name, model.bucket, model.key))
            raise
        if not options.synchronous:
            return str(self._describe(name)["TransformJobStatus"])
        return self._finish(name, model, options)

    def terminate(self, name: str, *, archive: bool, synchronous: bool, timeout: float) -> None:
        """Stop a job that is running, and remove its model unless `archive` is set; NotFound if there is none."""
        job = self._describe(checked(name))
        if job["TransformJobStatus"] == "InProgress":
            # It may end by itself just now.
            with suppress(InvalidValue, Conflict):
                self._resources.ask(
                    "stop_transform_job", {"TransformJobName": name}, what=f"the transform job {name!r}"
                )
        if synchronous:
            self._wait(name, timeout)
        if not archive:
            self._remove_model(name, str(job["ModelName"]))

    def _finish(self, name: str, model: ModelPlan, options: SageMakerOptions) -> str:
        job = self._wait(name, options.timeout_seconds)
        status = str(job["TransformJobStatus"])
        if status != _COMPLETED:
            hint = "the log group /aws/sagemaker/TransformJobs of CloudWatch has what the container printed"
            reason = job.get("FailureReason") or f"it is {status}"
            error = Unavailable(f"the transform job {name!r} has failed: {reason}", hint=hint)
            take_back(error, self._parts(model.name, model.bucket, model.key))
            raise error
        if not options.archive:
            self._remove_model(name, model.name)
        return status

    def _plan(self, request: DeploymentRequest, options: SageMakerOptions) -> ModelPlan:
        around = look_around(self._clients, options, role=None, image=self._image)
        plan = plan_model(request, options, around, allow_pickle=self._allow_pickle)
        # Not where a deployment of the same name has its archives, nor marked as one of its models.
        place = folder(around.account, around.region, f"transform-jobs/{request.name}")
        return replace(plan, tag=OWNER, key=f"{place}{plan.token}/model.tar.gz")

    def _make(self, model: ModelPlan, path: Path) -> None:
        with packed(path) as archive:
            self._resources.upload(archive, bucket=model.bucket, key=model.key)
        self._resources.ask("create_model", model.request(), what=f"the model {model.name!r}")

    def _describe(self, name: str) -> Mapping[str, Any]:
        asked = {"TransformJobName": name}
        found: Mapping[str, Any] = self._resources.ask(
            "describe_transform_job", asked, what=f"the transform job {name!r}"
        )
        return found

    def _wait(self, name: str, timeout: float) -> Mapping[str, Any]:
        deadline, pause = time.monotonic() + timeout, _FIRST_PAUSE
        while (job := self._describe(name))["TransformJobStatus"] in _BUSY:
            left = deadline - time.monotonic()
            if left <= 0:
                hint = f"it goes on; `windlass sagemaker terminate-transform-job -n {name}` ends it"
                raise Unavailable(f"the transform job {name!r} is not done after {timeout:g} seconds", hint=hint)
            time.sleep(min(pause, left))
            pause = min(1.5 * pause, _LONGEST_PAUSE)
        return job

    def _remove_model(self, job: str, model: str) -> None:
        """With its archive, if it was made for this job."""
        with suppress(NotFound):
            found = self._resources.model(model)
            if self._resources.tags(found["ModelArn"]).get(OWNER) != job:
                return
            place = str(found["PrimaryContainer"]["ModelDataUrl"]).removeprefix("s3://")
            bucket, _, key = place.partition("/")
            for _, step in self._parts(model, bucket, key):
                step()

    def _parts(self, model: str, bucket: str, key: str) -> list[Step]:
        return [
            (f"the model {model!r}", lambda: self._resources.delete_model(model)),
            (f"s3://{bucket}/{key}", lambda: self._resources.delete_keys(bucket, [key])),
        ]


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
