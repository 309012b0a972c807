from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from windlass.cli import main
from windlass.entities import ViewType
from windlass.errors import InvalidValue, NotFound
from windlass.services.file_count import FileCount, size_text
from windlass.services.garbage.used_files import place_key

DAYS_AGO = 3 * 86_400


@pytest.fixture
def store(workspace, tmp_path):
    """Stores a file of so many bytes below a URI."""

    def put(root, path="file", size=10):
        (tmp_path / "source").write_bytes(b"x" * size)
        workspace.artifacts.upload(root, tmp_path / "source", path)

    return put


@pytest.fixture
def run_with_files(workspace, store):
    """A new run with a file."""

    def make(experiment_id="0", size=10):
        run = workspace.runs.create(experiment_id)
        store(run.info.artifact_uri, "a/b", size)
        return run

    return make


@pytest.fixture
def windlass(workspace, capsys):
    """Runs the program; returns what it printed."""

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capsys.readouterr()
        assert not ended.value.code, err
        return out

    return run


@pytest.fixture
def root(workspace) -> Path:
    """Where the files of the workspace are."""
    return Path(workspace.settings.artifact_root.removeprefix("file://"))


def files_below(directory):
    return sorted(str(one.relative_to(directory)) for one in directory.rglob("*"))


def test_gc_says_how_much_goes_and_nothing_of_it_is_left(windlass, workspace, run_with_files, store, root):
    run, model = run_with_files(size=1500), workspace.logged_models.create("0", name="m")
    store(model.artifact_location, size=500)
    workspace.runs.delete(run.info.run_id)
    workspace.logged_models.delete(model.model_id)
    what = "0 experiments, 1 runs, 1 logged models (2 files with 2.0 kB)"
    assert windlass("gc", "--dry-run") == f"would remove {what}\n"
    assert len([one for one in root.rglob("*") if one.is_file()]) == 2
    assert windlass("gc") == f"removed {what}\n"
    assert files_below(root) in ([], ["0"])
    assert windlass("gc") == "nothing to remove\n"


def test_gc_removes_single_logged_models_by_id(windlass, workspace, run_with_files):
    models = [workspace.logged_models.create("0", name="m") for _ in range(2)]
    workspace.runs.delete(run_with_files().info.run_id)
    for model in models:
        workspace.logged_models.delete(model.model_id)
    assert "0 runs, 1 logged models" in windlass("gc", "--logged-model-ids", models[0].model_id)
    assert [one.model_id for one in workspace.logged_models.search(["0"], view=ViewType.ALL)] == [models[1].model_id]
    assert len(workspace.runs.search(["0"], view=ViewType.ALL)) == 1
    with pytest.raises(InvalidValue, match="logged models in the bin"):
        workspace.garbage.find(logged_model_ids=["m-nothing"])


def test_gc_spares_a_run_whose_files_a_version_names_by_their_place(workspace, run_with_files):
    run = run_with_files()
    workspace.registered_models.create("fraud")
    workspace.model_versions.create("fraud", f"{run.info.artifact_uri}/a")
    workspace.runs.delete(run.info.run_id)
    assert workspace.garbage.find().spared == {run.info.run_id: "version 1 of fraud"}
    workspace.model_versions.delete("fraud", 1)
    assert workspace.garbage.find().spared == {}


def test_gc_spares_a_run_that_holds_the_files_of_a_logged_model(workspace, run_with_files):
    from windlass.entities import LoggedModel

    run, model_id = run_with_files(), "m-" + "0" * 32
    workspace.tracking.logged_models.create(LoggedModel(model_id, "0", "m", f"{run.info.artifact_uri}/a"))
    workspace.runs.delete(run.info.run_id)
    assert workspace.garbage.find().spared == {run.info.run_id: f"logged model {model_id}"}


def test_what_is_registered_after_gc_has_looked_is_spared(workspace, run_with_files):
    run = run_with_files()
    workspace.runs.delete(run.info.run_id)
    garbage = workspace.garbage.find()
    workspace.registered_models.create("fraud")
    workspace.model_versions.create("fraud", f"runs:/{run.info.run_id}/a")
    workspace.garbage.collect(garbage)
    assert workspace.artifacts.list(run.info.artifact_uri) != []
    assert workspace.runs.get(run.info.run_id)


def test_an_experiment_goes_with_what_was_left_in_its_directory(workspace, run_with_files, root):
    made = workspace.experiments.create("a")
    run_id = run_with_files(made.experiment_id).info.run_id
    workspace.runs.delete(run_id)
    workspace.tracking.runs.purge(run_id)
    assert (root / made.experiment_id / run_id).is_dir()
    workspace.experiments.delete(made.experiment_id)
    workspace.garbage.collect(workspace.garbage.find())
    assert not (root / made.experiment_id).exists()


