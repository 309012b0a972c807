from __future__ import annotations

import pytest

from windlass.config import Settings, options
from windlass.errors import InvalidValue


def test_nothing_set_means_the_project_directory_found_upwards(tmp_path):
    (tmp_path / ".windlass").mkdir()
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    settings = Settings.load({}, below)
    assert settings.home == tmp_path / ".windlass"
    assert settings.default_tracking_uri == f"sqlite:///{tmp_path}/.windlass/windlass.db"
    assert settings.default_artifact_root == f"file://{tmp_path}/.windlass/artifacts"


def test_without_a_project_it_begins_here(tmp_path):
    assert Settings.load({}, tmp_path).home == tmp_path / ".windlass"


def test_our_variable_goes_before_mlflows(tmp_path):
    environment = {"MLFLOW_TRACKING_URI": "http://theirs", "WINDLASS_TRACKING_URI": "http://ours"}
    assert Settings.load(environment, tmp_path).tracking_uri == "http://ours"


def test_mlflows_variable_counts_where_ours_is_unset(tmp_path):
    assert Settings.load({"MLFLOW_TRACKING_URI": "http://theirs"}, tmp_path).tracking_uri == "http://theirs"


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("WINDLASS_HTTP_TIMEOUT", "soon"),
        ("WINDLASS_HTTP_TIMEOUT", "-1"),
        ("WINDLASS_HTTP_RETRIES", "1.5"),
        ("WINDLASS_INSECURE_TLS", "maybe"),
        ("WINDLASS_SQLITE_SYNCHRONOUS", "off"),
        ("WINDLASS_ALLOW_PICKLE", "sometimes"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(tmp_path, variable, text):
    with pytest.raises(InvalidValue, match=variable):
        Settings.load({variable: text}, tmp_path)


def test_lists_and_switches_are_read(tmp_path):
    settings = Settings.load({"WINDLASS_DISABLE_PLUGINS": "a, b,", "WINDLASS_INSECURE_TLS": "Yes"}, tmp_path)
    assert settings.disable_plugins == ("a", "b")
    assert settings.insecure_tls is True


def test_every_setting_is_documented():
    assert all(option.metadata["doc"].endswith(".") for option in options())
