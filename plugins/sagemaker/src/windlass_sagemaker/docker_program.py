"""The program that builds and pushes images: docker, or podman, which takes the same words."""

from __future__ import annotations

import shutil
import subprocess

from windlass.errors import BuildFailed, MissingDependency

_PROGRAMS = ("docker", "podman")


def docker_program() -> str:
    """Its path; MissingDependency where there is none."""
    for name in _PROGRAMS:
        if found := shutil.which(name):
            return found
    hint = "install Docker or Podman, or write what to build from with `windlass models generate-dockerfile`"
    raise MissingDependency("there is no program docker or podman on PATH", hint=hint)


def run_docker(*words: str, timeout: float, typed: str | None = None) -> None:
    """Run it, with what it prints on the screen; BuildFailed if it fails or takes longer than `timeout` seconds.

    `typed` is what it reads, such as a password, which must not be among its words.
    """
    what = f"`docker {words[0]}`"
    try:
        done = subprocess.run(  # noqa: S603  our own words
            [docker_program(), *words], input=typed, text=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise BuildFailed(f"{what} took longer than {timeout:g} seconds") from None
    except OSError as error:
        raise BuildFailed(f"{what} cannot be started: {error.strerror or error}") from None
    if done.returncode:
        raise BuildFailed(f"{what} ended with exit code {done.returncode}", hint="what it has printed says why")
