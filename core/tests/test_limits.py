from __future__ import annotations

import pytest

from windlass.entities import Dataset, DatasetInput, Metric
from windlass.errors import InvalidValue
from windlass.services import limits
from windlass.services.artifacts import check_path


@pytest.mark.parametrize("key", ["loss", "val/loss", "a b", "größe", "system/cpu.1", "a:b", "x" * 250])
def test_good_keys_pass(key):
    assert limits.check_key("metric key", key) == key


@pytest.mark.parametrize(
    "key", ["", "x" * 251, "/a", "a//b", "a/../b", "..", ".", "a/", "a\x00", "a|b", "\ud800", "a\n"]
)
def test_bad_keys_are_refused_by_name(key):
    with pytest.raises(InvalidValue) as caught:
        limits.check_key("metric key", key)
    assert caught.value.details["field"] == "metric key"


def test_a_long_param_is_refused_and_not_cut():
    with pytest.raises(InvalidValue, match=r"16001 characters long.*limit: 16000"):
        limits.check_params({"a": "x" * 16_001})
    assert limits.check_params({"a": "x" * 16_000})["a"] == "x" * 16_000


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), -0.0, 5e-324])
def test_every_float_is_a_metric(value):
    (metric,) = limits.check_metrics([Metric("a", value, 1)])
    assert metric.value is value


@pytest.mark.parametrize(
    ("metric", "part"),
    [
        (Metric("a", "1", 1), "value.*must be a float"),
        (Metric("a", 1.0, -1), "timestamp.*0 or more"),
        (Metric("a", 1.0, 2**63), "timestamp.*64 bits"),
        (Metric("a", 1.0, 1.5), "timestamp.*whole number"),
        (Metric("a", 1.0, 1, 2**63), "step.*64 bits"),
        (Metric("a", 1.0, 1, True), "step.*whole number"),
        (Metric(7, 1.0, 1), "metric key"),
    ],
)
def test_bad_points_are_refused_by_field(metric, part):
    with pytest.raises(InvalidValue, match=part):
        limits.check_metrics([Metric("good", 1.0, 1), metric])


def test_a_long_digest_is_refused():
    with pytest.raises(InvalidValue, match=r"dataset digest.*limit: 36"):
        limits.check_datasets([DatasetInput(Dataset("d", "x" * 37, "local", ""))])


@pytest.mark.parametrize("name", ["", "a/b", "a:b", " a", "x" * 251, "a\x00"])
def test_bad_model_names_are_refused(name):
    with pytest.raises(InvalidValue):
        limits.check_model_name(name)


@pytest.mark.parametrize("alias", ["latest", "Latest", "v1", "V22", "a b", "", "x" * 256])
def test_bad_aliases_are_refused(alias):
    with pytest.raises(InvalidValue):
        limits.check_alias(alias)


@pytest.mark.parametrize("version", ["1", 1, 2**31 - 1])
def test_versions_may_be_numbers_or_digits(version):
    assert limits.check_version(version) == int(version)


@pytest.mark.parametrize("version", ["", "1.0", "-1", 0, 2**31, True, None, "²"])
def test_other_versions_are_refused(version):
    with pytest.raises(InvalidValue):
        limits.check_version(version)


@pytest.mark.parametrize(
    ("path", "clean"), [("a/b.txt", "a/b.txt"), ("", ""), ("./a", "a"), ("a//b", "a/b"), ("ü ß", "ü ß")]
)
def test_good_paths_are_made_plain(path, clean):
    assert check_path(path) == clean


@pytest.mark.parametrize(
    "path", ["..", "a/../b", "/a", "a\\b", "%2e%2e/a", "%252e%252e/x", "a\x00", "a%00", "C:x", "%2Fetc"]
)
def test_paths_out_of_the_tree_are_refused(path):
    with pytest.raises(InvalidValue):
        check_path(path)
