"""FtpSession: one connection to an FTP server."""

from __future__ import annotations

import ftplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from windlass.errors import InvalidValue, PermissionDenied, Unavailable

_CONNECT_TIMEOUT = 8.0
_FORBIDDEN = ("permission", "privilege", "denied")


class Refused(OSError):
    """The server says no; the protocol has one number for most reasons."""


@dataclass(frozen=True, slots=True)
class FtpLogin:
    """Where a server is and who signs in, without a user anonymously; `timeout` is in seconds."""

    host: str
    port: int
    user: str
    password: str
    timeout: float

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class FtpSession:
    """A connection that does one thing after the other, as the protocol has it.

    `has_facts` says whether the server tells what is at a path by the words of RFC 3659.
    """

    def __init__(self, ftp: ftplib.FTP) -> None:
        self.ftp = ftp
        with self.asking():
            features = _features(ftp)
            self.has_facts = "MLST" in features
            if "UTF8" in features:
                with suppress(ftplib.Error):
                    ftp.sendcmd("OPTS UTF8 ON")

    @classmethod
    def open(cls, login: FtpLogin) -> FtpSession:
        """Connect and sign in; PermissionDenied if the server does not let us in, Unavailable if it does not answer."""
        ftp = ftplib.FTP(timeout=_CONNECT_TIMEOUT, encoding="utf-8")  # noqa: S321  whoever writes ftp:// wants it
        try:
            ftp.connect(login.host, login.port)
            ftp.login(login.user, login.password)
            ftp.timeout = login.timeout
            if ftp.sock is not None:
                ftp.sock.settimeout(login.timeout)
            return cls(ftp)
        except ftplib.error_perm as error:
            ftp.close()
            hint = "check the user and the password, or set WINDLASS_FTP_PASSWORD"
            text = f"the FTP server {login} does not let us in: {error}"
            raise PermissionDenied(text, hint=hint, place=str(login)) from error
        except (OSError, EOFError, ftplib.Error) as error:
            ftp.close()
            reason = str(error) or type(error).__name__
            raise Unavailable(f"the FTP server {login} does not answer: {reason}", place=str(login)) from error

    @contextmanager
    def asking(self) -> Iterator[ftplib.FTP]:
        """The connection, whose errors come as those of a file system: PermissionError, Refused, another OSError."""
        try:
            yield self.ftp
        except ftplib.error_perm as error:
            text = str(error)
            if text.startswith("53") or any(word in text.lower() for word in _FORBIDDEN):
                raise PermissionError(text) from error
            raise Refused(text) from error
        except EOFError as error:
            raise ConnectionResetError("the server hung up") from error
        except ftplib.Error as error:
            raise OSError(str(error)) from error
        except ValueError as error:
            # What ftplib says about it is the whole command.
            raise InvalidValue("path", str(error), "FTP has no names with line breaks") from error

    def is_usable(self, error: BaseException | None = None) -> bool:
        """Whether the server has answered to the end."""
        answered = (Refused, FileNotFoundError, PermissionError, NotADirectoryError, FileExistsError, InvalidValue)
        return self.ftp.sock is not None and (error is None or isinstance(error, answered))

    def close(self) -> None:
        """Hang up."""
        with suppress(Exception):
            self.ftp.close()


def _features(ftp: ftplib.FTP) -> set[str]:
    try:
        lines = ftp.sendcmd("FEAT").splitlines()[1:-1]
    except ftplib.error_perm:
        return set()
    return {words[0].upper() for line in lines if (words := line.split())}
