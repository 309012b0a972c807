"""What Hadoop's servers say about a request that they do not carry out."""

from __future__ import annotations

import contextlib
import json

from windlass_rest.rest import said_in


def said_by_hadoop(data: bytes) -> str:
    """The message of the exception that the body of an answer tells, else all of it."""
    with contextlib.suppress(ValueError, TypeError, AttributeError, KeyError):
        exception = json.loads(data)["RemoteException"]
        data = json.dumps({"message": exception.get("message") or exception["exception"]}).encode()
    return said_in(data)
