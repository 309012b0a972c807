"""Environments of conda: a real solver and installer behind the program, on a channel of a few packages."""

from __future__ import annotations

import asyncio
import ensurepip
import io
import json
import os
import platform
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import rattler.index

import windlass
from windlass.config import Settings
from windlass.errors import InvalidValue, MissingDependency
from windlass.testing.environment_manager import EnvironmentCase, EnvironmentManagerSuite
from windlass_projects.environments.conda_manager import (
    CondaEnvironmentManager,
    MambaEnvironmentManager,
    MicromambaEnvironmentManager,
)
from windlass_projects.environments.conda_program import find_conda_program

VERSION = ".".join(platform.python_version_tuple()[:2])
SITE = f"lib/python{VERSION}/site-packages"
BASE = Path(sys.base_prefix) / "bin" / f"python{VERSION}"


def _slow(*values):
    return pytest.param(*values, marks=pytest.mark.slow)


def _package(directory, name, version, files, *, links=None, depends=()):
    """Write a package of conda by hand: its files, and what it says of itself."""
    links = links or {}
    info = {
        "info/index.json": {"name": name, "version": version, "build": "0", "build_number": 0, "depends": list(depends)}
        | {"subdir": "noarch", "timestamp": 1_700_000_000_000},
        "info/paths.json": {
            "paths_version": 1,
            "paths": [{"_path": path, "path_type": "hardlink"} for path in files]
            + [{"_path": path, "path_type": "softlink"} for path in links],
        },
    }
    with tarfile.open(directory / f"{name}-{version}-0.tar.bz2", "w:bz2") as archive:
        for path, content in {**{key: json.dumps(one).encode() for key, one in info.items()}, **files}.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for path, target in links.items():
            member = tarfile.TarInfo(path)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)


