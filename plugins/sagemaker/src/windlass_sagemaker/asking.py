"""Asking an endpoint, at once or by way of S3."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from windlass.errors import InvalidValue, NotFound, Unavailable, WindlassError
from windlass_sagemaker.clients import Clients
from windlass_sagemaker.faults import explained

_JSON = "application/json"
_BAD_REQUEST, _SERVER_FAULT = 400, 500
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_CLIENT_ERROR = re.compile(r"\(4[0-9]{2}\)")


def encode(payload: Mapping[str, Any]) -> bytes:
    """A request as JSON; InvalidValue if it has none."""
    try:
        return json.dumps(payload).encode()
    except (TypeError, ValueError) as error:
        raise InvalidValue("payload", payload, f"has no JSON form: {error}") from error


def ask(clients: Clients, name: str, payload: Mapping[str, Any]) -> Any:
    """The answer of an endpoint; InvalidValue if the model refuses the request, Unavailable if it fails."""
    body = encode(payload)
    with explained(f"the endpoint {name!r}"):
        try:
            answer = clients.sagemaker_runtime.invoke_endpoint(
                EndpointName=name, Body=body, ContentType=_JSON, Accept=_JSON
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ModelError":
                raise
            status = int(error.response.get("OriginalStatusCode", 500))
            raise _refusal(payload, status, str(error.response.get("OriginalMessage", ""))) from error
        content = answer["Body"].read()
    return _decode(content, name)


@dataclass(frozen=True, slots=True)
class AsyncQuestion:
    """A question to an endpoint that answers in S3; `key` is where requests are left in the bucket."""

    clients: Clients
    name: str
    bucket: str
    folder: str
    timeout: float

    def ask(self, payload: Mapping[str, Any]) -> Any:
        """The answer; Unavailable if it does not come in time. What was put into S3 for it is removed."""
        body, key = encode(payload), f"{self.folder}requests/{uuid.uuid4().hex}.json"
        with explained(f"s3://{self.bucket}/{key}"):
            self.clients.s3.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=_JSON)
        try:
            with explained(f"the endpoint {self.name!r}"):
                places = self.clients.sagemaker_runtime.invoke_endpoint_async(
                    EndpointName=self.name, InputLocation=f"s3://{self.bucket}/{key}", ContentType=_JSON, Accept=_JSON
                )
            return self._wait(payload, places["OutputLocation"], places.get("FailureLocation"))
        finally:
            # An answer is an answer; what stays goes when the deployment is deleted.
            with suppress(WindlassError), explained(f"s3://{self.bucket}/{key}"):
                self.clients.s3.delete_object(Bucket=self.bucket, Key=key)

    def _wait(self, payload: Mapping[str, Any], output: str, failure: str | None) -> Any:
        deadline, pause = time.monotonic() + self.timeout, _FIRST_PAUSE
        while True:
            if (content := self._read(output)) is not None:
                return _decode(content, self.name)
            if failure is not None and (content := self._read(failure)) is not None:
                said = content.decode("utf-8", "replace")
                status = _BAD_REQUEST if _CLIENT_ERROR.search(said) else _SERVER_FAULT
                raise _refusal(payload, status, said)
            left = deadline - time.monotonic()
            if left <= 0:
                message = f"the endpoint {self.name!r} did not answer within {self.timeout:g} seconds at {output}"
                raise Unavailable(message, hint="give it longer with -C request_timeout=…")
            time.sleep(min(pause, left))
            pause = min(1.5 * pause, _LONGEST_PAUSE)

    def _read(self, location: str) -> bytes | None:
        parts = urlsplit(location)
        try:
            with explained(location):
                answer = self.clients.s3.get_object(Bucket=parts.netloc, Key=parts.path.lstrip("/"))
                return bytes(answer["Body"].read())
        except NotFound:
            return None


def _refusal(payload: Mapping[str, Any], status: int, said: str) -> InvalidValue | Unavailable:
    """What the container answered, as our error."""
    try:
        content = json.loads(said)
        said = str(content["message"]) if isinstance(content, Mapping) and "message" in content else said
    except ValueError:
        pass
    if status < _SERVER_FAULT:
        return InvalidValue("payload", sorted(map(str, payload)), f"was refused: {said}")
    return Unavailable(f"the model failed: {said}", hint="its log in CloudWatch has the cause")


def _decode(content: bytes, name: str) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        raise Unavailable(f"what answers at the endpoint {name!r} is no scoring server: it answers no JSON") from None
