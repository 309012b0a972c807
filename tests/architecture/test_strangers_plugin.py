"""What a stranger's installed distribution sees of us: tests/example_plugin is one."""

from __future__ import annotations

import subprocess
import sys

import pytest

import windlass
from windlass.errors import MissingDependency


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-m", "windlass", *arguments],
        capture_output=True, text=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip


def test_its_command_is_one_of_ours():
    assert run("hello").stdout == "hello from a plugin\n"
    assert "Says hello." in run("--help").stdout


def test_its_run_context_tags_our_runs(tmp_path):
    windlass.set_tracking_uri(f"sqlite:///{tmp_path}/w.db")
    with windlass.start_run() as started:
        pass
    assert windlass.get_run(started.info.run_id).data.tags["example.greeting"] == "hello"


def test_its_missing_driver_is_named_with_what_to_install():
    windlass.set_tracking_uri("example://x")
    with pytest.raises(MissingDependency, match="pip install 'windlass-example\\[store\\]'"):
        windlass.search_experiments()


def test_it_can_be_turned_off():
    assert "No such command 'hello'" in run("hello", WINDLASS_DISABLE_PLUGINS="example").stderr
