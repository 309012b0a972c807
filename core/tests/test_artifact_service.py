from __future__ import annotations

from pathlib import Path

import pytest

from windlass.builtin.local_artifacts import LocalArtifactRepository
from windlass.errors import InvalidValue, NotFound


@pytest.fixture
def tree(tmp_path) -> Path:
    root = tmp_path / "tree"
    (root / "sub").mkdir(parents=True)
    (root / "a.txt").write_text("a")
    (root / "sub" / "b c.txt").write_text("b")
    return root


@pytest.fixture
def run(workspace):
    return workspace.runs.create("0")


def test_a_directory_goes_up_and_comes_down_again(workspace, run, tree, tmp_path):
    workspace.artifacts.upload(run.info.artifact_uri, tree, "data")
    fetched = workspace.artifacts.download_path(f"runs:/{run.info.run_id}", "data", tmp_path / "out")
    assert fetched == tmp_path / "out" / "data"
    assert (fetched / "sub" / "b c.txt").read_text() == "b"
    whole = workspace.artifacts.download(f"runs:/{run.info.run_id}/data", tmp_path / "whole")
    assert (whole / "a.txt").read_text() == "a"


def test_a_single_file_comes_by_its_uri(workspace, run, tree, tmp_path):
    workspace.artifacts.upload(run.info.artifact_uri, tree)
    uri = f"runs:/{run.info.run_id}/sub/b c.txt"
    assert workspace.artifacts.download(uri).read_text() == "b"
    assert workspace.artifacts.download(uri, tmp_path / "out") == tmp_path / "out" / "b c.txt"


def test_a_file_keeps_its_place_below_the_destination(workspace, run, tree, tmp_path):
    workspace.artifacts.upload(run.info.artifact_uri, tree)
    fetched = workspace.artifacts.download_path(run.info.artifact_uri, "sub/b c.txt", tmp_path / "out")
    assert fetched == tmp_path / "out" / "sub" / "b c.txt"


def test_links_out_of_the_tree_are_left_behind(workspace, run, tree, tmp_path):
    (tmp_path / "secret").write_text("s")
    (tree / "link").symlink_to(tmp_path / "secret")
    workspace.artifacts.upload(run.info.artifact_uri, tree)
    assert [one.path for one in workspace.artifacts.list(run.info.artifact_uri)] == ["a.txt", "sub"]


@pytest.mark.parametrize("path", ["nothing", "sub/nothing"])
def test_what_is_missing_is_not_found(workspace, run, tree, tmp_path, path):
    workspace.artifacts.upload(run.info.artifact_uri, tree)
    with pytest.raises(NotFound):
        workspace.artifacts.download(f"runs:/{run.info.run_id}/{path}")
    with pytest.raises(NotFound):
        workspace.artifacts.download_path(run.info.artifact_uri, path, tmp_path / "out")
    with pytest.raises(NotFound):
        workspace.artifacts.upload(run.info.artifact_uri, tree / path)


@pytest.mark.parametrize("path", ["../x", "a/../../x", "%2e%2e/x", "/etc/passwd"])
def test_no_path_leads_out_of_the_artifacts(workspace, run, tree, path):
    with pytest.raises(InvalidValue):
        workspace.artifacts.upload(run.info.artifact_uri, tree / "a.txt", path)
    with pytest.raises(InvalidValue):
        workspace.artifacts.list(run.info.artifact_uri, path)
    with pytest.raises(InvalidValue):
        workspace.artifacts.download_path(run.info.artifact_uri, path)


def test_the_name_of_a_logged_model_stands_for_its_files(workspace, run, tree):
    model = workspace.logged_models.create("0", name="model", source_run_id=run.info.run_id)
    workspace.artifacts.upload(model.artifact_location, tree)
    assert workspace.artifacts.location(f"runs:/{run.info.run_id}/model") == model.artifact_location
    assert workspace.artifacts.download(f"runs:/{run.info.run_id}/model/a.txt").read_text() == "a"
    assert workspace.artifacts.download(model.model_uri).joinpath("a.txt").read_text() == "a"


def test_a_runs_own_files_go_before_a_logged_model_of_the_name(workspace, run, tree):
    workspace.logged_models.create("0", name="model", source_run_id=run.info.run_id)
    workspace.artifacts.upload(run.info.artifact_uri, tree, "model")
    assert workspace.artifacts.location(f"runs:/{run.info.run_id}/model") == f"{run.info.artifact_uri}/model"


def test_a_registered_version_leads_to_its_files(workspace, run, tree):
    workspace.artifacts.upload(run.info.artifact_uri, tree, "model")
    workspace.registered_models.create("fraud")
    workspace.model_versions.create("fraud", f"runs:/{run.info.run_id}/model")
    workspace.registered_models.set_alias("fraud", "champion", 1)
    assert workspace.artifacts.download("models:/fraud@champion").joinpath("a.txt").read_text() == "a"


@pytest.fixture
def far(workspace, tree):
    """The URI of a tree that is not on this machine, as far as its scheme tells."""
    uri = "far://host/tree"
    workspace.artifacts._open[uri] = LocalArtifactRepository(tree)
    return uri


def test_what_was_fetched_for_a_while_is_removed_after_it(workspace, far):
    with workspace.artifacts.fetched(far) as path:
        assert (path / "sub" / "b c.txt").read_text() == "b"
    assert not path.exists()


def test_what_is_here_already_is_used_where_it_is_and_stays(workspace, tree):
    with workspace.artifacts.fetched(tree.as_uri()) as path:
        assert path == tree
    assert tree.exists()
