"""The OpenAPI document: where it is, and what it says of itself."""

from __future__ import annotations

from typing import Any

from litestar import Request, Router
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from windlass import __version__

_ROOT, _FILE = "/schema", "/openapi.json"


def description() -> OpenAPIConfig:
    """The document as one JSON file."""
    router = Router(
        _ROOT, route_handlers=[], include_in_schema=False, opt={"access": "signed in"}, before_request=_refuse_others
    )
    return OpenAPIConfig(
        title="Windlass",
        version=__version__,
        openapi_router=router,
        render_plugins=[JsonRenderPlugin(path=_FILE)],
    )


def _refuse_others(request: Request[Any, Any, Any]) -> None:
    """The framework has a page of its own for what is not there; an error here is JSON like all others."""
    if request.scope["path"].rstrip("/") not in {_ROOT, _ROOT + _FILE}:
        raise NotFoundException
