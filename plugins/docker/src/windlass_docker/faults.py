"""Faults: what Docker's client raises, as errors that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import docker.errors
import requests

from windlass.errors import Conflict, NotFound, Unavailable, WindlassError

_HINT = "is Docker (or Podman's service) running, and may you use it? DOCKER_HOST says where it listens"
_SERVER_FAULT = 500
_NO_SPACE = "no space left on device"


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise what the client raises in the block as a WindlassError; `doing` completes `Docker could not …`."""
    try:
        yield
    except docker.errors.APIError as error:
        raise _of_answer(doing, error) from error
    except (docker.errors.DockerException, requests.RequestException, OSError) as error:
        raise Unavailable(f"Docker could not {doing}: {_shown(error)}", hint=_HINT) from error


def is_lost_connection(error: Exception) -> bool:
    """Whether the daemon did not answer, which may pass."""
    return isinstance(error, (requests.RequestException, OSError)) and not isinstance(error, docker.errors.APIError)


def _of_answer(doing: str, error: docker.errors.APIError) -> WindlassError:
    said = str(error.explanation or error).strip()
    text = f"Docker could not {doing}: {said}"
    if isinstance(error, docker.errors.NotFound):
        return NotFound(text)
    if _NO_SPACE in said:
        return Unavailable(text, hint="`docker system df` shows what takes the space, `docker system prune` frees it")
    if error.status_code is not None and error.status_code >= _SERVER_FAULT:
        return Unavailable(text)
    return Conflict(text)


def _shown(error: Exception) -> str:
    return str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
