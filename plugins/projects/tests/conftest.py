"""Fixtures: a clean environment, projects to run, and the program in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from windlass.fluent import state
from windlass.testing.environment_manager import WHEEL, write_wheel
from windlass.testing.program import program_command

PATIENCE = 60.0


@pytest.fixture(autouse=True)
def _own_directory(monkeypatch, tmp_path):
    """No setting of git, no index and no project of the developer's reaches a test."""
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("UV_OFFLINE", "1")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    (here / ".windlass").mkdir()


@pytest.fixture
def workspace():
    """The workspace of the directory that a test is in."""
    return state.current_workspace()


@pytest.fixture
def project(tmp_path):
    """Writes files into a project's directory, which is not the one the test is in."""
    root = tmp_path / "a project"

    def write(**files):
        root.mkdir(exist_ok=True)
        for name, text in files.items():
            file = root / name.replace("__", "/").replace("_dot_", ".")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return root

    return write


@pytest.fixture
def git():
    """Runs git in a directory and returns what it prints."""

    def run(directory, *arguments):
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "protocol.file.allow=always"]
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=directory, check=True, capture_output=True, text=True, timeout=60
        )
        return done.stdout.strip()

    return run


@pytest.fixture
def eventually():
    """Waits until a function returns something true, and returns it."""

    def wait(look):
        give_up = time.monotonic() + PATIENCE
        while not (found := look()):
            assert time.monotonic() < give_up, "it did not happen"
            time.sleep(0.05)
        return found

    return wait


@pytest.fixture
def program():
    """Starts `windlass` with arguments; what still runs at the end is killed."""
    started = []

    def start(*arguments, **environment):
        variables = {**os.environ, **environment, "PYTHONFAULTHANDLER": "1"}
        process = subprocess.Popen(
            program_command(*arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=variables,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            # It says where it was, for whoever reads why a test has failed.
            process.send_signal(signal.SIGABRT)
            print(process.stdout.read())
        process.wait()
        process.stdout.close()


@pytest.fixture
def wheel():
    """Writes a package without a build, so that nothing has to be downloaded."""

    def write(directory, value="one"):
        directory.mkdir(parents=True, exist_ok=True)
        write_wheel(directory / WHEEL, value)

    return write
