"""`windlass models`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request

import pytest

from windlass.sockets import listen

PROGRAM = [sys.executable, "-c", "from windlass.cli import main; main()", "models"]


def run(*arguments, stdin=None, environ=None):
    command = [*PROGRAM, *map(str, arguments)]
    return subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **(environ or {})},
    )


@pytest.fixture
def model(saved):
    return saved(lambda model_input: [2 * value for value in model_input])


ALLOWED = {"WINDLASS_ALLOW_PICKLE": "true"}


def test_predict_reads_a_file_or_the_input_and_writes_a_file_or_the_screen(model, tmp_path):
    (tmp_path / "in.json").write_text('{"inputs": [1, 2]}')
    done = run("predict", "-m", model, "-i", tmp_path / "in.json", environ=ALLOWED)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"predictions": [2, 4]})
    done = run(
        "predict", "-m", model, "-o", tmp_path / "out.json", "--no-conda", stdin='{"inputs": [3]}', environ=ALLOWED
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert json.loads((tmp_path / "out.json").read_text()) == {"predictions": [6]}


@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_answers_until_it_is_stopped(model, workers):
    command = [*PROGRAM, "serve", "-m", str(model), "-p", "0", "-w", workers]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **ALLOWED, "PYTHONUNBUFFERED": "1"}
    ) as server:
        try:
            url = re.search(r"at (http://\S+?)[ ,]", server.stdout.readline())[1]
            request = urllib.request.Request(
                f"{url}/invocations", data=b'{"inputs": [1]}', headers={"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=30) as answer:
                assert json.loads(answer.read()) == {"predictions": [2]}
            server.send_signal(signal.SIGTERM)
            assert server.wait(20) == 0
        finally:
            server.kill()


def test_mistakes_show_a_message_and_no_traceback(model, tmp_path):
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        cases = [
            (("serve", "-m", model, "-p", port), "is in use"),
            (("serve", "-m", model, "-p", "0"), "WINDLASS_ALLOW_PICKLE"),
            (("serve", "-m", model, "-p", "0", "-w", "2"), "WINDLASS_ALLOW_PICKLE"),
            (("serve", "-m", tmp_path / "missing", "-p", "0"), "no directory"),
            (("serve", "-m", "models:/", "-p", "0"), "model URI"),
            (("serve", "-m", model, "--env-manager", "conda"), "not available"),
            (("predict", "-m", model, "-i", tmp_path / "missing.json"), "missing.json"),
        ]
        for arguments, message in cases:
            # A store is made where nobody named one.
            done = run(*arguments, environ={"WINDLASS_HOME": str(tmp_path)})
            assert done.returncode not in {0, -9}, arguments
            assert message in done.stderr, (arguments, done.stderr)
            assert "Traceback" not in done.stderr
