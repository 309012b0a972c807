"""Where a cluster's dashboard is."""

from __future__ import annotations

from urllib.parse import urlsplit

from windlass.errors import InvalidValue
from windlass.uri import redact

_HINT = "name the dashboard, such as http://127.0.0.1:8265"


def dashboard_url(text: str | None, *, field: str = "address") -> str:
    """The URL of a dashboard in its one form; InvalidValue for what is none."""
    if not text:
        raise InvalidValue(
            field, text, "must be the URL of Ray's dashboard", hint=f"{_HINT}, or set it in WINDLASS_RAY_ADDRESS"
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise InvalidValue(field, redact(text), f"is no URL: {error}", hint=_HINT) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise InvalidValue(field, redact(text), "must be a URL with http or https and a host", hint=_HINT)
    if parts.username or parts.password:
        hint = "a token goes into WINDLASS_RAY_TOKEN"
        raise InvalidValue(field, redact(text), "must not hold credentials, as it is shown to others", hint=hint)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "") + parts.path.rstrip("/")
