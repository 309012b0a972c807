"""Whose code may run when a model is loaded, and whether its files are the ones that were saved."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
import windlass.pyfunc
import windlass.sklearn

from windlass.errors import Corrupted, UnsafeModel


@pytest.fixture
def foreign(tmp_path):
    """A pickled model that another process has written."""
    script = "import sys, windlass.pyfunc as p; p.save_model(sys.argv[1], python_model=lambda model_input: 'ran')"
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "foreign")], check=True, timeout=60)
    return tmp_path / "foreign"


def test_a_strangers_pickle_is_refused_with_what_to_do(foreign):
    with pytest.raises(UnsafeModel, match="WINDLASS_ALLOW_PICKLE=true"):
        windlass.pyfunc.load_model(foreign)


def test_the_setting_allows_it(foreign, monkeypatch):
    monkeypatch.setenv("WINDLASS_ALLOW_PICKLE", "true")
    assert windlass.pyfunc.load_model(foreign).predict([1]) == "ran"


def test_what_comes_from_the_registry_is_allowed(foreign, project):
    import windlass

    windlass.register_model(str(foreign), "f")
    assert windlass.pyfunc.load_model("models:/f/1").predict([1]) == "ran"
    with pytest.raises(UnsafeModel):
        windlass.pyfunc.load_model(foreign)


def test_nothing_is_allowed_when_the_setting_says_so(project, monkeypatch):
    info = windlass.pyfunc.log_model("m", python_model=lambda model_input: "ran")
    monkeypatch.setenv("WINDLASS_ALLOW_PICKLE", "false")
    with pytest.raises(UnsafeModel, match="forbidden"):
        windlass.pyfunc.load_model(info.model_uri)


def test_a_copy_of_what_this_process_wrote_is_allowed_until_it_is_changed(tmp_path):
    windlass.pyfunc.save_model(tmp_path / "m", python_model=lambda model_input: "ran")
    shutil.copytree(tmp_path / "m", tmp_path / "copy")
    assert windlass.pyfunc.load_model(tmp_path / "copy").predict([1]) == "ran"
    (tmp_path / "copy" / "SHA256SUMS").unlink()
    with (tmp_path / "copy" / "python_model.pkl").open("ab") as file:
        file.write(b"#")
    with pytest.raises(UnsafeModel):
        windlass.pyfunc.load_model(tmp_path / "copy")


def test_a_strangers_modules_are_not_imported(tmp_path, foreign):
    (foreign / "code").mkdir()
    (foreign / "code" / "evil_loader.py").write_text("raise SystemExit('ran')")
    text = (foreign / "MLmodel").read_text().replace("code: null", "code: code")
    (foreign / "MLmodel").write_text(
        text.replace("mlflow.pyfunc.model", "evil_loader").replace("    python_model: python_model.pkl\n", "")
    )
    (foreign / "SHA256SUMS").unlink()
    with pytest.raises(UnsafeModel, match="modules that it brings along"):
        windlass.pyfunc.load_model(foreign)


def test_skops_files_of_strangers_load(forest, tmp_path):
    windlass.sklearn.save_model(forest, tmp_path / "m")
    script = "import sys, windlass.sklearn as s; print(type(s.load_model(sys.argv[1])).__name__)"
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "m")], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "RandomForestClassifier"


@pytest.mark.parametrize("name", ["model.skops", "MLmodel", "requirements.txt"])
def test_a_changed_file_is_named(name, forest, tmp_path):
    windlass.sklearn.save_model(forest, tmp_path / "m")
    with (tmp_path / "m" / name).open("ab") as file:
        file.write(b"\n")
    with pytest.raises(Corrupted, match=name):
        windlass.sklearn.load_model(tmp_path / "m")


def test_a_missing_file_is_named(forest, tmp_path):
    windlass.sklearn.save_model(forest, tmp_path / "m")
    (tmp_path / "m" / "model.skops").unlink()
    with pytest.raises(Corrupted, match=r"model\.skops is missing"):
        windlass.sklearn.load_model(tmp_path / "m")


def test_the_hashes_are_in_the_form_of_sha256sum(forest, tmp_path):
    windlass.sklearn.save_model(forest, tmp_path / "m")
    (tmp_path / "m" / "registered_model_meta").write_text("extra files are fine")
    windlass.sklearn.load_model(tmp_path / "m")
    done = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path / "m", capture_output=True, text=True, check=True
    )
    assert done.stdout.count("OK") == len((tmp_path / "m" / "SHA256SUMS").read_text().splitlines()) >= 5
