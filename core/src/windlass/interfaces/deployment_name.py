"""Names of deployments, where the target itself is not stricter."""

from __future__ import annotations

import re

from windlass.errors import InvalidValue

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def check_deployment_name(name: str) -> str:
    """The name, which is safe as part of a path and a URL; InvalidValue for any other."""
    if not _NAME.fullmatch(name):
        limit = "a letter or digit, then up to 62 letters, digits, '.', '_' and '-'"
        raise InvalidValue("name", name, "is no name for a deployment", limit=limit)
    return name