def _pip():
    (wheel,) = (Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return {f"{SITE}/{one.filename}": archive.read(one) for one in archive.infolist() if not one.is_dir()}


@pytest.fixture(scope="session")
def channel(tmp_path_factory):
    """A channel with this Python, its pip, and packages that need each other."""
    root = tmp_path_factory.mktemp("channel")
    (root / "noarch").mkdir()
    home = f"home = {BASE.parent}\n".encode()
    links = {"bin/python": str(BASE), f"bin/python{VERSION}": str(BASE)}
    _package(root / "noarch", "python", f"{VERSION}.0", {"pyvenv.cfg": home}, links=links)
    _package(root / "noarch", "pip", "1.0", _pip(), depends=["python"])
    for version in ("1.0", "2.0"):
        code = f"VERSION = {version!r}\n".encode()
        _package(root / "noarch", "deep", version, {f"{SITE}/deep.py": code}, depends=["python"])
    _package(
        root / "noarch",
        "shallow",
        "1.0",
        {f"{SITE}/shallow.py": b"import deep\n", "etc/conda/activate.d/shallow.sh": b"export SHALLOW='it is on'\n"},
        depends=["python", "deep <2"],
    )
    asyncio.run(rattler.index.index_fs(root))
    return root


@pytest.fixture
def conda(tmp_path, monkeypatch):
    """Makes a program of a name on PATH, which records its arguments."""
    programs = tmp_path / "programs"
    programs.mkdir()
    record = tmp_path / "record"

    def install(name):
        program = programs / name
        script = Path(__file__).with_name("conda_program.py")
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
        program.chmod(0o755)
        return lambda: [json.loads(line) for line in record.read_text().splitlines()]

    for name in ("CONDA_EXE", "MAMBA_EXE", "MLFLOW_CONDA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CONDA_RECORD", str(record))
    monkeypatch.setenv("CONDA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return install


@pytest.mark.slow
class TestConda(EnvironmentManagerSuite):
    @pytest.fixture
    def case(self, tmp_path, conda, channel):
        conda("conda")
        manager = CondaEnvironmentManager.open(Settings())
        return EnvironmentCase(
            manager=manager, name="conda", directory=tmp_path, fields={"channels": (channel.as_uri(),)}
        )


@pytest.mark.parametrize("name", [_slow("conda"), _slow("mamba"), "micromamba"])
def test_packages_of_conda_and_pip_are_installed_together(project, conda, channel, wheel, tmp_path, name):
    recorded = conda(name)
    root = project(
        **{
            "conda.yaml": f"channels: [{channel.as_uri()}]\n"
            "dependencies: [shallow=1.0, pip, {pip: [./wheels/tiny-1.0-py3-none-any.whl]}]\n",
            "main.py": "import deep, json, os, shallow, sys, tiny\n"
            "told = [deep.VERSION, tiny.VALUE, os.environ['SHALLOW'], sys.prefix, os.environ['CONDA_PREFIX']]\n"
            "json.dump(told, open(sys.argv[2], 'w'))",
        }
    )
    wheel(root / "wheels")
    for _ in range(2):
        windlass.projects.run(str(root), parameters={"out": tmp_path / "out"}, env_manager=name)
    *values, prefix, told = json.loads((tmp_path / "out").read_text())
    assert values == ["1.0", "one", "it is on"]
    assert prefix == told
    ((*_, first, second, python),) = recorded()
    assert (first, second, python) == ("shallow=1.0", "pip", f"python={VERSION}")
    assert {run.data.tags["mlflow.project.env"] for run in windlass.search_runs(output_format="list")} == {name}


def test_what_cannot_be_solved_is_said_and_nothing_is_left(project, conda, channel, workspace):
    conda("micromamba")
    root = project(
        **{"conda.yaml": f"channels: [{channel.as_uri()}]\ndependencies: [shallow, deep=2.0]\n", "main.py": ""}
    )
    with pytest.raises(windlass.projects.ProjectFailed, match="deep"):
        windlass.projects.run(str(root), env_manager="micromamba")
    assert [one for one in (workspace.settings.home / "environments").iterdir() if one.is_dir()] == []


def test_a_program_that_is_missing_is_named_before_there_is_a_run(project, conda, monkeypatch):
    conda("mamba")
    root = project(**{"main.py": ""})
    with pytest.raises(MissingDependency, match=r"need the program micromamba(.|\n)*--env-manager mamba would work"):
        windlass.projects.run(str(root), env_manager="micromamba")
    assert windlass.search_runs(output_format="list") == []


def test_uv_says_what_it_cannot_install(project):
    root = project(**{"conda.yaml": "dependencies: [python=3.11, cudatoolkit]\n", "main.py": ""})
    with pytest.raises(InvalidValue, match=r"'cudatoolkit'.*(.|\n)*--env-manager conda"):
        windlass.projects.run(str(root))
    assert windlass.search_runs(output_format="list") == []


def test_the_usual_variables_say_where_the_program_is(tmp_path):
    for name in ("conda", "micromamba"):
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).touch(mode=0o755)
    place = str(tmp_path / "bin")
    assert find_conda_program("conda", {"CONDA_EXE": f"{place}/conda", "PATH": ""}) == f"{place}/conda"
    assert find_conda_program("conda", {"MLFLOW_CONDA_HOME": str(tmp_path), "PATH": ""}) == f"{place}/conda"
    assert find_conda_program("micromamba", {"MAMBA_EXE": f"{place}/micromamba", "PATH": ""}) == f"{place}/micromamba"
    with pytest.raises(MissingDependency, match="MAMBA_EXE"):
        find_conda_program("mamba", {"MAMBA_EXE": f"{place}/micromamba", "PATH": ""})


def test_channels_are_passed_on_as_the_program_wants_them(tmp_path):
    seen = []
    case = EnvironmentCase(
        manager=MicromambaEnvironmentManager("micromamba"),
        name="micromamba",
        directory=tmp_path,
        fields={"channels": ("./own", "nodefaults")},
    )
    site = case.site()
    record = type(site)(
        place=site.place, project=site.project, scratch=site.scratch,
        run_command=lambda command, **_: seen.append(list(command)) or 0,
    )  # fmt: skip
    case.manager.build(case.wanted(), record)
    MambaEnvironmentManager("mamba").build(case.wanted(), record)
    MicromambaEnvironmentManager("micromamba").build(type(case.wanted())(manager="micromamba"), record)
    own = (site.project / "own").resolve().as_uri()
    head = ["create", "--yes", "--prefix", str(site.place), "--channel"]
    assert seen[0] == ["micromamba", *head, own, "--override-channels", f"python={VERSION}"]
    assert seen[1] == ["mamba", *head, own, "--override-channels", f"python={VERSION}"]
    assert seen[2] == ["micromamba", *head, "conda-forge", f"python={VERSION}"]
