"""windlass models generate-dockerfile."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from windlass.errors import AlreadyExists, InvalidValue, Unsupported
from windlass_serving.cli import models


def doubled(model_input: list[float]) -> list[float]:
    return [2 * one for one in model_input]


@pytest.fixture
def run(tmp_path, monkeypatch):
    (tmp_path / ".windlass").mkdir()
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(
        models, ["generate-dockerfile", *map(str, words)], catch_exceptions=False
    ).output  # fmt: skip


def test_a_directory_to_build_from_is_written(run, saved, tmp_path):
    printed = run("-m", saved(doubled), "-d", tmp_path / "out", "--install-java", "--install-mlflow", "-r", "own==1")
    assert f"{tmp_path}/out/Dockerfile is written" in printed
    text = (tmp_path / "out" / "Dockerfile").read_text()
    assert "default-jre-headless" in text
    assert "WINDLASS_ALLOW_PICKLE=false" in text  # a directory is nobody's
    lines = (tmp_path / "out" / "install" / "requirements.txt").read_text().splitlines()
    assert {"own==1", "mlflow"} < set(lines)
    assert (tmp_path / "out" / "model" / "MLmodel").is_file()


def test_without_a_model_it_is_for_any(run, tmp_path):
    run("--env-manager", "virtualenv", "--base-image", "ours:1")
    text = (tmp_path / "mlflow-dockerfile" / "Dockerfile").read_text()
    assert text.startswith("FROM ours:1\n")
    assert "uv pip" not in text
    with pytest.raises(AlreadyExists):
        run()


def test_what_cannot_be_is_refused(run, tmp_path):
    with pytest.raises(Unsupported, match="conda"):
        run("--env-manager", "conda")
    with pytest.raises(InvalidValue, match="base_image"):
        run("--env-manager", "none")
    assert not (tmp_path / "mlflow-dockerfile").exists()


def test_the_group_has_the_commands_that_plugins_add():
    assert "generate-dockerfile" in CliRunner().invoke(models, ["--help"]).output
    assert "No such command" in CliRunner().invoke(models, ["no-such"]).output
