"""Services: where tests find the real servers that they talk to.

`tests/services/` of the repository has a command that starts each. A server is named by `WINDLASS_TEST_<NAME>`, or was
started by its command, which leaves the URL in `WINDLASS_TEST_STATE` (default `~/.cache/windlass-test/services`).
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import pytest

_NONE = "none:"
_STATE = "~/.cache/windlass-test/services"


def service_url(name: str) -> str:
    """The URL of a server for tests, such as `postgresql`.

    Skips with the command that starts it where there is none; fails when WINDLASS_TEST_SERVICES=all. It skips in any
    case where the command found that this machine cannot run such a server, and left `none:REASON`.
    """
    return _found(name) or _missing(f"no {name}: run tests/services/start.sh {name}, or set", name, needed="all")


def big_service_url(name: str) -> str:
    """The URL of a framework that is too big to run beside the other servers, such as `ray`.

    Its tests are a job of their own, which `tests/services/big.sh` runs. Skips elsewhere, also when all other servers
    are wanted; fails when WINDLASS_TEST_SERVICES names it.
    """
    return _found(name) or _missing(
        f"no {name}: tests/services/big.sh {name} runs these tests, or set", name, needed=name
    )


def _found(name: str) -> str | None:
    url = os.environ.get(_variable(name)) or _started(name)
    if url and url.startswith(_NONE):
        pytest.skip(f"no {name} on this machine: {url.removeprefix(_NONE)}")
    return url


def _missing(what: str, name: str, *, needed: str) -> NoReturn:
    reason = f"{what} {_variable(name)} to the URL of one"
    if os.environ.get("WINDLASS_TEST_SERVICES") == needed:
        pytest.fail(reason)
    pytest.skip(reason)


def _variable(name: str) -> str:
    return f"WINDLASS_TEST_{name.upper()}"


def _started(name: str) -> str | None:
    """The URL that the command left, if something answers there still."""
    file = Path(os.environ.get("WINDLASS_TEST_STATE", _STATE)).expanduser() / name / "url"
    if not file.is_file():
        return None
    url = file.read_text().strip()
    return url if url.startswith(_NONE) or _answers(url) else None


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        if parts.scheme == "unix":
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(parts.path)
        else:
            socket.create_connection((parts.hostname or "", parts.port or 0), timeout=2).close()
    except OSError:
        return False
    return True
