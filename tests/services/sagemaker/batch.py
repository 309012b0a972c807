"""Transform jobs that ask a container about each file in S3, and that can be stopped."""

import threading

from containers import Container, bucket_of, parts
from moto.core.responses import EmptyResult
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

_create = SageMakerModelBackend.create_transform_job


def create_transform_job(self, transform_job_name, **more):
    """Answers at once, and starts the container."""
    if transform_job_name in self.transform_jobs:
        raise ValidationError(f'Cannot create already existing transform job "{transform_job_name}".')
    model = self.describe_model(more["model_name"])
    job = _create(self, transform_job_name=transform_job_name, **more)
    job.transform_job_status = "InProgress"
    threading.Thread(target=_run, args=(self, job, model), daemon=True).start()
    return job


def stop_transform_job(self):
    """The operation that moto does not have."""
    backend, name = self.sagemaker_backend, self._get_param("TransformJobName")
    backend.describe_transform_job(name)
    job = backend.transform_jobs[name]
    if job.transform_job_status != "InProgress":
        raise ValidationError(
            f"The request was rejected because the transform job is in status {job.transform_job_status}."
        )
    job.transform_job_status = "Stopped"
    return EmptyResult()


def _run(backend, job, model):
    container = Container(backend, model)
    try:
        problem = None if container.ready() else "The container did not pass the ping health check."
        problem = problem or _transform(backend, job, container)
        if job.transform_job_status == "InProgress":
            job.failure_reason = problem or ""
            job.transform_job_status = "Failed" if problem else "Completed"
    finally:
        container.stop()


def _transform(backend, job, container):
    source, target = job.transform_input["DataSource"]["S3DataSource"]["S3Uri"], job.transform_output["S3OutputPath"]
    bucket, prefix = parts(source)
    store = bucket_of(backend, source)
    keys = [key for key in list(store.buckets[bucket].keys) if key.startswith(prefix)]
    if not keys:
        return f"No S3 objects found under S3 URL {source!r}."
    for key in keys:
        body = store.get_object(bucket, key).value
        status, answer = container.invoke(body, job.transform_input.get("ContentType"))
        if status != 200:
            return f"ClientError: See job logs for more information: {answer.decode('utf-8', 'replace')}"
        place = f"{target.rstrip('/')}/{key.rpartition('/')[2]}.out"
        bucket_of(backend, place).put_object(*parts(place), value=answer)
    return None


def install():
    """Put all of it into moto."""
    SageMakerModelBackend.create_transform_job = create_transform_job
    SageMakerResponse.stop_transform_job = stop_transform_job
