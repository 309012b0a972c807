"""Building an image, with what is said of it, within a bounded time."""

from __future__ import annotations

import contextlib
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import IO, Any

import docker
from docker.models.images import Image

from windlass.errors import BuildFailed, Conflict, NotFound
from windlass_docker.faults import translated

_LAST_LINES = 20
_STEP = re.compile(r"^\s*-+> ([0-9a-f]{8,64})\s*$")


def build_image(
    client: docker.DockerClient,
    context: IO[bytes],
    tag: str,
    *,
    dockerfile: str = "Dockerfile",
    timeout: float = 3600.0,
    network: str | None = None,
    say: Callable[[str], None] = lambda _line: None,
) -> Image:
    """The image that a tar archive describes; BuildFailed with the last lines if it cannot be built."""
    give_up, said, steps = time.monotonic() + timeout, deque[str](maxlen=_LAST_LINES), list[str]()
    try:
        with translated(f"build the image {tag}"):
            lines = client.api.build(
                fileobj=context, custom_context=True, dockerfile=dockerfile, tag=tag, rm=True, forcerm=True,
                decode=True, timeout=timeout, network_mode=network,
            )  # fmt: skip
            for line in lines:
                for text in _texts(line, tag, said):
                    say(text)
                    said.append(text)
                    if (step := _STEP.match(text)) is not None:
                        steps.append(step[1])
                _check_time(tag, give_up, said)
            return client.images.get(tag)
    except BaseException:
        _remove_steps(client, steps)
        raise


def remove_image(client: docker.DockerClient, name: str) -> None:
    """Take a name from an image, which goes with its last one; one that a container uses stays."""
    with contextlib.suppress(NotFound, Conflict), translated(f"remove the image {name}"):
        client.images.remove(name)


def _texts(line: Mapping[str, Any], tag: str, said: deque[str]) -> list[str]:
    if "error" in line:
        raise BuildFailed(_failure(tag, str(line["error"]).strip(), said))
    return [text for text in str(line.get("stream") or "").splitlines() if text.strip()]


def _check_time(tag: str, give_up: float, said: deque[str]) -> None:
    if time.monotonic() > give_up:
        raise BuildFailed(_failure(tag, "it took too long", said))


def _failure(tag: str, reason: str, said: deque[str]) -> str:
    last = "".join(f"\n  {line}" for line in said)
    return f"the image {tag} could not be built: {reason}" + (f"; the last lines:{last}" if last else "")


def _remove_steps(client: docker.DockerClient, steps: list[str]) -> None:
    """Remove what a build that failed has left, newest first; what has a name, or is used, stays."""
    for step in reversed(steps):
        with contextlib.suppress(Exception):
            if not client.images.get(step).tags:
                client.images.remove(step)
