"""SftpSession: one connection to an SFTP server, whose key is known."""

from __future__ import annotations

import logging
from contextlib import suppress

import paramiko

from windlass.errors import PermissionDenied, Unavailable, WindlassError
from windlass_sftp.login import Login

_CONNECT_TIMEOUT = 8.0
_KEEP_ALIVE = 30
_LOG = "windlass_sftp.ssh"
# What paramiko has to say is in the error; without a handler Python would print its tracebacks.
logging.getLogger(_LOG).addHandler(logging.NullHandler())


class SftpSession:
    """A connection of its own, because a client of paramiko reads the answers to one thread only."""

    def __init__(self, client: paramiko.SSHClient, sftp: paramiko.SFTPClient) -> None:
        self.sftp = sftp
        self._client = client

    @classmethod
    def open(cls, login: Login) -> SftpSession:
        """Connect and sign in.

        PermissionDenied if the server's key is not known, or it does not let us in; Unavailable if it does not answer.
        """
        client = paramiko.SSHClient()
        client.set_log_channel(_LOG)
        client.set_missing_host_key_policy(_Refuse(login))
        try:
            for file in login.known_hosts:
                client.load_system_host_keys(file)
            _connect(client, login)
            return cls(client, _subsystem(client, login))
        except WindlassError:
            client.close()
            raise
        except (OSError, EOFError, paramiko.SSHException) as error:
            refused = _refusal(client, login, error)
            client.close()
            raise refused from error

    def is_usable(self, error: BaseException | None = None) -> bool:
        """Whether the connection lives, and the last answer has arrived."""
        lost = (EOFError, TimeoutError, paramiko.SSHException)
        transport = self._client.get_transport()
        alive = transport is not None and transport.is_active() and not self.sftp.get_channel().closed
        # What stopped a program may have stopped it in the middle of an answer.
        return alive and not isinstance(error, lost) and (error is None or isinstance(error, Exception))

    def close(self) -> None:
        """Hang up."""
        with suppress(Exception):
            self.sftp.close()
        with suppress(Exception):
            self._client.close()


def _connect(client: paramiko.SSHClient, login: Login) -> None:
    client.connect(
        login.host,
        login.port,
        login.user,
        login.password,
        key_filename=list(login.key_files) or None,
        passphrase=login.passphrase,
        sock=paramiko.ProxyCommand(login.command) if login.command else None,
        allow_agent=not login.only_these_keys,
        look_for_keys=not login.only_these_keys,
        timeout=_CONNECT_TIMEOUT,
        banner_timeout=_CONNECT_TIMEOUT,
        auth_timeout=_CONNECT_TIMEOUT,
        channel_timeout=_CONNECT_TIMEOUT,
    )


def _subsystem(client: paramiko.SSHClient, login: Login) -> paramiko.SFTPClient:
    if transport := client.get_transport():
        transport.set_keepalive(_KEEP_ALIVE)
    sftp = client.open_sftp()
    if channel := sftp.get_channel():
        channel.settimeout(login.timeout)
    return sftp


class _Refuse(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]  # paramiko has no type information
    """No server is trusted because it is the first to answer."""

    def __init__(self, login: Login) -> None:
        self._login = login

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        del client
        files = ", ".join(self._login.known_hosts) or "any file"
        port = f"-p {self._login.port} " if hostname.startswith("[") else ""
        raise PermissionDenied(
            f"the key of the SFTP server {self._login.host} is not known: {key.get_name()} {key.fingerprint}"
            f" (looked in: {files})",
            hint=f"if that is its fingerprint, run `ssh-keyscan {port}{self._login.host} >> ~/.ssh/known_hosts`,"
            " or set WINDLASS_SFTP_KNOWN_HOSTS to a file that has the key",
            place=self._login.host,
        )


def _refusal(client: paramiko.SSHClient, login: Login, error: Exception) -> WindlassError:
    place = str(login)
    if isinstance(error, paramiko.BadHostKeyException):
        return PermissionDenied(
            f"the SFTP server {login.host} shows another key than the known one: {error.key.get_name()}"
            f" {error.key.fingerprint} instead of {error.expected_key.fingerprint}",
            hint="somebody may be in between; if the server has a new key, replace the old one in known_hosts",
            place=login.host,
        )
    if isinstance(error, paramiko.PasswordRequiredException):
        hint = "set WINDLASS_SFTP_KEY_PASSPHRASE, or add the key to the SSH agent"
        return PermissionDenied(f"the private key for the SFTP server {place} is locked", hint=hint, place=place)
    transport = client.get_transport()
    if isinstance(error, paramiko.SSHException) and transport and transport.initial_kex_done:
        if not transport.is_authenticated():
            hint = "check the user, WINDLASS_SFTP_KEY_FILE or WINDLASS_SFTP_PASSWORD; the server's log tells more"
            return PermissionDenied(f"the SFTP server {place} does not let us in: {error}", hint=hint, place=place)
        return Unavailable(f"the SSH server {place} offers no SFTP: {error}", place=place)
    return Unavailable(f"the SFTP server {place} does not answer: {_reason(error)}", place=place)


def _reason(error: Exception) -> str:
    if isinstance(error, paramiko.ssh_exception.NoValidConnectionsError):
        return "connection refused"
    return str(error) or type(error).__name__
