"""Projects from directories, archives and git, with what is recorded of each."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
import zipfile
from pathlib import Path

import pytest

import windlass
from windlass.errors import InvalidValue, NotFound, Unavailable
from windlass_projects.fetching import Scratch, fetch
from windlass_projects.git import commit_of
from windlass_projects.location import Location, PlaceKind

SCRIPT = "import pathlib, windlass\nwindlass.log_param('seen', pathlib.Path('version.txt').read_text())\n"


def _slow(value):
    return pytest.param(value, marks=pytest.mark.slow)


@pytest.fixture
def repository(project, git):
    """A repository with the tag v1, the branch side and, on main, a third version; the project is in a directory."""
    root = project(**{"inner__train.py": SCRIPT, "inner__version.txt": "one"})
    git(root, "init", "--quiet", "--initial-branch", "main")

    def commit(text):
        (root / "inner" / "version.txt").write_text(text)
        git(root, "add", "-A")
        git(root, "commit", "--quiet", "-m", text)
        return git(root, "rev-parse", "HEAD")

    commits = {"v1": commit("one")}
    git(root, "tag", "-a", "v1", "-m", "first")
    git(root, "checkout", "--quiet", "-b", "side/branch")
    commits["side/branch"] = commit("side")
    git(root, "checkout", "--quiet", "main")
    commits["main"] = commit("three")
    git(root, "branch", "v1")  # a tag goes before a branch of its name
    return root, commits


@pytest.mark.parametrize("how", ["tag", "branch", "commit", _slow("short commit"), _slow("default")])
def test_a_version_of_a_repository_is_run_and_recorded(repository, workspace, git, how):
    root, commits = repository
    version = {"tag": "v1", "branch": "side/branch", "default": None}.get(how, commits["v1"])
    if how == "short commit":
        version = commits["v1"][:10]
    expected = {"branch": "side/branch", "default": "main"}.get(how, "v1")
    bare = root.parent / "bare.git"
    git(root, "clone", "--quiet", "--bare", str(root), str(bare))
    made = windlass.projects.run(
        f"{bare.as_uri()}#inner", "train.py", version=version, env_manager="local", experiment_name="from git"
    )
    run = windlass.get_run(made.run_id)
    assert run.info.status == made.get_status() == "FINISHED"
    assert run.data.params == {"seen": {"v1": "one", "side/branch": "side", "main": "three"}[expected]}
    assert {key: value for key, value in run.data.tags.items() if key.startswith(("mlflow.source", "mlflow.git"))} == {
        "mlflow.source.name": f"{bare.as_uri()}#inner",
        "mlflow.source.type": "PROJECT",
        "mlflow.source.git.commit": commits[expected],
        "mlflow.source.git.repoURL": bare.as_uri(),
        "mlflow.gitRepoURL": bare.as_uri(),
        **({"mlflow.source.git.branch": version, "mlflow.gitBranch": version} if how == "branch" else {}),
    }
    assert windlass.get_experiment(run.info.experiment_id).name == "from git"
    assert list((workspace.settings.home / "projects" / "fetched").iterdir()) == []


def test_a_directory_of_a_local_repository_is_run_at_a_version(repository):
    root, commits = repository
    made = windlass.run(str(root / "inner"), "train.py", version="v1", env_manager="local")
    run = windlass.get_run(made.run_id)
    assert run.data.params == {"seen": "one"}
    assert run.data.tags["mlflow.source.git.commit"] == commits["v1"]


def test_a_directory_is_run_as_it_is_with_its_commit(repository):
    root, commits = repository
    (root / "inner" / "version.txt").write_text("changed")
    found = windlass.projects.run(f"{root}#inner", "train.py", env_manager="local")
    run = windlass.get_run(found.run_id)
    assert run.data.params == {"seen": "changed"}
    assert run.data.tags["mlflow.source.git.commit"] == commits["main"] == commit_of(root)
    assert run.data.tags["mlflow.source.name"] == f"{root}#inner"


def test_submodules_come_along(repository, tmp_path, monkeypatch, git):
    root, _ = repository
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "--quiet")
    git(outer, "submodule", "--quiet", "add", str(root), "part")
    git(outer, "commit", "--quiet", "-m", "with a part")
    for name, value in (("COUNT", "1"), ("KEY_0", "protocol.file.allow"), ("VALUE_0", "always")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    fetched = fetch(f"git+{outer.as_uri()}#part/inner", None, Scratch(tmp_path / "home"))
    assert (fetched.directory / "version.txt").read_text() == "three"


@pytest.mark.parametrize("version", ["no-such", "0" * 40, "abcdef1"])
def test_a_version_that_is_not_there_is_named_and_leaves_nothing(repository, workspace, version):
    root, _ = repository
    with pytest.raises(NotFound, match=f"no branch, tag or commit '{version}'"):
        windlass.projects.run(str(root), "train.py", version=version)
    assert not list((workspace.settings.home / "projects" / "fetched").iterdir())
    assert windlass.search_runs(output_format="list") == []


@pytest.mark.parametrize("version", ["--upload-pack=x", "", "a b", "a..b:c"])
def test_a_version_is_never_an_option_of_git(repository, version):
    with pytest.raises(InvalidValue, match="must be a branch, a tag or a commit"):
        Location.parse(str(repository[0]), version)


def test_a_repository_that_is_not_there_is_named_without_its_password(tmp_path):
    with pytest.raises(Unavailable, match="failed") as raised:
        fetch("http://ada:secret@127.0.0.1:9/x.git", None, Scratch(tmp_path))
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("https://example.org/a.git", PlaceKind.GIT),
        ("https://example.org/a", PlaceKind.GIT),
        ("ssh://git@example.org/a", PlaceKind.GIT),
        ("git@example.org:team/a.git#b", PlaceKind.GIT),
        ("https://example.org/a.zip", PlaceKind.ZIP),
        (".", PlaceKind.DIRECTORY),
    ],
)
def test_a_uri_says_what_kind_of_place_it_names(uri, kind):
    assert Location.parse(uri).kind is kind


@pytest.mark.parametrize(
    ("uri", "error"),
    [("s3://b/x", InvalidValue), ("/no/such", NotFound), (".#../x", InvalidValue), (".#/etc", InvalidValue)],
)
def test_a_uri_that_names_no_project_is_refused(uri, error):
    with pytest.raises(error):
        Location.parse(uri)


@pytest.mark.parametrize("behind", [_slow("file"), "http"])
def test_an_archive_is_a_project_here_and_behind_http(project, tmp_path, behind):
    root = project(**{"inner__train.py": SCRIPT, "inner__version.txt": "zipped"})
    archive = shutil.make_archive(str(tmp_path / "served" / "project"), "zip", root.parent, root.name)
    served = functools.partial(_Quiet, directory=str(tmp_path / "served"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), served)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    uri = archive if behind == "file" else f"http://127.0.0.1:{server.server_port}/project.zip"
    made = windlass.projects.run(f"{uri}#inner", "train.py", env_manager="local")
    server.shutdown()
    server.server_close()
    thread.join()
    assert windlass.get_run(made.run_id).data.params == {"seen": "zipped"}
    assert Path(archive).is_file()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        pass


def test_an_archive_whose_paths_lead_out_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("../out.py", "")
    with pytest.raises(InvalidValue, match="leads out"):
        fetch(str(tmp_path / "bad.zip"), None, Scratch(tmp_path / "home"))
    assert not (tmp_path / "out.py").exists()
