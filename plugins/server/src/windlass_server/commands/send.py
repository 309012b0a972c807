"""Sending a message of the management API, to a server or to the functions behind it."""

from __future__ import annotations

import getpass
import json
import ssl
from base64 import b64encode
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from windlass.config import Settings
from windlass.errors import Unavailable, WindlassError
from windlass.services.workspace import Workspace
from windlass.wire.error import decode_error
from windlass.wire.message import PREFIXES, Message, encode_message

_HTTP = ("http://", "https://")


def send(message: Message) -> Any:
    """The answer to a message; whoever may open the database may manage its accounts, as an administrator."""
    settings = Settings.load()
    uri = settings.tracking_uri or ""
    return _over_http(uri, settings, message) if uri.startswith(_HTTP) else _here(settings, message)


def _here(settings: Settings, message: Message) -> Any:
    # What the server needs is imported only where there is none.
    from windlass_server.access.access import Access  # noqa: PLC0415
    from windlass_server.access.caller import Caller, set_caller  # noqa: PLC0415
    from windlass_server.routes.access import ACCOUNT_NOUNS  # noqa: PLC0415
    from windlass_server.routes.audit import audit  # noqa: PLC0415
    from windlass_server.routes.retention import retention  # noqa: PLC0415

    with Workspace.open(settings) as workspace:
        if (function := retention.functions.get(type(message))) is not None:
            return function(workspace, message)
        access = Access(workspace, settings)
        access.accounts.view.refresh(force=True)
        set_caller(Caller(f"{getpass.getuser()} (command line)", 0, is_admin=True, via="command"))
        functions = {kind: one for noun in ACCOUNT_NOUNS for kind, one in noun.functions.items()}
        if type(message) in functions:
            return access.gate.answer(functions[type(message)], access.accounts, message)
        return access.gate.answer(audit.functions[type(message)], access.audit, message)


def _over_http(uri: str, settings: Settings, message: Message) -> Any:
    endpoint, values = message.endpoint, encode_message(message)
    url = uri.rstrip("/") + PREFIXES[endpoint.family][0] + endpoint.path
    method, body = endpoint.methods[0], None
    if method == "GET":
        url += f"?{urlencode(values, doseq=True)}"
    else:
        body = json.dumps(values).encode()
    headers = {"content-type": "application/json", "user-agent": "windlass", **_credentials(settings)}
    request = Request(url, body, headers, method=method)  # noqa: S310  the scheme was looked at
    try:
        with urlopen(request, timeout=settings.http_timeout, context=_tls(uri, settings)) as answer:  # noqa: S310  so was this
            return json.loads(answer.read())
    except HTTPError as error:
        raise _error(error) from None
    except (URLError, OSError) as error:
        raise Unavailable(f"{urlsplit(uri).hostname} cannot be reached: {error}") from None


def _credentials(settings: Settings) -> dict[str, str]:
    if settings.username:
        pair = f"{settings.username}:{settings.password or ''}"
        return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}
    return {"authorization": f"Bearer {settings.token}"} if settings.token else {}


def _tls(uri: str, settings: Settings) -> ssl.SSLContext | None:
    if not uri.startswith("https:"):
        return None
    context = ssl.create_default_context(cafile=settings.ca_file)
    if settings.insecure_tls:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _error(error: HTTPError) -> WindlassError:
    try:
        return decode_error(json.loads(error.read()))
    except ValueError:
        return WindlassError(f"the server answered {error.code} {error.reason}")
