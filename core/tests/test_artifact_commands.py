from __future__ import annotations

import io
import json

import pytest

import windlass
from windlass.cli import main
from windlass.errors import Conflict, InvalidValue, NotFound
from windlass.interfaces import ReadsRanges
from windlass.services.artifact_place import place_of
from windlass.services.ranged_file import RangedFile, open_file


@pytest.fixture
def program(workspace, capsysbinary, monkeypatch):
    """Runs the program on a memory store; returns the exit code and what it printed on either side."""

    def run(*arguments: str, given: bytes = b"") -> tuple[int, bytes, bytes]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capsysbinary.readouterr()
        return int(ended.value.code or 0), out, err

    return run


@pytest.fixture
def run_id(workspace, tmp_path):
    """A run with files of its own."""
    found = workspace.runs.create("0")
    for path in ("a.txt", "sub/b c.txt", "sub/100%.txt", "model/weights"):
        (tmp_path / "source").write_text(path)
        workspace.artifacts.upload(found.info.artifact_uri, tmp_path / "source", path)
    return found.info.run_id


@pytest.fixture
def registered(workspace, run_id):
    """A version of the run's model."""
    workspace.registered_models.create("fraud")
    workspace.registered_models.set_alias("fraud", "champion", _version(workspace, f"runs:/{run_id}/model"))
    return "fraud"


def _version(workspace, source, **more):
    return workspace.model_versions.create("fraud", source, **more).version


def test_what_comes_in_is_stored_and_comes_out_again(program, run_id):
    content = bytes(range(256)) * 9_000
    assert program("artifacts", "log", "-", "-r", run_id, "-a", "in/data.bin", given=content)[0] == 0
    assert program("artifacts", "cat", "-r", run_id, "-a", "in/data.bin") == (0, content, b"")
    assert b"--artifact-path" in program("artifacts", "log", "-", "-r", run_id, given=b"x")[2]


def test_files_and_directories_are_stored_below_a_path(program, run_id, tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "one.txt").write_text("1")
    assert program("artifacts", "log", str(tmp_path / "docs"), "-r", run_id, "-a", "more")[0] == 0
    assert program("artifacts", "cat", "-u", f"runs:/{run_id}/more/docs/one.txt")[1] == b"1"
    assert program("artifacts", "log", str(tmp_path / "nothing"), "-r", run_id)[0] == 3


def test_directories_are_listed_by_run_model_and_place(program, workspace, run_id, registered):
    root = workspace.runs.get(run_id).info.artifact_uri
    for uri in (f"runs:/{run_id}/model", "models:/fraud/1", "models:/fraud@champion", f"{root}/model"):
        code, out, _ = program("artifacts", "list", "-u", uri, "--output", "json")
        assert code == 0
        assert [one["path"].rpartition("/")[2] for one in json.loads(out)] == ["weights"]


@pytest.mark.parametrize("command", ["list", "download", "cat", "delete"])
@pytest.mark.parametrize("named", [[], ["-r", "x", "-u", "runs:/x/y"]])
def test_a_file_is_named_in_one_way(program, command, named):
    code, _, err = program("artifacts", command, *named)
    assert (code, b"either --run-id or --artifact-uri" in err) == (2, True)


def test_a_file_is_deleted_and_its_neighbours_stay(program, workspace, run_id):
    assert program("artifacts", "delete", "-r", run_id, "-a", "sub/100%.txt") == (0, b"deleted sub/100%.txt\n", b"")
    assert [one.path for one in workspace.artifacts.list(f"runs:/{run_id}", "sub")] == ["sub/b c.txt"]
    assert program("artifacts", "delete", "-r", run_id, "-a", "sub")[0] == 0
    assert [one.path for one in workspace.artifacts.list(f"runs:/{run_id}")] == ["a.txt", "model"]
    assert program("artifacts", "delete", "-r", run_id, "-a", "sub")[0] == 3


def test_a_whole_run_is_not_deleted_by_its_files(program, run_id):
    code, _, err = program("artifacts", "delete", "-r", run_id)
    assert (code, b"windlass gc" in err) == (2, True)
    with pytest.raises(InvalidValue):
        windlass.artifacts.delete_artifacts(run_id=run_id)


@pytest.mark.parametrize("path", ["model", "model/weights"])
def test_what_a_version_uses_is_deleted_by_force_only(program, workspace, run_id, registered, path):
    code, _, err = program("artifacts", "delete", "-r", run_id, "-a", path)
    assert (code, b"version 1 of fraud uses" in err) == (4, True)
    with pytest.raises(Conflict, match="version 1 of fraud"):
        windlass.artifacts.delete_artifacts(f"runs:/{run_id}/{path}")
    assert program("artifacts", "delete", "-r", run_id, "-a", path, "--force")[0] == 0
    assert workspace.artifacts.list(f"runs:/{run_id}", "model") == []


