"""Signing in and out with a browser."""

from __future__ import annotations

import html
import secrets
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from itsdangerous import BadSignature, URLSafeTimedSerializer
from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import Cookie

from windlass.errors import Unauthenticated, Unavailable, WindlassError
from windlass_server.access.errand import Errand
from windlass_server.access.sessions import COOKIE
from windlass_server.access.user import User
from windlass_server.threads import in_thread

if TYPE_CHECKING:
    from windlass_server.access.access import Access
    from windlass_server.access.oidc import OidcProvider

Asked = Request[Any, Any, Any]
_FORM, _ERRAND = "windlass_form", "windlass_errand"
_PATIENCE = 600
_MAX_FORM = 16 * 1024
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}
_PAGE = files("windlass_server").joinpath("login.html").read_text("utf-8")


def login_handlers(access: Access) -> list[Any]:
    """The pages to sign in and out, and the way to the identity provider and back."""
    door = _Door(access)

    @get("/login", include_in_schema=False, opt={"access": "public"})
    async def login_page(request: Asked) -> Response[str]:
        return door.page(request, _target(request.query_params.get("next", "")))

    @post("/login", include_in_schema=False, status_code=303, request_max_body_size=_MAX_FORM, opt={"access": "public"})
    async def login(request: Asked) -> Response[Any]:
        return await door.enter(request, await _form(request))

    @get("/login/start", include_in_schema=False, status_code=303, opt={"access": "public"})
    async def start(request: Asked) -> Response[Any]:
        return await door.depart(request, _target(request.query_params.get("next", "")))

    @get("/login/callback", include_in_schema=False, status_code=303, opt={"access": "public"})
    async def callback(request: Asked) -> Response[Any]:
        return await door.arrive(request)

    @post("/logout", include_in_schema=False, status_code=303, opt={"access": "public"})
    async def logout(request: Asked) -> Response[Any]:
        return await door.leave(request)

    return [login_page, login, start, callback, logout]


class _Door:
    """Lets browsers in and out."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._signer = URLSafeTimedSerializer(str(access.sessions.signer.secret_key), salt="login")

    def page(self, request: Asked, target: str, problem: str = "", status: int = 200) -> Response[str]:
        mark = secrets.token_urlsafe(16)
        start = f"{self._access.prefix}/login/start?{urlencode({'next': target})}"
        text = _PAGE.format(
            action=html.escape(f"{self._access.prefix}/login"),
            mark=html.escape(str(self._signer.dumps(mark))),
            target=html.escape(target),
            problem=f'<p class="problem" role="alert">{html.escape(problem)}</p>' if problem else "",
            provider=f'<p><a href="{html.escape(start)}">Sign in with the identity provider</a></p>'
            if self._access.oidc
            else "",
        )
        cookie = self._cookie(request, _FORM, mark, _PATIENCE, samesite="strict")
        return Response(text, media_type=MediaType.HTML, status_code=status, headers=_HEADERS, cookies=[cookie])

    async def enter(self, request: Asked, form: dict[str, str]) -> Response[Any]:
        target = _target(form.get("next", ""))
        if not self._is_own_form(request, form.get("mark", "")):
            return self.page(request, target, "The form was too old. Please try again.", 400)
        access, address = self._access, self._address(request)
        try:
            await in_thread(access.accounts.view.refresh)
            caller = await in_thread(
                access.credentials.password, form.get("username", ""), form.get("password", ""), address
            )
        except Unauthenticated as error:
            return self.page(request, target, error.message, 401)
        except Unavailable as error:
            return self.page(request, target, str(error), 429)
        return await self._let_in(request, access.accounts.view.users[caller.username], target)

    async def depart(self, request: Asked, target: str) -> Response[Any]:
        url, errand = await in_thread(self._provider().depart, self._callback(request), target)
        cookie = self._cookie(request, _ERRAND, str(self._signer.dumps(asdict(errand))), _PATIENCE)
        return _go(url, cookie)

    async def arrive(self, request: Asked) -> Response[Any]:
        try:
            errand = Errand(**self._signer.loads(request.cookies.get(_ERRAND, ""), max_age=_PATIENCE))
        except (BadSignature, TypeError):
            return self.page(request, "/", "The sign-in took too long or was begun elsewhere.", 400)
        answer = {name: str(value) for name, value in request.query_params.items()}
        try:
            await in_thread(self._access.accounts.view.refresh)
            user = await in_thread(self._provider().arrive, errand, answer, self._callback(request))
        except WindlassError as error:
            status = 503 if isinstance(error, Unavailable) else 401
            return self.page(request, errand.target, error.message, status)
        response = await self._let_in(request, user, errand.target)
        response.set_cookie(self._cookie(request, _ERRAND, "", 0))
        return response

    async def leave(self, request: Asked) -> Response[Any]:
        if cookie := request.cookies.get(COOKIE):
            await in_thread(self._access.sessions.end, cookie)
        return _go(f"{self._access.prefix}/login", self._cookie(request, COOKIE, "", 0))

    async def _let_in(self, request: Asked, user: User, target: str) -> Response[Any]:
        sessions = self._access.sessions
        value = await in_thread(sessions.begin, user)
        return _go(self._access.prefix + target, self._cookie(request, COOKIE, value, sessions.seconds))

    def _is_own_form(self, request: Asked, mark: str) -> bool:
        """Whether the form is one that this browser was given: another site can send one, but not its cookie."""
        try:
            expected = str(self._signer.loads(mark, max_age=_PATIENCE))
        except BadSignature:
            return False
        return secrets.compare_digest(request.cookies.get(_FORM, "").encode(), expected.encode())

    def _provider(self) -> OidcProvider:
        if self._access.oidc is None:
            raise Unauthenticated("this server knows no identity provider")
        return self._access.oidc

    def _address(self, request: Asked) -> str:
        return self._access.proxies.client(request.scope)

    def _callback(self, request: Asked) -> str:
        return f"{self._access.proxies.base_url(request.scope)}{self._access.prefix}/login/callback"

    def _cookie(self, request: Asked, name: str, value: str, seconds: int, samesite: Any = "lax") -> Cookie:
        return Cookie(
            key=name,
            value=value,
            max_age=seconds,
            path=self._access.prefix or "/",
            httponly=True,
            samesite=samesite,
            secure=self._access.proxies.is_secure(request.scope),
        )


async def _form(request: Asked) -> dict[str, str]:
    body = (await request.body()).decode("utf-8", "replace")
    return {name: values[0] for name, values in parse_qs(body, keep_blank_values=True, max_num_fields=20).items()}


def _go(url: str, cookie: Cookie) -> Response[Any]:
    return Response(b"", status_code=303, headers={**_HEADERS, "location": url}, cookies=[cookie])


def _target(wanted: str) -> str:
    """A page of this server, and of no other: two slashes at the beginning, also a backslash, lead away."""
    safe = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if safe and not wanted.startswith("/login") else "/"
