"""Fixtures: a clean environment with a real Docker API, projects to run, and the program in a process of its own."""

from __future__ import annotations

import os
import subprocess
import time

import docker
import pytest

from windlass.testing.program import program_command
from windlass.testing.services import service_url
from windlass_docker.conformance import IMAGE

PATIENCE = 90.0


@pytest.fixture(autouse=True)
def _own_directory(monkeypatch, tmp_path):
    """No Docker, no key and no project of the developer's reaches a test."""
    for name in list(os.environ):
        if name.startswith(("DOCKER_", "AWS_")):
            monkeypatch.delenv(name)
    here = tmp_path / "here"
    (here / ".windlass").mkdir(parents=True)
    monkeypatch.chdir(here)


@pytest.fixture
def engine(monkeypatch):
    """A client of the real Docker API that the tests use; what they leave there is a failure."""
    monkeypatch.setenv("DOCKER_HOST", service_url("docker"))
    client = docker.from_env(timeout=60)
    yield client
    client.close()


@pytest.fixture
def project(tmp_path):
    """Writes a project that runs in a container."""
    root = tmp_path / "a project"

    def write(code, more="", environment="", **files):
        root.mkdir(exist_ok=True)
        text = f"docker_env:\n  image: {IMAGE}\n{environment}\nentry_points:\n  main:\n    command: python main.py\n"
        (root / "MLproject").write_text(text + more)
        for name, content in {"main.py": code, **files}.items():
            (root / name).write_text(content)
        return root

    return write


@pytest.fixture
def eventually():
    """Waits until a function returns something true, and returns it."""

    def wait(look):
        give_up = time.monotonic() + PATIENCE
        while not (found := look()):
            assert time.monotonic() < give_up, "it did not happen"
            time.sleep(0.1)
        return found

    return wait


@pytest.fixture
def program():
    """Starts `windlass` with arguments; what still runs at the end is killed."""
    started = []

    def start(*arguments):
        process = subprocess.Popen(
            program_command(*arguments),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()
