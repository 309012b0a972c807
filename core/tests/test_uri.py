from __future__ import annotations

import pytest

from windlass.errors import InvalidValue
from windlass.model_uri import LoggedModelUri, RegisteredModelUri, RunModelUri, parse_model_uri
from windlass.uri import Uri, join


@pytest.mark.parametrize(
    ("text", "scheme", "driver"),
    [
        ("sqlite:///a.db", "sqlite", None),
        ("postgresql+psycopg://u:p@h/db", "postgresql", "psycopg"),
        ("S3://bucket/x", "s3", None),
        ("./mlruns", "file", None),
        ("/abs/path", "file", None),
        ("memory:", "memory", None),
    ],
)
def test_the_scheme_selects_and_the_driver_stands_apart(text, scheme, driver):
    uri = Uri.parse(text)
    assert (uri.scheme, uri.driver, uri.text) == (scheme, driver, text)


def test_a_password_never_shows():
    assert str(Uri.parse("postgresql://ann:s3cret@db/x")) == "postgresql://ann:***@db/x"
    assert "s3cret" not in str(Uri.parse("elasticsearch+https://ann:s3cret@db:9200/x"))


@pytest.mark.parametrize("text", ["", "a\x00b"])
def test_what_is_no_uri_is_refused(text):
    with pytest.raises(InvalidValue):
        Uri.parse(text)


@pytest.mark.parametrize(
    ("base", "parts", "joined"),
    [
        ("file:///a", ("b", "c"), "file:///a/b/c"),
        ("file:///a/", ("/b/",), "file:///a/b"),
        ("s3://bucket", ("b",), "s3://bucket/b"),
        ("s3://bucket/a?x=1", ("b",), "s3://bucket/a/b?x=1"),
        ("mlflow-artifacts:/", ("1", "r"), "mlflow-artifacts:/1/r"),
        ("/plain", ("b",), "/plain/b"),
        ("s3://bucket/a", ("",), "s3://bucket/a"),
    ],
)
def test_joining_keeps_authority_and_query(base, parts, joined):
    assert join(base, *parts) == joined


def test_a_file_uri_becomes_a_path_with_its_escapes_decoded():
    assert str(Uri.parse("file:///tmp/a%20b").local_path()) == "/tmp/a b"


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("runs:/abc/model", RunModelUri("abc", "model")),
        ("runs:/abc/a/b", RunModelUri("abc", "a/b")),
        ("models:/m-" + "a" * 32, LoggedModelUri("m-" + "a" * 32)),
        ("models:/fraud/3", RegisteredModelUri("fraud", version=3)),
        ("models:/fraud/Production", RegisteredModelUri("fraud", stage="Production")),
        ("models:/fraud/latest", RegisteredModelUri("fraud", stage="latest")),
        ("models:/fraud@champion", RegisteredModelUri("fraud", alias="champion")),
        ("models:/a@b@champion", RegisteredModelUri("a@b", alias="champion")),
    ],
)
def test_every_form_of_a_model_uri_is_read(text, parsed):
    assert parse_model_uri(text) == parsed


@pytest.mark.parametrize("text", ["models:/", "models:/x", "models:/x/1/2", "runs:/", "s3://x", "models:/x@"])
def test_other_forms_are_refused_with_the_known_ones(text):
    with pytest.raises(InvalidValue, match="models:/NAME@ALIAS"):
        parse_model_uri(text)
