"""Login: where an SFTP server is, who signs in there and with what."""

from __future__ import annotations

from dataclasses import dataclass
from getpass import getuser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import paramiko

from windlass.config import Settings
from windlass.errors import InvalidValue, Unsupported
from windlass.uri import Uri

_PORT = 22
_KNOWN_HOSTS = ("~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What it takes to connect; `key_files` are tried first, then the agent's and those of `~/.ssh`, then the password.

    `timeout` is in seconds. `command` is a program to talk through instead of connecting.
    """

    host: str
    port: int
    user: str
    password: str | None
    key_files: tuple[str, ...]
    passphrase: str | None
    known_hosts: tuple[str, ...]
    timeout: float
    command: str | None = None
    only_these_keys: bool = False

    @classmethod
    def find(cls, uri: Uri, settings: Settings) -> Login:
        """The login for `sftp://user:password@host:port/…`; what it leaves out is in settings or OpenSSH's file."""
        named, port = _address(uri)
        configured = _configured(named, settings)
        if "proxyjump" in configured and "proxycommand" not in configured:
            hint = f"write `ProxyCommand ssh -W %h:%p {configured['proxyjump']}` for it"
            raise Unsupported(f"{settings.sftp_config} has a ProxyJump for {named!r}", hint=hint)
        parts = urlsplit(uri.text)
        return cls(
            host=str(configured.get("hostname", named)),
            port=port or _number(configured.get("port"), settings),
            user=unquote(parts.username or "") or str(configured.get("user") or getuser()),
            password=unquote(parts.password) if parts.password else settings.sftp_password,
            key_files=_key_files(configured, settings),
            passphrase=settings.sftp_key_passphrase,
            known_hosts=_known_hosts(configured, settings),
            timeout=settings.storage_timeout,
            command=configured.get("proxycommand"),
            only_these_keys=bool(settings.sftp_key_file) or configured.get("identitiesonly") == "yes",
        )

    def __str__(self) -> str:
        return f"{self.user}@{self.host}:{self.port}"


def _address(uri: Uri) -> tuple[str, int | None]:
    parts = urlsplit(uri.text)
    try:
        port = parts.port
    except ValueError:
        raise InvalidValue("uri", str(uri), "has a port that is no number from 1 to 65535") from None
    if not parts.hostname:
        raise InvalidValue("uri", str(uri), "names no server", hint="write sftp://user@host/path")
    return parts.hostname, port


def _configured(host: str, settings: Settings) -> dict[str, Any]:
    """What OpenSSH's configuration says about a host; nothing if there is no such file."""
    path = Path(settings.sftp_config).expanduser()
    try:
        return dict(paramiko.SSHConfig.from_path(str(path)).lookup(host)) if path.is_file() else {}
    except (OSError, ValueError, paramiko.SSHException) as error:
        raise InvalidValue("WINDLASS_SFTP_CONFIG", str(path), f"cannot be read: {error}") from error


def _number(port: str | None, settings: Settings) -> int:
    if port is None:
        return _PORT
    if not port.isdigit():
        raise InvalidValue("WINDLASS_SFTP_CONFIG", settings.sftp_config, f"has a port that is no number: {port!r}")
    return int(port)


def _key_files(configured: dict[str, Any], settings: Settings) -> tuple[str, ...]:
    if named := settings.sftp_key_file:
        path = Path(named).expanduser()
        if not path.is_file():
            raise InvalidValue("WINDLASS_SFTP_KEY_FILE", named, "is no file")
        return (str(path),)
    # OpenSSH passes over those that are missing, too.
    return tuple(one for one in configured.get("identityfile", ()) if Path(one).is_file())


def _known_hosts(configured: dict[str, Any], settings: Settings) -> tuple[str, ...]:
    if named := settings.sftp_known_hosts:
        if not Path(named).expanduser().is_file():
            raise InvalidValue("WINDLASS_SFTP_KNOWN_HOSTS", named, "is no file")
        return (str(Path(named).expanduser()),)
    named_there = configured.get("userknownhostsfile", "").split()
    found = [Path(one).expanduser() for one in (*(named_there or _KNOWN_HOSTS[:1]), *_KNOWN_HOSTS[1:])]
    return tuple(str(one) for one in found if one.is_file())
