"""`windlass sagemaker build-and-push-container`, with moto's ECR, and a program in the place of docker."""

from __future__ import annotations

import json
import os

import pytest
from click.testing import CliRunner

import windlass
from windlass.errors import BuildFailed, InvalidValue, MissingDependency
from windlass_sagemaker.cli import sagemaker
from windlass_sagemaker.conformance import account

__all__ = ["account"]
# It writes down its words, what it reads of a password, and the files that it is to build from.
STAND_IN = """#!/usr/bin/env python3
import json, os, sys
words = sys.argv[1:]
told = {"words": words}
if "--password-stdin" in words:
    told["read"] = sys.stdin.read()
if words[0] == "build":
    told["files"] = sorted(os.listdir(words[-1]))
with open(os.environ["ASKED"], "a") as stream:
    stream.write(json.dumps(told) + "\\n")
sys.exit(3 if words[0] == os.environ.get("FAILS") else 0)
"""


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """What docker was asked to do."""
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(STAND_IN)
    program.chmod(0o755)
    log = tmp_path / "asked"
    log.touch()
    monkeypatch.setenv("ASKED", str(log))
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return lambda: [json.loads(line) for line in log.read_text().splitlines()]


def run(*words):
    done = CliRunner().invoke(sagemaker, ["build-and-push-container", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_an_image_is_built_and_pushed_to_a_repository_that_is_made_for_it(account, asked):
    for _ in range(2):  # the second time the repository is there
        assert "pushed " in run("--region-name", "eu-west-1", "-c", "team/scoring:7", "--network", "host")
    build, tag, login, push = asked()[:4]
    assert build["words"][:-1] == ["build", "--network", "host", "--tag", "team/scoring:7"]
    assert build["files"] == ["Dockerfile", "install"]
    image = tag["words"][2]
    assert tag["words"][:2] == ["tag", "team/scoring:7"]
    assert image.endswith(".dkr.ecr.eu-west-1.amazonaws.com/team/scoring:7")
    assert login["words"] == ["login", "--username", "AWS", "--password-stdin", image.partition("/")[0]]
    assert login["read"]
    assert push["words"] == ["push", image]
    assert len(asked()) == 8


def test_it_is_only_built_or_only_pushed(account, asked):
    run("--no-push", "--env-manager", "none", "--base-image", "ours:1")
    assert [one["words"][0] for one in asked()] == ["build"]
    assert f"mlflow-pyfunc:{windlass.__version__}" in asked()[0]["words"]
    run("--no-build", "--region-name", "eu-west-1")
    assert [one["words"][0] for one in asked()[1:]] == ["tag", "login", "push"]
    with pytest.raises(InvalidValue, match="nothing to be done"):
        run("--no-build", "--no-push")


def test_what_docker_refuses_is_told_and_nothing_is_pushed(asked, monkeypatch):
    monkeypatch.setenv("FAILS", "build")
    with pytest.raises(BuildFailed, match="`docker build` ended with exit code 3"):
        run()
    assert len(asked()) == 1


def test_what_cannot_be_is_said_before_anything_is_done(asked, monkeypatch):
    with pytest.raises(InvalidValue, match="container"):
        run("-c", "Not A Name")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingDependency, match="no program docker or podman"):
        run()
    assert asked() == []