def test_an_experiment_whose_directory_holds_another_one_leaves_it_alone(workspace, run_with_files, root):
    outer = workspace.experiments.create("outer")
    inner = workspace.experiments.create("inner", artifact_location=f"{outer.artifact_location}/inner")
    run = run_with_files(inner.experiment_id)
    workspace.experiments.delete(outer.experiment_id)
    workspace.garbage.collect(workspace.garbage.find())
    with pytest.raises(NotFound):
        workspace.experiments.get(outer.experiment_id)
    assert [one.path for one in workspace.artifacts.list(run.info.artifact_uri)] == ["a"]


def test_a_run_restored_within_a_deleted_experiment_keeps_it(workspace, run_with_files):
    made = workspace.experiments.create("a")
    run = run_with_files(made.experiment_id)
    workspace.experiments.delete(made.experiment_id)
    garbage = workspace.garbage.find()
    workspace.runs.restore(run.info.run_id)
    workspace.garbage.collect(garbage)
    assert workspace.experiments.get(made.experiment_id)
    assert workspace.artifacts.list(run.info.artifact_uri) != []


def test_rests_of_broken_uploads_go_when_they_are_a_day_old(windlass, workspace, run_with_files, root):
    run = run_with_files()
    place = Path(run.info.artifact_uri.removeprefix("file://"))
    old, young, parts = place / ".windlass-0a.part", place / "a" / ".windlass-0b.part", root / ".windlass-0c.part"
    parts.mkdir()
    for one in (old, young, parts / "data"):
        one.write_bytes(b"x" * 100)
    for one in (old, parts / "data", parts):
        os.utime(one, (time.time() - DAYS_AGO,) * 2)
    assert windlass("gc").endswith("2 broken uploads (2 files with 200 bytes)\n")
    assert (old.exists(), young.exists(), parts.exists()) == (False, True, False)
    assert windlass("gc") == "nothing to remove\n"


def test_an_upload_in_parts_that_goes_on_is_no_rest(workspace, root):
    parts = root / ".windlass-0c.part"
    parts.mkdir(parents=True)
    (parts / "data").write_bytes(b"x")
    os.utime(parts, (time.time() - DAYS_AGO,) * 2)
    assert workspace.leftovers.broken_uploads() == []
    os.utime(parts / "data", (time.time() - DAYS_AGO,) * 2)
    (found,) = workspace.leftovers.broken_uploads()
    assert (found.info.path, found.info.file_size) == (".windlass-0c.part", 1)


def test_orphans_are_only_removed_when_that_is_wanted(windlass, workspace, run_with_files, store, root):
    kept, gone, used = run_with_files(), run_with_files(), run_with_files()
    model = workspace.logged_models.create("0", name="m")
    store(model.artifact_location)
    store(workspace.settings.artifact_root, "12345/" + "a" * 32 + "/artifacts/file")
    store(workspace.settings.artifact_root, "my own directory/file")
    workspace.registered_models.create("fraud")
    workspace.model_versions.create("fraud", f"runs:/{used.info.run_id}/a")
    for run in (gone, used):
        workspace.runs.delete(run.info.run_id)
        workspace.tracking.runs.purge(run.info.run_id)
    workspace.logged_models.delete(model.model_id)
    workspace.tracking.logged_models.purge(model.model_id)
    assert windlass("gc") == "nothing to remove\n"
    assert "3 unknown directories (3 files with 30 bytes)" in windlass("gc", "--orphans")
    assert sorted(one.name for one in (root / "0").iterdir()) == sorted([kept.info.run_id, used.info.run_id])
    assert sorted(one.name for one in root.iterdir()) == ["0", "my own directory"]


def test_mlflows_options_of_gc_are_understood(windlass, workspace):
    uri = workspace.settings.tracking_uri
    assert windlass("gc", "--tracking-uri", uri, "--jobs", "--all-workspaces") == "nothing to remove\n"


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (1_234_567, "1.2 MB"), (5 * 10**15, "5,000.0 TB")],
)
def test_sizes_are_written_for_people(size, text):
    assert size_text(size) == text
    assert str(FileCount(1234, size)) == f"1,234 files with {text}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("file:///a/b%20c/", "/a/b c"),
        ("mlflow-artifacts:/0/x", "mlflow-artifacts://host:5000/0/x/"),
        ("s3://b/x/", "s3://b/x"),
    ],
)
def test_a_place_is_the_same_however_it_is_written(one, other):
    assert place_key(one) == place_key(other)