def test_what_a_version_uses_by_its_place_is_protected_too(workspace, run_id):
    root = workspace.runs.get(run_id).info.artifact_uri
    workspace.registered_models.create("fraud")
    _version(workspace, f"{root}/model")
    with pytest.raises(Conflict):
        windlass.artifacts.delete_artifacts(f"{root}/model/weights")
    windlass.artifacts.delete_artifacts(f"{root}/a.txt")
    assert [one.path for one in workspace.artifacts.list(root)] == ["model", "sub"]


def test_the_files_of_a_logged_model_are_protected(workspace, tmp_path):
    model = workspace.logged_models.create("0", name="m")
    (tmp_path / "file").write_text("x")
    workspace.artifacts.upload(model.artifact_location, tmp_path / "file")
    with pytest.raises(Conflict, match=model.model_id):
        windlass.artifacts.delete_artifacts(f"{model.model_uri}/file")
    workspace.logged_models.delete(model.model_id)
    windlass.artifacts.delete_artifacts(f"{model.artifact_location}/file")
    assert workspace.artifacts.list(model.artifact_location) == []


def test_a_file_is_read_from_any_position(run_id):
    with windlass.artifacts.open(f"runs:/{run_id}/sub/b c.txt") as stream:
        assert stream.read(3) == b"sub"
        stream.seek(-3, io.SEEK_END)
        assert stream.read() == b"txt"
    with windlass.artifacts.open(run_id=run_id, artifact_path="a.txt", mode="r") as text:
        assert text.read() == "a.txt"
    with pytest.raises(NotFound):
        windlass.artifacts.open(f"runs:/{run_id}/nothing")
    with pytest.raises(InvalidValue, match="log_stream"):
        windlass.artifacts.open(f"runs:/{run_id}/a.txt", "wb")


@pytest.mark.parametrize(
    "uri", ["runs:/{run}/sub/100%.txt", "runs:/{run}/a.txt", "{root}/a.txt", "models:/fraud/1/weights"]
)
def test_every_uri_of_a_file_opens_it(workspace, run_id, registered, uri):
    root = workspace.runs.get(run_id).info.artifact_uri
    full = uri.format(run=run_id, root=root)
    with windlass.artifacts.open(full) as stream:
        assert stream.read().decode().endswith(full.rpartition("/")[2])
    assert windlass.artifacts.load_text(full).endswith(full.rpartition("/")[2])


def test_a_file_behind_the_uri_of_a_model_is_fetched(workspace, run_id, registered, tmp_path):
    fetched = windlass.artifacts.download_artifacts("models:/fraud@champion/weights", dst_path=str(tmp_path / "out"))
    assert fetched == str(tmp_path / "out" / "weights")
    assert (tmp_path / "out" / "weights").read_text() == "model/weights"


@pytest.mark.parametrize("uri", ["nothing", "s3://bucket", "file:///"])
def test_a_uri_that_names_no_file_is_refused(workspace, uri):
    with pytest.raises(InvalidValue, match="names no file"):
        place_of(workspace.artifacts, uri)


class Far:
    """A repository whose streams only go forward and that counts what is read of it."""

    is_local = False

    def __init__(self, content):
        self.content = content
        self.fetched = 0

    def read(self, path):
        raw = io.BytesIO(self.content)
        raw.seekable = lambda: False
        return raw

    def stat(self, path):
        return windlass.artifacts.FileInfo(path, file_size=len(self.content))

    def read_range(self, path, start, end):
        self.fetched += end - start
        return self.content[start:end]


def test_what_is_far_is_fetched_in_the_parts_that_are_read():
    content = bytes(range(256)) * 100_000
    far = Far(content)
    assert isinstance(far, ReadsRanges)
    with open_file(far, "x") as stream:
        stream.seek(-10, io.SEEK_END)
        assert stream.read() == content[-10:]
        assert far.fetched == 10
        stream.seek(5)
        assert stream.read(3) == content[5:8]
        assert far.fetched < 5 << 20
    with io.BufferedReader(RangedFile(far, "x", len(content)), 1 << 20) as stream:
        assert stream.read() == content


def test_tables_are_loaded_by_uri(workspace):
    pandas = pytest.importorskip("pandas")
    with windlass.start_run() as run:
        windlass.log_table({"a": [1, 2]}, "t.json")
        windlass.log_table({"a": [3]}, "t.json")
    table = windlass.artifacts.load_table(f"runs:/{run.info.run_id}/t.json")
    pandas.testing.assert_frame_equal(table, pandas.DataFrame({"a": [1, 2, 3]}))
