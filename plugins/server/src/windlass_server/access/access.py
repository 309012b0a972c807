"""Access: everything that a server with accounts adds to one without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from windlass.config import Settings
from windlass.errors import MissingDependency
from windlass.services.workspace import Workspace
from windlass_server.access.accounts import Accounts
from windlass_server.access.audit import AuditLog
from windlass_server.access.credentials import Credentials
from windlass_server.access.first_start import ensure_admin
from windlass_server.access.gate import Gate
from windlass_server.access.permission import parse_permission
from windlass_server.access.recorder import Recorder
from windlass_server.access.sessions import Sessions
from windlass_server.access.sign_in import Middleware, sign_in
from windlass_server.access.snapshot import Snapshots
from windlass_server.access.throttle import Throttle
from windlass_server.access.visibility import CallerSees
from windlass_server.access.vouched import Vouched
from windlass_server.access.who import WhoIs
from windlass_server.proxies import Proxies

if TYPE_CHECKING:
    from windlass_server.access.oidc import OidcProvider


class Access:
    """Accounts, sign-in, rules and the audit log of one server."""

    def __init__(self, workspace: Workspace, settings: Settings) -> None:
        self.accounts = accounts_of(workspace, settings)
        self.audit = AuditLog(workspace.records)
        recorder = Recorder(self.audit, Snapshots(workspace, self.accounts), everything=settings.audit == "all")
        self.gate = Gate(workspace, self.accounts, recorder)
        self.prefix = settings.static_prefix.rstrip("/")
        self.proxies = Proxies(settings.trusted_proxies, settings.auth_proxy_header)
        self.vouched = Vouched(self.accounts, create=settings.create_users)
        self.oidc = _provider(settings, self.vouched)
        self.credentials = Credentials(self.accounts, Throttle(), self.oidc.bearer if self.oidc else None)
        self.sessions = Sessions(self.accounts, hours=settings.session_hours)
        self.everything = workspace
        self.workspace = workspace.seen_by(CallerSees(self.gate.places, self.accounts.view))

    @classmethod
    def open(cls, workspace: Workspace, settings: Settings) -> Access:
        """The access to a workspace; InvalidValue if it has no administrator and the settings no password for one."""
        ensure_admin(accounts_of(workspace, settings), settings)
        access = cls(workspace, settings)
        access.accounts.view.refresh(force=True)
        access.sessions.sweep()
        return access

    @property
    def middleware(self) -> Middleware:
        """The layer that knows who is calling."""
        who = WhoIs(
            self.accounts,
            credentials=self.credentials,
            sessions=self.sessions,
            proxies=self.proxies,
            vouched=self.vouched,
        )
        return sign_in(who, self.gate, self.prefix)

    def close(self) -> None:
        """Close what was opened besides the workspace."""
        if self.oidc is not None:
            self.oidc.close()


def accounts_of(workspace: Workspace, settings: Settings) -> Accounts:
    """The accounts that are kept beside the runs of a workspace."""
    return Accounts(workspace.records, default=parse_permission(settings.default_permission))


def _provider(settings: Settings, vouched: Vouched) -> OidcProvider | None:
    """The identity provider that the settings name; what it takes is only imported then."""
    if not settings.oidc_issuer:
        return None
    try:
        from windlass_server.access.oidc import OidcProvider  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingDependency(
            f"OpenID Connect needs {error.name}", hint="pip install 'windlass-server[oidc]'"
        ) from error
    return OidcProvider.of(settings, vouched)
