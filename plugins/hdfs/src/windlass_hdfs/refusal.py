"""What an answer of WebHDFS that is an error means."""

from __future__ import annotations

import errno
from collections.abc import Callable
from http import HTTPStatus

import requests

from windlass.errors import InvalidValue, WindlassError

_KINDS: dict[str, Callable[[str], OSError]] = {
    "FileNotFoundException": FileNotFoundError,
    "AccessControlException": PermissionError,
    "AuthorizationException": PermissionError,
    "SecurityException": PermissionError,
    "InvalidToken": PermissionError,
    "FileAlreadyExistsException": FileExistsError,
    "ParentNotDirectoryException": NotADirectoryError,
    "PathIsNotEmptyDirectoryException": lambda text: OSError(errno.ENOTEMPTY, text),
}
_INVALID = {"InvalidPathException", "IllegalArgumentException"}


def refusal(answer: requests.Response, path: str) -> OSError | WindlassError:
    """The error to raise for an answer with a status of 400 or more."""
    kind, text = _remote(answer)
    if kind in _INVALID:
        return InvalidValue("path", path, f"HDFS does not accept it: {text}")
    if kind in _KINDS:
        return _KINDS[kind](text)
    if answer.status_code == HTTPStatus.UNAUTHORIZED or (answer.status_code == HTTPStatus.FORBIDDEN and not kind):
        return PermissionError(f"status {answer.status_code}")
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return OSError("status 404: is WebHDFS at this port, and switched on?")
    return OSError(f"{kind or f'status {answer.status_code}'}: {text}" if text else f"status {answer.status_code}")


def _remote(answer: requests.Response) -> tuple[str, str]:
    """The Java exception and the first line of what it says."""
    try:
        remote = answer.json()["RemoteException"]
        return str(remote["exception"]), str(remote["message"]).partition("\n")[0]
    except (ValueError, KeyError, TypeError):
        return "", ""
