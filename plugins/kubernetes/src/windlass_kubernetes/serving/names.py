"""The names and labels of what a deployment is made of."""

from __future__ import annotations

import re
import secrets

from windlass.errors import InvalidValue

DEPLOYMENT = "windlass.deployment"
REVISION = "windlass.revision"
RECORD = "windlass.record"
MANAGED = {"app.kubernetes.io/managed-by": "windlass"}
_NAME = re.compile(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?")


def checked(name: str) -> str:
    """A name that a Service and all else may have, with room for more; InvalidValue for any other."""
    if not _NAME.fullmatch(name):
        limit = "a small letter, then up to 39 small letters, digits and '-', with no '-' at the end"
        raise InvalidValue("name", name, "is no name for a deployment on Kubernetes", limit=limit)
    return name


def labels(name: str, revision: str | None = None) -> dict[str, str]:
    """What everything of a deployment carries, or of one revision of it."""
    return {**MANAGED, DEPLOYMENT: name, **({REVISION: revision} if revision else {})}


def new_revision() -> str:
    """What tells one change of a deployment from the others."""
    return secrets.token_hex(4)
