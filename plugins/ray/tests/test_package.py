from __future__ import annotations

import zipfile

import pytest

from windlass.errors import InvalidValue
from windlass_ray import package
from windlass_ray.package import packed


@pytest.fixture
def directory(tmp_path):
    root = tmp_path / "some code"
    (root / "below").mkdir(parents=True)
    (root / "main.py").write_text("print(1)")
    (root / "below" / "run.sh").write_text("#!/bin/sh")
    (root / "below" / "run.sh").chmod(0o755)
    for name in (".git", "__pycache__", ".windlass"):
        (root / name).mkdir()
        (root / name / "file").write_text("x")
    return root


def test_a_package_has_the_files_with_their_modes_and_not_what_tools_left(directory):
    with (
        packed({"code": directory}, texts={"note.json": "{}"}, hint="", what="project") as made,
        zipfile.ZipFile(made.stream) as archive,
    ):
        assert sorted(archive.namelist()) == ["code/below/run.sh", "code/main.py", "note.json"]
        assert archive.getinfo("code/below/run.sh").external_attr >> 16 & 0o111


def test_equal_contents_have_one_name_and_others_another(directory):
    names = []
    for _ in range(2):
        with packed({"code": directory}, hint="", what="project") as made:
            names.append(made.uri)
    (directory / "main.py").write_text("print(2)")
    with packed({"code": directory}, hint="", what="project") as made:
        names.append(made.uri)
    assert names[0] == names[1] != names[2]
    assert names[0].startswith("gcs://_ray_pkg_")


def test_a_package_that_is_too_large_is_refused_with_its_size(directory, monkeypatch):
    monkeypatch.setattr(package, "MAX_BYTES", 100)
    with (
        pytest.raises(InvalidValue, match="is too large for a cluster") as caught,
        packed({"": directory}, hint="put it elsewhere", what="model"),
    ):
        pass
    assert caught.value.hint == "put it elsewhere"


def test_what_the_cluster_has_is_not_sent_again(directory, answering, dashboard_at):
    kept = {}

    def answer(method, path, body):
        if method == "PUT":
            kept[path] = body
        return (200, b"") if path in kept else (404, b"")

    server = answering(answer)
    dashboard = dashboard_at(server.url)
    for _ in range(2):
        with packed({"code": directory}, hint="", what="project") as made:
            made.upload(dashboard)
            assert len(kept[f"/api/packages/gcs/{made.name}"]) == made.size
    assert [method for method, *_ in server.requests].count("PUT") == 1
