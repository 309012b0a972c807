"""What URIs mean, and how errors of the cluster are told; no server is needed."""

from __future__ import annotations

import elastic_transport
import elasticsearch
import pytest

from windlass.errors import (
    InvalidQuery,
    InvalidValue,
    PermissionDenied,
    SchemaOutdated,
    Unauthenticated,
    Unavailable,
    Unsupported,
)
from windlass.uri import Uri
from windlass_elasticsearch.address import Address
from windlass_elasticsearch.faults import translate, translate_status


@pytest.mark.parametrize(
    ("text", "hosts", "prefix"),
    [
        ("elasticsearch://host", ("http://host:9200",), "windlass"),
        ("elasticsearch://host:9201/", ("http://host:9201",), "windlass"),
        ("elasticsearch://a,b:9201/team_1-x", ("http://a:9200", "http://b:9201"), "team_1-x"),
        ("elasticsearch+https://[::1]:9200/p", ("https://[::1]:9200",), "p"),
    ],
)
def test_a_uri_names_hosts_and_a_prefix(text, hosts, prefix):
    address = Address.parse(Uri.parse(text))
    assert (address.hosts, address.prefix, address.credentials) == (hosts, prefix, None)


def test_a_uri_may_hold_credentials_which_are_never_shown():
    address = Address.parse(Uri.parse("elasticsearch://ada:p%40ss@host/p"))
    assert address.credentials == ("ada", "p@ss")
    assert "p%40ss" not in repr(address)
    assert "p@ss" not in repr(address)


@pytest.mark.parametrize(
    "text",
    [
        "elasticsearch:",
        "elasticsearch:///prefix",
        "elasticsearch://host:port/p",
        "elasticsearch://host/Upper",
        "elasticsearch://host/a/b",
        "elasticsearch://host/-a",
        "elasticsearch://host/*",
        "elasticsearch+ftp://host",
        "elasticsearch://a,,b",
    ],
)
def test_a_uri_that_says_something_else_is_refused(text):
    with pytest.raises(InvalidValue):
        Address.parse(Uri.parse(text))


def answer(kind, reason=""):
    return {"error": {"root_cause": [{"type": kind, "reason": reason}], "type": kind, "reason": reason}}


@pytest.mark.parametrize(
    ("status", "body", "kind", "told"),
    [
        (401, answer("security_exception"), Unauthenticated, "WINDLASS_ELASTICSEARCH_API_KEY"),
        (403, answer("security_exception"), PermissionDenied, "maintenance"),
        (403, answer("cluster_block_exception"), Unavailable, "flood stage"),
        (429, answer("circuit_breaking_exception"), Unavailable, "busy"),
        (503, answer("master_not_discovered_exception"), Unavailable, "master_not_discovered"),
        (404, answer("index_not_found_exception"), SchemaOutdated, "windlass db upgrade"),
        (400, answer("media_type_header_exception"), Unsupported, "older than the client"),
        (400, answer("too_many_nested_clauses"), InvalidQuery, "fewer"),
        (413, "", InvalidValue, "more than the index can hold"),
        (400, answer("something_else", "with details"), Unavailable, "something_else"),
    ],
)
def test_an_error_of_the_cluster_says_what_to_do(status, body, kind, told):
    error = translate_status(status, body, "elasticsearch://h/p")
    assert type(error) is kind
    assert told in str(error)
    assert "with details" not in str(error)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (elastic_transport.ConnectionError("refused"), Unavailable),
        (elastic_transport.ConnectionTimeout("slow"), Unavailable),
        (elastic_transport.TlsError("bad"), Unavailable),
        (elastic_transport.SerializationError("no"), InvalidValue),
        (elasticsearch.UnsupportedProductError("other", meta=None, body=None), Unsupported),
    ],
)
def test_an_error_of_the_client_becomes_ours(error, kind):
    assert isinstance(translate(error, "elasticsearch://h/p"), kind)
