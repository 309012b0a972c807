"""How pods reach the tracking server."""

from __future__ import annotations

from urllib.parse import urlsplit

from windlass.config import Settings
from windlass.errors import Unsupported
from windlass.services.supervision.reachable_store import is_this_machine

_HINT = "name the tracking server as pods reach it in WINDLASS_KUBERNETES_TRACKING_URI"


def tracking_uri(settings: Settings) -> str:
    """The tracking server as pods reach it; Unsupported where the runs are on this machine alone."""
    if settings.kubernetes_tracking_uri:
        return settings.kubernetes_tracking_uri
    uri = settings.tracking_uri or settings.default_tracking_uri
    if urlsplit(uri).scheme.startswith(("sqlite", "file")):
        raise Unsupported("the runs are in a file of this machine, which pods cannot reach", hint=_HINT)
    if is_this_machine(uri):
        raise Unsupported("the tracking server listens on this machine only, where pods do not reach it", hint=_HINT)
    return uri


def tracking_credentials(settings: Settings) -> dict[str, str]:
    """What signs in at the tracking server, as variables."""
    told = {"TOKEN": settings.token, "USERNAME": settings.username, "PASSWORD": settings.password}
    found = {f"WINDLASS_{name}": value for name, value in told.items() if value}
    names = {"TOKEN": "MLFLOW_TRACKING_TOKEN", "USERNAME": "MLFLOW_TRACKING_USERNAME"}
    names["PASSWORD"] = "MLFLOW_TRACKING_PASSWORD"  # noqa: S105  the name of a variable
    found |= {names[name]: value for name, value in told.items() if value}
    return found | ({"WINDLASS_INSECURE_TLS": "true"} if settings.insecure_tls else {})
