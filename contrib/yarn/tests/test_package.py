"""What a node gets, run by a shell here."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from windlass.entities import ProjectEnvironment
from windlass_yarn.environment import environment_files, environment_lines
from windlass_yarn.package import packed
from windlass_yarn.script import script

_TELL = "import json, os, sys; print(json.dumps([sys.argv[1:], os.getcwd(), os.environ['OWN'], open('x y').read()]))"
_HARD = ["; rm -rf /", "$(touch x) `touch y`", "a 'b\" c", "", "ünïcödé\nline", "*", "{{PWD}} <LOG_DIR>"]


@pytest.fixture
def run(tmp_path):
    """Packs a project, and runs it as a node would; what it printed, and its exit code."""
    source, node = tmp_path / "a 'project", tmp_path / "node"
    source.mkdir()
    node.mkdir()

    def start(*command, variables=None, preparation=(), texts=None, directories=None):
        head = script(
            source.name, command, variables=variables or {}, preparation=preparation, marker="<M>"
        )  # fmt: skip
        with packed(head, {source.name: source, **(directories or {})}, texts or {}) as package:
            content = package.stream.read()
        assert len(content) == package.size
        (node / "ExecScript.sh").write_bytes(content)
        done = subprocess.run(
            ["bash", "ExecScript.sh"], cwd=node, stdout=subprocess.PIPE, timeout=60, check=False
        )  # fmt: skip
        return done.stdout.decode(), done.returncode

    start.source, start.node = source, node
    return start


def test_no_shell_reads_a_value_and_files_are_where_the_command_looks(run, tmp_path):
    (run.source / "x y").write_text("file")
    (run.source / ".git").mkdir()
    (run.source / ".git" / "config").write_text("secret")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "big.csv").write_text("1,2")
    printed, code = run(
        sys.executable, "-c", _TELL, *_HARD, "--data=<M>/.windlass-files/data/big.csv",
        variables={"OWN": "$HOME 'x' <M>"}, directories={".windlass-files/data": tmp_path / "data"},
    )  # fmt: skip
    root = run.node / "windlass"
    assert code == 0, printed
    told = json.loads(printed)
    assert told[0] == [*_HARD, f"--data={root}/.windlass-files/data/big.csv"]
    assert told[1:] == [str(root / run.source.name), f"$HOME 'x' {root}", "file"]
    assert (root / ".windlass-files" / "data" / "big.csv").read_text() == "1,2"
    assert not (root / run.source.name / ".git").exists()


def test_programs_stay_programs_and_links_stay_links(run):
    program = run.source / "go.sh"
    program.write_text("#!/bin/sh\necho went; exit 7\n")
    program.chmod(0o755)
    (run.source / "again.sh").symlink_to("go.sh")
    assert run("./again.sh") == ("went\n", 7)


def test_a_command_that_is_not_there_is_named(run):
    printed, code = run("no-such-program-anywhere")
    assert "no-such-program-anywhere" in printed
    assert code == 127


def test_a_node_without_uv_says_so(run):
    environment = ProjectEnvironment(manager="uv", requirements=("six",))
    printed, code = run(
        "true", preparation=["PATH=/nowhere", *environment_lines(environment, run.source)]
    )  # fmt: skip
    assert "this node has no uv" in printed
    assert code == 127


def test_an_environment_is_made_as_the_project_asks(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    locked = ProjectEnvironment(manager="uv", pyproject=True, lock=True, python=">=3.11; x")
    lines = list(environment_lines(locked, tmp_path))
    assert any("--python '>=3.11; x'" in line for line in lines)
    assert any("sync --quiet --frozen" in line for line in lines)
    declared = ProjectEnvironment(
        manager="uv", pyproject=True, build_requirements=("setuptools",), requirements=("-r more.txt", "six")
    )
    lines = list(environment_lines(declared, tmp_path))
    assert "uv pip install --quiet -r pyproject.toml || exit 1" in lines
    assert environment_files(declared) == {
        ".windlass-build-requirements.txt": "setuptools\n",
        ".windlass-requirements.txt": "-r more.txt\nsix\n",
    }
    (tmp_path / "pyproject.toml").write_text("[build-system]\nrequires = []\n")
    assert "uv pip install --quiet . || exit 1" in list(environment_lines(declared, tmp_path))
    assert list(environment_lines(ProjectEnvironment(manager="local"), tmp_path)) == []
