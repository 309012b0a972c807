"""Invocations of endpoints, answered by their containers."""

import json
import random
import re
import threading
import uuid

from containers import bucket_of, parts, stored
from endpoints import running
from moto.sagemaker.models import sagemaker_backends
from moto.sagemakerruntime.responses import SageMakerRuntimeResponse

_ENDPOINT = re.compile(r"/endpoints/([^/]+)/")


def invoke_endpoint(self):
    """The answer of one of the variants, chosen by weight."""
    endpoint, problem = _endpoint(self, asynchronous=False)
    if problem:
        return problem
    name, container = _chosen(endpoint)
    status, body = container.invoke(self.body, self.headers.get("Content-Type"))
    if status != 200:
        told = {"Message": "Received an error from the model.", "OriginalStatusCode": status,
                "OriginalMessage": body.decode("utf-8", "replace"), "LogStreamArn": ""}  # fmt: skip
        return _error(424, "ModelError", told)
    return 200, {"Content-Type": "application/json", "x-Amzn-Invoked-Production-Variant": name}, body


def invoke_endpoint_async(self):
    """The places where an answer or a failure will be."""
    endpoint, problem = _endpoint(self, asynchronous=True)
    if problem:
        return problem
    backend = sagemaker_backends[self.current_account][self.region]
    config = backend.endpoint_configs[endpoint.endpoint_config_name].async_inference_config["OutputConfig"]
    inference, source = uuid.uuid4().hex, self.headers["X-Amzn-SageMaker-InputLocation"]
    output = f"{config['S3OutputPath'].rstrip('/')}/{inference}.out"
    failure = f"{config['S3FailurePath'].rstrip('/')}/{inference}-error.out" if "S3FailurePath" in config else None
    body, (_, container) = stored(backend, source), _chosen(endpoint)
    content_type = self.headers.get("X-Amzn-SageMaker-Content-Type")
    threading.Thread(
        target=_answer, args=(backend, container, body, content_type, output, failure), daemon=True
    ).start()
    headers = {"X-Amzn-SageMaker-OutputLocation": output, "status": 202}
    if failure:
        headers["X-Amzn-SageMaker-FailureLocation"] = failure
    return 202, headers, json.dumps({"InferenceId": inference})


def _answer(backend, container, body, content_type, output, failure):
    status, answer = container.invoke(body, content_type)
    place = output if status == 200 else failure
    if status != 200:
        kind = "client" if status < 500 else "server"
        answer = f"Received {kind} error ({status}) from primary with message ".encode() + answer
    if place:
        bucket_of(backend, place).put_object(*parts(place), value=answer)


def _endpoint(response, *, asynchronous):
    name = _ENDPOINT.search(response.path)[1]
    backend = sagemaker_backends[response.current_account][response.region]
    endpoint = backend.endpoints.get(name)
    if endpoint is None or endpoint.arn not in running:
        told = f"Endpoint {name} of account {response.current_account} not found."
        return None, _error(400, "ValidationError", {"Message": told})
    has = bool(backend.endpoint_configs[endpoint.endpoint_config_name].async_inference_config)
    if has is not asynchronous:
        told = f"Endpoint {name} is {'asynchronous' if has else 'not asynchronous'}."
        return None, _error(400, "ValidationError", {"Message": told})
    return endpoint, None


def _chosen(endpoint):
    weights = {one["VariantName"]: one.get("CurrentWeight", 1.0) for one in endpoint.production_variants}
    containers = running[endpoint.arn]
    (name,) = random.choices(list(weights), weights=list(weights.values()))
    return name, containers[name]


def _error(status, code, told):
    # moto takes the status of an answer from its headers.
    headers = {"Content-Type": "application/json", "x-amzn-errortype": code, "status": status}
    return status, headers, json.dumps(told)


def install():
    """Put all of it into moto."""
    SageMakerRuntimeResponse.invoke_endpoint = invoke_endpoint
    SageMakerRuntimeResponse.invoke_endpoint_async = invoke_endpoint_async
