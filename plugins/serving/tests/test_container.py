"""The process of a container, without a container."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from windlass.services.model_image.contract import PROCESS_HEADER

PATIENCE = 90.0


def doubled(model_input: list[float]) -> list[float]:
    return [2 * one for one in model_input]


@pytest.fixture
def start():
    """Starts the process with arguments; what still runs at the end is killed."""
    started = []

    def run(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "windlass_serving.container", *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "WINDLASS_ALLOW_PICKLE": "true"},
        )  # fmt: skip
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


def wait_until_it_answers(process, url):
    give_up = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < give_up:
        try:
            with urllib.request.urlopen(f"{url}/ping", timeout=5) as answer:
                return answer.headers
        except OSError:
            time.sleep(0.1)
    raise AssertionError(process.stdout.read() if process.poll() is not None else "it does not answer")


@pytest.mark.parametrize("arguments", [("serve",), ("--workers", "2")])
def test_it_serves_the_model_until_it_is_asked_to_end(start, saved, arguments):
    url = f"http://127.0.0.1:{(port := free_port())}"
    model = saved(doubled)
    process = start(*arguments, "--model", model, "--host", "127.0.0.1", "--port", port, "--token", "it")
    assert wait_until_it_answers(process, url)[PROCESS_HEADER] == "it"
    body = json.dumps({"inputs": [1.5]}).encode()
    asked = urllib.request.Request(f"{url}/invocations", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert json.load(answer) == {"predictions": [3.0]}
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def test_what_a_model_requires_is_installed_before_it_is_served(start, saved):
    model = saved(doubled)
    (model / "requirements.txt").write_text("click\n")  # which is there, so that nothing is fetched
    (model / "SHA256SUMS").unlink()
    port = free_port()
    process = start("--install", "--model", model, "--host", "127.0.0.1", "--port", port)
    wait_until_it_answers(process, f"http://127.0.0.1:{port}")


def test_what_cannot_be_installed_is_an_error(start, saved):
    model = saved(doubled)
    (model / "requirements.txt").write_text("./gone-1-py3-none-any.whl\n")
    process = start("--install", "--model", model)
    printed = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 1
    assert "could not be installed" in printed
    assert "Traceback" not in printed


def test_a_model_that_cannot_be_loaded_is_an_error(start, tmp_path):
    process = start("--model", tmp_path / "gone", "--host", "127.0.0.1", "--port", "0")
    printed = process.communicate(timeout=PATIENCE)[0]
    assert (process.returncode, "Traceback" in printed) == (1, False)
    assert "error: " in printed
